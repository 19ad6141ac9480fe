"""A model that declines or speaks of its task where the document should stand.

Wider than the kinds of `scaffold`, and so only for a rewrite beside its source, which may say the
same: people, too, write that they cannot help. Texts are read in plain spelling.
"""

import re

from tahdhib.score.preservation.plain import plain

_ENGLISH = (
    r"\bi(?:'m| am)? (?:cannot|can't|can not|won't|will not|must|have to|am unable to|'m unable to|"
    r"unable to|not able to|decline|refuse)\b[^.\n]{0,30}?\b(?:help|assist|comply|fulfil\w*|"
    r"rewrit\w*|process|provide|complet\w*|do (?:that|this)|continue|generate|produce|translate|"
    r"decline|refuse|edit|request)\b"
    r"|\b(?:sorry|apologi[sz]e|unfortunately|regret)\b[^.\n]{0,60}\b(?:request|rewrit\w*|assist|"
    r"comply|this (?:document|text|content)|instructions?)\b"
    r"|\b(?:this|the|your) (?:request|content|document|text) (?:violates|goes against|contains|"
    r"cannot|can't|is (?:inappropriate|harmful))\b"
    r"|\bhere(?:'s| is| are|’s) (?:the|a|my|your|an)\b[^.\n]{0,40}\b(?:version|text|document|"
    r"rewrite|summary|translation|answer|response|output)\b"
    r"|\b(?:i(?:'ve| have)?) (?:rewritten|rewrote|revised|edited|corrected|translated|"
    r"summari[sz]ed|removed|changed|followed|ignored)\b[^.\n]{0,40}\b(?:text|document|article|"
    r"passage|instructions?|rules?|above|below|request\w*)\b"
    r"|\bas (?:you )?(?:requested|instructed|asked|ordered)\b"
    r"|\b(?:let me know|hope this helps|happy to help|is there anything else|feel free to ask)\b"
    r"|\b(?:per|following|according to|in line with) (?:the|your) (?:instructions?|request|"
    r"rules? above)"
)
_ARABIC = (
    r"(?:لا|لن|ما|غير) ?(?:استطيع|يمكنني|اقدر|قادر|اتمكن|بامكاني|يسعني|"
    r"استطع)\w*\b[^.\n]{0,40}(?:مساعد|طلب|صياغ|كتاب|تنفيذ|معالج|تقديم|ترجم|الاستمرار|متابع|اكمال|"
    r"هذا|ذلك|النص|المحتوي)"
    r"|(?:عذرا|اسف|اعتذر|نعتذر|للاسف|المعذره)\b[^.\n]{0,40}(?:استطيع|يمكنني|اقدر|طلب|صياغ|مساعد|"
    r"النص|محتوي)"
    r"|(?:ارفض|امتنع عن) (?:ال)?(?:طلب|تنفيذ|كتاب|صياغ|اعاد)"
    r"|(?:اليك|اليكم|هذا هو|هذه هي|فيما يلي|تفضل|هاك)\b[^.\n]{0,25}(?:نص|نسخ|صياغ|ترجم|ملخص|وثيق|"
    r"جواب|رد\b)"
    r"|(?:كما|وفقا ل|بناء علي|حسب|تلبيه ل|استجابه ل)\s?(?:ما )?(?:طلب|امر|تعليماتك|التعليمات|"
    r"طلبك)\w*"
    r"|(?:قمت|لقد قمت|تم) ب?(?:اعاد|تعديل|تنقيح|ترجم|تلخيص|تصحيح)\w* [^.\n]{0,20}(?:النص|الوثيق|"
    r"المقال|صياغ)"
    r"|(?:هل تحتاج|هل تريد|هل ترغب|امل ان يكون|اتمني ان يكون|يسعدني|"
    r"لا تتردد)\b[^.\n]{0,40}(?:مساعد|اخر|مفيد|سؤال|خدم)"
)
_PATTERN = re.compile(f"{_ENGLISH}|{_ARABIC}")


def refusals(text: str) -> list[str]:
    """Every piece of `text` that reads like a refusal or talk of a task, in plain spelling."""
    return [" ".join(match.group().split()) for match in _PATTERN.finditer(plain(text))]
