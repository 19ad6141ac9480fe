"""How sure and how binding a text is: its words of must, should, may, can, will and surely.

Arabic قد counts only before an imperfect verb, where it says "may"; before a perfect one it says
that something has happened.
"""

import re
from collections import Counter
from functools import lru_cache

from tahdhib.score.preservation.plain import words

_CLASSES = {
    "must": "must mustn't shall required obliged mandatory يجب وجب تجب واجب لازم يلزم يتعين مضطر "
    "ضروري لابد ملزم لزاما مجبر يلزمه يلزمك حتمي إلزامي",
    "should": "should shouldn't ought supposed ينبغي المفروض المفترض يفترض يستحسن",
    "may": "may might mightn't perhaps maybe possibly could couldn't possible probably likely ربما "
    "يمكن ممكن لعل لعله لعلها محتمل يحتمل المحتمل يجوز الممكن بامكان بامكانك بامكانه احتمال "
    "تقريبا جايز يمكنك يمكنه يمكننا يمكنهم",
    "can": "can can't cannot cant able يستطيع تستطيع نستطيع استطيع يستطيعون استطاع يقدر تقدر نقدر "
    "اقدر يقدرون قادر قادره قادرين قادرون",
    "will": "will won't would wouldn't gonna going'to سوف راح رح حيكون هيكون",
    "sure": "certainly definitely surely undoubtedly certain بالتاكيد حتما طبعا قطعا المؤكد اكيد "
    "لاشك مؤكد بالطبع يستحيل مستحيل المستحيل",
    "free": "optional voluntary مخير اختياري مخيرا",
}
_OF = {word: name for name, listed in _CLASSES.items() for word in listed.split()}
_OF |= {"الضروري": "must", "الضرورى": "must"}
_IMPERFECT = re.compile(r"[يتنا]\w{2,}")
_TO = {"have": "must", "has": "must", "had": "must", "need": "must", "needs": "must"}
_TO |= {"needed": "must", "going": "will"}


@lru_cache(maxsize=32)
def modalities(text: str) -> Counter[str]:
    """How often each class of `must should may can will sure free` occurs."""
    read = words(text)
    found: Counter[str] = Counter()
    for place, word in enumerate(read):
        after = read[place + 1] if place + 1 < len(read) else ""
        name = _OF.get(word)
        if name is None and word[0] in "وف":
            word = word[1:]
            name = _OF.get(word)
        if name is None and word in _TO and after == "to":
            name = _TO[word]
        if name is None and word == "قد" and _IMPERFECT.fullmatch(after):
            name = "may"
        if name is None and word == "لا" and after == "بد":
            name = "must"
        if name is not None:
            found[name] += 1
    return found
