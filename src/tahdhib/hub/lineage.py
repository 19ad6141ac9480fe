"""What a trained model was made of, from its folder: each training back to the first, and the
sources of each with the hashes and licences that lie beside them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from tahdhib.config.pretrain import Pretrain
from tahdhib.errors import DataError
from tahdhib.readers import SourceFile, find_sources
from tahdhib.readers.remote import is_remote
from tahdhib.stages.worker.origin import LICENCES, UNKNOWN
from tahdhib.store.ledger import count_values
from tahdhib.store.shards import read_json
from tahdhib.train.base_model import base_of
from tahdhib.train.folder import hash_of
from tahdhib.train.pretrain import corpus_of

RECORDS = {"tune": "tune.json", "pretrain": "pretrain.json"}
"""The record that a verb writes last into its folder."""

_CARD_ABOVE = 3
"""Folders above a corpus' files in which its card is looked for."""
_NOT_TOLD = ("", "other", UNKNOWN)
"""What a card says that leaves the licence to the rows."""
_HASHES = ("conduct_hash", "worker_hash")

Kind = Literal["corpus", "conversations", "base model"]
Counts = Mapping[str, int]


class Source(NamedTuple):
    """Something that a model was made of. `link` is its name in the chain; `licence` is what the
    card beside it states, or its rows (`by`), `languages` what the card does; `conducts` and
    `workers` are hashes in its rows, with how many rows each has; `remark` is what could not be
    seen."""

    link: str
    kind: Kind
    name: str
    hash: str
    licence: str = ""
    languages: tuple[str, ...] = ()
    conducts: Counts = MappingProxyType({})
    workers: Counts = MappingProxyType({})
    remark: str = ""
    by: str = "its card"


class Training(NamedTuple):
    """A training: the verb, its record, and its sources."""

    verb: str
    record: Mapping[str, Any]
    sources: Sequence[Source]


def lineage(folder: Path) -> list[Training]:
    """The trainings behind the model in `folder`, the last one first.

    Raises:
        DataError: no training was finished in it, or its weights are others than its record says.
    """
    return list(_lineage(folder, ""))


def _lineage(folder: Path, prefix: str) -> Iterator[Training]:
    verb, record = _record(folder)
    recipe = record["recipe"]
    if verb == "pretrain":
        sources = list(_corpora(folder, record, prefix))
    else:
        sources = [_conversations(record, prefix)]
    before = recipe["model"]["path"]
    is_ours = before is not None and _is_as_it_was(Path(before), record)
    if before is not None and not is_ours:
        sources.append(_base(before, record, prefix))
    yield Training(verb, record, sources)
    if is_ours:
        yield from _lineage(Path(before), f"{prefix}base.")


def _record(folder: Path) -> tuple[str, dict[str, Any]]:
    verb = next((verb for verb, name in RECORDS.items() if (folder / name).is_file()), None)
    if verb is None:
        raise DataError(
            f"{folder}: holds no model that was trained to the end; looked for "
            f"{' and '.join(RECORDS.values())}. Name a folder of `tahdhib pretrain` or `tahdhib "
            "tune`."
        )
    file = folder / RECORDS[verb]
    try:
        record: dict[str, Any] = read_json(file)
        _ = record["recipe"]["model"]["path"], record["weights"].items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{file}: is not the record that `tahdhib {verb}` writes ({error!r}). Train again, or "
            "put it back."
        ) from error
    for name, expected in record["weights"].items():
        if not (folder / name).is_file() or hash_of(folder / name) != expected:
            raise DataError(
                f"{folder / name}: is not the file that {RECORDS[verb]} tells of. Train again, or "
                "put the weights back."
            )
    return verb, record


