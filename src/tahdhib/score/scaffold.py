"""What a language model says around a rewrite instead of only rewriting: scaffolding, refusals.

The published data of the native-alignment paper carries such lines; they are what its workers
learned to write.
"""

import re
from typing import NamedTuple

PATTERNS: dict[str, str] = {
    "label": (
        r"^[\W_]{0,40}(?:arabic|english|original|input|source|output|rewritten|revised|polished|"
        r"corrected|cleaned|aligned|modified|improved)\s+(?:text|version|passage|document)"
        r"\s*[*_]*\s*[:：]"
        r"|^[\W_]{0,40}(?:analysis|rewrite|rewriting|explanation|reasoning|changes made|"
        r"note to (?:the )?user)[*_]*\s*[:：]"
        r"|^[\W_]{0,40}(?:ال)?نص\s+(?:ال)?(?:معاد\s+(?:ال)?(?:كتاب|صياغ)\w+|"
        r"معدل|منقح|مصحح|محسن|مهذب|مكتوب|"
        r"[اأ]صلي)"
        r"(?:\s+هو)?[*_]*\s*[:：]"
        r"|^[\W_]{0,40}(?:[إا]عاد[ةه]\s+(?:ال)?(?:كتاب|صياغ)[ةه]|التحليل|التعديلات|شرح التعديلات)"
        r"[*_]*\s*[:：]"
    ),
    "preamble": (
        r"^\W{0,40}(?:sure|certainly|of course|absolutely)\b[^\n]{0,80}"
        r"\b(?:text|version|rewrit\w+|passage)\b"
        r"|\bhere(?:'s| is| are) (?:the|a|my) "
        r"(?:rewritten|revised|polished|corrected|cleaned|edited)\b"
        r"|(?:إليك|اليك|هذا هو|فيما يلي)\s+(?:ال)?نص\s+(?:بعد|ال?معاد|ال?معدل|ال?منقح|ال?مصحح)"
    ),
    "refusal": (
        r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b"
        r"|\bi(?:'m| am) (?:sorry|unable)\b[^.\n]{0,40}"
        r"\b(?:rewrite|assist|help|fulfil\w*|comply)\b"
        r"|\bi (?:cannot|can't|can’t|won't) (?:assist|help|fulfil\w*|comply|rewrite|"
        r"generate|provide)\b"
        r"|(?:عذرا|آسف|اسف|أعتذر|اعتذر)\w*\W{1,3}(?:لا|لن)\s+(?:أستطيع|استطيع|يمكنني|أقدر)"
        r"|(?:لا|لن)\s+(?:أستطيع|استطيع|يمكنني)\s+(?:مساعد\w+|إعادة|"
        r"اعادة|تقديم|المساعد\w+|تلبية|كتابة)"
        r"|(?:بصفتي|كوني|باعتباري|أنا|انا)\s+(?:نموذج\s+(?:ال)?لغ\w+|"
        r"نموذج\s+ذكاء|مساعد\s+(?:ال)?ذكاء|ذكاء\s+اصطناعي)"
    ),
    "markup": (
        r"```|</?(?:rewrite|rewritten|output|answer|text|document|analysis|thinking|think)>"
        r"|\[/?INST\]|<\|[\w ]{1,30}\|>|<<SYS>>|^###\s*(?:instruction|response|input|output)\b"
    ),
}
"""Kind -> pattern, compiled with IGNORECASE and MULTILINE."""

_SIGNS = re.compile("[\u0640\u064b-\u0652]+")
_COMPILED = {
    kind: re.compile(pattern, re.IGNORECASE | re.MULTILINE) for kind, pattern in PATTERNS.items()
}


class Leak(NamedTuple):
    """A piece of scaffolding: its kind in `PATTERNS`, and the words."""

    kind: str
    text: str


def scaffolds(text: str) -> list[Leak]:
    """Everything in `text` that looks like a model's own words, in the order of `PATTERNS`.

    Arabic is read without its vowel signs and tatweel.
    """
    text = _SIGNS.sub("", text)
    return [
        Leak(kind, match.group().strip())
        for kind, pattern in _COMPILED.items()
        for match in pattern.finditer(text)
    ]
