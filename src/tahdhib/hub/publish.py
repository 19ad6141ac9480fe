"""A trained model becomes a folder that is ready for a hub.

    MODEL/
      config.json generation_config.json model.safetensors …
      tokenizer.json tokenizer_config.json chat_template.jinja …
      card.json        what the model is: files by hash, trainings, sources, licences, evaluation
      README.md        the card that is made of it

It is written beside its place and renamed, so that it is whole or absent. No clock, host or path
stands in it: the same model published again gives the same bytes.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tahdhib.errors import DataError, RecipeError
from tahdhib.hub.card import CARD, RECORD, readme
from tahdhib.hub.licences import Link, check, parts
from tahdhib.hub.lineage import Source, Training, lineage
from tahdhib.store.shards import TEMPORARY, force_to_disk, read_json, write_json, write_text
from tahdhib.version import VERSION

_LEAVES = (
    "config.json",
    "generation_config.json",
    "model*.safetensors",
    "model.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
)
_UNTOLD = ("base", "model", "recipe")
"""Of a training's record: paths of this machine, and what `config.json` says."""
_SETTINGS = ("phases", "training", "held_out", "control", "method", "lora", "beta")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a publisher adds to what the folder tells.

    Args:
        name: of the model; None: the folder's.
        licence: of the model; None: the one that all sources have.
        licences: of sources, by their links, before what their cards say.
        languages: beside those that the sources' cards name.
        results: folders of `tahdhib evaluate`.
    """

    name: str | None = None
    licence: str | None = None
    licences: Mapping[str, str] | None = None
    languages: Sequence[str] = ()
    results: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """A folder for a hub, the record in it, and where on a hub it was put."""

    folder: Path
    record: dict[str, Any]
    address: str | None = None


def publish_model(folder: Path, out: Path, stated: Stated = Stated()) -> Published:
    """Write the model in `folder`, as `pretrain` or `tune` left it, to `out`.

    Raises:
        DataError: `folder` holds no finished model, or `out` something else.
        RecipeError: a licence is unknown or forbids it, or results are of another model.
    """
    trainings = lineage(folder)
    sources = [source for training in trainings for source in training.sources]
    links = _links(sources, stated.licences or {})
    licence = check(links, stated.licence)
    if out.exists() and not _is_free(out):
        raise DataError(
            f"{out}: holds something else than a model that was published into it. Name a new "
            "folder."
        )
    record: dict[str, Any] = {
        "kind": "model",
        "name": stated.name or folder.absolute().name,
        "version": VERSION,
        "licence": licence,
        "licences": [link._asdict() for link in links],
        "languages": sorted({*stated.languages, *(c for one in sources for c in one.languages)}),
        "sources": [_plain(source) for source in sources],
        "trainings": [_told(training) for training in trainings],
        "evaluation": [row for place in stated.results for row in _evaluation(place, folder)],
    }
    temporary = out.with_name(f"{TEMPORARY}{os.getpid()}-{out.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for file in _leaving(folder):
        shutil.copyfile(file, temporary / file.name)
    record["files"] = {file.name: _about(file) for file in sorted(temporary.iterdir())}
    write_json(temporary / RECORD, record)
    write_text(temporary / CARD, readme(record, (folder / "chat_template.jinja").exists()))
    force_to_disk(temporary)
    if out.exists():
        shutil.rmtree(out)
    temporary.rename(out)
    return Published(out, record)


def _is_free(out: Path) -> bool:
    """Whether a folder is empty, or holds a published model and nothing beside it."""
    if not out.is_dir():
        return False
    names = {path.name for path in out.iterdir()}
    if RECORD not in names:
        return not names
    try:
        record = read_json(out / RECORD)
        return record["kind"] == "model" and names <= {*record["files"], CARD, RECORD}
    except (ValueError, KeyError, TypeError):
        return False


def _links(sources: Sequence[Source], stated: Mapping[str, str]) -> list[Link]:
    names = [source.link for source in sources]
    for name in stated:
        if name not in names:
            raise RecipeError(
                f"--source-licence {name}: the model has no such source; it has "
                f"{', '.join(names)}. Name one of them."
            )
    return [_link(source, stated.get(source.link)) for source in sources]


def _plain(source: Source) -> dict[str, Any]:
    counts = {"conducts": dict(source.conducts), "workers": dict(source.workers)}
    return {**source._asdict(), **counts}


def _link(source: Source, stated: str | None) -> Link:
    says = f"{source.kind} {source.name}".strip()
    if stated is not None:
        return Link(source.link, says, parts(stated), "its publisher")
    if source.licence:
        return Link(source.link, says, parts(source.licence), source.by)
    return Link(source.link, says, (), "nobody")


def _leaving(folder: Path) -> Iterator[Path]:
    for pattern in _LEAVES:
        yield from sorted(folder.glob(pattern))


def _about(file: Path) -> dict[str, Any]:
    with file.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest}


def _told(training: Training) -> dict[str, Any]:
    """What a record says, without this machine's paths."""
    record, recipe = training.record, training.record["recipe"]
    return {
        "verb": training.verb,
        **{name: value for name, value in record.items() if name not in _UNTOLD},
        "settings": {name: recipe[name] for name in _SETTINGS if name in recipe},
    }


def _evaluation(place: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """The scores of a folder of `tahdhib evaluate`, each with what it is a score of."""
    from tahdhib.evaluate.files import RESULTS
    from tahdhib.evaluate.model import hash_of_folder

    file = place / RESULTS
    try:
        found = read_json(file)
        model, tasks = found["config"]["model_sha"], found["tahdhib"]
    except FileNotFoundError:
        raise DataError(f"{file}: no such file. Name a folder of `tahdhib evaluate`.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{file}: is not a file of results that `tahdhib evaluate` wrote. Name another."
        ) from error
    if model != hash_of_folder(folder):
        raise RecipeError(
            f"--results {place}: are of another model ({found['model_name']}, {model[:12]}) than "
            f"{folder} ({hash_of_folder(folder)[:12]}). Evaluate this one, or leave them out."
        )
    for name, about in sorted(tasks.items()):
        told = ("variant", "benchmark", "title", "used", "published", "metric", "score", "remarks")
        yield {"task": name, **{each: about[each] for each in told}}
