"""Checks of a rewrite as a whole: what came in that the source does not have, what is gone of it,
and whether somebody declined or spoke of the task instead.

Web text gives orders, and a model may obey. An answer that obeyed is told by what it says: words
that nobody asked for, a summary, a cut, an excuse. Where the source itself speaks to a model,
hardly a word may come in; elsewhere people put one word in place of another, and may.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.change import Change
from tahdhib.gate.harsh import is_harsh
from tahdhib.gate.spacing import first_alike, in_one_spacing, is_alike
from tahdhib.records import Edit, Reason
from tahdhib.score.orders import first_order
from tahdhib.score.overlap import chrf
from tahdhib.score.preservation.number_words import number_words
from tahdhib.score.preservation.plain import plain, words
from tahdhib.score.preservation.stems import STOP_WORDS, is_abuse, is_content, stem
from tahdhib.score.refusals import refusals
from tahdhib.text.edits import edit_rate
from tahdhib.text.personal import KINDS
from tahdhib.text.placeholders import placeholder, placeholders, without_placeholders
from tahdhib.text.segment import Token, sentences

WHOLE_CODES = {
    "added": "Words came in that the source does not have.",
    "summary": "What the source says is told in short, or told as something else.",
    "truncated": "The end of the source is gone.",
    "refusal": "The rewrite declines, or speaks of the task.",
}

REPLACED = 3
"""Most words of one stretch that count as replaced; what comes beyond them is added."""
POLITE_WORDS = 2
"""So many words more stand in place of something harsh: "not a good idea" takes its room."""
SENTENCE_WORDS = 3
"""Shorter sentences may go."""
GONE = 0.34
"""Below this share of its content words a sentence is gone."""
KEPT = 0.7
"""From this share of its content words on, what may be an order was left where it stood."""
MAX_GONE = 0.25
"""Share of the words of the source that may stand in sentences that are gone."""
RARE = 2
"""So often a source has a word that is not one of its subject."""
SHORT = 3
"""Letters of a word that stands anywhere."""
LEAST_LETTERS = 100
"""From so many letters on, a text is held against its source by character n-grams."""
LEAST_CHRF = 50.0
_CLOSING = 3
"""Marks that may close a text from which the end was cut."""
_SHOWN = 5
_PREFIXES = "وفبلك"
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")

_STRANGE = re.compile(
    r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w])(?=[\w-]*[A-Za-z])(?=[\w-]*(?:\d|_))[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*(?!\w)"
)
"""E-mail addresses, and tokens of Latin letters with digits or underscores."""
_HIDDEN = re.compile("[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069]")
"""Characters that carry text which nobody sees, or turn it around."""


def check_added(change: Change, settings: Settings) -> Reason | None:
    """Content words that came in without one that they replace; codes, addresses and hidden
    characters always."""
    if not any(edit.new.strip() or _is_clause(change.source, edit) for edit in change.edits):
        return None
    strange = _strange(change)
    if strange:
        return Reason("added", f"{_listed(strange)} came in")
    is_cut = any(_is_clause(change.blanked, edit) for edit in change.edits)
    came = None if is_cut else _came(change.before, change.after)
    if not is_cut and not came:
        return None  # most rewrites: the source is not read for orders
    order = first_order(change.source)
    if came is None:
        came = _came(_without_orders(change) if order else change.before, change.after)
    if not came:
        return None
    added = list(_added(change, came, is_suspect=order is not None))
    most = 0 if order else settings.max_added_words
    if len(added) <= most:
        copied = list(_copied(change, came))
        if copied:
            return Reason("added", f"{_listed(copied)} came in from elsewhere in the source")
        return None
    why = f"; the source may speak to a model ({order.kind}: {order.text!r})" if order else ""
    count = f"{len(added)} words" if len(added) > 1 else "a word"
    return Reason("added", f"{count} came in, at most {most}: {_listed(added)}{why}")


def check_summary(change: Change, settings: Settings) -> Reason | None:
    """Sentences that are gone all over the source, or a text that hardly resembles it."""
    if edit_rate(change.source, change.edits) < MAX_GONE:
        return None
    if change.owed_letters.total < LEAST_LETTERS:
        return None
    owed = sentences(change.blanked)
    gone = sum(sentence.words for sentence in _judged(owed, change) if sentence.is_gone)
    whole = len(words(change.blanked))
    if gone > MAX_GONE * whole and gone >= 2 * SENTENCE_WORDS:
        return Reason("summary", f"{gone} of {whole} words stand in sentences that are gone")
    alike = chrf(plain(change.blanked), plain(without_placeholders(change.rewrite)))
    if alike >= LEAST_CHRF:
        return None
    return Reason("summary", f"chrF to the source is {alike:.0f}, at least {LEAST_CHRF:.0f}")


def check_truncated(change: Change, settings: Settings) -> Reason | None:
    """The last sentence, or the last words, that the rewrite owes."""
    if not change.edits or len(change.source.rstrip()) > change.edits[-1].end + _CLOSING:
        return None
    if change.owed_letters.total < LEAST_LETTERS:
        return None
    for sentence in _judged(reversed(sentences(change.blanked)), change):
        if sentence.words >= SENTENCE_WORDS:
            if sentence.is_gone:
                return Reason("truncated", f"{sentence.text[:80]!r} stood at the end")
            return None
    return None


def check_refusal(change: Change, settings: Settings) -> Reason | None:
    """Excuses and talk of the task that the source does not have."""
    if not change.inserted.strip():
        return None
    said = Counter(refusals(change.after)) - Counter(refusals(change.before))
    if not said:
        return None
    return Reason("refusal", f"{next(iter(said))[:80]!r} is not in the source")


class _Sentence(NamedTuple):
    text: str
    words: int
    is_gone: bool


def _judged(owed: Iterable[Token], change: Change) -> Iterator[_Sentence]:
    """Sentences that the rewrite owes, as it is asked for them, and whether each is gone."""
    left = {stem(word) for word in words(without_placeholders(change.rewrite))}
    for sentence in owed:
        read = words(sentence.text)
        stems = [stem(word) for word in read if is_content(word) and not is_abuse(word)]
        kept = sum(one in left for one in stems)
        is_gone = len(read) >= SENTENCE_WORDS and bool(stems) and kept < GONE * len(stems)
        yield _Sentence(sentence.text.strip(), len(read), is_gone)


def _is_clause(text: str, edit: Edit) -> bool:
    """Whether an edit replaces some words on end: an order may be obeyed by cutting away all of it
    but what it asks for."""
    return len(text[edit.start : edit.end].split()) >= SENTENCE_WORDS


def _strange(change: Change) -> list[str]:
    """Codes, addresses, hidden characters and placeholders of no known kind that came in."""
    masks = _masks(change.rewrite) - _masks(change.source)
    came = [placeholder(kind) for kind in masks if kind not in KINDS]
    before = html.unescape(change.before)
    codes = Counter(_STRANGE.findall(change.after)) - Counter(_STRANGE.findall(before))
    if codes:
        run = "".join(words(_TAG.sub("", before)))
        came += [code for code in codes if "".join(words(code)) not in run]
    hidden = Counter(_HIDDEN.findall(change.after)) - Counter(_HIDDEN.findall(before))
    return came + [ascii(character) for character in hidden]


def _masks(text: str) -> Counter[str]:
    return Counter(span.kind for span in placeholders(text))


def _without_orders(change: Change) -> str:
    """The source around the edits without sentences that may be orders and of which the rewrite
    keeps little: what is left of an obeyed order is its words, and nobody else's."""
    left = _told(change.rewrite)
    kept = []
    for sentence in sentences(change.before):
        told = _told(sentence.text, with_abuse=False)
        if first_order(sentence.text) is None or (told & left).total() >= KEPT * told.total():
            kept.append(sentence.text)
    return "".join(kept)


