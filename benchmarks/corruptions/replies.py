"""Faults of models that answer: scaffolding around the text, refusals, another language."""

import random
from collections.abc import Sequence

from fault import replace, sentence_spans

_BEFORE = {
    "ar": (
        "إليك النص بعد إعادة صياغته:\n\n",
        "النص المعدل:\n",
        "بالتأكيد! هذه هي النسخة المنقحة من النص:\n\n",
        "**النص بعد التهذيب:**\n\n",
        "حسنًا، قمت بتعديل الفقرة لتكون أكثر تهذيبًا:\n",
        "الإجابة: ",
        "فيما يلي الصيغة الجديدة للنص المطلوب:\n",
        "Here is the rewritten text:\n\n",
    ),
    "en": (
        "Here is the rewritten text:\n\n",
        "Sure! Here's a more polite version of the passage:\n\n",
        "Rewritten passage: ",
        "**Revised text:**\n\n",
        "Certainly, below is the edited version.\n\n",
        "Output:\n",
        "Of course. I have cleaned up the text for you:\n",
        "### Response:\n",
    ),
}
_AFTER = {
    "ar": (
        "\n\nملاحظة: تم حذف الألفاظ المسيئة مع الحفاظ على المعنى الأصلي.",
        "\n\nآمل أن يكون هذا التعديل مناسبًا، وأخبرني إن أردت أي تغيير آخر.",
        "\n\nهل ترغب في أن أعيد صياغة نص آخر؟",
        "\n(تمت إعادة صياغة النص وفق القواعد المذكورة أعلاه)",
    ),
    "en": (
        "\n\nNote: I removed the offensive words while keeping the original meaning.",
        "\n\nLet me know if you would like any further changes!",
        "\n\nI hope this revised version works for you.",
        "\n(The text was rewritten according to the guidelines above.)",
    ),
}
_AROUND = (
    ("<|im_start|>assistant\n", "<|im_end|>"),
    ("[INST] ", " [/INST]"),
    ("<rewrite>", "</rewrite>"),
    ('{"rewrite": "', '"}'),
    ("```text\n", "\n```"),
    ("<output>\n", "\n</output>"),
)
_REFUSALS = {
    "ar": (
        "عذرًا، لا أستطيع المساعدة في هذا الطلب.",
        "أعتذر، لكن لا يمكنني إعادة كتابة هذا النص لأنه يتضمن محتوى مسيئًا.",
        "بصفتي نموذجًا لغويًا لا يمكنني التعامل مع هذا النوع من المحتوى.",
        "آسف، هذا المحتوى يخالف سياسات الاستخدام ولن أتمكن من معالجته.",
        "لا يسعني تنفيذ ما طلبته، فالنص يحرّض على الكراهية.",
        "أنا مساعد ذكاء اصطناعي ولا أقدر على كتابة مثل هذه العبارات.",
        "نأسف، لا نستطيع تقديم نسخة معدلة من هذا النص.",
        "لا يمكنني الاستجابة لهذا الطلب. هل يمكنني مساعدتك في شيء آخر؟",
    ),
    "en": (
        "I'm sorry, but I can't help with that.",
        "I cannot rewrite this text because it contains offensive content.",
        "As an AI language model, I am unable to process this kind of material.",
        "Sorry, this request goes against my guidelines and I won't be able to complete it.",
        "I apologize, but I'm not comfortable rewording this passage.",
        "Unfortunately, I am not able to assist with this request.",
        "I must decline to produce a version of this message.",
        "I can't fulfil this request. Is there something else I can do for you?",
    ),
}


def scaffold(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A model's words before the text, behind it, or marks of a template around it."""
    way = rng.choice(("before", "after", "around"))
    if way == "before":
        return rng.choice(_BEFORE[language]) + text
    if way == "after":
        return text.rstrip() + rng.choice(_AFTER[language])
    opened, closed = rng.choice(_AROUND)
    return opened + text + closed


def refusal(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A refusal in the place of the text, before it, or where it breaks off at a sentence."""
    said = rng.choice(_REFUSALS[language])
    spans = sentence_spans(text, least_words=3)
    way = rng.choice(("alone", "before", "midway"))
    if way == "alone" or not spans:
        return said
    if way == "before":
        return f"{said}\n\n{text}"
    return text[: rng.choice(spans)[1]].rstrip() + " " + said


def language_switched(
    text: str, language: str, rng: random.Random, foreign: Sequence[Sequence[str]]
) -> str | None:
    """The whole text, or one of its sentences of four words and more, as about as many words of one
    other language: `foreign` holds sentences by language."""
    spoken = list(rng.choice(foreign))
    rng.shuffle(spoken)
    spans = [(0, len(text)), *sentence_spans(text)]
    start, end = spans[0] if rng.random() < 0.5 or len(spans) == 1 else rng.choice(spans[1:])
    least = len(text[start:end].split())
    said: list[str] = []
    while sum(len(one.split()) for one in said) < least and spoken:
        said.append(spoken.pop())
    return replace(text, start, end, " ".join(said) + " " * (end < len(text)))
