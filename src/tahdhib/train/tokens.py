"""A corpus as tokens: packed once, read through memory maps, borders of documents kept.

    FOLDER/vocabulary-….json    trained on these texts, where none was given
    FOLDER/0123456789abcdef/    named by the hash of tokenizer and source, and so never stale
      tokens-00000.npy          the tokens of a thousand documents, one after the other
      ends-00000.npy            where each of them ends, its end token included
      tokenizer.json card.json  the card is written last

A shard is written whole or not at all, its tokens after its ends. Whoever goes on after a kill
reads the source again, which is cheap, and makes tokens only of what no shard holds.
"""

import hashlib
import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import astuple, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tahdhib.errors import DataError, MissingExtraError
from tahdhib.progress import Progress, Silence
from tahdhib.readers import SourceFile, read_records
from tahdhib.readers.fields import lookup
from tahdhib.readers.record import Fault
from tahdhib.readers.sources import opened
from tahdhib.store.shards import read_json, remove_temporaries, whole, write_json, write_text
from tahdhib.train.control import Control, Kind
from tahdhib.train.split import ALL, Split

if TYPE_CHECKING:
    from tokenizers import Tokenizer

END = "<|end|>"
"""The token after each document, in vocabularies that are trained here."""

SHARD_DOCUMENTS = 1000
_MAX_RECORD_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 20
_NAMED = 3
"""Files that an error names."""
_VERSION = 1

Tokens = npt.NDArray[np.unsignedinteger]


class Text(NamedTuple):
    """A document that is packed: its group, and what its control token says of it."""

    content: str
    group: str
    kind: Kind | None = None


Batch = list[Text]
"""The texts of a shard."""


@dataclass(frozen=True, slots=True)
class Names:
    """The field that holds a text, the field by whose values fertility is told, and the token
    that ends a document."""

    text: str = "text"
    group: str = "language"
    end: str = END


@dataclass(frozen=True, slots=True)
class Texts:
    """A corpus before it is packed: its files, the fields that are read, which documents of it
    are held out and so not packed, and by what control tokens go."""

    sources: Sequence[SourceFile]
    names: Names = Names()
    split: Split = ALL
    control: Control | None = None

    def key(self) -> str:
        """The hash of all that the bytes depend on which are made of it: contents, not places.
        Every source is read for it, so ask once."""
        control = astuple(self.control) if self.control else ()
        settings = [*astuple(self.names), *astuple(self.split), *control]
        hashes = [_hash(source) for source in self.sources]
        return _digest([_VERSION, SHARD_DOCUMENTS, *settings, *hashes])


class HeldOut(NamedTuple):
    """A document that is kept from training."""

    hash: str
    group: str
    text: str


