"""A changed rule redoes the rows that it is in force for, and the result is that of a fresh run."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tahdhib import verbs
from tahdhib.errors import RecipeError
from tahdhib.progress import Silence
from tahdhib.store.shards import read_rows
from tests.llm.chat_server import Answer, serving
from tests.run.small import published, write_recipe
from tests.stages.annotate.test_stage import document_in, endpoint, rewritten


class Heard(Silence):
    """Keeps what a run says."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def write_conduct(folder: Path, rules: list[dict[str, Any]], **keys: object) -> Path:
    content = {"name": "mine", "version": "1", "extends": "saudi", "rules": rules, **keys}
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def tables(run: Path, stage: str, *names: str) -> dict[str, Any]:
    """The rows of a stage's tables."""
    return {
        name: [
            row
            for path in sorted((run / stage / name).glob("*.parquet"))
            for row in read_rows(path)
        ]
        for name in names
    }


def line_of(stage: str, lines: list[str] | tuple[str, ...]) -> str:
    return next(line for line in lines if line.startswith(f"{stage}: "))


def counts(line: str) -> tuple[int, int, int]:
    """Redone, of all, staying."""
    match = re.search(r"([\d,]+) of ([\d,]+) documents are redone, ([\d,]+) stay", line)
    assert match is not None, line
    redone, total, stay = (int(number.replace(",", "")) for number in match.groups())
    assert redone + stay == total
    return redone, total, stay


RULES_WORKER = {"kind": "rules"}
SAY = {"ar": "استبدل بأرقام الهواتف رموزًا.", "en": "Replace phone numbers."}


@pytest.mark.parametrize(
    ("rules", "keys", "says"),
    [
        ([{"id": "remove-tatweel", "matcher": None}], {}, "matcher tatweel → none"),
        pytest.param(
            [],
            {"without": ["fix-punctuation"]},
            "rule fix-punctuation removed",
            marks=pytest.mark.slow,
        ),
        ([{"id": "mask-contacts", "wording": SAY}], {}, "mask-contacts reworded (ar, en)"),
    ],
)
def test_a_changed_rule_redoes_its_rows_alone(
    tmp_path: Path, rules: list[dict[str, Any]], keys: dict[str, object], says: str
) -> None:
    mine = write_conduct(tmp_path, [])
    recipe = write_recipe(tmp_path, worker=RULES_WORKER, conduct="mine.yaml")
    verbs.run(recipe, tmp_path / "run", until="publish")
    write_conduct(tmp_path, rules, **keys)

    dry = verbs.run(recipe, tmp_path / "run", dry_run=True).steps
    assert verbs.conduct_redo(tmp_path / "run", str(mine)) == dry
    heard = Heard()
    verbs.run(recipe, tmp_path / "run", until="publish", progress=heard)
    fresh = verbs.run(recipe, tmp_path / "fresh", until="publish")

    assert says in line_of("annotate", dry)
    for stage in ("annotate", "rewrite"):
        _, total, stay = counts(line_of(stage, dry))
        assert stay > 0
        assert (total > stay) is ("reworded" not in says)  # no matcher reads a wording
        assert line_of(stage, heard.lines) == line_of(stage, dry)
    assert published(tmp_path / "run") == published(fresh.folder)
    for stage, names in (
        ("annotate", ("pairs", "drops", "in_force")),
        ("rewrite", ("documents", "drops", "refusals", "in_force")),
    ):
        assert tables(tmp_path / "run", stage, *names) == tables(fresh.folder, stage, *names)
    assert not (tmp_path / "run" / "earlier" / "annotate").exists()


def test_a_rule_that_may_act_anew_is_looked_for_in_every_text(tmp_path: Path) -> None:
    write_conduct(tmp_path, [], without=["remove-tatweel"])
    recipe = write_recipe(tmp_path, worker=RULES_WORKER, conduct="mine.yaml")
    verbs.run(recipe, tmp_path / "run", until="rewrite")
    write_conduct(tmp_path, [])
    dry = verbs.run(recipe, tmp_path / "run", dry_run=True).steps
    redone, total, _ = counts(line_of("annotate", dry))
    assert total > redone > 0
    assert "every text is read again" in line_of("rewrite", dry)
    verbs.run(recipe, tmp_path / "run", until="publish")
    verbs.run(recipe, tmp_path / "fresh", until="publish")
    assert published(tmp_path / "run") == published(tmp_path / "fresh")


