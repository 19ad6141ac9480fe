"""The stage as a whole: a row of signals for each document, whatever its text."""

import math
import shutil

from tahdhib.score.quality.signals import Signals, measure
from tahdhib.stages.signals.stage import SIGNALS, work
from tests.stages.clean.folders import at, deduplicated, rows_of
from tests.stages.dedup.passages import PASSAGES

MENU = "الرئيسية | أخبار | اتصل بنا"
TEXTS = {
    **{f"p{number}": text for number, text in enumerate(PASSAGES)},
    "emoji": "🙂",
    "long": "س" * 1_000_000,
    "egyptian": "ده كان واحد من الناس اللي بيشتغلوا في مصر ومش عايز يسيب الشغل ده خالص",
    "english": "This is a plain English text with words that everybody knows.",
    "menu": f"{MENU}\n" + "كتب الولد الدرس في البيت قبل أن يذهب إلى المدرسة مع أخيه الصغير.",
}


def measured(root, processes=1, **clean):
    deduplicated(root, TEXTS, menu=(MENU,))
    place = at(root, "signals", processes, **clean)
    return place, work(place)


def test_every_document_has_a_row_and_no_number_is_nan(tmp_path, no_hang):
    place, ledger = measured(tmp_path)
    rows = {row["id"]: row for row in rows_of(place, "signals")}
    assert rows.keys() == TEXTS.keys()
    assert (ledger.came_in, ledger.went_out, ledger.drops) == (len(TEXTS), len(TEXTS), {})
    assert set(SIGNALS.names) == {*Signals._fields, *SIGNALS.names[:5]}
    numbers = [value for row in rows.values() for value in row.values() if type(value) is float]
    assert all(map(math.isfinite, numbers))
    assert rows["emoji"]["language"] == rows["emoji"]["dialect"] == "und"
    assert (rows["english"]["language"], rows["english"]["dialect"]) == ("en", "und")
    assert (rows["egyptian"]["language"], rows["egyptian"]["dialect"]) == ("ar", "egy")
    assert ledger.notes["language_ar"] >= 2


def test_lines_of_the_site_are_measured_only_where_they_stay(tmp_path):
    for name, has_boilerplate in (("out", True), ("in", False)):
        place, _ = measured(tmp_path / name, boilerplate=has_boilerplate)
        (row,) = [row for row in rows_of(place, "signals") if row["id"] == "menu"]
        kept = TEXTS["menu"].removeprefix(f"{MENU}\n") if has_boilerplate else TEXTS["menu"]
        assert {name: row[name] for name in Signals._fields} == measure(kept, "ar")._asdict()


def test_processes_and_a_second_start_leave_no_trace(tmp_path):
    def content(place):
        return {path.name: path.read_bytes() for path in place.here.shards("signals")}

    one, _ = measured(tmp_path / "one")
    two, _ = measured(tmp_path / "two", processes=2)
    assert content(one) == content(two)
    before = content(one)
    one.here.shard("signals", 1).unlink()
    work(one)
    assert content(one) == before
    shutil.rmtree(one.here.root / "signals")
    work(one)
    assert content(one) == before
