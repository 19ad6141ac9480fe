"""Calls to kill, beat or drive out a group of people, and wishes for its end.

What is found is no word that could go: the sentence has to be told otherwise, as what somebody
calls for. So the matcher serves rules that recontextualise or drop.
"""

from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.groups import ARABIC, ENGLISH, GROUP, frame, spoken_against

_HARM = (
    "kill|murder|exterminate|eradicate|shoot|stab|hang|lynch|behead|burn|gas|execute|slaughter|"
    "beat up|get rid of|wipe out|put an end to"
)
_HARMED = (
    "killed|murdered|exterminated|eradicated|shot|stabbed|hanged|lynched|beheaded|burned|burnt|"
    "gassed|executed|slaughtered|beaten|wiped out|raped|tortured"
)
_OUGHT = "should|must|ought to|need to|needs to|have to|has to|deserves? to"
_WILL = f"{_OUGHT}|will|is going to|are going to|am going to|want to|'ll|should just|must all"
_ALL = r"(?:all |every |every single |each |those |these |any |you |fucking |filthy )*"
_LIKE = r"(?: like (?:you|them|that))?"
_CALLED_FOR = "يجب|لازم|ينبغي|لابد|لا بد|واجب|المفروض|خلونا|خلينا|دعونا|هيا"
_END_OF = "قتل|اباده|حرق|ذبح|اعدام|شنق|سحق|تصفيه|رجم|سحل|صلب|طرد"
_WE_END = "نقتل|نبيد|نحرق|نذبح|نعدم|نشنق|نسحق|نرجم|نسحل|نفني|نطرد"
_END_THEM = "اقتلوا|اذبحوا|احرقوا|ابيدوا|اشنقوا|اسحقوا|ارجموا|اسحلوا|اعدموا|انحروا|اطردوا"
_PRAYED = "اهلك|دمر|احرق|اقتل|ابد|زلزل|مزق|عليك ب"
_EVERY = r"(?:(?:كل|جميع|كافه|هؤلاء|اولئك|شمل|نسل|من) )*"

_FRAMES = (
    frame(
        _HARM,
        rf"\b(?:i|we|you|they|someone|somebody|everyone) (?:{_WILL}) (?:{_HARM}) {_ALL}{ENGLISH}\b|"
        rf"^ ?(?:let's |let us )?(?:{_HARM}) (?:all|every|those|these) {_ALL}{ENGLISH}\b",
    ),
    frame(
        f"die|hang|burn|suffer|{_HARMED}",
        rf"\b{ENGLISH}{_LIKE} (?:all )?(?:{_OUGHT}) (?:all )?(?:be (?:{_HARMED})|die|burn|hang)\b|"
        rf"\b(?:wish|hope) {_ALL}{ENGLISH}{_LIKE} (?:would |will |could )?"
        rf"(?:all )?(?:be |get )?(?:{_HARMED}|die)\b",
    ),
    frame("death to", rf"\bdeath to {_ALL}{ENGLISH}\b"),
    frame(
        _CALLED_FOR,
        rf"(?<!\w)(?:{_CALLED_FOR}) (?:(?:من|ان|علينا|عليكم) )*(?:{_END_OF}|{_WE_END}) "
        rf"{_EVERY}{ARABIC}(?!\w)",
    ),
    frame(_END_THEM, rf"(?<!\w)(?:{_END_THEM}) {_EVERY}{ARABIC}(?!\w)"),
    frame(_WE_END, rf"(?<!\w)(?:س|ه|ح|رح )(?:{_WE_END}) {_EVERY}{ARABIC}(?!\w)"),
    frame(
        "يموتو|الموت|القتل|الحرق|الذبح|الاباده|الاعدام|الشنق|ينقتلو",
        rf"(?<!\w){ARABIC}(?: \w+)?(?: كلهم| جميعا| جميعهم)? (?:يستحقون|يستاهلون|يستاهلو|تستحق|"
        r"يستحقن|لازم|يجب ان) (?:الموت|القتل|الحرق|الذبح|الاباده|الاعدام|الشنق|يموتوا?|يموتون|"
        r"ينقتلوا?)(?!\w)|"
        rf"(?<!\w)(?:الموت|الاباده) ل(?:كل ال|جميع ال|ل){GROUP}(?!\w)",
    ),
    frame("اللهم", rf"(?<!\w)اللهم (?:{_PRAYED}) ?{_EVERY}{ARABIC}(?!\w)"),
    frame("ياخذ|ياخد", rf"(?<!\w)الله (?:ياخذ|ياخد) {_EVERY}{ARABIC}(?!\w)"),
)


def find(text: str) -> Iterator[Change]:
    """Yield each call or wish."""
    return spoken_against(text, _FRAMES)
