"""The built-in language model: which words follow each other, and how a new word is spelled.

    P(word | before) = P_words(word | before)                      where the vocabulary has it
                     = P_words(unknown | before) * P_letters(word)  where it has not

Both are Kneser-Ney models (`kneser`). The vocabulary are the words that stand in the reference at
least twice; the others are its `unknown` words. The letters' model learns from every different
word of the reference once, since new words resemble rare ones. So every text has a probability,
and bits of texts in any spelling can be compared.

A file is a numpy archive of plain arrays: nothing in it is ever run.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.score.fluency import kneser
from tahdhib.score.fluency.words import Tokens, inner_places, spelled, tokens, with_borders

UNKNOWN = 1
"""Number of every word outside the vocabulary; 0 is the border of a line."""
LETTER_ORDER = 6
MAX_WORDS = 20_000_000
"""So many words of a reference are read: some 2.5 GB of memory, half a minute."""
MIN_COUNT = 2
"""Words that stand in the reference less often are its unknown ones."""
_LETTERS_BASE = 1 / (0x110000 + 1)
_TEXTS_AT_ONCE = 2000
_FORMAT = "tahdhib-fluency-1"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model was made of. `sha256` is of the texts, in their order."""

    reference: tuple[str, ...]
    documents: int
    words: int
    characters: int
    order: int
    keep: tuple[int, ...]
    sha256: str


class LanguageModel(NamedTuple):
    """A trained model: the vocabulary, whose first word has the number 2, and both parts."""

    vocabulary: tuple[str, ...]
    words: kneser.Model
    letters: kneser.Model
    origin: Origin


def train(
    texts: Iterable[str],
    *,
    reference: tuple[str, ...],
    order: int = 3,
    keep: tuple[int, ...] = (1, 1, 2),
    max_words: int = MAX_WORDS,
) -> LanguageModel:
    """Train on reference texts, in memory for at most `max_words` of their words.

    Args:
        texts: the reference; reading stops where it has given enough words.
        reference: names of its files, for the card.
        order: longest run of words that is learned.
        keep: least count of the runs of each length that stay in the model; the last stands for
            longer runs too.
        max_words: how many words are read, to the end of a batch of texts.

    Raises:
        DataError: the reference has no words.
    """
    numbers: dict[str, int] = {}
    chunks: list[NDArray[np.int32]] = []
    total = documents = characters = 0
    digest = hashlib.sha256()
    for batch in _batches(texts):
        found = tokens(batch)
        drafts = [numbers.setdefault(word, len(numbers) + 1) for word in found.words]
        chunk = with_borders(np.array(drafts, dtype=np.int64), found.lines)
        chunks.append(chunk[1:].astype(np.int32))
        documents += len(batch)
        characters += sum(map(len, batch))
        total += len(drafts)
        for text in batch:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        if total >= max_words:
            break
    if total == 0:
        raise DataError(
            f"{', '.join(reference)}: no words to learn from; expected reference text in the "
            "language that is to be scored. Name other files, or the right field of them."
        )
    draft = np.concatenate([np.zeros(1, dtype=np.int32), *chunks])
    vocabulary, ids = _vocabulary(numbers, draft)
    by_order = [keep[min(length, len(keep)) - 1] for length in range(1, order + 1)]
    words = kneser.count(ids, order=order, base=1 / (len(vocabulary) + 2), keep=by_order)
    codes, borders = spelled(sorted(numbers))
    letters = kneser.count(
        with_borders(codes, borders),
        order=LETTER_ORDER,
        base=_LETTERS_BASE,
        keep=[1] * LETTER_ORDER,
    )
    origin = Origin(
        reference, documents, total, characters, order, tuple(by_order), digest.hexdigest()
    )
    return LanguageModel(vocabulary, words, letters, origin)


class Reading(NamedTuple):
    """Of each word (T,): its bits after those before it in its line, how many bits those before
    it save, and whether the vocabulary lacks it."""

    bits: NDArray[np.float64]
    gain: NDArray[np.float64]
    is_unknown: NDArray[np.bool_]


