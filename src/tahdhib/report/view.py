"""From a run folder to what the report shows; a stage that has not finished is left out.

Tables are streamed column by column; only the rows drawn as samples become Python objects.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.errors import TahdhibError
from tahdhib.records import Edit, Interval
from tahdhib.report import words
from tahdhib.report.answers import answers, cautions
from tahdhib.report.diff import excerpt
from tahdhib.report.figures import measured_columns, read_audit, read_card
from tahdhib.report.making import read_making, whole_number
from tahdhib.report.parts import (
    Card,
    Changed,
    Doer,
    DropGroup,
    DropSample,
    End,
    Passage,
    QuarantineGroup,
    QuarantineSample,
    RefusalGroup,
    Refused,
    ReportView,
    RuleLine,
    Sample,
    StageLine,
    Why,
)
from tahdhib.report.sample import (
    EditTotals,
    draw_by_value,
    draw_places,
    edit_totals,
    rows_with,
)
from tahdhib.report.stages import STAGES, read_stages
from tahdhib.report.trained import read_models
from tahdhib.report.visible import direction, language, shortened, visible
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_json

SAMPLES = 60
SAMPLES_PER_RULE = 12
REFUSALS_PER_REASON = 4
DROPS_PER_REASON = 3
EXCERPT = 600
DROP_EXCERPT = 280

_SENSITIVE = re.compile("insult|slur|obscen|profan|hate", re.IGNORECASE)
_TOXIC = 0.5
_WORKER_NAMES = ("edit", "causal", "random", "copy", "openai")


def read_view(run: RunFolder) -> ReportView:
    """Read all that the report shows.

    Raises:
        DataError: the folder holds no run.
    """
    run.check_is_run()
    manifest = read_json(run.manifest)
    recipe = _recipe(run)
    seed = whole_number(manifest.get("seed"))
    conduct = _conduct(recipe)
    kind = str((recipe.get("worker") or {}).get("kind") or "edit")
    stages = read_stages(run)
    totals = _totals(run, seed)
    changed = _changed(run, stages, totals, conduct)
    refused = _refused(run, seed, recipe) if run.stage("rewrite").is_finished() else None
    audit = read_audit(run.stage("audit"))
    name = str(manifest.get("name") or run.root.name)
    return ReportView(
        name=name,
        worker=kind,
        answers=answers(stages, changed, refused, audit, kind),
        cautions=cautions(stages, audit, _conduct_caution(manifest, conduct)),
        stages=stages,
        changed=changed,
        refused=refused,
        audit=audit,
        card=_card(run, kind),
        rules=_rules(conduct, totals, stages),
        drops=_drops(run, seed),
        quarantine=_quarantine(run, seed),
        making=read_making(run, manifest),
        models=read_models(run),
    )


def passage(text: str, limit: int) -> Passage:
    """Web text cut to `limit` characters, with its direction and language."""
    return Passage(visible(shortened(text, limit)), direction(text), language(text))


def to_edits(rows: list[dict[str, Any]] | None) -> list[Edit]:
    """Edits as a table holds them, as records."""
    return [Edit(row["start"], row["end"], row["new"] or "", row["by"]) for row in rows or []]


def is_sensitive(ids: tuple[str, ...]) -> bool:
    """Whether one of these rules or reasons is about insults, slurs or obscenity."""
    return any(_SENSITIVE.search(name) for name in ids)


def _recipe(run: RunFolder) -> Mapping[str, Any]:
    if not run.recipe.exists():
        return {}
    content = yaml.safe_load(run.recipe.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}


def _conduct(recipe: Mapping[str, Any]) -> Conduct | None:
    """The conduct that the recipe names, or None where it is not on this machine."""
    try:
        return load_conduct(str(recipe.get("conduct", "default")))
    except TahdhibError:
        return None


def _conduct_caution(manifest: Mapping[str, Any], conduct: Conduct | None) -> str:
    stamped = (manifest.get("conduct") or {}).get("hash")
    if conduct is None:
        return "The code of conduct is not on this machine, so its rules are shown by id only."
    if stamped and stamped != conduct.hash:
        return (
            "The code of conduct has changed since this run: the wording shown is today's, "
            "the counts are the run's."
        )
    return ""


def _totals(run: RunFolder, seed: int) -> EditTotals | None:
    here = run.stage("rewrite")
    if not here.is_finished():
        return None
    return edit_totals(here.shards("documents"), seed=seed, samples=SAMPLES, each=SAMPLES_PER_RULE)


def _changed(
    run: RunFolder,
    stages: tuple[StageLine, ...],
    totals: EditTotals | None,
    conduct: Conduct | None,
) -> Changed | None:
    line = next(line for line in stages if line.name == "rewrite")
    if totals is None:
        return None
    doers = [
        Doer(
            id=name,
            is_rule=_is_rule(name, conduct),
            edits=edits,
            documents=totals.documents.get(name, 0),
            wording=_wording(name, conduct),
        )
        for name, edits in totals.edits.items()
    ]
    return Changed(
        documents=line.came_in,
        rewritten=totals.states.get("rewritten", 0),
        untouched=totals.states.get("untouched", 0),
        kept=totals.states.get("kept", 0),
        dropped=sum(drop.count for drop in line.drops),
        source_characters=totals.source_characters,
        text_characters=totals.text_characters,
        touched_characters=totals.touched_characters,
        doers=tuple(sorted(doers, key=lambda doer: (-doer.edits, doer.id))),
        samples=_samples(run, totals.drawn),
        ends=_ends(run.stage("rewrite").account().notes),
    )


def _ends(notes: Mapping[str, int | float | str]) -> tuple[End, ...]:
    """What the rewrite stage noted of states and rungs: `rewritten by edit_stricter`."""
    found = []
    for note, count in notes.items():
        state, by, rung = note.partition(" by ")
        if by:
            found.append(End(state, words.rung(rung), int(count)))
    return tuple(sorted(found, key=lambda one: (-one.count, one.state, one.rung)))


def _is_rule(name: str, conduct: Conduct | None) -> bool:
    if conduct is not None and conduct.rule(name) is not None:
        return True
    return name not in _WORKER_NAMES


def _wording(name: str, conduct: Conduct | None) -> str:
    rule = conduct.rule(name) if conduct else None
    if rule is None:
        return ""
    return rule.wording.get("en") or next(iter(rule.wording.values()), "")


def _samples(run: RunFolder, ids: tuple[str, ...]) -> tuple[Sample, ...]:
    shards = run.stage("rewrite").shards("documents")
    samples = _samples_by_id(run, shards, ids, ["id", "source", "edits"])
    return tuple(samples[name] for name in ids if name in samples)


def _samples_by_id(
    run: RunFolder, shards: list[Path], ids: tuple[str, ...], columns: list[str]
) -> dict[str, Sample]:
    toxicity = _toxicity(run, ids)
    return {
        row["id"]: to_sample(row, toxicity.get(row["id"]))
        for row in rows_with(shards, ids, columns)
    }


def _toxicity(run: RunFolder, ids: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """What the witness said of these documents, where the audit measured them."""
    here = run.stage("audit")
    if not here.is_finished():
        return {}
    before, after = measured_columns(here)
    return {
        row["id"]: (row[before], row[after])
        for row in rows_with(here.shards("documents"), ids, ["id", before, after])
        if row[before] is not None and row[after] is not None
    }


def to_sample(row: Mapping[str, Any], toxicity: tuple[float, float] | None = None) -> Sample:
    """A pair or a rewritten document, cut down to its changes."""
    edits = to_edits(row["edits"])
    owners = tuple(edit.by for edit in edits)
    details = row.get("details") or []
    whys = tuple(
        Why(code, words.reason(code), visible(details[index]) if index < len(details) else "")
        for index, code in enumerate(row.get("reasons") or [])
    )
    return Sample(
        id=visible(row["id"]),
        direction=direction(row["source"]),
        language=language(row["source"]),
        excerpt=excerpt(row["source"], edits, limit=EXCERPT),
        is_sensitive=is_sensitive(owners) or (toxicity is not None and max(toxicity) > _TOXIC),
        whys=whys,
        toxicity=toxicity,
    )


def _refused(run: RunFolder, seed: int, recipe: Mapping[str, Any]) -> Refused:
    here = run.stage("rewrite")
    shards = here.shards("refusals")
    counts, drawn = draw_by_value(shards, "reasons", seed=seed, each=REFUSALS_PER_REASON)
    ids = tuple(name for names in drawn.values() for name in names)
    columns = ["id", "source", "edits", "reasons", "details"]
    samples = _samples_by_id(run, shards, ids, columns)
    groups = [
        RefusalGroup(
            code=code,
            words=words.reason(code),
            count=count,
            samples=tuple(samples[name] for name in drawn[code]),
            measured=_measured(recipe, code),
        )
        for code, count in counts.items()
    ]
    total = here.account().notes.get("refused", max(counts.values(), default=0))
    ordered = sorted(groups, key=lambda group: (-group.count, group.code))
    return Refused(whole_number(total), tuple(ordered))


def _measured(recipe: Mapping[str, Any], code: str) -> str:
    measured = (recipe.get("gate") or {}).get("measured") or {}
    shares = (measured.get("checks") or {}).get(code) or {}
    return "; ".join(
        f"{words.share_interval(Interval(share, low, high, n))} of {n:,} from {group}"
        for group, (share, low, high, n) in shares.items()
        if group != "faults"
    )


def _drops(run: RunFolder, seed: int) -> tuple[DropGroup, ...]:
    groups: list[DropGroup] = []
    for name in STAGES:
        here = run.stage(name)
        if not here.is_finished() or not here.shards("drops"):
            continue
        shards = here.shards("drops")
        counts, drawn = draw_by_value(shards, "reason", seed=seed, each=DROPS_PER_REASON)
        ids = tuple(row_id for ids in drawn.values() for row_id in ids)
        columns = ["id", "text", "reason", "detail", "other"]
        dropped = {  # one id may have gone twice, for two reasons
            (row["reason"], row["id"]): drop_sample(row) for row in rows_with(shards, ids, columns)
        }
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            samples = tuple(dropped[code, row_id] for row_id in drawn[code])
            groups.append(DropGroup(name, code, words.reason(code), count, samples))
    return tuple(groups)


def drop_sample(row: Mapping[str, Any]) -> DropSample:
    """A dropped document."""
    return DropSample(
        id=visible(row["id"] or ""),
        passage=passage(row["text"] or "", DROP_EXCERPT),
        detail=visible(row["detail"] or ""),
        other=visible(row["other"] or ""),
    )


def _quarantine(run: RunFolder, seed: int) -> tuple[QuarantineGroup, ...]:
    here = run.stage("ingest")
    if not here.is_finished():
        return ()
    counts, rows = draw_places(here.shards("quarantine"), seed=seed, each=DROPS_PER_REASON)
    return tuple(
        QuarantineGroup(
            code=code,
            words=words.reason(code),
            count=count,
            samples=tuple(_quarantine_sample(row) for row in rows.get(code, [])),
        )
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _quarantine_sample(row: Mapping[str, Any]) -> QuarantineSample:
    """A raw record is code before it is text, so it stands from left to right."""
    return QuarantineSample(
        file=visible(Path(row["file"] or "").name),
        line=row["line"] or 0,
        detail=visible(row["detail"] or ""),
        passage=Passage(visible(shortened(row["excerpt"] or "", DROP_EXCERPT)), "ltr", "und"),
    )


def _card(run: RunFolder, kind: str) -> Card | None:
    card = read_card(run.stage("worker"))
    if card is None and run.stage("rewrite").is_finished():
        return Card(kind, words.worker(kind), (), ())
    return card


def _rules(
    conduct: Conduct | None, totals: EditTotals | None, stages: tuple[StageLine, ...]
) -> tuple[RuleLine, ...]:
    if conduct is None:
        return ()
    dropped = {
        drop.code.removeprefix("conduct:"): drop.count
        for line in stages
        if line.name == "rewrite"
        for drop in line.drops
    }
    lines = [
        RuleLine(
            id=rule.id,
            wording=dict(rule.wording),
            action=rule.action,
            severity=rule.severity,
            edits=totals.edits.get(rule.id, 0) if totals else 0,
            documents=totals.documents.get(rule.id, 0) if totals else 0,
            dropped=dropped.get(rule.id, 0),
        )
        for rule in conduct.rules
    ]
    return tuple(sorted(lines, key=lambda line: -line.edits))