@dataclass(frozen=True, slots=True)
class Fertility:
    """How many tokens a vocabulary needs for a group of documents; end tokens do not count."""

    documents: int
    words: int
    bytes: int
    tokens: int

    @property
    def tokens_per_word(self) -> float:
        """Tokens for each stretch between spaces."""
        return self.tokens / max(1, self.words)

    @property
    def bytes_per_token(self) -> float:
        """Bytes of UTF-8 for each token."""
        return self.bytes / max(1, self.tokens)


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed: records read = documents + dropped by reason. `control` are documents by
    what their control tokens say."""

    folder: Path
    read: int
    documents: int
    dropped: dict[str, int]
    fertility: dict[str, Fertility]
    control: dict[str, int]


def train_tokenizer(texts: Iterable[str], size: int) -> "Tokenizer":
    """A byte-level BPE of at most `size` tokens, which spells every text without an unknown one.

    Raises:
        DataError: there is no text, or `size` is less than the 256 bytes and the end token.
    """
    _require()
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    if size < 257:
        raise DataError(f"a vocabulary of {size} tokens: the bytes and the end token need 257.")
    waiting = iter(texts)
    first = next((text for text in waiting if text.strip()), None)
    if first is None:
        raise DataError("no text to train a vocabulary on. Name files that hold some.")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_and(first, waiting), trainer)
    return tokenizer


def vocabulary_of(corpora: Sequence[Texts], size: int, folder: Path) -> "Tokenizer":
    """The vocabulary that `train_tokenizer` makes of the texts of `corpora`: trained once, and then
    read from `folder`, under the hash of what it was made of.

    Raises:
        DataError: as `train_tokenizer`.
    """
    key = _digest([f"bpe {size}", *(corpus.key() for corpus in corpora)])
    file = folder / f"vocabulary-{key[:16]}.json"
    if not file.exists():
        texts = chain.from_iterable(texts_of(corpus) for corpus in corpora)
        if (first := next((text for text in texts if text.strip()), None)) is None:
            raise DataError(_no_text(corpora))
        write_text(file, train_tokenizer(_and(first, texts), size).to_str())
    return open_tokenizer(file)


def _no_text(corpora: Sequence[Texts]) -> str:
    named = sorted(source.path for corpus in corpora for source in corpus.sources)
    more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
    paths = ", ".join(named[:_NAMED]) + more
    fields = ", ".join(sorted({repr(corpus.names.text) for corpus in corpora}))
    shares = ", ".join(sorted({f"{corpus.split.share:.0%}" for corpus in corpora}))
    return (
        f"{paths}: no text to train a vocabulary on; read were the fields {fields}, with {shares} "
        "of the documents held out. Name files and fields that hold some, or hold out less."
    )


def open_tokenizer(path: Path) -> "Tokenizer":
    """The tokenizer of a `tokenizer.json`, or of a model's folder that holds one.

    Raises:
        DataError: there is none, or it cannot be read.
    """
    _require()
    from tokenizers import Tokenizer

    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise DataError(f"{file}: no such file. Name a tokenizer.json or a model's folder.")
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the package raises nothing narrower
        raise DataError(f"{file}: not a tokenizer ({error}). Save it again.") from error


def pack(
    corpus: Texts, tokenizer: "Tokenizer", folder: Path, *, progress: Progress | None = None
) -> Packed:
    """Pack a corpus into a folder in `folder`, or go on where it stopped.

    The bytes depend neither on how many threads make the tokens nor on where the sources lie.

    Raises:
        DataError: the vocabulary lacks the token `end` or a control token, or no record holds text.
    """
    sources, names = corpus.sources, corpus.names
    tokenizer = type(tokenizer).from_str(tokenizer.to_str())  # the caller's stays as it is
    end_id = tokenizer.token_to_id(names.end)
    if end_id is None:
        raise DataError(
            f"the vocabulary has no token {names.end!r} to end documents with. Name one it has."
        )
    leads = corpus.control.leads(tokenizer) if corpus.control else {}
    tokenizer.encode_special_tokens = True  # text that spells the end token does not become one
    tokenizer.no_truncation()
    tokenizer.no_padding()
    described = tokenizer.to_str()
    corpus_key = corpus.key()
    key = _digest([corpus_key, described])
    place = folder / key[:16]
    if (place / "card.json").exists():
        return read_packed(place)
    place.mkdir(parents=True, exist_ok=True)
    remove_temporaries(place)
    width = np.uint16 if tokenizer.get_vocab_size() <= 1 << 16 else np.uint32
    counts: Counter[str] = Counter()
    groups: dict[str, Counter[str]] = {}
    kinds: Counter[str] = Counter()
    with (progress or Silence()).task("tokens", sum(s.size for s in sources), "bytes") as task:
        documents = _packable(corpus, counts, task.advance)

        def made(number: int, some: Batch) -> list[int]:
            """Tokens of each document of a shard, which is written where it is missing."""
            target = place / f"tokens-{number:05}.npy"
            if not target.exists():
                contents = [one.content for one in some]
                encoded = tokenizer.encode_batch_fast(contents, add_special_tokens=False)
                rows = [one.ids for one in encoded]
                if leads:
                    rows = [[*_lead(leads, t), *ids] for t, ids in zip(some, rows, strict=True)]
                _write(target, rows, end_id, width)
            lengths: list[int] = (np.diff(np.load(_ends(target)), prepend=0) - 1).tolist()
            return lengths

        for some, lengths in _beside(made, _batches(documents)):
            kinds.update(text.kind for text in some if text.kind)
            for text, length in zip(some, lengths, strict=True):
                groups.setdefault(text.group, Counter()).update(
                    documents=1,
                    words=len(text.content.split()),
                    bytes=len(text.content.encode("utf-8")),
                    tokens=length - len(_lead(leads, text)),
                )
    read = counts.pop("read", 0)
    if not groups and counts["held_out"]:
        raise DataError(
            f"{', '.join(s.path for s in sources)}: all {counts['held_out']:,} documents are held "
            "out and none is left to train on. Hold out a smaller share."
        )
    if not groups:
        raise DataError(
            f"{', '.join(s.path for s in sources)}: none of {read:,} records holds text in the "
            f"field {names.text!r}. Name the right field."
        )
    write_text(place / "tokenizer.json", described)
    write_json(
        place / "card.json",
        {
            "control": kinds,
            "corpus": corpus_key,
            "documents": sum(found["documents"] for found in groups.values()),
            "dropped": dict(counts),
            "end": names.end,
            "fertility": groups,
            "key": key,
            "read": read,
            "vocabulary": tokenizer.get_vocab_size(),
        },
    )
    return read_packed(place)


def texts_of(corpus: Texts) -> Iterator[str]:
    """The texts that `pack` would pack."""
    return (text.content for text in _packable(corpus, Counter(), lambda _bytes: None))


def held_out_of(corpus: Texts) -> Iterator[HeldOut]:
    """The documents that `pack` leaves out because they are held out."""
    for content, text in _documents(corpus, Counter(), lambda _bytes: None):
        document_hash = corpus.split.hash_of(content, text)
        if corpus.split.holds_out(document_hash):
            yield HeldOut(document_hash, _group(content, corpus.names), text)


class TokenCorpus:
    """A packed corpus, open for reading: windows of tokens through memory maps."""

    def __init__(self, folder: Path, context: int) -> None:
        """Open `folder`; its windows hold `context` tokens each.

        Raises:
            DataError: it was not packed to the end, or holds less than one window.
        """
        if not (folder / "card.json").is_file():
            raise DataError(f"{folder}: no corpus that is packed to the end. Pack it first.")
        paths = sorted(folder.glob("tokens-*.npy"))
        self._shards = [np.load(path, mmap_mode="r") for path in paths]
        self._ends = [np.load(_ends(path), mmap_mode="r") for path in paths]
        self._starts = np.cumsum([0, *(len(shard) for shard in self._shards)])
        self.context = context
        self.vocabulary = int(read_json(folder / "card.json")["vocabulary"])
        if not len(self):
            raise DataError(
                f"{folder}: {self.tokens:,} tokens, less than one window of {context:,}. "
                "Take a smaller context or a larger corpus."
            )

    @property
    def tokens(self) -> int:
        """Tokens in all, end tokens included."""
        return int(self._starts[-1])

    @property
    def longer(self) -> int:
        """Documents that do not fit into a window."""
        lengths = (np.diff(ends, prepend=0) for ends in self._ends)
        return sum(int((some > self.context).sum()) for some in lengths)

    def __len__(self) -> int:
        """Windows; the tokens after the last whole one are not read."""
        return self.tokens // self.context

    def window(self, number: int) -> tuple[Tokens, npt.NDArray[np.int64]]:
        """The tokens of window `number`, and for each the number of its document, from 0 up.

        Both have shape (context,). A document longer than a window goes on in the next. Whoever
        masks documents lets a token see only those of its own number.

        Raises:
            IndexError: there is no such window.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"window {number} of {len(self)}")
        start, stop = number * self.context, (number + 1) * self.context
        tokens: list[Tokens] = []
        borders: list[npt.NDArray[np.int64]] = []
        first = int(np.searchsorted(self._starts, start, side="right")) - 1
        for shard in range(first, len(self._shards)):
            offset = int(self._starts[shard])
            if offset >= stop:
                break
            low, high = max(0, start - offset), stop - offset
            tokens.append(self._shards[shard][low:high])
            ends = self._ends[shard]
            inside = np.searchsorted(ends, [low, high - 1], side="right")
            borders.append(ends[inside[0] : inside[1]] + offset - start)
        numbers = np.searchsorted(np.concatenate(borders), np.arange(self.context), side="right")
        return np.concatenate(tokens), numbers


