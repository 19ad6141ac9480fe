from dataclasses import asdict
from pathlib import Path

import pytest

from tahdhib.records import Edit
from tahdhib.report.sample import Draw, draw_by_value, edit_totals, rows_with
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import REWRITES
from tahdhib.store.shards import read_rows, write_rows


def test_a_draw_does_not_depend_on_the_order() -> None:
    ids = [f"doc-{number}" for number in range(200)]
    drawn = []
    for order in (ids, ids[::-1]):
        draw = Draw(5, 17)
        for row_id in order:
            draw.offer(row_id)
        drawn.append(draw.ids)
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 5


def test_the_seed_moves_the_draw() -> None:
    draws = [Draw(5, seed) for seed in (1, 2)]
    for number in range(200):
        for draw in draws:
            draw.offer(f"doc-{number}")
    assert draws[0].ids != draws[1].ids


def test_totals_agree_with_a_count_by_hand(finished: RunFolder) -> None:
    shards = finished.stage("rewrite").shards("documents")
    rows = [row for shard in shards for row in read_rows(shard)]
    totals = edit_totals(shards, seed=17, samples=20, each=3)
    accepted = [row for row in rows if row["state"] == "rewritten"]
    owners = [edit["by"] for row in accepted for edit in row["edits"]]
    assert totals.edits == {name: owners.count(name) for name in owners}
    for name, count in totals.documents.items():
        touched = [row for row in accepted if name in {edit["by"] for edit in row["edits"]}]
        assert count == len(touched)
    assert totals.source_characters == sum(len(row["source"]) for row in rows)
    assert totals.text_characters == sum(len(row["text"]) for row in rows)
    lengths = [edit["end"] - edit["start"] for row in accepted for edit in row["edits"]]
    assert totals.touched_characters == sum(lengths)


def test_every_rule_gets_a_sample(finished: RunFolder) -> None:
    shards = finished.stage("rewrite").shards("documents")
    totals = edit_totals(shards, seed=17, samples=60, each=3)
    rows = rows_with(shards, totals.drawn, ["id", "edits"])
    assert {edit["by"] for row in rows for edit in row["edits"]} == set(totals.edits)


def test_samples_do_not_depend_on_the_shards(finished: RunFolder, tmp_path: Path) -> None:
    shards = finished.stage("rewrite").shards("documents")
    rows = [row for shard in shards for row in read_rows(shard)]
    write_rows(tmp_path / "bucket-00000.parquet", rows[::-1], REWRITES)
    one = edit_totals([tmp_path / "bucket-00000.parquet"], seed=17, samples=10, each=2)
    assert one.drawn == edit_totals(shards, seed=17, samples=10, each=2).drawn


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_with_nothing_in_them(tmp_path: Path, rows: int) -> None:
    row = {
        "id": "a",
        "source": "text",
        "text": "text",
        "metadata": "{}",
        "state": "untouched",
        "edits": [asdict(edit) for edit in list[Edit]()],
        "worker": "rules",
        "worker_hash": "",
        "conduct_hash": "",
        "rules_hash": "",
        "reasons": [],
    }
    write_rows(tmp_path / "bucket-00000.parquet", [row] * rows, REWRITES)
    totals = edit_totals([tmp_path / "bucket-00000.parquet"], seed=1, samples=5, each=5)
    assert not totals.edits
    assert not totals.drawn


def test_a_list_counts_under_each_of_its_values(finished: RunFolder) -> None:
    shards = finished.stage("rewrite").shards("refusals")
    counts, drawn = draw_by_value(shards, "reasons", seed=17, each=2)
    rows = [row for shard in shards for row in read_rows(shard)]
    assert counts["length"] == len(rows)
    assert 0 < counts["numbers"] < len(rows)
    assert len(drawn["length"]) == 2
