"""The edit worker's labels: what may happen to one unit, mined from pairs and applied to texts.

After GECToR (Omelianchuk et al. 2020): `KEEP`, `DELETE`, `REPLACE_x`, `APPEND_x`, and
transformations that compute the new text from the unit itself, so that one label serves every
word. `HEAD_n_x` and `TAIL_n_x` put `x` in place of a word's first or last `n` letters, and so spell
and inflect (`HEAD_1_أ`, `TAIL_1_ة`, `TAIL_0_s`) words that training never saw. `JOIN` before any of
them takes the space before the unit away, `SPACE` puts one there ("JOIN REPLACE_x"); alone they
leave the unit's body as it is.

A unit has its space where the source has it, with one exception that spares the model a
dependency over distance: what follows the deleted beginning of a line has none.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from tahdhib.records import Edit
from tahdhib.text.edits import diff
from tahdhib.workers.edit.align import outputs_of
from tahdhib.workers.edit.units import Unit, units

KEEP = "KEEP"
DELETE = "DELETE"
REPLACE = "REPLACE_"
APPEND = "APPEND_"
HEAD = "HEAD_"
TAIL = "TAIL_"
JOIN = "JOIN"
SPACE = "SPACE"

_ARABIC_MARKS = str.maketrans(",;?", "،؛؟")
_LATIN_MARKS = str.maketrans("،؛؟", ",;?")
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_LATIN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_PRESENTATION_FORM = re.compile("[\ufb50-\ufdcf\ufe70-\ufefc]")
_DIACRITIC = re.compile("[\u064b-\u0652\u0670]")
_MOST_AFFIX = 2  # letters that go or come at an end of a word
_LEAST_STEM = 2  # letters between them that stay
_SHORTEST_WORD = 4  # letters; a shorter one before a final tatweel is tied to what follows
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def _letters(body: str) -> str:
    return _PRESENTATION_FORM.sub(lambda form: unicodedata.normalize("NFKC", form[0]), body)


def _squeeze(longest: int, left: int) -> Callable[[str], str]:
    """Runs of one character longer than `longest` become `left` of it; digits are left alone."""
    run = re.compile(rf"(\D)\1{{{longest},}}", re.DOTALL)
    return lambda body: run.sub(lambda found: found[1] * left, body)


def _strip_tatweel(body: str) -> str:
    """Without tatweel; of a run that ties a prefix or stands for a year (لـ, 1440هـ) one stays."""
    plain = body.replace("\u0640", "")
    ties = body.endswith("\u0640") and sum(map(str.isalpha, plain)) < _SHORTEST_WORD
    return plain + "\u0640" if ties else plain


_SQUEEZE_LONG_TO_ONE = _squeeze(2, 1)

TRANSFORMATIONS: dict[str, Callable[[str], str]] = {
    "ONE_SPACE": lambda body: " " if body.isspace() and "\n" not in body else body,
    "STRIP_TATWEEL": _strip_tatweel,
    "SQUEEZE_LONG_TO_1": _SQUEEZE_LONG_TO_ONE,
    "SQUEEZE_LONG_TO_2": _squeeze(2, 2),
    "SQUEEZE_TO_1": _squeeze(1, 1),
    "SQUEEZE_TO_3": _squeeze(3, 3),
    "STRIP_TATWEEL_SQUEEZE": lambda body: _SQUEEZE_LONG_TO_ONE(_strip_tatweel(body)),
    "LETTERS": _letters,
    "LETTERS_STRIP_TATWEEL": lambda body: _strip_tatweel(_letters(body)),
    "STRIP_INVISIBLE": lambda body: _INVISIBLE.sub("", body),
    "STRIP_DIACRITICS": lambda body: _DIACRITIC.sub("", body),
    "LOWER": str.lower,
    "CAPITALISE": lambda body: body[:1].upper() + body[1:],
    "UPPER": str.upper,
    "ARABIC_MARKS": lambda body: body.translate(_ARABIC_MARKS),
    "LATIN_MARKS": lambda body: body.translate(_LATIN_MARKS),
    "ARABIC_DIGITS": lambda body: body.translate(_ARABIC_DIGITS),
    "LATIN_DIGITS": lambda body: body.translate(_LATIN_DIGITS),
}
"""In the order in which mining tries them: where two give the same text, the first is the label."""


LINE = "line"
FAMILIES = (LINE, "delete", "words", "spacing", "marks", "form")
"""Kinds of edits that are sure of themselves on scales of their own: lines deleted as a whole,
other deletions, the words that are put in (and their case), white space, marks in the other
script, and all other transformations of a unit's own text."""

_FAMILY_OF_TRANSFORMATION = {
    "ONE_SPACE": "spacing",
    "ARABIC_MARKS": "marks",
    "LATIN_MARKS": "marks",
    "LOWER": "words",
    "CAPITALISE": "words",
    "UPPER": "words",
}


def family(label: str) -> str:
    """The one of `FAMILIES` but `LINE` that a label other than KEEP belongs to."""
    prefix, _, rest = label.partition(" ")
    kind = (rest or "ONE_SPACE") if prefix in (JOIN, SPACE) else label
    if kind == DELETE:
        return "delete"
    if kind in TRANSFORMATIONS:
        return _FAMILY_OF_TRANSFORMATION.get(kind, "form")
    if kind.startswith((HEAD, TAIL)):
        return "words"
    put_in = kind.removeprefix(REPLACE).removeprefix(APPEND)
    return "words" if put_in.strip() else "spacing"