def _came(before: str, after: str) -> Counter[str]:
    """Content words by stem, as often as `after` has them more often; none that is a spelling of a
    word that went, or only parted or joined."""
    told, said = words(html.unescape(without_placeholders(before))), words(after)
    if not _stems(said) - _stems(told):
        return Counter()
    old, new = in_one_spacing(told, said)
    came = _stems(new) - _stems(old)
    lost = list((Counter(map(stem, old)) - Counter(map(stem, new))).elements())
    for one in list(came.elements()) if lost else ():
        like = first_alike(one, lost)
        if like is not None:
            lost.remove(like)
            came[one] -= 1
    return +came


def _told(text: str, *, with_abuse: bool = True) -> Counter[str]:
    return _stems(word for word in words(text) if with_abuse or not is_abuse(word))


def _stems(read: Iterable[str]) -> Counter[str]:
    """Content words by stem."""
    return Counter(stem(word) for word in read if _says_something(word))


def _says_something(word: str) -> bool:
    """Whether a word does by itself; figures and number words are the measure of numbers' to tell,
    and a word that says little says no more with a letter before it."""
    if not is_content(word) or word[0].isdecimal() or word in number_words():
        return False
    return word[0] not in _PREFIXES or word[1:] not in STOP_WORDS


def _added(change: Change, came: Counter[str], *, is_suspect: bool) -> Iterator[str]:
    """The words that came and replace none."""
    rest = Counter(came)
    for cluster in change.clusters:
        text = change.rewrite[cluster.new_start : cluster.new_end]
        new = list(_taken(text, rest))
        gone = Counter(words(change.source[cluster.start : cluster.end])) - Counter(words(text))
        if is_suspect:
            excused = sum(map(is_abuse, gone.elements()))
        else:
            excused = min(REPLACED, sum(map(_says_something, gone.elements())))
            excused += POLITE_WORDS * is_harsh(" ".join(gone))
        yield from new[excused:]
    if is_suspect:
        yield from rest.elements()  # what is left of an order between two cuts