def _is_as_it_was(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether `folder` holds the model of a training, and its weights are those that were begun
    with."""
    has_record = any((folder / name).is_file() for name in RECORDS.values())
    base = record.get("base")
    return has_record and base is not None and base_of(str(folder), "").revision == base["revision"]


def _base(path: str, record: Mapping[str, Any], prefix: str) -> Source:
    """A base model that was not trained here, or is not what it was."""
    base = record.get("base") or {"name": Path(path).name, "revision": ""}
    card = _front_matter(Path(path) / "README.md")
    remark = ""
    if Path(path).is_absolute():
        is_same = base["revision"] and base_of(path, "").revision == base["revision"]
        remark = "" if is_same else "it lies no longer where it was, or is another"
        card = card if is_same else {}
    return Source(
        f"{prefix}base",
        "base model",
        base["name"],
        base["revision"],
        _text(card.get("license")),
        _languages(card),
        remark=remark,
    )


def _conversations(record: Mapping[str, Any], prefix: str) -> Source:
    cards = _cards(_files(record["recipe"]["data"]["paths"]))
    return Source(
        f"{prefix}data",
        "conversations",
        _names(cards),
        record["data"]["hash"],
        _licences(cards),
        tuple(sorted({code for card in cards for code in _languages(card)})),
        remark="its files may have changed since" if cards else "",
    )


def _corpora(folder: Path, record: Mapping[str, Any], prefix: str) -> Iterator[Source]:
    recipe = Pretrain.model_validate(record["recipe"])
    end = _text(read_json(folder / "tokenizer_config.json").get("eos_token"))
    for name, about in record["corpora"].items():
        files = _files(recipe.corpora[name].paths)
        is_same = bool(files) and corpus_of(recipe, name, end).key() == about["hash"]
        if not is_same:
            remark = "its files lie no longer where they were, or are others"
            yield Source(prefix + name, "corpus", "", about["hash"], remark=remark)
            continue
        cards = _cards(files)
        conducts, workers = (_values(files, column) for column in _HASHES)
        licence, by = _licences(cards), "its card"
        if licence in _NOT_TOLD and (rows := _licences_of_rows(files)):
            licence, by = rows, "its rows"
        yield Source(
            prefix + name,
            "corpus",
            _names(cards),
            about["hash"],
            licence,
            tuple(sorted({code for card in cards for code in _languages(card)})),
            conducts,
            workers,
            by=by,
        )


def _files(paths: Sequence[str]) -> list[SourceFile]:
    try:
        return find_sources(paths)
    except DataError:
        return []


def _values(files: Sequence[SourceFile], column: str) -> Counts:
    """How many rows have which value of a column that only corpora of ours have."""
    found: Counter[str] = Counter()
    for file in files:
        if file.format == "parquet" and not is_remote(file.path):
            path = Path(file.path)
            if column in pq.read_schema(path).names:
                found.update(count_values([path], column))
    return dict(sorted(found.items()))


def _licences_of_rows(files: Sequence[SourceFile]) -> str:
    """The licences that the metadata of all documents state, in shards of ours."""
    found: set[str] = set()
    for file in files:
        if file.format != "parquet" or is_remote(file.path):
            return ""
        shard = pq.ParquetFile(file.path)
        fields = shard.schema_arrow
        if "metadata" not in fields.names or fields.field("metadata").type != pa.string():
            return ""
        for batch in shard.iter_batches(columns=["metadata"]):
            for text in batch.column(0).to_pylist():
                found.add(_stated(text or ""))
    return " AND ".join(sorted(found))


def _stated(metadata: str) -> str:
    try:
        found = json.loads(metadata)
        return next((str(found[name]) for name in LICENCES if found.get(name)), UNKNOWN)
    except (ValueError, AttributeError):
        return UNKNOWN


def _cards(files: Sequence[SourceFile]) -> list[dict[str, Any]]:
    """The front matter of the cards beside files, or in a folder above; of each card once."""
    found: dict[Path, dict[str, Any]] = {}
    for file in files:
        if is_remote(file.path):
            return []
        for folder in list(Path(file.path).absolute().parents)[:_CARD_ABOVE]:
            if card := _front_matter(folder / "README.md"):
                found[folder] = card
                break
        else:
            return []  # of some files nothing is known
    return list(found.values())


def _front_matter(path: Path) -> dict[str, Any]:
    """What stands before a card's text, for hubs; nothing where there is no such card."""
    try:
        _, front, _ = path.read_text(encoding="utf-8").split("---\n", 2)
        found = yaml.safe_load(front)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


def _licences(cards: Sequence[Mapping[str, Any]]) -> str:
    stated = {_text(card.get("license")) for card in cards}
    return "" if "" in stated else " AND ".join(sorted(stated))


def _names(cards: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sorted({_text(card.get("pretty_name")) for card in cards} - {""}))


def _languages(card: Mapping[str, Any]) -> tuple[str, ...]:
    found = card.get("language") or ()
    return (found,) if isinstance(found, str) else tuple(map(str, found))


def _text(value: object) -> str:
    """A setting that may be written as an object with the text in it."""
    return str(value.get("content", "")) if isinstance(value, dict) else str(value or "")
