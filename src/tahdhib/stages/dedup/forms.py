"""The forms in which documents are compared: folded words, line by line, less the boilerplate."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tahdhib.match.boilerplate import (
    NO_KEY,
    BoilerplateLines,
    LineKeys,
    digest_keys,
    line_digests,
)
from tahdhib.text.fold import Folding, fold_all_lines, match_form

_KEY_BYTES = 16


class Lines(NamedTuple):
    """The lines of many documents end to end: those of document `i` from `starts[i]` on."""

    keys: LineKeys
    sizes: NDArray[np.float64]
    starts: NDArray[np.int64]

    @property
    def owners(self) -> NDArray[np.int64]:
        """Which document each line is of."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def left_without(self, lines: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Characters of each document without `lines`."""
        count = len(self.starts) - 1
        left = np.bincount(self.owners, weights=self.sizes * ~lines, minlength=count)
        return left.astype(np.float64)

    def can_spare(self, lines: NDArray[np.bool_], known: BoilerplateLines) -> NDArray[np.bool_]:
        """Which documents have enough left without `lines` to be compared by that."""
        return known.spares(
            self.left_without(lines), self.left_without(np.zeros(len(lines), np.bool_))
        )


class Forms(NamedTuple):
    """Texts as they are compared: the folded lines of each, end to end (large utf8); and the lines
    of those that have more than one."""

    texts: pa.Array
    lines: Lines


class CutForms(NamedTuple):
    """Forms without boilerplate, and which of them have lost any."""

    texts: pa.Array
    is_cut: NDArray[np.bool_]


def make_forms(
    texts: Sequence[str], sites: Sequence[str], folding: Folding, min_characters: int | None
) -> Forms:
    """Fold texts; without `min_characters` none of their lines counts as possible boilerplate.

    Nor does the line of a text that has only one: it is no frame around anything.
    """
    if min_characters is None:
        forms = [match_form(text, folding) for text in texts]
        return Forms(pa.array(forms, pa.large_string()), no_lines(len(texts)))
    forms, counts = [], []
    lines: list[str] = []
    digests: list[bytes] = []
    all_folded = fold_all_lines(texts, folding)
    for text, site, folded in zip(texts, sites, all_folded, strict=True):
        forms.append(folded or match_form(text, folding))
        several = folded.split("\n") if "\n" in folded else []
        counts.append(len(several))
        if several:
            lines += several
            digests += line_digests(site, folded.encode())
    keys = digest_keys(digests)
    sizes = np.fromiter(map(len, lines), np.float64, len(lines))
    keys[_short_ones(lines, sizes, folding, min_characters)] = NO_KEY
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    return Forms(pa.array(forms, pa.large_string()), Lines(keys, sizes, starts))


def no_lines(documents: int) -> Lines:
    """The lines of so many documents where none is looked at."""
    return Lines(np.empty(0, np.uint64), np.empty(0), np.zeros(documents + 1, np.int64))


def text_keys(texts: pa.Array) -> pa.Array:
    """One key per text (utf8 or large utf8, no nulls), equal where texts are.

    Cryptographic, so that nobody can write a text that makes another one go as its copy.
    """
    raw = texts.cast(pa.large_binary())
    starts = memoryview(raw.buffers()[1]).cast("q")[raw.offset : raw.offset + len(raw) + 1].tolist()
    content = memoryview(raw.buffers()[2] or b"")
    return pa.array(
        [
            hashlib.blake2b(content[start:end], digest_size=_KEY_BYTES).digest()
            for start, end in pairwise(starts)
        ],
        pa.binary(),
    )


def lines_of(forms: pa.Table) -> Lines:
    """The lines in a table of forms."""
    keys, sizes = (forms[name].combine_chunks() for name in ("keys", "sizes"))
    counts = pc.list_value_length(keys).to_numpy()
    return Lines(
        keys.flatten().to_numpy(),
        sizes.flatten().to_numpy().astype(np.float64),
        np.concatenate(([0], np.cumsum(counts, dtype=np.int64))),
    )


def without_boilerplate(forms: pa.Table, known: BoilerplateLines) -> CutForms:
    """Leave the known lines out of documents that can spare them.

    Of one that cannot, and of one that has no other lines, every line counts: left empty, all
    such documents would be the same.
    """
    texts = forms["form"].combine_chunks()
    lines = lines_of(forms)
    is_known = known.holds(lines.keys)
    is_cut = np.zeros(len(texts), np.bool_)
    if is_known.any():
        owners = lines.owners[is_known]
        is_cut[owners] = lines.can_spare(is_known, known)[owners]
    if not is_cut.any():
        return CutForms(_on_one_line(texts), is_cut)
    rows = np.flatnonzero(is_cut)
    cut = []
    for row, said in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
        losses = is_known[lines.starts[row] : lines.starts[row + 1]].tolist()
        pieces = zip(said.split("\n"), losses, strict=True)
        cut.append("\n".join(line for line, is_lost in pieces if not is_lost))
    left = pc.replace_with_mask(texts, pa.array(is_cut), pa.array(cut, pa.large_string()))
    return CutForms(_on_one_line(left), is_cut)


def _on_one_line(texts: pa.Array) -> pa.Array:
    """Texts (large utf8, no nulls) with spaces for ends of lines."""
    _, starts, content = texts.buffers()
    changed = np.frombuffer(content or b"", np.uint8).copy()
    changed[changed == ord("\n")] = ord(" ")
    buffers = [None, starts, pa.py_buffer(changed)]
    return pa.Array.from_buffers(pa.large_string(), len(texts), buffers, offset=texts.offset)


def _short_ones(
    folded: Sequence[str], sizes: NDArray[np.float64], folding: Folding, least: int
) -> list[int]:
    """Which folded lines, of so many characters, have fewer letters and digits than `least`."""
    if not folding.punctuation:
        return [n for n, line in enumerate(folded) if sum(map(str.isalnum, line)) < least]
    # Spaces are all there is beside them, and at most every other character.
    suspects = np.flatnonzero(sizes < 2 * least).tolist()
    return [n for n in suspects if len(folded[n]) - folded[n].count(" ") < least]
