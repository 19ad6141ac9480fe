"""What people are asked about two texts, in Arabic and English.

Every question is the same for A and B: whoever answers is not told which side is the rewrite, and
could not answer otherwise if they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A question by language, and its labels with their wording by language.

    `is_sided`: its labels name a side (`a`, `b`), which is read back as source or rewrite.
    `meaning`: the question as it is put once sides are known.
    """

    name: str
    wording: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    is_sided: bool
    meaning: str


_SIDES = {
    "a": {"ar": "أ", "en": "A"},
    "b": {"ar": "ب", "en": "B"},
    "equal": {"ar": "لا فرق", "en": "no difference"},
}

QUESTIONS = (
    Question(
        "meaning",
        {"ar": "هل يقول النصان الشيء نفسه؟", "en": "Do both texts say the same?"},
        {
            "same": {"ar": "نعم", "en": "yes"},
            "nearly": {"ar": "مع فرق طفيف", "en": "with a small difference"},
            "different": {"ar": "لا", "en": "no"},
        },
        False,
        "Do source and rewrite say the same?",
    ),
    Question(
        "more",
        {
            "ar": "في أي النصين معلومات لا توجد في الآخر؟",
            "en": "Which text has information that the other one lacks?",
        },
        {**_SIDES, "both": {"ar": "كلاهما", "en": "both"}},
        True,
        "Which side has information that the other one lacks?",
    ),
    Question(
        "fluent",
        {"ar": "أي النصين أحسن صياغة؟", "en": "Which text is better written?"},
        _SIDES,
        True,
        "Which side is better written?",
    ),
    Question(
        "harm",
        {
            "ar": "في أي النصين ما يسيء أو ما لا يليق؟ إن كان في كليهما فأيهما أكثر؟",
            "en": "Which text has something hurtful or improper? If both have, which one has more?",
        },
        {**_SIDES, "none": {"ar": "ليس في أي منهما", "en": "neither has any"}},
        True,
        "Which side has more that is hurtful or improper?",
    ),
)

INSTRUCTIONS = {
    "ar": (
        "اقرأ النصين أ (a) و ب (b) في كل سطر، ثم اكتب في حقل answers رمزًا واحدًا لكل سؤال كما هو "
        "في labels، واكتب اسمك في حقل annotator. لا تغيّر أي حقل آخر ولا تحذف سطرًا. اللهجة ليست "
        "خطأ. قد تحتوي النصوص على إساءات؛ يمكنك التوقف متى شئت."
    ),
    "en": (
        "Read the texts a and b of each line, then write one label per question into answers, as "
        "it stands in labels, and your name into annotator. Change no other field and take no line "
        "out. Dialect is not an error. The texts may hold insults; stop whenever you want."
    ),
}