def labels_of(source: str, to: Sequence[Edit] | str) -> list[str]:
    """The label of each unit of `source` that leads to the rewrite, given as its edits or text.

    Every rewrite can be expressed; what is lost is lost where a label is too rare for the
    vocabulary.
    """
    edits = diff(source, to, "") if isinstance(to, str) else to
    cut = units(source)
    labels = []
    line = _LineStart()
    for unit, output in zip(cut, outputs_of(source, cut, edits), strict=True):
        labels.append(_label(unit, output, line.spaces(unit)))
        line.see(unit, output)
    return labels


def apply_labels(cut: Sequence[Unit], labels: Sequence[str], by: str) -> tuple[Edit, ...]:
    """The edits that `labels` (one per unit of a text) stand for; edits that touch are one."""
    edits: list[Edit] = []
    line = _LineStart()
    for unit, label in zip(cut, labels, strict=True):
        output = _output(unit, label, line.spaces(unit))
        line.see(unit, output)
        if output == unit.text:
            continue
        edit = _narrowed(unit, output, by)
        if edits and edits[-1].end == edit.start:
            edit = Edit(edits[-1].start, edit.end, edits.pop().new + edit.new, by)
        edits.append(edit)
    return tuple(edits)


def vocabulary(counts: Counter[str], most: int, least_count: int) -> list[str]:
    """The labels worth learning: KEEP (index 0), DELETE (1), then by frequency at most `most`."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    common = [label for label, count in ranked if count >= least_count]
    return [KEEP, DELETE, *(label for label in common if label not in (KEEP, DELETE))][:most]


def count_labels(label_lists: Iterable[Sequence[str]]) -> Counter[str]:
    """How often each label occurs."""
    return Counter(label for labels in label_lists for label in labels)


class _LineStart:
    """Follows a text's outputs from left to right: is everything so far on this line deleted?"""

    def __init__(self) -> None:
        self._is_empty = True
        self._has_deletions = False

    def spaces(self, unit: Unit) -> bool:
        """Whether `unit` has its space where no label says otherwise."""
        return unit.spaced and not (self._is_empty and self._has_deletions)

    def see(self, unit: Unit, output: str) -> None:
        if output.endswith("\n"):
            self._is_empty, self._has_deletions = True, False
        elif output:
            self._is_empty = False
        elif unit.body:
            self._has_deletions = True


def _label(unit: Unit, output: str, spaced: bool) -> str:
    if not output and unit.body:
        return DELETE
    out_spaced = output.startswith(" ") and not output.isspace()
    body_label = _body_label(unit.body, output[1:] if out_spaced else output)
    if out_spaced == spaced:
        return body_label
    prefix = SPACE if out_spaced else JOIN
    return prefix if body_label == KEEP else f"{prefix} {body_label}"


def _body_label(before: str, after: str) -> str:
    if before == after:
        return KEEP
    for name, transform in TRANSFORMATIONS.items():
        if transform(before) == after:
            return name
    if after.startswith(before) and not _is_affix(before, "", after[len(before) :]):
        return APPEND + after[len(before) :]
    return _affix_label(before, after) or REPLACE + after


def _affix_label(before: str, after: str) -> str | None:
    """`HEAD` or `TAIL` with what goes and comes; None where more than an affix changes."""
    stem = _shared(before, after)
    if _is_affix(before[:stem], before[stem:], after[stem:]):
        return f"{TAIL}{len(before) - stem}_{after[stem:]}"
    stem = _shared(before[::-1], after[::-1])
    gone, come = before[: len(before) - stem], after[: len(after) - stem]
    if _is_affix(before[len(before) - stem :], gone, come):
        return f"{HEAD}{len(gone)}_{come}"
    return None


def _shared(one: str, other: str) -> int:
    """How many first characters two strings share."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _is_affix(stem: str, gone: str, come: str) -> bool:
    is_short = max(len(gone), len(come)) <= _MOST_AFFIX
    letters = (stem + gone + come).replace(" ", "")
    return is_short and len(stem) >= max(_LEAST_STEM, len(gone)) and letters.isalpha()


def _output(unit: Unit, label: str, spaced: bool) -> str:
    if label == KEEP:
        return " " + unit.body if spaced else unit.body
    if label == DELETE:
        return ""
    prefix, _, rest = label.partition(" ")
    if prefix in (JOIN, SPACE):
        spaced, label = prefix == SPACE, rest or KEEP
    return (" " if spaced else "") + _body(unit.body, label)


def _body(before: str, label: str) -> str:
    if label == KEEP:
        return before
    if label.startswith(REPLACE):
        return label.removeprefix(REPLACE)
    if label.startswith(APPEND):
        return before + label.removeprefix(APPEND)
    if label.startswith((HEAD, TAIL)):
        kind, size, come = label.split("_", 2)
        gone = int(size)
        return before[: len(before) - gone] + come if kind == "TAIL" else come + before[gone:]
    return TRANSFORMATIONS[label](before)


def _narrowed(unit: Unit, output: str, by: str) -> Edit:
    """The edit without the parts that stay: the space, the body before what is appended."""
    if unit.spaced and output == unit.body:
        return Edit(unit.start, unit.start + 1, "", by)
    if output.startswith(unit.text):
        return Edit(unit.end, unit.end, output[len(unit.text) :], by)
    if output.endswith(unit.text):
        return Edit(unit.start, unit.start, output[: -len(unit.text)], by)
    if unit.spaced and len(output) > 1 and output[0] == " ":
        return Edit(unit.start + 1, unit.end, output[1:], by)
    return Edit(unit.start, unit.end, output, by)
