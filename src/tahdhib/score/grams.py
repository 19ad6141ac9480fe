"""Texts to hashed character n-grams with numpy alone, many texts at once.

Only letters count: punctuation, digits, marks, tatweel, links, mentions and runs of one letter
are folded away first, so that a rewrite which only tidies a text cannot move the score.

Axis: P positions in the joined letters of all windows.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SCRIPTS = ("arabic", "latin")
"""Rows of the weight table; a window is judged by the row of most of its letters."""
ORDERS = (2, 3, 4, 5)
"""Lengths of the n-grams in letters; one space between words counts as a letter."""
BUCKET_BITS = 18
WINDOW_LETTERS = 280
"""Longest window in characters: what a tweet, the unit of the training data, can hold."""

NOISE = re.compile(r"https?://\S+|www\.\S+|@\w+|&\w{2,8};|\bRT\b|\bUSER\b|\bURL\b|<[^<>]{1,80}>")
"""What is no text: links, mentions, tags, character references, signs of retweets."""
_CHARACTERS_AT_ONCE = 400_000
_BREAK = re.compile(r"(?<=[.!?؟…])\s+|\n+")
_SPACE, _DROP = 32, 0
_FOLD = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "گ": "ك", "ة": "ه"}
_MULTIPLIER = np.uint32(0x01000193)
_MIX = np.uint32(0x9E3779B1)
_POWERS = np.cumprod(np.full(64, 0x01000193, dtype=np.uint32), dtype=np.uint32)
"""Factors of a letter by its place in a word; a run of more letters goes through them again."""


class Grams(NamedTuple):
    """The n-grams of N windows, and which weights row each window wants.

    `bucket` and `window` are parallel, one entry per n-gram; `script` (N,) indexes `SCRIPTS`,
    -1 where a window has no letter; `sizes` (N,) n-grams per window.
    """

    bucket: NDArray[np.int64]
    window: NDArray[np.int64]
    script: NDArray[np.int64]
    sizes: NDArray[np.int64]


def windows(text: str) -> list[str]:
    """Cut into windows of at most `WINDOW_LETTERS` characters: sentences, put together while they
    fit, never across a newline; a longer sentence is cut at white space, and a run without any
    where it must be."""
    if len(text) <= WINDOW_LETTERS and "\n" not in text:
        return [text]
    found: list[str] = []
    for line in text.split("\n"):
        current = ""
        for piece in _pieces(line):
            if current and len(current) + len(piece) + 1 > WINDOW_LETTERS:
                found.append(current)
                current = ""
            current = f"{current} {piece}" if current else piece
        if current:
            found.append(current)
    return found or [""]


def window_batches(texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], list[str]]]:
    """Windows of all texts in batches of bounded size, with the index of each one's text."""
    owners: list[int] = []
    batch: list[str] = []
    size = 0
    each = ((owner, window) for owner, text in enumerate(texts) for window in windows(text))
    for owner, window in each:
        owners.append(owner)
        batch.append(window)
        size += len(window)
        if size >= _CHARACTERS_AT_ONCE:
            yield np.array(owners), batch
            owners, batch, size = [], [], 0
    if batch:
        yield np.array(owners), batch


def _pieces(line: str) -> list[str]:
    if len(line) <= WINDOW_LETTERS:
        return [line] if line.strip() else []
    pieces: list[str] = []
    for sentence in _BREAK.split(line):
        rest = sentence.strip()
        while len(rest) > WINDOW_LETTERS:
            cut = rest.rfind(" ", 1, WINDOW_LETTERS + 1)
            cut = cut if cut > 0 else WINDOW_LETTERS
            pieces.append(rest[:cut])
            rest = rest[cut:].lstrip()
        if rest:
            pieces.append(rest)
    return pieces


def grams(texts: Sequence[str]) -> Grams:
    """Hash the character n-grams of every window."""
    codes, window = letters(texts)
    script = scripts(codes, window, len(texts))
    each: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int64]] = []
    hashed = codes
    for order in range(2, max(ORDERS) + 1):
        if len(codes) < order:
            break
        hashed = _longer(hashed, codes, order)
        bucket, owner = _inside(hashed, window, order, BUCKET_BITS)
        each.append(bucket)
        owners.append(owner)
    empty = np.zeros(0, dtype=np.int64)
    bucket = np.concatenate(each) if each else empty
    owner = np.concatenate(owners) if owners else empty
    sizes = np.bincount(owner, minlength=len(texts)).astype(np.int64)
    return Grams(bucket, owner, script, sizes)


