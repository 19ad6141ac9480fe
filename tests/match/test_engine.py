"""The guards around Daft. Each trap is shown without the wrapper where it shows itself."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.match import engine
from tahdhib.match.engine import daft_quietly, groups

GROUPS, FILES, TRIES = 154_208, 8, 40
"""The size at which the loss was first seen; with a quarter of it, it is rare."""


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    keys = np.arange(GROUPS, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    np.random.default_rng(0).shuffle(keys)
    return write(folder, np.array_split(keys, FILES))


@pytest.fixture
def by_the_engine(monkeypatch):
    """Few keys are grouped as many are."""
    monkeypatch.setattr(engine, "_SORTED_HERE", 0)


@pytest.fixture(params=["engine", "sorted"])
def way(request, monkeypatch):
    """The two ways to group keys."""
    monkeypatch.setattr(engine, "_SORTED_HERE", 0 if request.param == "engine" else 1 << 24)
    return request.param


def write(folder, parts):
    shards, first = [], 0
    for number, part in enumerate(parts):
        values = np.arange(first, first + len(part), dtype=np.uint64)
        first += len(part)
        shards.append(folder / f"{number}.parquet")
        table = {"key": pa.array(part), "twin": pa.array(part), "value": values}
        pq.write_table(pa.table(table), shards[-1])
    return shards


def contents(found):
    return {tuple(sorted(group.tolist())) for group in found}


def test_trap_dropping_the_aggregates_loses_groups(many):
    daft = engine._started()
    for _ in range(TRIES):
        frame = daft.read_parquet([str(shard) for shard in many]).groupby("key")
        value = daft.col("value")
        counted = frame.agg(value.min().alias("least"), value.count().alias("rows"))
        if len(counted.select("key").to_arrow()) != GROUPS:
            return
    pytest.skip(f"Daft lost no groups in {TRIES} tries: it is a race, or it has been mended")


def test_no_group_is_lost_at_that_size(many, way):
    for _ in range(10):
        found = groups(many, ["key", "twin"], "value")
        assert len(found) == GROUPS
        assert np.array_equal(np.sort(found.members), np.repeat(np.arange(GROUPS), 2))


@pytest.fixture
def few(tmp_path):
    return write(tmp_path, [np.array([1, 2, 1], np.uint64), np.array([2, 3, 1], np.uint64)])


def test_groups_hold_who_shares_a_key_over_all_files(few, way):
    found = groups(few, ["key"], "value")
    assert contents(found) == {(0, 2, 5), (1, 3)}
    assert len(found) == 2


def test_a_loss_is_noticed_and_tried_again(few, monkeypatch, by_the_engine):
    whole, calls = engine._grouped, []

    def lossy(*arguments):
        calls.append(arguments)
        lists = whole(*arguments)
        return lists if len(calls) > 1 else lists.slice(1)

    monkeypatch.setattr(engine, "_grouped", lossy)
    assert contents(groups(few, ["key"], "value")) == {(0, 2, 5), (1, 3)}
    assert len(calls) == 2


def test_a_lasting_loss_is_an_error(few, monkeypatch, by_the_engine):
    whole = engine._grouped
    monkeypatch.setattr(engine, "_grouped", lambda *arguments: whole(*arguments).slice(1))
    with pytest.raises(RuntimeError, match=r"of 6 rows at the last of 3 tries"):
        groups(few, ["key"], "value")


def test_no_rows_and_no_keys_give_no_groups(tmp_path, way):
    shards = write(tmp_path, [np.empty(0, np.uint64)])
    assert len(groups(shards, ["key"], "value")) == 0
    assert len(groups([], ["key"], "value")) == 0
    assert len(groups(shards, [], "value")) == 0


@given(st.lists(st.lists(st.integers(0, 9), max_size=12), min_size=1, max_size=4))
def test_sorting_groups_as_the_engine_does(parts):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        shards = write(Path(folder), [np.array(part, np.uint64) for part in parts])
        found = []
        for most in (0, 1 << 24):
            patch.setattr(engine, "_SORTED_HERE", most)
            found.append(contents(groups(shards, ["key", "twin"], "value")))
    assert found[0] == found[1]


def test_an_empty_file_among_others_does_no_harm(tmp_path, way):
    shards = write(tmp_path, [np.empty(0, np.uint64), np.array([4, 4], np.uint64)])
    assert contents(groups(shards, ["key"], "value")) == {(0, 1)}


def test_binary_keys(tmp_path, way):
    path = tmp_path / "a.parquet"
    keys = pa.array([b"\x00" * 16, b"\xff" * 16, b"\x00" * 16], pa.binary())
    pq.write_table(pa.table({"key": keys, "value": np.arange(3, dtype=np.uint64)}), path)
    assert contents(groups([path], ["key"], "value")) == {(0, 2)}


@pytest.mark.parametrize("name", ["run[1]", "run{a,b}", "run*", "run ?", "تجربة", "run%20"])
def test_trap_a_path_is_no_glob(tmp_path, name, way):
    (tmp_path / name).mkdir()
    shards = write(tmp_path / name, [np.array([4, 4], np.uint64)])
    assert contents(groups(shards, ["key"], "value")) == {(0, 1)}


def test_trap_a_path_is_taken_for_a_glob_without_the_wrapper(tmp_path):
    (tmp_path / "run[1]").mkdir()
    [shard] = write(tmp_path / "run[1]", [np.array([4, 4], np.uint64)])
    with pytest.raises(FileNotFoundError):
        engine._started().read_parquet(str(shard)).to_arrow()


CALLS_HOME = """
import sys, threading, urllib.request
calls = []
def caught(url, *rest, **options):
    calls.append(url)
    raise OSError
urllib.request.urlopen = caught
{load}
[thread.join(5) for thread in threading.enumerate() if thread is not threading.main_thread()]
print(len(calls))
"""


def run_python(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip(), done.stderr.strip()


def test_trap_importing_daft_calls_home():
    assert run_python(CALLS_HOME.format(load="import daft")) != ("0", "")
    quietly = "from tahdhib.match.engine import daft_quietly; daft_quietly()"
    assert run_python(CALLS_HOME.format(load=quietly)) == ("0", "")


def test_the_runner_is_native_and_silent_whatever_the_environment_says(few):
    code = f"""
from pathlib import Path
from tahdhib.match import engine
from tahdhib.match.engine import groups, daft_quietly
engine._SORTED_HERE = 0
print(len(groups([Path({str(few[0])!r})], ["key"], "value")))
print(daft_quietly().get_or_infer_runner_type())
"""
    out, err = run_python(code, DAFT_RUNNER="ray", DAFT_PROGRESS_BAR="1")
    assert (out.split(), err) == (["1", "native"], "")


def test_a_runner_that_is_already_set_is_no_hindrance(few):
    code = f"""
import daft
daft.set_runner_native()
from pathlib import Path
from tahdhib.match import engine
from tahdhib.match.engine import groups
engine._SORTED_HERE = 0
print(len(groups([Path({str(few[0])!r})], ["key"], "value")))
"""
    assert run_python(code, DAFT_ANALYTICS_ENABLED="0")[0] == "1"


def test_daft_is_not_imported_before_it_is_needed():
    code = "import sys, tahdhib.stages.dedup.stage; print('daft' in sys.modules)"
    assert run_python(code)[0] == "False"


def test_daft_is_the_version_that_was_examined():
    """A newer one may have new traps, or fewer: read the release notes, run this file, move on."""
    assert daft_quietly().__version__.startswith("0.7.")
