"""Promises 1, 3 and 4, on real processes: kills, processes and shards leave no trace."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tahdhib.run.stages import NAMES
from tahdhib.store.shards import TEMPORARY
from tests.run.small import ledgers, published, tahdhib, write_recipe


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = tahdhib("run", "-c", write_recipe(folder), "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    return folder / "run"


def test_a_run_killed_in_every_stage_ends_as_if_it_had_not_been(
    undisturbed: Path, tmp_path: Path
) -> None:
    arguments = ("run", "-c", write_recipe(tmp_path), "--out", tmp_path / "run")
    for stage in NAMES:
        for moment in ("before", "after"):
            killed = tahdhib(stage, moment, 1, "--", *arguments, module="tests.run.killed")
            assert killed.returncode == -9, (stage, moment, killed.stderr)
    done = tahdhib(*arguments)
    assert done.returncode == 0, done.stderr
    assert published(tmp_path / "run") == published(undisturbed)
    assert ledgers(tmp_path / "run") == ledgers(undisturbed)
    assert not list((tmp_path / "run").rglob(f"{TEMPORARY}*"))


def test_two_processes_and_seven_shards_publish_the_same(undisturbed: Path, tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, shards=7, processes=2)
    done = tahdhib("run", "-c", recipe, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert published(tmp_path / "run") == published(undisturbed)


def test_the_same_command_again_does_nothing(undisturbed: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*.parquet")}
    recipe = undisturbed.parent / "recipe.yaml"
    planned = tahdhib("run", "-c", recipe, "--out", undisturbed, "--dry-run")
    assert planned.stdout.count("finished, nothing to do") == len(NAMES)
    assert tahdhib("run", "-c", recipe, "--out", undisturbed).returncode == 0
    assert before == {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*.parquet")}


def test_ledgers_balance_against_the_files(undisturbed: Path) -> None:
    accounts = ledgers(undisturbed)

    def rows(stage: str, table: str) -> int:
        shards = (undisturbed / stage / table).glob("*.parquet")
        return sum(pq.read_metadata(shard).num_rows for shard in shards)

    for stage, table in [("ingest", "documents"), ("dedup", "documents"), ("annotate", "pairs")]:
        assert accounts[stage]["went_out"] == rows(stage, table)
    assert sum(accounts["dedup"]["drops"].values()) == rows("dedup", "drops")
    assert accounts["dedup"]["came_in"] == accounts["ingest"]["went_out"]
    assert accounts["signals"]["went_out"] == rows("signals", "signals")
    assert accounts["clean"]["came_in"] == accounts["dedup"]["went_out"]
    assert accounts["clean"]["went_out"] == rows("clean", "documents")
    assert sum(accounts["clean"]["drops"].values()) == rows("clean", "drops") > 0
    assert accounts["rewrite"]["came_in"] == accounts["clean"]["went_out"]
    assert accounts["rewrite"]["went_out"] == rows("rewrite", "documents")
    corpus = (undisturbed / "publish" / "corpus" / "parquet").glob("*.parquet")
    assert accounts["publish"]["went_out"] == sum(pq.read_metadata(s).num_rows for s in corpus)


def test_a_changed_setting_redoes_what_depends_on_it_after_saying_so(
    undisturbed: Path, tmp_path: Path
) -> None:
    recipe = undisturbed.parent / "recipe.yaml"
    change = ("--set", "audit.repetitions=300")
    planned = tahdhib("run", "-c", recipe, "--out", undisturbed, *change, "--dry-run")
    lines = planned.stdout.splitlines()
    assert [line for line in lines if "again" in line] == [
        line for line in lines if line.startswith("audit: ")
    ]
    assert "documents again, because these changed: recipe audit" in planned.stdout
