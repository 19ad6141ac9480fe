"""What `tahdhib show` says of a run, as plain lines: nothing in them can drive a terminal."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahdhib.errors import DataError
from tahdhib.report import words
from tahdhib.report.diff import changes
from tahdhib.report.figures import measured_columns
from tahdhib.report.parts import StageLine
from tahdhib.report.sample import batches
from tahdhib.report.stages import STAGES, read_stages
from tahdhib.report.view import to_edits
from tahdhib.report.visible import shortened, visible, visible_change
from tahdhib.store.run_folder import RunFolder, StageFolder

_EXCERPT = 160
_INDENT = " " * 11


def ledger_lines(run: RunFolder) -> Iterator[str]:
    """The ledger: a line per stage, its drops below it."""
    run.check_is_run()
    stages = read_stages(run)
    yield f"{'stage':<9}  {'in':>11}  {'out':>11}  {'dropped':>9}  unit"
    for line in stages:
        if not line.is_finished:
            yield f"{line.name:<9}  not finished"
            continue
        gone = line.came_in - line.went_out
        yield (
            f"{line.name:<9}  {words.count(line.came_in):>11}  {words.count(line.went_out):>11}  "
            f"{words.count(gone):>9}  {line.unit}"
        )
        for drop in line.drops:
            yield f"{_INDENT}{words.count(drop.count):>37}  {visible(drop.words)}"
        if line.notes:
            notes = ", ".join(f"{key} {_note(value)}" for key, value in sorted(line.notes.items()))
            yield f"{_INDENT}{visible(notes)}"
    if run.report.exists():
        yield f"report     {run.report}"


def drop_lines(run: RunFolder, stage: str, number: int) -> Iterator[str]:
    """What one stage dropped: its reasons, then the first `number` rows with their excerpts.

    Raises:
        DataError: no such stage, or it has not finished.
    """
    run.check_is_run()
    line = _stage(run, stage)
    here = run.stage(stage)
    gone = line.came_in - line.went_out
    yield f"{stage} dropped {words.count(gone)} of {words.count(line.came_in)} {line.unit}."
    for drop in line.drops:
        yield f"  {words.count(drop.count):>9}  {visible(drop.words)} ({visible(drop.code)})"
    shown = 0
    for row in _first(here, "drops", number):
        shown += 1
        other = f"  lost to {visible(row['other'])}" if row["other"] else ""
        yield ""
        yield f"{visible(row['id'] or '')}  {visible(row['reason'])}{other}"
        yield from _about(row["detail"], row["text"])
    for row in _first(here, "quarantine", number - shown):
        yield ""
        yield f"{visible(row['file'])}:{row['line']}  {visible(row['reason'])}"
        yield from _about(row["detail"], row["excerpt"])
    refused = int(line.notes.get("refused", 0)) if stage == "rewrite" else 0
    if refused:
        yield ""
        yield f"The gate refused {words.plural(refused, 'rewrite')}:"
    for row in _first(here, "refusals", number - shown if refused else 0):
        yield ""
        yield visible(row["id"])
        for code, detail in zip(row["reasons"] or [], row["details"] or [], strict=False):
            yield f"  {words.reason(code)}: {visible(detail or '')}"
        yield from _edit_lines(row, "  ")


def document_lines(run: RunFolder, document_id: str) -> Iterator[str]:
    """One document's whole way through the run.

    Raises:
        DataError: no stage has seen a document with this id.
    """
    run.check_is_run()
    lines = [
        f"{name:<9}  {line}" if number == 0 else f"{_INDENT}{line}"
        for name in STAGES
        for number, line in enumerate(_passage(run, name, document_id))
    ]
    if not lines:
        raise DataError(
            f"{run.root}: no document with the id {document_id!r} came in. Ids stand in the "
            "published files and in 'tahdhib show DIR --stage STAGE'; records that never became "
            "documents have none ('--stage ingest')."
        )
    yield f"document   {visible(document_id)}"
    yield from lines


def _passage(run: RunFolder, stage: str, document_id: str) -> Iterator[str]:
    """What one stage did with the document; nothing where it never came there."""
    here = run.stage(stage)
    if not here.is_finished():
        return
    dropped = _row(here, "drops", document_id)
    if dropped is not None:
        is_namesake = _row(here, "documents", document_id, ["id"]) is not None
        yield f"{'another text with this id was ' if is_namesake else ''}{_dropped(dropped)}"
        if stage == "ingest":
            yield f"“{_excerpt(dropped['text'])}”"
        if not is_namesake:
            return
    if stage == "publish":
        row = _row(run.stage("rewrite"), "documents", document_id)
        if row is not None:
            yield f"published, {words.plural(len(row['text']), 'character')}"
        return
    yield from _TOLD.get(stage, _kept)(here, document_id)


def _dropped(row: dict[str, Any]) -> str:
    other = f", it lost to {visible(row['other'])}" if row["other"] else ""
    detail = f" ({visible(row['detail'])})" if row["detail"] else ""
    return f"dropped: {words.lower_first(visible(words.reason(row['reason'])))}{other}{detail}"


def _kept(here: StageFolder, document_id: str) -> Iterator[str]:
    row = _row(here, "documents", document_id)
    if row is None:
        return
    if here.root.name == "ingest":
        yield f"read, {words.plural(len(row['text']), 'character')}"
        yield f"“{_excerpt(row['text'])}”"
        return
    losers = _losers(here, document_id)
    yield f"kept; {words.plural(losers, 'document')} lost to it" if losers else "kept"


def _signals(here: StageFolder, document_id: str) -> Iterator[str]:
    row = _row(here, "signals", document_id)
    if row is None:
        return
    dialect = "" if row["dialect"] == "und" else f", dialect {visible(row['dialect'])}"
    language = f"{words.language(row['language'])} ({words.figure(row['language_probability'], 2)})"
    yield f"{visible(language)}{dialect}; {words.plural(row['words'], 'word')}"


def _cleaned(here: StageFolder, document_id: str) -> Iterator[str]:
    row = _row(here, "documents", document_id, ["id"])
    if row is None:
        return
    edited = _row(here, "edits", document_id)
    by = Counter(edit["by"] for edit in edited["edits"]) if edited else {}
    what = ", ".join(f"{visible(name)} {words.count(n)}" for name, n in sorted(by.items()))
    yield f"kept; edits: {what}" if what else "kept"


def _annotated(here: StageFolder, document_id: str) -> Iterator[str]:
    row = _row(here, "pairs", document_id)
    if row is not None:
        edits = words.plural(len(row["edits"] or []), "edit")
        yield f"drawn for the teacher ({visible(row['teacher'])}): {edits}"


def _rewritten(here: StageFolder, document_id: str) -> Iterator[str]:
    refused = _row(here, "refusals", document_id)
    if refused is not None:
        yield f"the gate refused what {words.worker(refused['worker'])} made of it"
        for code, detail in zip(refused["reasons"] or [], refused["details"] or [], strict=False):
            yield f"{words.reason(code)}: {visible(detail or '')}"
        yield from _edit_lines(refused, "")
    row = _row(here, "documents", document_id)
    if row is None:
        return
    if row["state"] == "rewritten":
        who = words.rung(row.get("rung") or row["worker"])
        yield f"rewritten by {who}; the gate let it through"
        yield from _edit_lines(row, "")
    elif row["state"] == "kept":
        yield "the source was kept"
        for code in row["reasons"] or []:
            if ":" in code:
                yield words.reason(code)
    else:
        yield "untouched: the worker changed nothing"


def _edit_lines(row: dict[str, Any], indent: str) -> Iterator[str]:
    for change in changes(row["source"], to_edits(row["edits"])):
        before, after = visible_change(
            shortened(change.before, _EXCERPT), shortened(change.after, _EXCERPT)
        )
        sides = f"“{before}” → “{after}”" if before and after else ""
        sides = sides or (f"“{before}” removed" if before else f"“{after}” added")
        sides = sides.replace("\n", " ")
        yield f"{indent}{sides}  [{visible(', '.join(change.by))}]"


def _measured(here: StageFolder, document_id: str) -> Iterator[str]:
    row = _row(here, "documents", document_id)
    before, after = measured_columns(here)
    if row is not None and row.get(before) is not None:
        name = visible(before.removeprefix("before_"))
        yield (f"witness: {name} {words.figure(row[before], 2)} → {words.figure(row[after], 2)}")


_TOLD = {
    "signals": _signals,
    "clean": _cleaned,
    "annotate": _annotated,
    "rewrite": _rewritten,
    "audit": _measured,
}
"""How each stage's part in a document's way is told; of the others, that it was kept."""


def _row(
    here: StageFolder, table: str, document_id: str, columns: list[str] | None = None
) -> dict[str, Any] | None:
    """The row of a document; texts are read only from the shard that holds it."""
    for shard in here.shards(table):
        if pc.any(_is_id(pq.read_table(shard, columns=["id"])["id"], document_id)).as_py():
            found = pq.read_table(shard, columns=columns, filters=[("id", "==", document_id)])
            return dict(found.slice(0, 1).to_pylist()[0])
    return None


def _losers(here: StageFolder, document_id: str) -> int:
    shards: list[Path] = here.shards("drops")
    return sum(
        pc.sum(_is_id(batch["other"], document_id)).as_py() or 0
        for batch in batches(shards, ["other"])
    )


def _is_id(column: Any, document_id: str) -> Any:
    return pc.equal(column, document_id)


def _first(here: StageFolder, table: str, number: int) -> Iterator[dict[str, Any]]:
    left = number
    for shard in here.shards(table):
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches(batch_size=max(1, min(number, 256))):
                for row in batch.to_pylist():
                    if left <= 0:
                        return
                    left -= 1
                    yield row


def _stage(run: RunFolder, name: str) -> StageLine:
    stages = {line.name: line for line in read_stages(run)}
    if name not in stages:
        raise DataError(f"{name}: is no stage of this run; known: {', '.join(stages)}.")
    if not stages[name].is_finished:
        raise DataError(
            f"{run.root}: {name} has not finished. Run the same command again to go on from there."
        )
    return stages[name]


def _about(detail: str | None, text: str | None) -> Iterator[str]:
    if detail:
        yield f"  {visible(detail)}"
    if text:
        yield f"  “{_excerpt(text)}”"


def _excerpt(text: str) -> str:
    return " ".join(visible(shortened(text, _EXCERPT)).split())


def _note(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return words.count(value) if isinstance(value, int) else words.figure(value)