def test_a_changed_rule_buys_only_the_rows_that_were_told_it(tmp_path: Path) -> None:
    """A model is told three rules each; the rows of the others neither go nor cost a call."""

    def behave(payload: dict[str, Any], _earlier: int) -> Answer:
        text = document_in(payload)
        return Answer(text=rewritten(text.replace("ـ", "")) if "ـ" in text else "<unchanged/>")

    write_conduct(tmp_path, [])
    with serving(behave) as server:
        annotate = {**endpoint(server), "guidelines": 3, "sample": 100}
        recipe = write_recipe(tmp_path, worker=RULES_WORKER, conduct="mine.yaml", annotate=annotate)
        verbs.run(recipe, tmp_path / "run", until="annotate")
        told = tables(tmp_path / "run", "annotate", "in_force")["in_force"]
        rule = most_split(told)
        write_conduct(tmp_path, [{"id": rule, "wording": SAY, "examples": [], "cues": {}}])
        dry = verbs.run(recipe, tmp_path / "run", dry_run=True).steps
        redone, total, _ = counts(line_of("annotate", dry))
        assert f"rule {rule} reworded (ar, en)" in line_of("annotate", dry)
        assert 0 < redone < total == len(told)
        asked = len(server.calls)
        verbs.run(recipe, tmp_path / "run", until="publish")
        assert len(server.calls) - asked == redone
        verbs.run(recipe, tmp_path / "fresh", until="publish")
    assert published(tmp_path / "run") == published(tmp_path / "fresh")
    names = ("pairs", "drops", "in_force")
    kept, fresh = (tables(tmp_path / run, "annotate", *names) for run in ("run", "fresh"))
    assert kept == fresh


def most_split(told: list[dict[str, Any]]) -> str:
    """The rule that was told for about half of the documents."""
    ids = {rule for row in told for rule in row["told"]}
    return min(
        sorted(ids), key=lambda rule: abs(sum(rule in row["told"] for row in told) * 2 - len(told))
    )


@pytest.mark.parametrize("moment", ["moved", "half done", "reverted"])
def test_a_kill_amid_a_changed_conduct_loses_nothing(tmp_path: Path, moment: str) -> None:
    """As a killed run leaves it: the old result aside, and nothing, or one bucket, in its place."""
    write_conduct(tmp_path, [])
    recipe = write_recipe(tmp_path, worker=RULES_WORKER, conduct="mine.yaml")
    run = tmp_path / "run"
    verbs.run(recipe, run, until="annotate")
    old = run / "old"
    shutil.copytree(run / "annotate", old)
    write_conduct(tmp_path, [], without=["fix-punctuation"])
    expected = counts(line_of("annotate", verbs.run(recipe, run, dry_run=True).steps))
    verbs.run(recipe, run, until="annotate")
    if moment == "moved":
        shutil.rmtree(run / "annotate")
    else:
        (run / "annotate" / "ledger.json").unlink()
        for bucket in (1, 2, 3):
            (run / "annotate" / "pairs" / f"bucket-0000{bucket}.parquet").unlink()
    (run / "earlier").mkdir(exist_ok=True)
    old.rename(run / "earlier" / "annotate")
    if moment == "reverted":
        write_conduct(tmp_path, [])
        expected = (0, expected[1], expected[1])
    dry = verbs.run(recipe, run, dry_run=True).steps
    assert counts(line_of("annotate", dry)) == expected
    verbs.run(recipe, run, until="publish")
    verbs.run(recipe, tmp_path / "fresh", until="publish")
    assert published(run) == published(tmp_path / "fresh")
    assert tables(run, "annotate", "pairs") == tables(tmp_path / "fresh", "annotate", "pairs")


def test_a_forecast_costs_no_row_that_may_stay(tmp_path: Path) -> None:
    """Asking what a run would cost lays the old rows aside, as the run itself does."""

    def behave(payload: dict[str, Any], _earlier: int) -> Answer:
        return Answer(text="<unchanged/>")

    write_conduct(tmp_path, [])
    run = tmp_path / "run"
    with serving(behave) as server:
        annotate = {**endpoint(server), "guidelines": 3, "sample": 60}
        recipe = write_recipe(tmp_path, worker=RULES_WORKER, conduct="mine.yaml", annotate=annotate)
        verbs.run(recipe, run, until="annotate")
        rule = most_split(tables(run, "annotate", "in_force")["in_force"])
        write_conduct(tmp_path, [{"id": rule, "wording": SAY, "examples": [], "cues": {}}])
        before = counts(line_of("annotate", verbs.run(recipe, run, dry_run=True).steps))
        heard = Heard()
        verbs.forecast(recipe, run, pilot=10, progress=heard)
        assert counts(line_of("annotate", heard.lines)) == before
        assert counts(line_of("annotate", verbs.run(recipe, run, dry_run=True).steps)) == before


def test_a_forecast_that_has_nothing_to_ask_touches_nothing(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, worker=RULES_WORKER)
    run = tmp_path / "run"
    verbs.run(recipe, run, until="annotate")
    kept = tables(run, "annotate", "pairs")
    with pytest.raises(RecipeError, match="asks nobody for money"):
        verbs.forecast(recipe, run, set=["annotate.sample=7"])
    assert tables(run, "annotate", "pairs") == kept