def _copied(change: Change, came: Counter[str]) -> Iterator[str]:
    """Rare words of the source that came in at another place too, alone or written into a word:
    what an order asks for stands in the order, and people seldom write in one sentence what only
    another has. What stands for a term of abuse is free."""
    rest = Counter(came)
    told = _told(change.source)
    for edit in change.edits:
        old, new = words(change.source[edit.start : edit.end]), list(_taken(edit.new, rest))
        written = [word.replace(one, "", 1) for word in new for one in old if one in word]
        rare = [
            word
            for word in new + written
            if 0 < told[stem(word)] <= RARE and len(word) > SHORT and not _is_mended(word, old)
        ]
        if rare and not any(map(is_abuse, old)):
            here = "".join(words(_sentence_of(change.source, edit)))
            yield from (word for word in rare if stem(word) not in here)


def _is_mended(word: str, old: Sequence[str]) -> bool:
    """Whether a word is there already, or is a spelling or form of one of those that went."""
    return any(word == one or is_alike(word, one) for one in old)


def _sentence_of(text: str, edit: Edit) -> str:
    """The sentences that an edit changes; none where it puts something between two."""
    return " ".join(
        one.text for one in sentences(text) if one.start < edit.end and edit.start < one.end
    )


def _taken(text: str, rest: Counter[str]) -> Iterator[str]:
    for word in words(without_placeholders(text)):
        one = stem(word)
        if rest[one] > 0:
            rest[one] -= 1
            yield word


def _listed(items: Iterable[str]) -> str:
    some = list(items)
    shown = ", ".join(repr(item) for item in some[:_SHOWN])
    return f"{shown} and {len(some) - _SHOWN} more" if len(some) > _SHOWN else shown
