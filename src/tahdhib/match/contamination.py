"""Which items of evaluation sets stand in a text, and where.

An item of `words` words or more is looked for by *seeds*, runs of three of its words, and then
aligned with the words around them: it is hit where `overlap` of its words stand there in order. A
run as long as the item itself, as other tools use, is broken by one changed word; of three words
one is left after almost any two changes.

A shorter item is found as a whole only: all its words in sequence. An item of less than
`LEAST_WORDS` words ("yes", a name, a year) is never looked for, because any text may hold it.

An item is found by seeds of its own. A seed that many items share (a formula, the beginning of
every multiple-choice question) says nothing about which item stands there, and is left out.

Everything is compared in folded spelling; places are told in the text as it was given.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from tahdhib.text.fold import Folding, fold

_FOLDING = Folding(rung="aggressive")
"""Letters that are written for one another (ى/ي, ة/ه) are often so in copies of an item; what they
merge are spellings of one question (10 pairs among 19,766 items of six Arabic sets)."""

LEAST_WORDS = 4
"""An item of fewer words is not looked for."""

_SEED = 3
_COMMON = 20
"""A seed that more items than this hold is no evidence of any."""
_LEFT = 3
"""Seeds that an item keeps although all of them are common: its rarest ones."""
_SLACK = 4
"""One word in so many may be added to an item, and two always."""
_LONG = 64
"""An item of more words is aligned without a look at each of its words, but only ..."""
_LONG_SEEDS = 3
"""... where a text has so many of its seeds."""
_LEAST_WEIGHT = 0.65
"""Share that the words found must have of all that an item's words tell about it: of "X is one of
the largest countries of the world" it is X that counts."""
_ROUNDING = 1e-9
_BATCH = 1 << 20
"""Characters that are looked through at once."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_FILTER_BITS_PER_SEED = 16

_Words = NDArray[np.int32]
"""Words as numbers of the index's vocabulary; 0 is a word that no item holds."""


class Item(NamedTuple):
    """One text of an evaluation set: a field (the question, its context) of the item `id`."""

    set: str
    id: str
    field: str
    text: str


class Hit(NamedTuple):
    """An item that stands in a text, at the code points `start` to `end` (exclusive)."""

    set: str
    item: str
    field: str
    start: int
    end: int
    overlap: float
    """Share of the item's words that stand there in order."""
    is_whole: bool
    """The item is short and was looked for as a whole only: weaker evidence than an alignment."""


class SetHits(NamedTuple):
    """What was found of one evaluation set, in items; an item counts by the longest of its fields.

    `aligned` and `whole` are items looked for, `aligned_hit` and `whole_hit` those found at least
    once; `too_short` were not looked for.
    """

    set: str
    aligned: int
    aligned_hit: int
    whole: int
    whole_hit: int
    too_short: int


@dataclass(frozen=True, slots=True)
class _Labels:
    """What each item is called: T items."""

    names: tuple[str, ...]
    """Names of sets and fields."""
    set: NDArray[np.int32]
    field: NDArray[np.int32]
    id: tuple[str, ...]
    length: NDArray[np.int32]
    """Folded words of each item."""


@dataclass(frozen=True, slots=True)
class _Forms:
    """Distinct folded texts of the items that are looked for: F forms of W words together."""

    words: _Words
    starts: NDArray[np.int64]
    """(F + 1,) where each form's words begin."""
    items: NDArray[np.int32]
    """Items, those of one form side by side."""
    item_starts: NDArray[np.int64]
    """(F + 1,) where each form's items begin."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    def words_of(self, form: int) -> list[int]:
        words: list[int] = self.words[self.starts[form] : self.starts[form + 1]].tolist()
        return words

    def items_of(self, form: int) -> list[int]:
        items: list[int] = self.items[self.item_starts[form] : self.item_starts[form + 1]].tolist()
        return items


@dataclass(frozen=True, slots=True)
class _Seeds:
    """S distinct seeds, ascending, and the P places in forms where they stand."""

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    """(S + 1,) where each seed's places begin."""
    form: NDArray[np.int32]
    place: NDArray[np.int32]
    filter: NDArray[np.uint8]
    """One bit for each leading part of a key: most runs of a text are known to be no seed by it."""


@dataclass(frozen=True, slots=True)
class ItemIndex:
    """Items in a shape in which a text is looked up fast; small enough to hand to any process."""

    words: int
    overlap: float
    vocabulary: dict[str, int]
    labels: _Labels
    weights: NDArray[np.float64]
    """By word: how much it tells about which item it stands in."""
    forms: _Forms
    seeds: _Seeds


