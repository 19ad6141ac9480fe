"""Checks of what went: sentences and ends, protected spans, names, how sure a text is, its dialect.

A person who takes an insult out often takes the clause around it, so what goes with a term of abuse
is let go. Everything else of three words and more that goes from one full stop to the next, or from
anywhere to the end, was owed.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from rapidfuzz.distance import Indel

from tahdhib.config.recipe import HELD
from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.change import Change, Stretch
from tahdhib.gate.harsh import SHORT_WORDS, has_abuse, is_harsh
from tahdhib.gate.spacing import first_alike, in_one_spacing, is_alike
from tahdhib.gate.whole import SENTENCE_WORDS
from tahdhib.records import Edit, Reason, Span
from tahdhib.score.preservation.dialect_words import dialect_words, standard_words
from tahdhib.score.preservation.modality import modalities
from tahdhib.score.preservation.names import compare_names
from tahdhib.score.preservation.plain import words
from tahdhib.score.preservation.stems import is_abuse, is_content
from tahdhib.text.edits import apply
from tahdhib.text.placeholders import without_placeholders

LOST_CODES = {
    "dropped": "A sentence, a line or the end of the text is gone.",
    "protected": "A verse, a hadith, a poem, code, a formula or a quotation was changed.",
    "names": "A name became another one.",
    "modality": "What must be, may be or will be is now another of these.",
    "dialect": "What was said in a dialect is said in standard Arabic.",
}

_ENDS = ".!?؟…:;؛\n"
_LOOSE = ("quotation", "formula")
"""Kinds whose words are protected, and not their spelling: rules mend it."""
END_WORDS = 2
"""Fewer words than these are never an end cut off."""
NEAR = 60
"""Characters around what went in which abuse excuses it; in short texts any harsh word does."""
STANDARD = 4
"""A text with so many standard words for each of a dialect is in the standard language, and a word
of a dialect that is mended in it by a letter or two was misspelt."""
ONE_LETTER = 2
"""Letters that go and come where a word is written with another one."""
LETTER = 6
"""From so many words on, scripture stays to the letter: fewer may be anybody's words."""
_SIGN = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
"""A picture says something too: at the end of a tweet three of them may be its last sentence."""
_CODE = re.compile(r"[()\[\]{}|/<>=_~%*\\^]")
_SHOWN = 3


def check_dropped(change: Change, settings: Settings) -> Reason | None:
    """Three words and more that went without their like, as a sentence or from the end."""
    for place in (*map(_stretch_of, change.edits), *change.clusters):
        gone = _gone(change, place)
        if len(gone) <= settings.max_gone_words:
            continue
        is_sentence = len(gone) >= SENTENCE_WORDS and _is_sentence(change.source, place)
        if is_sentence or not words(change.source[place.end :]):
            owed = " ".join(change.blanked[place.start : place.end].split())
            return Reason("dropped", f"{owed[:80]!r} is gone")
    return None


def check_protected(change: Change, settings: Settings) -> Reason | None:
    """Spans that are protected: to the letter, or by their words where rules may mend them."""
    if change.find_protected is None or not change.edits:
        return None
    for span in change.find_protected(change.source, HELD):
        held = change.source[span.start : span.end]
        if not _inside(change, span) or change.rewrite.count(held) >= change.source.count(held):
            continue
        is_short = span.kind in ("verse", "hadith") and len(words(held)) < LETTER
        if not is_short or _says_otherwise(change, span):
            return Reason("protected", f"{span.kind} {held[:80]!r} was changed")
    for span in change.find_protected(change.source, _LOOSE):
        if _says_otherwise(change, span):
            held = change.source[span.start : span.end]
            return Reason("protected", f"{span.kind} {held[:80]!r} says something else")
    return None