def buckets(
    codes: NDArray[np.uint32], window: NDArray[np.int64], order: int, bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The n-grams of one length hashed into 2**bits places, and the window of each."""
    if len(codes) < order:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    hashed = codes
    for length in range(2, order + 1):
        hashed = _longer(hashed, codes, length)
    return _inside(hashed, window, order, bits)


def inner(
    codes: NDArray[np.uint32], window: NDArray[np.int64], bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The n-grams of all lengths that lie inside one word, the space at either end included,
    hashed into 2**bits places, and the window of each."""
    each = [np.zeros(0, dtype=np.int64)]
    owners = [np.zeros(0, dtype=np.int64)]
    is_letter = codes != _SPACE
    hashed, whole = codes, np.ones(len(codes), dtype=bool)
    for order in range(2, max(ORDERS) + 1):
        if len(codes) < order:
            break
        hashed = _longer(hashed, codes, order)
        whole = whole[:-1]
        if order > 2:  # all letters but the first and the last
            whole = whole & is_letter[order - 2 : -1]
        first = window[: len(hashed)]
        kept = whole & (window[order - 1 :] == first)
        each.append(_mixed(hashed[kept], order, bits))
        owners.append(first[kept])
    return np.concatenate(each), np.concatenate(owners)


def words(
    codes: NDArray[np.uint32], window: NDArray[np.int64], bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Words and pairs of neighbours hashed into 2**bits places, and the window of each."""
    is_letter = codes != _SPACE
    starts = is_letter.copy()
    starts[1:] &= ~is_letter[:-1] | (window[1:] != window[:-1])
    first = np.flatnonzero(starts)
    if not len(first):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    at = np.arange(len(codes)) - first[np.maximum(np.cumsum(starts) - 1, 0)]
    terms = np.where(is_letter, codes * _POWERS[at & (len(_POWERS) - 1)], 0).astype(np.uint32)
    single = np.add.reduceat(terms, first, dtype=np.uint32)
    owner = window[first]
    inside = owner[1:] == owner[:-1]
    pair = (single[:-1] * _MIX + single[1:])[inside]
    mixed = np.concatenate((single ^ np.uint32(101), pair ^ np.uint32(202))) * _MIX
    mixed = (mixed ^ (mixed >> np.uint32(15))) * _MIX
    bucket = (mixed >> np.uint32(32 - bits)).astype(np.int64)
    return bucket, np.concatenate((owner, owner[:-1][inside]))


def _longer(
    hashed: NDArray[np.uint32], codes: NDArray[np.uint32], order: int
) -> NDArray[np.uint32]:
    """Hashes of n-grams of `order` letters from those with one letter less."""
    return hashed[:-1] * _MULTIPLIER + codes[order - 1 :]


def _inside(
    hashed: NDArray[np.uint32], window: NDArray[np.int64], order: int, bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Buckets of the n-grams that lie in one window, and that window."""
    first = window[: len(window) - order + 1]
    inside = window[order - 1 :] == first
    return _mixed(hashed[inside], order, bits), first[inside]


def _mixed(hashed: NDArray[np.uint32], order: int, bits: int) -> NDArray[np.int64]:
    """Buckets of hashes of n-grams of one length."""
    mixed = (hashed ^ np.uint32(order)) * _MIX
    mixed = (mixed ^ (mixed >> np.uint32(15))) * _MIX
    return (mixed >> np.uint32(32 - bits)).astype(np.int64)


def letters(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Fold the texts to letters and single spaces; return code points (P,) and owners (P,)."""
    padded = [f" {NOISE.sub(' ', text)} ".lower() for text in texts]
    joined = "".join(padded)
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.fromiter((len(text) for text in padded), dtype=np.int64, count=len(padded))
    owner = np.repeat(np.arange(len(padded)), lengths)
    folded = _table()[raw]
    kept = folded != _DROP
    codes, owner = folded[kept], owner[kept]
    if len(codes) < 3:
        return codes, owner
    repeats = np.zeros(len(codes), dtype=bool)
    repeats[1:] = (codes[1:] == codes[:-1]) & (owner[1:] == owner[:-1])
    thrice = repeats.copy()
    thrice[1:] &= repeats[:-1]
    drop = np.where(codes == _SPACE, repeats, thrice)
    return codes[~drop], owner[~drop]


def scripts(codes: NDArray[np.uint32], window: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """The row of `SCRIPTS` that most letters of a window belong to (N,), -1: no letter."""
    arabic = np.bincount(window[(codes >= 0x600) & (codes < 0x780)], minlength=total)
    letters = np.bincount(window[codes != _SPACE], minlength=total)
    script = np.where(2 * arabic >= letters, 0, 1)
    return np.where(letters == 0, -1, script)


@cache
def _table() -> NDArray[np.uint32]:
    """Code point -> folded code point; `_DROP` for marks and joiners, `_SPACE` for the rest."""
    table = np.full(sys.maxunicode + 1, _SPACE, dtype=np.uint32)
    for code in range(0x2FA20):  # the end of the letters that text on the web is written in
        if chr(code).isalpha():
            table[code] = code
    for low, high in ((0x0300, 0x036F), (0x0610, 0x061A), (0x064B, 0x065F), (0x06D6, 0x06ED)):
        table[low : high + 1] = _DROP
    for code in (0x0640, 0x0670, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x27):
        table[code] = _DROP
    for letter, folded in _FOLD.items():
        table[ord(letter)] = ord(folded)
    return table