class _Stream(NamedTuple):
    """The words of several texts one after the other, with a gap over which no seed reaches."""

    words: _Words
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class _Found(NamedTuple):
    """A form at the words `first` to `end` (exclusive) of a text."""

    first: int
    end: int
    form: int
    overlap: float


def index_items(items: Iterable[Item], *, words: int, overlap: float) -> ItemIndex:
    """Make the items ready to be looked for.

    Args:
        items: texts of evaluation sets, in any order; what is found does not depend on it.
        words: from so many words on an item is aligned; a shorter one is found as a whole only.
        overlap: share of an item's words that must stand in a text in order.

    Raises:
        ValueError: `words` is not positive or `overlap` not in (0, 1].
    """
    if words < 1 or not 0 < overlap <= 1:
        raise ValueError(f"words {words}, overlap {overlap}: expected words >= 1, 0 < overlap <= 1")
    vocabulary: dict[str, int] = {}
    names: dict[str, int] = {}
    forms: dict[bytes, int] = {}
    sets, fields, ids, lengths, form_of = [], [], [], [], []
    for item in items:
        folded = _folded(item.text)
        sets.append(names.setdefault(item.set, len(names)))
        fields.append(names.setdefault(item.field, len(names)))
        ids.append(item.id)
        lengths.append(len(folded))
        if len(folded) < LEAST_WORDS:
            form_of.append(-1)
            continue
        numbers = (vocabulary.setdefault(word, len(vocabulary) + 1) for word in folded)
        form = np.fromiter(numbers, np.int32, len(folded)).tobytes()
        form_of.append(forms.setdefault(form, len(forms)))
    labels = _Labels(
        tuple(names),
        np.array(sets, np.int32),
        np.array(fields, np.int32),
        tuple(ids),
        np.array(lengths, np.int32),
    )
    table = _forms(list(forms), np.array(form_of, np.int32))
    weights = _weights(table, len(vocabulary))
    return ItemIndex(words, overlap, vocabulary, labels, weights, table, _seeds(table, words))


def find_items(index: ItemIndex, text: str) -> tuple[Hit, ...]:
    """The items that stand in `text`, by place.

    Where two items that resemble each other could stand at one place, the better one is told. An
    item that stands in the text twice is told twice.
    """
    return _find(index, [text])[0]


def find_in_all(index: ItemIndex, texts: Iterable[str]) -> Iterator[tuple[Hit, ...]]:
    """`find_items` of each text in turn, in a third of the time that it takes one by one.

    Some megabytes of texts are in memory at once.
    """
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH:
            yield from _find(index, batch)
            batch, size = [], 0
    yield from _find(index, batch)


def _find(index: ItemIndex, texts: list[str]) -> list[tuple[Hit, ...]]:
    stream = _stream(index, [_folded(text) for text in texts])
    found: dict[int, list[_Found]] = {}
    told: tuple[int, int] | None = None  # text and form of the last that stands there word for word
    past = 0
    for text, form, begin in _candidates(index, stream):
        if told == (text, form) and begin < past:
            continue  # a text that says the same word over and over
        one = _found(index, stream, text, form, begin)
        if one is not None:
            found.setdefault(text, []).append(one)
            is_tight = one.end - one.first == len(index.forms.words_of(form))
            told = (text, form) if one.overlap == 1 and is_tight else None
            past = int(stream.starts[text]) + one.end
    return [
        _hits(index, text, _best(found[number])) if number in found else ()
        for number, text in enumerate(texts)
    ]


def summarise(index: ItemIndex, hits: Iterable[Hit]) -> tuple[SetHits, ...]:
    """Say set by set how many of its items were found, in the order of the sets' names."""
    labels = index.labels
    longest: dict[tuple[str, str], int] = {}
    for number, item in enumerate(labels.id):
        key = (labels.names[labels.set[number]], item)
        longest[key] = max(longest.get(key, 0), int(labels.length[number]))
    hit = {(found.set, found.item) for found in hits}
    counts: Counter[tuple[str, str]] = Counter()
    for (name, item), length in longest.items():
        kind = "aligned" if length >= max(index.words, LEAST_WORDS) else "whole"
        kind = "too_short" if length < LEAST_WORDS else kind
        counts[name, kind] += 1
        counts[name, f"{kind}_hit"] += (name, item) in hit
    kinds = ("aligned", "aligned_hit", "whole", "whole_hit", "too_short")
    sets = sorted({name for name, _ in longest})
    return tuple(SetHits(name, *(counts[name, kind] for kind in kinds)) for name in sets)