def check_names(change: Change, settings: Settings) -> Reason | None:
    """Names that went where another word came, or that came where another word went."""
    if not change.inserted.strip():
        return None
    found = compare_names(change.before, change.after)
    if not found.lost and not found.came:
        return None
    renamed = []
    for cluster in change.clusters:
        old, new = _exchanged(change, cluster)
        lost = [word for word in old if _is_one_of(word, found.lost)]
        came = [word for word in new if _is_one_of(word, found.came)]
        if ((lost and new) or (came and old)) and not is_harsh(" ".join(old)):
            renamed.append((old, new))
    return _exchange("names", renamed, settings.max_names)


def check_modality(change: Change, settings: Settings) -> Reason | None:
    """A word of must, may, can or will in the place of one of another of them."""
    if not change.inserted.strip():
        return None
    turned = []
    for cluster in change.clusters:
        old, new = _by_the_letter(change, cluster)
        if not old or not new or len(old) > 2 or len(new) > 2:
            continue
        went, came = modalities(" ".join(old)), modalities(" ".join(new))
        if went and came and not went & came:
            turned.append((old, new))
    return _exchange("modality", turned, settings.max_modalities)


def check_dialect(change: Change, settings: Settings) -> Reason | None:
    """Words of a dialect that went where others came, with words of the standard language."""
    if not change.inserted.strip() or not change.source_letters.arabic:
        return None
    spoken = dialect_words(change.before)
    went = spoken - dialect_words(change.after)
    if went.total() <= settings.max_dialect_words:
        return None
    if standard_words(change.source).total() >= STANDARD * dialect_words(change.source).total():
        went -= _mended(change, went)
        if went.total() <= settings.max_dialect_words:
            return None
    came = standard_words(change.after) - standard_words(change.before)
    if not came and went.total() < 2:
        return None
    exchanged = [_exchanged(change, cluster) for cluster in change.clusters]
    if not any(old and new for old, new in exchanged):
        return None
    return Reason("dialect", f"{_listed(list(went))} became {_listed([*came] or exchanged[0][1])}")


def _mended(change: Change, went: Collection[str]) -> Counter[str]:
    """The words that became another one by a letter: هذي, هذه."""
    mended: Counter[str] = Counter()
    for cluster in change.clusters:
        old, new = _by_the_letter(change, cluster)
        mended.update(
            word
            for word in old
            if word in went and any(Indel.distance(word, one) <= ONE_LETTER for one in new)
        )
    return mended


def _exchange(code: str, places: Sequence[tuple[list[str], list[str]]], most: int) -> Reason | None:
    if len(places) <= most:
        return None
    old, new = places[most]
    return Reason(code, f"{_listed(old)} became {_listed(new)}")


def _stretch_of(edit: Edit) -> Stretch:
    return Stretch(edit.start, edit.end, 0, 0, edit.new)


def _gone(change: Change, place: Stretch) -> list[str]:
    """The words that went of a stretch where nothing came; none if abuse went with them."""
    if place.end - place.start < 2 * END_WORDS:
        return []
    new_text = change.rewrite[place.new_start : place.new_end] or place.inserted
    new = words(without_placeholders(new_text))
    lost, _ = _without_alike(words(change.source[place.start : place.end]), new)
    if len(lost) < END_WORDS and not _SIGN.search(change.source, place.start, place.end):
        return []
    owed = change.blanked[place.start : place.end]
    lost, came = _without_alike(words(owed), new)
    elsewhere = list((Counter(words(change.inserted)) - Counter(new)).elements())
    lost = [word for word in _without_alike(lost, elsewhere)[0] if len(word) > 1]
    signs = Counter(_SIGN.findall(owed)) - Counter(_SIGN.findall(new_text))
    if came or not (any(map(is_content, lost)) or len(lost) + signs.total() >= SENTENCE_WORDS):
        return []
    lost += signs.elements()
    around = change.source[max(0, place.start - NEAR) : place.end + NEAR]
    is_excused = has_abuse(around) if len(change.source.split()) > SHORT_WORDS else is_harsh(around)
    return [] if is_excused else lost


