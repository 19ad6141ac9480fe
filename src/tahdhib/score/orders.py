"""What a text says to whoever rewrites it, in place of its readers: orders to a model.

Whether such words are meant as an order or only quoted in an article about orders, nobody can tell
by the words; so finding them accuses nobody. It tells where a rewrite is read with suspicion.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from tahdhib.score.preservation.plain import plain
from tahdhib.score.scaffold import scaffolds
from tahdhib.text.personal import KINDS
from tahdhib.text.placeholders import placeholders

_NEAR = r"[^.!?؟\n]{0,80}?"
_SHORT = r"[^.!?؟،\n]{0,30}?"
_LABEL = (
    r"(?:document|text|rewrite|source|before|after|question|answer|الوثيقه|النص|الصياغه|المصدر|قبل|"
    r"بعد|السؤال|الجواب)"
)
PATTERNS: dict[str, str] = {
    "override": (
        rf"\b(?:ignor|disregard|forget|overrid|overrul|bypass|supersed|never ?mind|set aside|"
        rf"do not follow|don't follow|stop following|(?:no longer|not) (?:appl|"
        rf"bound))\w*\b{_NEAR}\b(?:instruct\w*|rules?|prompts?|guidelines?|directi\w+|orders?|"
        rf"conduct|policy|policies|previous|prior|above|before this|everything|told)\b"
        r"|\b(?:new|real|true|updated|actual|secret|hidden) (?:instruct\w*|task|orders?|rules? ?:)"
        rf"|(?<!\w)[وف]?(?:تجاهل|انس|اهمل|تخط|دعك من|اترك عنك|لا تتبع|لا تلتزم|لا تعمل|خالف|تجاوز|"
        rf"اغفل)(?:ي|وا|ه|ها)?\b{_NEAR}(?:تعليمات|القواعد|قواعدك|الاوامر|اوامرك|التوجيه|"
        rf"مدونه السلوك|ما سبق|كل ما|اعلاه|ما قيل)"
        r"|(?<!\w)(?:التعليمات|مهمتك|المهمه|الاوامر) (?:ال)?(?:جديده|حقيقيه|فعليه|محدثه)"
    ),
    "addressed": (
        r"\b(?:dear|attention|note to|hey|hi|hello|message (?:to|for)|if you are|you are (?:now|"
        r"an?)|as an?|act as|pretend|instructions? (?:to|for)|to (?:the|any|all|whatever|"
        r"every))\b,?[^.!?؟\n]{0,30}?\b(?:ai|a\.i|llms?|gpt|chatbots?|chatgpt|assistants?|bots?|"
        r"models?|robots?|rewriters?|editors?|translators?|annotators?|machines?)\b"
        r"|\bthe (?:rewrite|answer|output|response|rewritten text) (?:is|reads|follows)\b"
        r"|\b(?:developer|debug|admin|root|maintenance|test) mode\b|\bjailbreak"
        r"|\bsystem (?:prompt|message|override|notice)\b"
        r"|\byour (?:answer|response|output|reply|rewrite|rewriting|completion|instructions?|"
        r"prompt)\b"
        r"|(?<!\w)(?:(?:يا|ايها|ايتها|عزيزي|عزيزتي|انت|انت الان|بصفتك|باعتبارك|كنت|تصرف|تنبيه|"
        r"رساله|الي|علي|لكل)\s{1,2}(?:الي\s|ل|ك)?|ل|ك)(?:ال|ل)?(?:نموذج (?:ال)?(?:لغ|ذكاء)|"
        r"نموذج[،:]|نموذج ان|النموذج|مساعد (?:ال)?(?:ذك|الي|لغ|رقم)|محرر (?:ال)?(?:الي|ذك|نصوص)|"
        r"روبوت|ذكاء (?:ال)?اصطناعي)"
        r"|(?<!\w)(?:يا|ايها|انت الان) (?:ال)?(?:نموذج|مساعد|محرر|مترجم|معيد|مدقق|كاتب|قارئ الالي)"
        r"|(?<!\w)(?:النص|الجواب|الناتج|الرد) (?:بعد|المطلوب|الصحيح|النهائي)[^.!?؟\n]{0,20} هو\b"
        r"|(?:وضع المطور|رساله النظام|تعليمات النظام|موجه النظام|كسر الحمايه)"
        r"|(?<!\w)[وفبل]?(?:جوابك|اجابتك|ردك|مخرجاتك|صياغتك|تعليماتك|ناتجك)\b"
    ),
    "output": (
        rf"(?:^|[.!?:;,\"'«“()\[\]>-]|\b(?:then|and|please|must|now|only|just|instead|should|to|"
        rf"will|shall|or|but|always|also|so|not|kindly|simply))\s*\b(?:print|output|write|reply|"
        rf"respond|answer|say|insert|append|add|put|place|include|replace|substitute|swap|change|"
        rf"repeat|translate|summari[sz]e|return|emit|type|begin|start|end|finish|close|open|"
        rf"conclude|produce|rewrite|render|convert|decode|echo|display|reveal|use|mention|sign|"
        rf"name|call|give|copy|state|tell|turn)\b(?:\s?[:\"«“`]|{_NEAR}\b(?:only|just|words?|"
        rf"phrases?|strings?|tokens?|codes?|documents?|answers?|outputs?|responses?|repl(?:y|ies)|"
        rf"following|exactly|verbatim|sentences?|paragraphs?|articles?|rewrit\w+|base ?64|prompts?|"
        rf"lines?|instead|capitals|upper ?case|nothing (?:else|but)|nothing|twice|times|everywhere|"
        rf"marker|tags?|password|french|english|arabic|german|spanish|pirate|title|headline|ending|"
        rf"text|letters?|summary|passage)\b)"
        r"|(?<!\w)(?<!\bانا )(?<!\bان )"
        rf"[وف]?(?:اكتب|اطبع|اجب|قل|ضع|اضف|ادرج|استبدل|ابدل|كرر|ترجم|لخص|اعد|اختم|ابدا|"
        rf"اخرج|ارجع|اجعل|اذكر|اكتف|اختصر|افتتح|اورد|انسخ|انطق|اظهر|اكشف|زد|هات|احذف)(?:ي|وا|ه|ها|"
        rf"ني)?\b(?:\s?[:\"«“`]|{_SHORT}(?<!\w)[وبف]?(?:(?:ال|لل)?(?:كلم[هت]|عبار[هت]|جمل[هت]|نص|"
        rf"وثيق[هت]|رمز|جواب|رد|مقال|خبر|فقر[هت]|سطر|عنوان|لفظ|ملخص|موجز|تالي|تاليه|تعليمات|"
        rf"ترجم[هت])(?:ه|ها|ك)?"
        r"|فقط|حرفيا|مكان|بدل|بدلا|محل|بالانجليزيه|بالفرنسيه|بالعربيه|مرات|مرتين|لا شيء|"
        r"كما هو)(?!\w))"
    ),
    "turn": (
        r"^\W{0,6}(?:system|user|assistant|human|ai|bot|developer|النظام|المستخدم|المساعد|النموذج|"
        r"نظام|مستخدم|مساعد|input|output|المدخل|المخرج)\W{0,3}\s*[:：]"
        rf"|^\W{{0,6}}{_LABEL}\s?[:：].*\n+\W{{0,6}}{_LABEL}\s?[:：]"
        r"|</?(?:system|user|assistant|human|instructions?|prompt|analysis|rewrite|unchanged|drop|"
        r"document|before|after|important|admin|answer)[\s/>-]"
    ),
}
"""Kind -> pattern over text in plain spelling, compiled with MULTILINE."""

_COMPILED = {kind: re.compile(pattern, re.MULTILINE) for kind, pattern in PATTERNS.items()}
_HIDDEN = re.compile(
    "[\U000e0000-\U000e007f\u202a\u202b\u202d\u202e\u2066-\u2069]|[\u200b-\u200f\u2060-\u2064\ufeff]{3}"
    r"|(?:\w[\u200b\u2060\ufeff]){3}"
)
_ENCODED = re.compile(
    r"(?<![\w/+.=-])(?=[A-Za-z+/]*\d)(?=[a-z0-9+/]*[A-Z])(?=[A-Z0-9+/]*[a-z])[A-Za-z0-9+/]{16,}={0,2}"
    r"(?![\w/+.-])"
)
_SHOWN = 80


class Order(NamedTuple):
    """Words that may be meant for a model: their kind in `PATTERNS`, `hidden`, `encoded`,
    `placeholder` (of no known kind) or `scaffold`."""

    kind: str
    text: str


@lru_cache(maxsize=16)
def first_order(text: str) -> Order | None:
    """What in `text` may be meant for a model, if anything: hidden characters, turns and tags of a
    prompt, words that override rules, address a model, or order an output."""
    if hidden := _HIDDEN.search(text):
        return Order("hidden", ascii(hidden.group())[:_SHOWN])
    if foreign := [span.kind for span in placeholders(text) if span.kind not in KINDS]:
        return Order("placeholder", foreign[0])
    if encoded := _ENCODED.search(text):
        return Order("encoded", encoded.group()[:_SHOWN])
    read = plain(text)
    for kind, pattern in _COMPILED.items():
        if found := pattern.search(read):
            return Order(kind, " ".join(found.group().split())[:_SHOWN])
    leaks = scaffolds(text)
    return Order("scaffold", leaks[0].text[:_SHOWN]) if leaks else None
