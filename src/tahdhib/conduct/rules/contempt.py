"""Contempt for a whole group of people: that all of it is vermin, or thieves; that one hates it.

As with incitement, no word of it could simply go.
"""

from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.groups import ARABIC, ENGLISH, frame, spoken_against

_LESS = (
    "animals?|vermin|scum|parasites?|leeches|rats?|cockroaches|pigs?|dogs?|apes?|monkeys?|filth|"
    "filthy|trash|garbage|human garbage|diseases?|cancer|plague|pest|virus|savages?|barbarians?|"
    "sub-?human|inferior|worthless|disgusting|thieves|criminals|rapists|terrorists|evil|"
    "less than human|not human"
)
_JUST = "all|just|nothing but|nothing more than|a bunch of|like|such|so|simply|the|a"
_LESS_AR = (
    "حيوانات|حشرات|صراصير|طفيليات|طفيليون|خنازير|كلاب|حمير|بهائم|قرده|قرود|جرذان|فئران|حثاله|قذاره|"
    "قاذورات|زباله|نجس|انجاس|اوساخ|وباء|افه|سرطان|مرض|فيروسات|همج|متوحشون|متخلفين|متخلفون|لصوص|حراميه|"
    "مجرمين|مجرمون|ارهابيين|ارهابيون|خونه|اغبياء|اشرار|حقراء|عاله|شياطين"
)
_ARE = "كلهم|جميعهم|جميعا|كلهن|هم|دول|مجرد|عباره عن|ما هم الا"

_FRAMES = (
    frame(
        " are | were ",
        rf"\b(?:(?:all|every|these|those|most) )*{ENGLISH} (?:are|were) "
        rf"(?:(?:{_JUST}) )*(?:{_LESS})\b",
    ),
    frame(
        "hate|despise|loathe|detest|abhor|stand",
        r"\b(?:i|we) (?:(?:really|fucking|just|absolutely) )*(?:hate|despise|loathe|detest|abhor|"
        rf"can['’]?t stand) (?:(?:all|every|those|these|fucking) )*{ENGLISH}\b(?!['’])",
    ),
    frame(
        _LESS_AR,
        rf"(?<!\w){ARABIC} (?:(?:{_ARE}) )+(?:{_LESS_AR})(?!\w)|"
        rf"^ ?(?:كل |جميع |هؤلاء )?{ARABIC} (?:{_LESS_AR})(?!\w)|"
        rf"(?<!\w)(?:كلهم|كلهن) (?:{_LESS_AR}) (?:هؤلاء )?{ARABIC}(?!\w)",
    ),
    frame(
        "كره|حتقر|مقت",
        rf"(?:^ ?|(?<!\w)انا )(?:بكره|اكره|احتقر|بحتقر|بمقت|نكره) "
        rf"(?:(?:كل|جميع|هؤلاء) )*{ARABIC}(?!\w)",
    ),
)


def find(text: str) -> Iterator[Change]:
    """Yield each statement of contempt."""
    return spoken_against(text, _FRAMES)