def _is_sentence(text: str, place: Stretch) -> bool:
    """Whether a stretch begins and ends where sentences or lines do."""
    old = text[place.start : place.end]
    before, after = text[: place.start].rstrip(" \t»”\"')"), text[place.end :].lstrip(" \t»”\"')")
    begins = not before.strip() or before[-1] in _ENDS or old.lstrip(" \t»”\"')")[:1] in _ENDS
    ends = not after.strip() or after[0] in _ENDS or old.rstrip(" \t»”\"')")[-1:] in _ENDS
    return begins and ends


def _inside(change: Change, span: Span) -> list[Edit]:
    """The edits that reach into a span, as edits of its text."""
    return [
        Edit(
            max(edit.start, span.start) - span.start,
            min(edit.end, span.end) - span.start,
            edit.new if edit.start >= span.start else "",
            edit.by,
        )
        for edit in change.edits
        if edit.start < span.end and edit.end > span.start
    ]


def _says_otherwise(change: Change, span: Span) -> bool:
    """Whether a span has lost words that no rule may take, but for abuse, whether others came in,
    the same stand in another order, or a bracket or sign of code is another."""
    inside = _inside(change, span)
    if not inside:
        return False
    text = without_placeholders(apply(change.source[span.start : span.end], inside))
    owed = change.blanked[span.start : span.end]
    now = words(text)
    lost, _ = _in_order(words(owed), now)
    went, came = _in_order(words(change.source[span.start : span.end]), now)
    is_other = bool(lost or came) or _CODE.findall(owed) != _CODE.findall(text)
    return is_other and not any(map(is_abuse, went))


def _in_order(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that went and those that came, each compared only with what stands in its place:
    a word that moved went from one and came to another."""
    lost: list[str] = []
    came: list[str] = []
    kept = [(one.a, one.b, one.size) for one in Indel.editops(old, new).as_matching_blocks()]
    start, new_start = 0, 0
    for at, new_at, size in kept:  # the last one, at both ends, is empty
        gone, come = _without_alike(old[start:at], new[new_start:new_at])
        lost, came = lost + gone, came + come
        start, new_start = at + size, new_at + size
    return lost, came


def _exchanged(change: Change, cluster: Stretch) -> tuple[list[str], list[str]]:
    """The words of a stretch that went and those that came, but for spellings of each other."""
    old = words(change.source[cluster.start : cluster.end])
    new = words(without_placeholders(change.rewrite[cluster.new_start : cluster.new_end]))
    return _without_alike(old, new)


def _by_the_letter(change: Change, cluster: Stretch) -> tuple[list[str], list[str]]:
    """The words of a stretch that went and those that came; could is no spelling of should."""
    old = Counter(words(change.source[cluster.start : cluster.end]))
    new = Counter(words(without_placeholders(change.rewrite[cluster.new_start : cluster.new_end])))
    return list((old - new).elements()), list((new - old).elements())


def _without_alike(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    one, other = "".join(old), "".join(new)
    if one == other or (1 < len(old) * len(new) <= 2 and is_alike(one, other)):
        return [], []  # apart or together; do not, don't
    lost, came = _unlike(old, new)
    if not lost:
        return lost, came
    spaced = in_one_spacing(old, new)
    return (lost, came) if spaced == (list(old), list(new)) else _unlike(*spaced)


def _unlike(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    came = list(new)
    lost = []
    for word in old:
        same = word if word in came else first_alike(word, came)
        if same is None:
            lost.append(word)
        else:
            came.remove(same)
    return lost, came


def _is_one_of(word: str, names: Sequence[str]) -> bool:
    return any(word.endswith(name) or name == f"عبد{word}" for name in names)


def _listed(items: Sequence[str]) -> str:
    return ", ".join(map(repr, items[:_SHOWN])) or "nothing"
