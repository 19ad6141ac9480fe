"""Annotate: draw documents, have them taught, gate the rewrites, write pairs.

Documents that the teacher left alone are pairs too: a worker must learn to hold still. Of a
bucket's shards `pairs` is written last, so a bucket with pairs is whole and is not taught again.
What people wrote stands in one shard of its own, behind the last bucket, and silver pairs
(`silver.py`) behind that. Of an earlier result
under another conduct the rows stay whose rules did not change (`kept.py`).
"""

import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.in_force import InForce, Told, acting_on, in_force
from tahdhib.conduct.protocol import Unusable
from tahdhib.config import Recipe
from tahdhib.errors import DataError
from tahdhib.gate.gate import Gate
from tahdhib.llm.account import Figures, figures
from tahdhib.protect.shelter import files_of as files_of_shelter
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Rewrite
from tahdhib.score.table import files_of
from tahdhib.stages.annotate.chosen import Sample, choose_documents
from tahdhib.stages.annotate.contest import CANDIDATES, Contestant, ask, contestants, settled
from tahdhib.stages.annotate.kept import Kept, kept_rows, telling_of
from tahdhib.stages.annotate.silver import write_silver
from tahdhib.stages.contract import Workplace, documents_of, note_conduct, over_buckets
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.schemas import DROPS, IN_FORCE, PAIRS
from tahdhib.store.shards import metadata_json, read_rows, write_rows
from tahdhib.teachers.local import model_files
from tahdhib.teachers.pairs import HumanPair, parse_pair
from tahdhib.teachers.people import answer_files
from tahdhib.teachers.teacher import Lesson
from tahdhib.text.edits import diff

BUILTIN_PAIRS = {"builtin:paradetox": "data/pairs/paradetox.jsonl.gz"}

