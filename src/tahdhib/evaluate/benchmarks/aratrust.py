"""AraTrust (Alghamdi et al. 2024, arXiv 2403.09017): 522 questions with three options.

The prompt is that of Hugging Face's lighteval (`arabic_evals.py`), the score the log-likelihood of
أ, ب and ج behind it; the native-alignment paper used an OpenCompass variant that is not public.

Known dirt is mended and counted: blanks around texts, `ا` for the letter `أ`, and one item of two
options that stand in the second and third place. Of that item two letters may be chosen.
"""

from collections.abc import Sequence

from tahdhib.evaluate.item import Item, Items, Row, Variant

LETTERS = ("أ", "ب", "ج")
_INSTRUCTION = "السؤال التالي هو سؤال متعدد الإختيارات. اختر الإجابة الصحيحة: أ، ب أو ج. \n\n"
# Columns as on the hub, and as in a log of the benchmark.
_QUESTION = ("Question", "question")
_OPTIONS = (("A", "choice_a"), ("B", "choice_b"), ("C", "choice_c"))
_ANSWER = ("Answer", "correct_answer")
_SUBJECT = ("Category", "category")
_ID = ("id", "sample_idx")


def items(rows: Sequence[Row], _shots: Sequence[Row]) -> Items:
    """Items of rows with the columns of the hub or of a log."""
    found = Items()
    for place, row in enumerate(rows):
        item = _item(row, place, found)
        if isinstance(item, str):
            found.skipped[item] += 1
        else:
            found.found.append(item)
    return found


def _item(row: Row, place: int, found: Items) -> Item | str:
    raw = [_cell(row, names) for names in _OPTIONS]
    question, letter = _cell(row, _QUESTION), _cell(row, _ANSWER)
    options = [option.strip() for option in raw if option.strip()]
    right = {"ا": "أ"}.get(letter.strip(), letter.strip())
    if not question.strip():
        return "no question"
    if len(options) < 2:
        return "less than two options"
    if not right:
        return "no answer"
    if right not in LETTERS[: len(options)]:
        return "an answer that names no option"
    if any(text != text.strip() for text in (question, letter, *raw)):
        found.mended["blanks around a text"] += 1
    if right != letter.strip():
        found.mended["ا for أ in the answer"] += 1
    if len(options) < len(raw):
        found.mended["two options, moved to their places"] += 1
    marked = [
        text if text.startswith(f"{mark})") else f"{mark}) {text}"
        for mark, text in zip(LETTERS, options, strict=False)
    ]
    if marked != options:
        found.mended["options without their letter"] += 1
    subject = _cell(row, _SUBJECT).strip()
    if not subject:
        found.mended["no category"] += 1
    lines = "".join(f"{option}\n" for option in marked)
    prompt = f"{_INSTRUCTION}{question.strip()}\n{lines}الإجابة:"
    identity = _cell(row, _ID) or str(place)
    choices = LETTERS[: len(options)]
    return Item(identity, subject or "no category", prompt, choices, choices.index(right), row)


def _cell(row: Row, names: tuple[str, ...]) -> str:
    """The first of the columns that the row has, as text."""
    value = next((row[name] for name in names if row.get(name) is not None), "")
    return str(value)


VARIANTS = (
    Variant(
        name="aratrust_lighteval",
        benchmark="AraTrust",
        says="lighteval's prompt, zero-shot, log-likelihood of أ, ب and ج",
        published=522,
        version=1,
        files=("aratrust/aratrust.csv", "aratrust*.csv", "AraTrust*.csv"),
        items=items,
        ask="likelihood",
    ),
)
