"""ArabicMMLU (Koto et al. 2024, arXiv 2402.12840) as its authors' code scores it, zero-shot.

One forward pass; of the last position only the logits at the last token of each option's letter
count. Prompts are those of github.com/mbzuai-nlp/ArabicMMLU, `util_prompt.py` at 8d5b148, to the
letter: nothing is stripped, one subject has a blank too many, and the prompt ends with a blank.

lm-eval's task of the same name is another variant: its prompt ends without that blank, and it
compares log-likelihoods of ` A`, ` B` … It is run by lm-eval itself (`harness`).
"""

from collections.abc import Callable, Sequence

from tahdhib.evaluate.item import Item, Items, Row, Variant

PUBLISHED = 14_455
"""Items that the authors score: 14,575 less three of each of the 40 tasks, kept for examples."""

_OPTIONS = ("Option 1", "Option 2", "Option 3", "Option 4", "Option 5")
_KEYS = "ABCDE"
LETTERS = {"ar": ("أ", "ب", "ج", "د", "ه"), "en": ("A", "B", "C", "D", "E")}
_MARKS = {"ar": "-", "en": "."}

_LEVELS_EN = {
    "Primary": "primary school",
    "Middle": "middle school",
    "High": "high school",
    "Univ": "university",
    "Prof": "professional",
}
_LEVELS_AR = {
    "Primary": "للمرحلة الابتدائية",
    "Middle": "للمرحلة المتوسطة",
    "High": "للمرحلة الثانوية",
    "Univ": "للجامعات",
    "Prof": "للمحترفين",
}
_COUNTRIES_AR = {
    "UAE": "في دولة الإمارات العربية المتحدة",
    "Egypt": "في مصر",
    "Lebanon": "في لبنان",
    "Jordan": "في الأردن",
    "Kuwait": "في الكويت",
    "KSA": "في المملكة العربية السعودية",
    "Palestine": "في فلسطين",
    "Morocco": "في المغرب",
}
_SUBJECTS_AR = {
    "Islamic Studies": "في الدراسات الإسلامية",
    "Driving Test": "اختبار القيادة",
    "Natural Science": "في العلوم الطبيعية",
    "History": "في التاريخ",
    "General Knowledge": "في المعلومات العامة",
    "Law": "في القانون",
    "Physics": "في الفيزياء",
    "Social Science": "في العلوم الاجتماعية",
    "Management": "في الإدارة",
    "Arabic Language": "في اللغة العربية",
    "Political Science": " في العلوم السياسية",
    "Philosophy": "في الفلسفة",
    "Accounting": "في المحاسبة",
    "Computer Science": "في علوم الحاسوب",
    "Geography": "في الجغرافيا",
    "Math": "في الرياضيات",
    "Biology": "في علم الأحياء",
    "Economics": "في الاقتصاد",
    "Arabic Language (General)": "في اللغة العربية (عام)",
    "Arabic Language (Grammar)": "في اللغة العربية (قواعد النحو)",
    "Civics": "في التربية المدنية",
}


def items(
    prompt: str, letters: str, end: str = " "
) -> Callable[[Sequence[Row], Sequence[Row]], Items]:
    """How rows become items, with a prompt and letters in `ar` or `en`; `end` ends the prompt."""

    def made(rows: Sequence[Row], _shots: Sequence[Row]) -> Items:
        found = Items()
        for row in rows:
            if _cell(row, "is_few_shot") == "1":
                found.skipped["kept by the authors for examples"] += 1
                continue
            item = _item(row, prompt, letters, end)
            if isinstance(item, str):
                found.skipped[item] += 1
            else:
                found.found.append(item)
        return found

    return made


def _item(row: Row, prompt: str, letters: str, end: str) -> Item | str:
    """The item of a row, or why there is none."""
    options: list[str] = []
    for name in _OPTIONS:
        if not _cell(row, name):
            break
        options.append(f"{LETTERS[letters][len(options)]}{_MARKS[letters]} {_cell(row, name)}")
    key = _cell(row, "Answer Key").strip()
    if not _cell(row, "Question").strip():
        return "no question"
    if len(options) < 2:
        return "less than two options"
    if not key:
        return "no answer"
    if len(key) != 1 or key not in _KEYS[: len(options)]:
        return "an answer that names no option"
    about = (_about_ar if prompt == "ar" else _about_en)(row)
    if about is None:
        return "a subject, level or country that the authors' prompt has no words for"
    context = _cell(row, "Context")
    question = f"{context}\n\n{_cell(row, 'Question')}" if context else _cell(row, "Question")
    shown = f"{question}\n" + "\n".join(options)
    if prompt == "ar":
        text = f"هذا سؤال {about}. اختر الإجابة الصحيحة!\n\nسؤال: {shown}\n\nإجابة:{end}"
    else:
        text = f"This is a {about}. Select the correct answer!\n\nQuestion: {shown}\n\nAnswer:{end}"
    choices = LETTERS[letters][: len(options)]
    subject = " ".join(filter(None, (_cell(row, "Subject"), _cell(row, "Level"))))
    return Item(_cell(row, "ID"), subject, text, choices, _KEYS.index(key), row)


def _about_en(row: Row) -> str | None:
    level, country = _cell(row, "Level"), _cell(row, "Country")
    if level and level not in _LEVELS_EN:
        return None
    of = f" for {_LEVELS_EN[level]}" if level else ""
    return f"{_cell(row, 'Subject')} question{of}" + (f" in {country}" if country else "")


def _about_ar(row: Row) -> str | None:
    tables = (("Subject", _SUBJECTS_AR), ("Level", _LEVELS_AR), ("Country", _COUNTRIES_AR))
    said = []
    for name, table in tables:
        value = _cell(row, name)
        if not value and name != "Subject":
            continue
        if value not in table:
            return None
        said.append(table[value])
    return " ".join(said)


def _cell(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value)


_WORDS = {"ar": "Arabic", "en": "English"}
_SCRIPTS = {"ar": "Arabic letters", "en": "Latin letters"}
_NAMES = {
    ("ar", "ar"): "arabicmmlu_authors_ar",
    ("en", "en"): "arabicmmlu_authors_en",
    ("ar", "en"): "arabicmmlu_authors_ar_latin",
    ("en", "ar"): "arabicmmlu_authors_en_arabic",
}

_FILES = ("arabicmmlu*/ArabicMMLU*.csv", "ArabicMMLU*.csv", "All/test.csv")
_HOME = "hf://datasets/MBZUAI/ArabicMMLU@7aa530e2893ac420352b3f5c1a1310c010e9758b"
_AUTHORS = tuple(
    Variant(
        name=name,
        benchmark="ArabicMMLU",
        says=(
            f"the authors' letter scoring, zero-shot, {_WORDS[prompt]} prompt, {_SCRIPTS[letters]}"
        ),
        published=PUBLISHED,
        version=1,
        files=_FILES,
        items=items(prompt, letters),
        ask="letters",
        home=_HOME,
    )
    for (prompt, letters), name in _NAMES.items()
)

VARIANTS = (
    *_AUTHORS,
    Variant(
        name="arabicmmlu_lmeval",
        benchmark="ArabicMMLU",
        says="lm-eval's own task, untouched: English prompt, zero-shot, log-likelihood of A to E",
        published=PUBLISHED,
        version=1,
        files=_FILES,
        items=items("en", "en", end=""),
        ask="lm-eval",
        lead=" ",
        template="arabicmmlu/_default_arabicmmlu_template_yaml",
        home=_HOME,
    ),
)