CALLS = pa.schema(
    [
        ("id", pa.string()),
        ("outcome", pa.string()),
        ("calls", pa.int64()),
        ("failed_calls", pa.int64()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("is_cached", pa.bool_()),
    ]
)
"""What each document cost; `outcome` is `answered` or why there was no usable answer."""

Row = dict[str, Any]


def work(place: Workplace) -> Ledger:
    """Write the tables `pairs`, `drops`, `calls` and `in_force`."""
    recipe = place.recipe
    note_conduct(place)
    people_count = _write_people(place)
    documents = documents_of(place.run, place.recipe)
    some = contestants(recipe.annotate, place.conduct, place.run.replies, place.run.people)
    sample, drawn_count = choose_documents(place)
    earlier = place.run.earlier("annotate")
    desk = Desk(recipe, some, documents, place.here, sample, earlier)
    _teach(place, desk, drawn_count)
    silver_count = write_silver(place, sample, _changed_beside_silver(place))
    return _account(place, came_in=drawn_count + people_count + silver_count)


@dataclass(frozen=True, slots=True)
class Desk:
    """What any process needs to annotate a bucket."""

    recipe: Recipe
    contestants: tuple[Contestant, ...]
    documents: StageFolder
    here: StageFolder
    sample: Sample
    earlier: StageFolder

    @property
    def conduct(self) -> Conduct:
        return self.contestants[0].room.conduct

    def waiting(self) -> list[int]:
        """Buckets that have documents and no pairs yet."""
        return [
            bucket
            for bucket in range(self.recipe.ingest.buckets)
            if self.documents.shard("documents", bucket).exists()
            and not self.here.shard("pairs", bucket).exists()
        ]

    def drawn(self, bucket: int) -> list[Row]:
        """The documents of `bucket` that are in the sample."""
        rows = read_rows(self.documents.shard("documents", bucket))
        return [row for row in rows if self.sample.holds(row["id"])]

    def sorted_out(self, bucket: int) -> tuple[list[Row], Kept]:
        """The drawn documents of `bucket` that have to be taught, and what stays of the others."""
        kept = kept_rows(self.earlier, bucket, self.recipe, self.conduct)
        return [row for row in self.drawn(bucket) if row["id"] not in kept.in_force], kept


def _teach(place: Workplace, desk: Desk, total: int) -> None:
    waiting = desk.waiting()
    label, some = "annotate", desk.contestants
    if all(one.teacher.is_local for one in some):
        over_buckets(place, partial(_annotate_bucket, desk), waiting, label=label, total=total)
        return
    rows = {bucket: desk.sorted_out(bucket) for bucket in waiting}
    texts = [row["text"] for bucket in waiting for row in rows[bucket][0]]
    unit = "documents" if len(some) == 1 else "rewrites"
    with place.progress.task(label, len(texts) * len(some), unit) as task:
        taught = ask(some, texts, open_shelter(desk.recipe.protect), task.advance)
    _say_what_the_budget_left(place, taught)
    lessons = iter(taught)
    for bucket in waiting:
        fresh, kept = rows[bucket]
        _write_bucket(desk, bucket, [(row, next(lessons)) for row in fresh], kept)


def _say_what_the_budget_left(place: Workplace, taught: list[list[Lesson]]) -> None:
    """Say of how many documents a rewrite was not paid for; drops have each of them by its id."""
    left = sum(
        any(isinstance(one.taught, Unusable) and one.taught.reason == "budget" for one in lessons)
        for lessons in taught
    )
    if left:
        spent = figures(place.run.replies).spent
        place.progress.say(
            f"annotate: the budget of {place.recipe.annotate.openai.budget:g} is not enough: "
            f"{spent:g} are spent, and {left:,} of {len(taught):,} documents have no lesson. Raise "
            "annotate.openai.budget and run the same command again; what was bought is kept."
        )


def _annotate_bucket(desk: Desk, bucket: int) -> int:
    """Teach and write one bucket in whatever process this is."""
    rows, kept = desk.sorted_out(bucket)
    shelter = open_shelter(desk.recipe.protect)
    lessons = ask(desk.contestants, [row["text"] for row in rows], shelter, lambda: None)
    _write_bucket(desk, bucket, list(zip(rows, lessons, strict=True)), kept)
    return len(rows) + len(kept.in_force)


def _write_bucket(
    desk: Desk, bucket: int, asked: list[tuple[Row, list[Lesson]]], kept: Kept
) -> None:
    some = desk.contestants
    shelter = open_shelter(desk.recipe.protect)
    gate = Gate(desk.recipe.gate, desk.conduct, shelter.spans)
    stamps = _stamps(desk, asked)
    pairs, drops = list(kept.pairs.values()), list(kept.drops.values())
    calls, candidates = list(kept.calls.values()), list(kept.candidates)
    for row, lessons in asked:
        found = settled(row, lessons, some, gate)
        taught = found.lesson.taught
        if isinstance(taught, Rewrite) and found.refusal is None:
            pair = _pair_row(row, taught, found.teacher, desk.conduct)
            pairs.append({**pair, "rules_hash": stamps[row["id"]].hash})
        elif found.refusal is not None:
            reason, detail = found.refusal
            drops.append({**row, "reason": reason, "detail": detail, "other": None})
        if found.lesson.usage.calls:
            calls.append(_call_row(row, found.lesson))
        candidates += found.candidates
    in_force_rows = [_in_force_row(identity, stamp) for identity, stamp in stamps.items()]
    for table, rows, schema in (
        ("candidates", candidates if len(some) > 1 else None, CANDIDATES),
        ("calls", calls, CALLS),
        ("drops", drops, DROPS),
        ("in_force", [*kept.in_force.values(), *in_force_rows], IN_FORCE),
        ("pairs", pairs, PAIRS),
    ):
        if rows is not None:
            in_order = sorted(rows, key=lambda row: row["id"])
            write_rows(desk.here.shard(table, bucket), in_order, schema)


def _stamps(desk: Desk, asked: list[tuple[Row, list[Lesson]]]) -> dict[str, InForce]:
    """The rules in force for each document that was taught, by its id."""
    telling = telling_of(desk.conduct, desk.recipe)
    stamps = {}
    for row, lessons in asked:
        told = None if telling is None else telling.of(row["text"])
        stamps[row["id"]] = in_force(desk.conduct, _acting(row, lessons, desk.conduct, told), told)
    return stamps


def _acting(
    row: Row, lessons: list[Lesson], conduct: Conduct, told: Told | None
) -> tuple[str, ...]:
    """The rules that find something in the text: a teacher of rules alone has told already."""
    first = lessons[0].taught
    if told is None and isinstance(first, Rewrite):
        return first.acting
    return acting_on(row["text"], conduct)


def _pair_row(row: Row, taught: Rewrite, teacher: str, conduct: Conduct) -> Row:
    return {
        "id": row["id"],
        "source": row["text"],
        "rewrites": [taught.text],
        "edits": [asdict(edit) for edit in taught.edits],
        "teacher": teacher,
        "conduct_hash": conduct.hash,
    }


def _in_force_row(identity: str, stamp: InForce) -> Row:
    return {
        "id": identity,
        "told": list(stamp.told),
        "acting": list(stamp.acting),
        "rules_hash": stamp.hash,
    }


def _call_row(row: Row, lesson: Lesson) -> Row:
    return {
        "id": row["id"],
        "outcome": lesson.taught.reason if isinstance(lesson.taught, Unusable) else "answered",
        **asdict(lesson.usage),
        "is_cached": lesson.is_cached,
    }


# People


def reads(recipe: Recipe) -> list[str]:
    """The files of human pairs, of people's answers to tasks, of a local model, of what is
    protected, and of the scorers by which documents are chosen and silver pairs made, as paths."""
    scorers = (recipe.annotate.choose.score, recipe.annotate.silver.scorer)
    settings = recipe.annotate
    paths = [*human_pair_files(recipe), *answer_files(settings), *model_files(settings)]
    named = [str(path) for path in paths] + files_of_shelter(recipe.protect)
    return named + [file for scorer in scorers if scorer for file in files_of(scorer)]


def human_pair_files(recipe: Recipe) -> list[Path]:
    """The files of pairs by people that the recipe names, those in the package included."""
    return [_human_file(name) for name in recipe.annotate.human_pairs]


def _human_file(name: str) -> Path:
    if name in BUILTIN_PAIRS:
        return Path(str(files("tahdhib.demo").joinpath(BUILTIN_PAIRS[name])))
    if name.startswith("builtin:"):
        raise DataError(
            f"annotate.human_pairs: no set {name!r} in the package; known: "
            f"{', '.join(BUILTIN_PAIRS)}. Name one of them or a JSONL file."
        )
    return Path(name)


def _write_people(place: Workplace) -> int:
    """Write the pairs of people, unless that was done; return how many they gave.

    A source that stands twice would be two pairs with one id: the later one is dropped.
    """
    bucket = place.recipe.ingest.buckets
    shard, drops_shard = place.here.shard("pairs", bucket), place.here.shard("drops", bucket)
    if not place.recipe.annotate.human_pairs:
        return 0
    if not shard.exists():
        pairs: dict[str, Row] = {}
        drops: list[Row] = []
        for path in human_pair_files(place.recipe):
            name = path.name.partition(".")[0]
            for line, pair in read_human_pairs(path):
                row = _human_row(pair, name, place)
                if row["id"] in pairs:
                    drops.append(_repeated_row(row, path.name, line))
                pairs.setdefault(row["id"], row)
        write_rows(drops_shard, drops, DROPS)
        write_rows(shard, pairs.values(), PAIRS)
    return count_rows([shard, drops_shard])


def _human_row(pair: HumanPair, name: str, place: Workplace) -> Row:
    edits = diff(pair.source, pair.rewrites[0], by="people")
    return {
        "id": pair.id(name),
        "source": pair.source,
        "rewrites": list(pair.rewrites),
        "edits": [asdict(edit) for edit in edits],
        "teacher": "people",
        "conduct_hash": place.conduct.hash,
        "rules_hash": "",
    }


def _repeated_row(row: Row, file: str, line: int) -> Row:
    return {
        "id": row["id"],
        "text": row["source"],
        "metadata": metadata_json({}),
        "reason": "repeated_source",
        "detail": f"{file}:{line}: this source has a pair already",
        "other": row["id"],
    }


def read_human_pairs(path: Path) -> Iterator[tuple[int, HumanPair]]:
    """Read a JSONL file (plain or gz) of pairs by people, each with its line number.

    Raises:
        DataError: the file is missing or broken, or a line is no pair.
    """
    if not path.name.endswith((".jsonl", ".jsonl.gz")):
        raise DataError(
            f"{path}: is no file of pairs; expected .jsonl or .jsonl.gz. Correct "
            "annotate.human_pairs."
        )
    number = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, parse_pair(line, f"{path}:{number}")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path}:{number + 1}: the gzip stream is broken ({error}); expected a whole file. "
            "Fetch it again."
        ) from error
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}). Correct annotate.human_pairs."
        ) from error