def _require() -> None:
    try:
        import tokenizers  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("making tokens", "train") from error


def _and(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _packable(
    corpus: Texts, counts: Counter[str], on_bytes: Callable[[int], None]
) -> Iterator[Text]:
    """Each text that is not held out; `counts` hears of the rest."""
    split, control = corpus.split, corpus.control
    for content, text in _documents(corpus, counts, on_bytes):
        if split.share and split.holds_out(split.hash_of(content, text)):
            counts["held_out"] += 1
        elif control is None:
            yield Text(text, _group(content, corpus.names))
        else:
            score = _value(content, control.field)
            kind = control.kind_of(score, split.hash_of(content, text))
            yield Text(text, _group(content, corpus.names), kind)


def _documents(
    corpus: Texts, counts: Counter[str], on_bytes: Callable[[int], None]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each record that holds a text, with it, in the order of the sources."""
    names = corpus.names
    score = (corpus.control.field,) if corpus.control else ()
    for source in corpus.sources:
        for record in read_records(
            source,
            max_record_bytes=_MAX_RECORD_BYTES,
            on_bytes=on_bytes,
            fields=(names.text, names.group, corpus.split.id, *score),
        ):
            counts["read"] += 1
            if isinstance(record.content, Fault):
                counts[record.content.reason] += 1
                continue
            found = lookup(record.content, names.text)
            if not isinstance(found, str) or not found.strip():
                counts["no_text"] += 1
            elif not _is_unicode(found):
                counts["invalid_unicode"] += 1
            else:
                yield record.content, found


def _is_unicode(text: str) -> bool:
    """Whether UTF-8 can spell it: JSON can hold half of a pair, which it cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _group(content: Mapping[str, Any], names: Names) -> str:
    found = _value(content, names.group)
    return found if isinstance(found, str) else "unknown"


def _value(content: Mapping[str, Any], name: str) -> object:
    """What a field holds, nested ones of a run's metadata too."""
    field, _, inner = name.partition(".")
    if inner and isinstance(packed := content.get(field), str):  # a run's shards hold JSON there
        with suppress(ValueError):
            return lookup({field: json.loads(packed)}, name)
    return lookup(content, name)


def _lead(leads: Mapping[Kind, int], text: Text) -> list[int]:
    """The control token that a document begins with, if any."""
    return [leads[text.kind]] if text.kind and text.kind in leads else []


def _batches(documents: Iterator[Text]) -> Iterator[Batch]:
    while some := list(islice(documents, SHARD_DOCUMENTS)):
        yield some


def _beside(
    made: Callable[[int, Batch], list[int]], batches: Iterator[Batch]
) -> Iterator[tuple[Batch, list[int]]]:
    """Each batch with what is made of it; the next one is read meanwhile."""
    with ThreadPoolExecutor(1) as maker:
        waiting: deque[tuple[Batch, Future[list[int]]]] = deque()
        for number, some in enumerate(batches):
            waiting.append((some, maker.submit(made, number, some)))
            if len(waiting) > 1:
                before, at_work = waiting.popleft()
                yield before, at_work.result()
        for before, at_work in waiting:
            yield before, at_work.result()


def _write(target: Path, documents: Sequence[Sequence[int]], end: int, width: type) -> None:
    lengths = np.array([len(document) + 1 for document in documents], dtype=np.int64)
    tokens: Tokens = np.fromiter(
        chain.from_iterable(part for document in documents for part in (document, (end,))),
        dtype=width,
        count=int(lengths.sum()),
    )
    for path, array in ((_ends(target), np.cumsum(lengths)), (target, tokens)):
        with whole(path) as temporary, temporary.open("wb") as handle:
            np.save(handle, array)


def _ends(tokens: Path) -> Path:
    return tokens.with_name(tokens.name.replace("tokens-", "ends-"))


def _digest(seen: list[object]) -> str:
    return hashlib.blake2b(json.dumps(seen).encode("utf-8"), digest_size=16).hexdigest()


def _hash(source: SourceFile) -> str:
    digest = hashlib.blake2b(f"{source.format} {source.packing} ".encode(), digest_size=16)
    with opened(source) as handle:
        while chunk := handle.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def read_packed(place: Path) -> Packed:
    """What `pack` packed into the folder `place`."""
    card = read_json(place / "card.json")
    fertility = {name: Fertility(**found) for name, found in sorted(card["fertility"].items())}
    control = card.get("control", {})
    return Packed(place, card["read"], card["documents"], card["dropped"], fertility, control)
