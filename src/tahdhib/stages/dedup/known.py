"""Documents of other corpora that must not come again: earlier runs, and files of any kind."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.config import Recipe
from tahdhib.config.recipe import Ingest
from tahdhib.errors import DataError
from tahdhib.readers import Fault, SourceFile, find_sources, read_records
from tahdhib.stages.contract import Workplace, over_buckets, tick
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import metadata_json, read_json, write_json, write_rows
from tahdhib.text.encoding import repair

_OVERHEAD = 4
"""A record may be so many times longer than the longest text: escapes, markup, other fields."""

_PIECE_CHARACTERS = 64_000_000
"""Text in one shard: what bounds the memory of working on it."""

Row = dict[str, Any]


class KnownShard(NamedTuple):
    """A shard of documents, and the name of the run or file that they are from."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Known:
    """What a recipe's `dedup.against` names: shards of earlier runs, and files to be read."""

    shards: tuple[KnownShard, ...]
    files: tuple[SourceFile, ...]

    @property
    def paths(self) -> list[str]:
        """Everything that is read."""
        return [*(str(shard.path) for shard in self.shards), *(file.path for file in self.files)]


def find_known(recipe: Recipe) -> Known:
    """Find what `dedup.against` names.

    Of an earlier run the documents count that its own dedup has left: their text is as it was
    read, before any cleaning or rewriting.

    Raises:
        DataError: nothing lies there, or a run whose dedup is not finished.
    """
    runs = [entry for entry in recipe.dedup.against if RunFolder(Path(entry)).manifest.exists()]
    files = [entry for entry in recipe.dedup.against if entry not in runs]
    shards = sorted({shard for entry in runs for shard in _shards(Path(entry))})
    return Known(tuple(shards), tuple(find_sources(files, "dedup.against")))


def _shards(folder: Path) -> list[KnownShard]:
    dedup = RunFolder(folder).stage("dedup")
    if not dedup.is_finished():
        raise DataError(
            f"dedup.against: {folder}: the dedup of this run is not finished, so its documents "
            f"are not known. Finish it: tahdhib dedup -c {folder / 'recipe.yaml'} --out {folder}"
        )
    return [KnownShard(folder.name, shard) for shard in dedup.shards("documents")]


class Collected(NamedTuple):
    """Everything known, as shards, and how many records of files were no documents."""

    shards: tuple[KnownShard, ...]
    faults: int


def collect_known(place: Workplace) -> Collected:
    """Lay the documents of files down as shards, beside those that lie in shards already."""
    found = find_known(place.recipe)
    over_buckets(
        place,
        partial(_collect_file, place.here, place.recipe, found.files),
        [index for index in range(len(found.files)) if not _done(place.here, index).exists()],
        label="dedup: known",
        total=sum(source.size for source in found.files),
        unit="bytes",
    )
    shards, faults = list(found.shards), 0
    for index, source in enumerate(found.files):
        done = read_json(_done(place.here, index))
        faults += done["faults"]
        table = _table(index)
        name = Path(source.path).name
        shards += [KnownShard(name, place.here.shard(table, n)) for n in range(done["pieces"])]
    return Collected(tuple(shards), faults)


def _collect_file(
    here: StageFolder, recipe: Recipe, files: tuple[SourceFile, ...], index: int
) -> int:
    """Read file `index` into its pieces; what is written last says how many there are."""
    boilerplate = recipe.dedup.boilerplate
    reading = KnownFile(files[index], recipe.ingest, boilerplate.site if boilerplate else None)
    number = 0
    for number, piece in enumerate(pieces(reading.rows(tick), _PIECE_CHARACTERS), 1):
        write_rows(here.shard(_table(index), number - 1), piece, DOCUMENTS)
    if not number:
        raise DataError(
            f"dedup.against: {files[index].path}: none of {reading.faults:,} records holds text in "
            f"the field {recipe.ingest.text!r} (ingest.text). Name files with the same fields as "
            "the corpus."
        )
    write_json(_done(here, index), {"pieces": number, "faults": reading.faults})
    return 0


def _table(index: int) -> str:
    return f"known/{index:05d}"


def _done(here: StageFolder, index: int) -> Path:
    return here.file(_table(index)) / "done.json"


class KnownFile:
    """A file that is read into rows of DOCUMENTS; `faults` counts records that are none."""

    def __init__(self, source: SourceFile, settings: Ingest, site: str | None) -> None:
        self.faults = 0
        self._source, self._settings, self._site = source, settings, site

    def rows(self, on_bytes: Callable[[int], None]) -> Iterator[Row]:
        """Yield the documents; one without an id is told by its place in the file."""
        settings = self._settings
        records = read_records(
            self._source,
            max_record_bytes=settings.max_document_bytes * _OVERHEAD,
            on_bytes=on_bytes,
            fields=[name for name in (settings.text, settings.id, self._site) if name],
        )
        for place, content, _ in records:
            raw = None if isinstance(content, Fault) else _value(content, settings.text)
            text = repair(raw) if isinstance(raw, str) else ""
            if isinstance(content, Fault) or not text.strip():
                self.faults += 1
                continue
            said = _value(content, settings.id) if settings.id else None
            identity = repair(str(said)).strip() if isinstance(said, str | int) else ""
            site = {self._site: _value(content, self._site)} if self._site else {}
            yield {
                "id": identity or str(place),
                "text": text,
                "metadata": metadata_json(site).encode("utf-8", "ignore").decode(),
            }


def _value(record: Mapping[str, Any], name: str) -> Any:
    """The value of a field: a key as it stands, else a dotted way into nested ones, else None."""
    if name in record:
        return record[name]
    head, dot, rest = name.partition(".")
    inner = record.get(head) if dot else None
    return _value(inner, rest) if isinstance(inner, Mapping) else None


def pieces(rows: Iterable[Row], characters: int) -> Iterator[list[Row]]:
    """Cut `rows` into pieces of about so many characters of text, the last one shorter."""
    piece: list[Row] = []
    held = 0
    for row in rows:
        piece.append(row)
        held += len(row["text"])
        if held >= characters:
            yield piece
            piece, held = [], 0
    if piece:
        yield piece