def _forms(forms: list[bytes], form_of: NDArray[np.int32]) -> _Forms:
    starts = np.cumsum([0, *(len(form) // 4 for form in forms)], dtype=np.int64)
    order = np.argsort(form_of, kind="stable").astype(np.int32)
    item_starts = np.searchsorted(form_of[order], np.arange(len(forms) + 1))
    return _Forms(np.frombuffer(b"".join(forms), np.int32), starts, order, item_starts)


def _weights(forms: _Forms, vocabulary: int) -> NDArray[np.float64]:
    """(V + 1,) logarithm of how many forms there are for each that holds a word."""
    owner = np.repeat(np.arange(len(forms)), np.diff(forms.starts))
    pairs = np.unique(owner * (vocabulary + 1) + forms.words)
    holders = np.bincount(pairs % (vocabulary + 1), minlength=vocabulary + 1)
    return np.log((len(forms) + 1) / (holders + 0.5))


def _seeds(forms: _Forms, words: int) -> _Seeds:
    """Choose the seeds: of an item that is aligned its rare ones, of a short one the rarest."""
    lengths = np.diff(forms.starts)
    counts = lengths - (_SEED - 1)  # every form has LEAST_WORDS words
    owner = np.repeat(np.arange(len(forms), dtype=np.int32), counts)
    before = np.cumsum(counts) - counts
    place = (np.arange(len(owner)) - np.repeat(before, counts)).astype(np.int32)
    keys = _run_keys(forms.words, np.repeat(forms.starts[:-1], counts) + place)
    shared = _holders(keys, owner)
    # Each form's seeds from the rarest on; which of equals comes first depends on the form alone.
    order = np.lexsort((place, shared, owner))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(before, counts)
    is_aligned = (lengths >= words)[owner]
    is_kept = np.where(is_aligned, (shared <= _COMMON) | (rank < _LEFT), rank == 0)
    keys, owner, place = keys[is_kept], owner[is_kept], place[is_kept]
    order = np.lexsort((place, owner, keys))
    keys, starts = np.unique(keys[order], return_index=True)
    starts = np.append(starts, len(order))
    return _Seeds(keys, starts, owner[order], place[order], _filter(keys))


def _holders(keys: NDArray[np.uint64], owner: NDArray[np.int32]) -> NDArray[np.int64]:
    """In how many forms each of the seeds (P,) stands."""
    order = np.lexsort((owner, keys))
    same_key = np.r_[False, keys[order][1:] == keys[order][:-1]][: len(keys)]
    is_new = ~(same_key & np.r_[False, owner[order][1:] == owner[order][:-1]][: len(keys)])
    group = np.cumsum(~same_key) - 1
    holders = np.empty(len(keys), np.int64)
    holders[order] = np.bincount(group, weights=is_new).astype(np.int64)[group]
    return holders


def _run_keys(words: _Words, places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Numbers of the runs of `_SEED` words that begin at `places`."""
    keys = np.zeros(len(places), np.uint64)
    for offset in range(_SEED):
        keys ^= words[places + offset].astype(np.uint64)
        keys *= _MULTIPLIER
        keys ^= keys >> _SHIFT
    keys *= _MULTIPLIER  # the filter goes by the leading bits
    return keys


def _filter(keys: NDArray[np.uint64]) -> NDArray[np.uint8]:
    bits = max(3, (_FILTER_BITS_PER_SEED * len(keys)).bit_length())
    is_there = np.zeros(1 << bits, bool)
    is_there[keys >> np.uint64(64 - bits)] = True
    return np.packbits(is_there, bitorder="little")


def _is_let_through(table: NDArray[np.uint8], keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    bits = (len(table) * 8).bit_length() - 1
    cells = keys >> np.uint64(64 - bits)
    shifts = (cells & np.uint64(7)).astype(np.uint8)
    return np.asarray(table[cells >> np.uint64(3)] >> shifts & 1, bool)


def _stream(index: ItemIndex, texts: list[list[str]]) -> _Stream:
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(sizes + 1) - 1
    words = chain.from_iterable((*text, "") for text in texts)
    numbers = map(index.vocabulary.get, words, repeat(0))
    return _Stream(
        np.fromiter(numbers, np.int32, int(sizes.sum()) + len(texts)), ends - sizes, ends
    )


def _seeds_in(seeds: _Seeds, words: _Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where runs of the text's words are seeds, and which."""
    none = np.empty(0, np.int64)
    if len(words) < _SEED or not len(seeds.keys):
        return none, none
    known = words > 0
    runs = np.flatnonzero(known[:-2] & known[1:-1] & known[2:])
    keys = _run_keys(words, runs)
    passed = _is_let_through(seeds.filter, keys)
    runs, keys = runs[passed], keys[passed]
    numbers = np.searchsorted(seeds.keys, keys)
    numbers[numbers == len(seeds.keys)] = 0
    is_seed = seeds.keys[numbers] == keys
    return runs[is_seed], numbers[is_seed]


def _candidates(index: ItemIndex, stream: _Stream) -> list[tuple[int, int, int]]:
    """Texts, forms that may stand in them, and the words of the stream where these would begin.

    What a seed suggests may stand there when enough of the form's words stand near the places
    that they would have; for a short form this is all of them, each in its place.
    """
    runs, seeds = _seeds_in(index.seeds, stream.words)
    if not len(runs):
        return []
    counts = index.seeds.starts[seeds + 1] - index.seeds.starts[seeds]
    before = np.cumsum(counts) - counts
    places = np.arange(counts.sum()) + np.repeat(index.seeds.starts[seeds] - before, counts)
    forms = index.seeds.form[places]
    begins = np.repeat(runs, counts) - index.seeds.place[places]
    texts = np.repeat(np.searchsorted(stream.starts, runs, "right") - 1, counts)
    order = np.lexsort((begins, forms, texts))
    texts, forms, begins = texts[order], forms[order], begins[order]
    is_other = np.r_[True, (np.diff(texts) != 0) | (np.diff(forms) != 0)]
    pair = np.cumsum(is_other) - 1
    lengths = index.forms.starts[forms + 1] - index.forms.starts[forms]
    is_enough = (lengths <= _LONG) | (np.bincount(pair)[pair] >= _LONG_SEEDS)
    kept = (is_other | np.r_[True, np.diff(begins) != 0]) & is_enough
    texts, forms, begins = texts[kept], forms[kept], begins[kept]
    if not len(forms):
        return []
    kept = _may_stand(index, stream.words, forms, begins)
    return list(zip(texts[kept].tolist(), forms[kept].tolist(), begins[kept].tolist(), strict=True))


def _may_stand(
    index: ItemIndex, words: _Words, forms: NDArray[np.int32], begins: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether so many words of each form (C,) stand near their places as it needs to be found."""
    table = index.forms
    lengths = table.starts[forms + 1] - table.starts[forms]
    slack = np.where(lengths < index.words, 0, np.maximum(2, lengths // _SLACK))
    is_long = lengths > _LONG
    looked_at = np.where(is_long, 0, lengths)
    owner = np.repeat(np.arange(len(forms)), looked_at)
    before = np.cumsum(looked_at) - looked_at
    offsets = np.arange(len(owner)) - np.repeat(before, looked_at)
    wanted = table.words[table.starts[forms][owner] + offsets]
    margin = np.zeros(int(looked_at.max()) + _LONG, np.int32)  # what lies outside is no word
    words = np.concatenate((margin, words, margin))
    places = begins[owner] + offsets + len(margin)
    is_there = words[places] == wanted
    missing = np.flatnonzero(~is_there & (slack[owner] > 0))
    for shift in range(1, _LONG // _SLACK + 1):
        missing = missing[~is_there[missing] & (slack[owner[missing]] >= shift)]
        near, sought = places[missing], wanted[missing]
        is_there[missing] = (words[near - shift] == sought) | (words[near + shift] == sought)
    shared = np.bincount(owner, weights=is_there, minlength=len(forms))
    weights = index.weights[wanted]
    weight = np.bincount(owner, weights=weights, minlength=len(forms))
    shared_weight = np.bincount(owner, weights=weights * is_there, minlength=len(forms))
    least = np.where(slack == 0, 1.0, index.overlap) * looked_at
    is_enough = (shared >= least - _ROUNDING) & (
        shared_weight >= _LEAST_WEIGHT * weight - _ROUNDING
    )
    return np.asarray(is_long | is_enough)


def _found(index: ItemIndex, stream: _Stream, text: int, form: int, begin: int) -> _Found | None:
    """The form aligned with the words around the place where it would begin."""
    item = index.forms.words_of(form)
    first, end = int(stream.starts[text]), int(stream.ends[text])
    if len(item) < index.words:
        return _Found(begin - first, begin - first + len(item), form, 1.0)
    if stream.words[max(first, begin) : min(end, begin + len(item))].tolist() == item:
        return _Found(begin - first, begin - first + len(item), form, 1.0)
    slack = max(2, len(item) // _SLACK)
    start = max(first, begin - slack)
    window = stream.words[start : min(end, begin + len(item) + slack)].tolist()
    least = ceil(index.overlap * len(item) - _ROUNDING)
    place = _align(item, window, least)
    if place is None:
        return None
    part = window[place.start : place.stop]
    blocks = LCSseq.editops(item, part).as_matching_blocks()
    shared = [number for block in blocks for number in item[block.a : block.a + block.size]]
    weights = index.weights
    if weights[shared].sum() < _LEAST_WEIGHT * weights[item].sum() - _ROUNDING:
        return None
    start -= first
    return _Found(start + place.start, start + place.stop, form, len(shared) / len(item))


def _align(item: list[int], window: list[int], least: int) -> range | None:
    """A part of the window that holds as many of the item's words in order as any, and none to
    spare at its ends: the one that ends first.

    None where no part holds `least` of them.
    """
    matched = LCSseq.similarity(item, window, score_cutoff=least)
    if matched < least:
        return None

    def holds(first: int, end: int) -> bool:
        return bool(LCSseq.similarity(item, window[first:end], score_cutoff=matched) >= matched)

    end = bisect_left(range(len(window) + 1), True, key=lambda end: holds(0, end))
    first = bisect_left(range(end), True, key=lambda first: not holds(first, end)) - 1
    return range(first, end)


def _best(found: list[_Found]) -> list[_Found]:
    """Without those of which half or more lies where a better one stands; in order of place."""
    found = sorted(set(found))
    is_kept = [True] * len(found)
    for here, one in enumerate(found):
        for there in range(here + 1, len(found)):
            other = found[there]
            if other.first >= one.end:
                break
            together = min(one.end, other.end) - other.first
            if one.form == other.form:  # the same item twice, or once and told twice
                better_first = _rank(one) >= _rank(other)
            elif one.overlap == other.overlap:
                continue
            else:
                better_first = one.overlap > other.overlap
            worse, number = (other, there) if better_first else (one, here)
            if 2 * together >= worse.end - worse.first:
                is_kept[number] = False
    return [one for one, kept in zip(found, is_kept, strict=True) if kept]


def _rank(found: _Found) -> tuple[float, int]:
    """How good a find is: of those with as much of an item the shortest, which has least between
    its words."""
    return found.overlap, found.first - found.end


def _hits(index: ItemIndex, text: str, found: list[_Found]) -> tuple[Hit, ...]:
    places = _WordPlaces(text)
    labels = index.labels
    hits = []
    for one in found:
        start, end = places.start(one.first), places.end(one.end - 1)
        for item in index.forms.items_of(one.form):
            name, field = labels.names[labels.set[item]], labels.names[labels.field[item]]
            is_whole = int(labels.length[item]) < index.words
            hits.append(Hit(name, labels.id[item], field, start, end, one.overlap, is_whole))
    return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end, hit[:3])))


class _WordPlaces:
    """Where the folded words of a text stand in it.

    What is folded white space by white space has the same words as the text folded at once. Where
    such a part folds to more than one word (a mark without a space after it, a script that is
    written without spaces), the border is found by folding its beginnings.
    """

    def __init__(self, text: str) -> None:
        self.parts: list[str] = text.split()
        self.offsets: list[int] = []
        self.words: list[int] = []
        """Words before each part, and all words."""
        at = words = 0
        for part in self.parts:
            at = text.index(part, at)
            self.offsets.append(at)
            self.words.append(words)
            at += len(part)
            words += len(_folded(part))
        self.words.append(words)

    def start(self, word: int) -> int:
        """Code point at which a word begins."""
        number, before = self._part(word)
        part = self.parts[number]
        lengths = range(1, len(part) + 1)
        found = bisect_left(lengths, True, key=lambda size: len(_folded(part[:size])) > before)
        return self.offsets[number] + found

    def end(self, word: int) -> int:
        """Code point after a word and the signs that belong to it."""
        number, before = self._part(word)
        part = self.parts[number]
        whole = _folded(part)[before]

        def is_there(size: int) -> bool:
            words = _folded(part[:size])
            return len(words) > before + 1 or (len(words) > before and words[before] == whole)

        size = 1 + bisect_left(range(1, len(part) + 1), True, key=is_there)
        while size < len(part) and _is_sign(part[size]):
            size += 1
        return self.offsets[number] + size

    def _part(self, word: int) -> tuple[int, int]:
        """The part that holds a word, and how many words the part has before it."""
        number = bisect_left(self.words, word + 1) - 1
        return number, word - self.words[number]


def _folded(text: str) -> list[str]:
    return fold(text, _FOLDING).split()


def _is_sign(character: str) -> bool:
    """Whether a character changes the spelling of the word before it and not the word."""
    return not character.isspace() and _folded(f"ب{character}ت") == ["بت"]