class Reader:
    """A model made ready to read texts."""

    def __init__(self, model: LanguageModel) -> None:
        self._numbers = {word: number for number, word in enumerate(model.vocabulary, start=2)}
        self._words = kneser.opened(model.words)
        self._letters = kneser.opened(model.letters)

    def read(self, found: Tokens) -> Reading:
        """What each of T words tells; the last of a line carries the bits of the line's end."""
        numbers = self._numbers
        ids = np.fromiter(
            (numbers.get(word, UNKNOWN) for word in found.words),
            dtype=np.int64,
            count=len(found.words),
        )
        every, lowest = kneser.surprise(with_borders(ids, found.lines), self._words)
        places = inner_places(found.lines)
        bits = every[places]
        gain = lowest[places] - bits
        ends = found.lines[1:] - 1
        bits[ends] += every[places[ends] + 1]
        is_unknown = ids == UNKNOWN
        where = np.flatnonzero(is_unknown)
        if len(where):
            strange = [found.words[place] for place in where]
            once = {word: number for number, word in enumerate(dict.fromkeys(strange))}
            spelling = self._spelling(list(once))
            bits[where] += spelling[[once[word] for word in strange]]
        return Reading(bits, gain, is_unknown)

    def _spelling(self, words: list[str]) -> NDArray[np.float64]:
        letters, borders = spelled(words)
        every = kneser.bits(with_borders(letters, borders), self._letters)
        owner = np.repeat(np.arange(len(words)), np.diff(borders) + 1)
        totals = np.bincount(owner, weights=every[1:], minlength=len(words))
        return np.asarray(totals, dtype=np.float64)


def save(model: LanguageModel, path: Path) -> None:
    """Write a model as one compressed archive of arrays; equal models are equal files."""
    arrays: dict[str, NDArray[np.generic]] = {
        "format": _text(_FORMAT),
        "origin": _text(json.dumps(asdict(model.origin), ensure_ascii=False)),
        "vocabulary": _text("\n".join(model.vocabulary)),
        "bases": np.array([model.words.base, model.letters.base]),
    }
    for name, part in (("words", model.words), ("letters", model.letters)):
        for length, order in enumerate(part.orders, start=1):
            for kind, table in (("grams", order.grams), ("contexts", order.contexts)):
                for field, array in table._asdict().items():
                    arrays[f"{name}/{length}/{kind}/{field}"] = array
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    with draft.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
    draft.replace(path)


def load(path: Path) -> LanguageModel:
    """Read a model back.

    Raises:
        DataError: the file is absent, or none that `save` wrote.
    """
    try:
        with np.load(path, allow_pickle=False) as stream:
            arrays = {name: stream[name] for name in stream.files}
        if _string(arrays["format"]) != _FORMAT:
            raise ValueError(f"format {_string(arrays['format'])!r}")
        raw = json.loads(_string(arrays["origin"]))
        listed = {name: tuple(raw[name]) for name in ("reference", "keep")}
        bases = arrays["bases"].tolist()
        joined = _string(arrays["vocabulary"])
        return LanguageModel(
            tuple(joined.split("\n")) if joined else (),
            kneser.Model(_orders(arrays, "words"), float(bases[0])),
            kneser.Model(_orders(arrays, "letters"), float(bases[1])),
            Origin(**{**raw, **listed}),
        )
    except FileNotFoundError as error:
        raise DataError(
            f"{path}: no such file; expected a fluency model. Make one: "
            f"tahdhib score fluency --reference PATH --out {path}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError) as error:
        raise _no_model(path, error) from error
    except zipfile.BadZipFile as error:
        raise _no_model(path, error) from error


def _no_model(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path}: is no fluency model ({' '.join(str(error).split())[:120]}); expected a file that "
        "`tahdhib score fluency --reference PATH --out FILE` wrote. Make it anew."
    )


def _orders(arrays: dict[str, NDArray[np.generic]], name: str) -> tuple[kneser.Order, ...]:
    found: list[kneser.Order] = []
    while f"{name}/{len(found) + 1}/grams/sizes" in arrays:
        place = f"{name}/{len(found) + 1}"
        found.append(
            kneser.Order(_table(arrays, f"{place}/grams"), _table(arrays, f"{place}/contexts"))
        )
    if not found:
        raise ValueError(f"no orders of {name}")
    return tuple(found)


def _table(arrays: dict[str, NDArray[np.generic]], place: str) -> kneser.Table:
    return kneser.Table(
        arrays[f"{place}/sizes"].astype(np.uint8),
        arrays[f"{place}/remainders"].astype(np.uint32),
        arrays[f"{place}/logarithms"].astype(np.float16),
    )


def _vocabulary(
    numbers: dict[str, int], draft: NDArray[np.int32]
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The vocabulary by falling count, then by word, and the reference in its numbers."""
    counts = np.bincount(draft, minlength=len(numbers) + 1)
    frequent = {
        word: int(counts[number]) for word, number in numbers.items() if counts[number] >= MIN_COUNT
    }
    vocabulary = tuple(sorted(frequent, key=lambda word: (-frequent[word], word)))
    final = np.full(len(numbers) + 1, UNKNOWN, dtype=np.int64)
    final[0] = 0
    for number, word in enumerate(vocabulary, start=2):
        final[numbers[word]] = number
    return vocabulary, final[draft]


def _batches(texts: Iterable[str]) -> Iterable[list[str]]:
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == _TEXTS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _string(array: NDArray[np.generic]) -> str:
    return array.tobytes().decode("utf-8", "surrogatepass")