# The account


def _account(place: Workplace, came_in: int) -> Ledger:
    here = place.here
    pairs = here.shards("pairs")
    changed = sum(_changed_rows(shard) for shard in pairs)
    total = count_rows(pairs)
    cost = Counter[str]()
    for shard in here.shards("calls"):
        for row in read_rows(shard):
            cost.update({name: row[name] for name in CALLS.names[2:]})
    return Ledger(
        stage="annotate",
        unit="documents",
        came_in=came_in,
        went_out=total,
        drops=count_values(here.shards("drops")),
        notes={
            "changed_pairs": changed,
            "unchanged_pairs": total - changed,
            **{f"pairs_by_{name}": n for name, n in count_values(pairs, "teacher").items()},
            "calls": cost["calls"],
            "failed_calls": cost["failed_calls"],
            "prompt_tokens": cost["prompt_tokens"],
            "completion_tokens": cost["completion_tokens"],
            "cached_replies": cost["is_cached"],
            **_paid(figures(place.run.replies)),
        },
    )


def _paid(found: Figures) -> dict[str, int | float]:
    """All calls that the run ever sent, those of a forecast's pilot included."""
    if not found.sent:
        return {}
    return {f"account_{name}": value for name, value in asdict(found).items()}


def _changed_beside_silver(place: Workplace) -> int:
    """Pairs of teachers and people that change something."""
    shards = [place.here.shard("pairs", n) for n in range(place.recipe.ingest.buckets + 1)]
    return sum(_changed_rows(shard) for shard in shards if shard.exists())


def _changed_rows(shard: Path) -> int:
    edits = pq.read_table(shard, columns=["edits"])["edits"]
    return int(pc.sum(pc.greater(pc.list_value_length(edits), 0)).as_py() or 0)
