"""The best of several rewrites: passes the gate, backed by the others, the same each time."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.config import parse_recipe
from tahdhib.errors import RecipeError
from tahdhib.records import Edit, Rewrite
from tahdhib.stages.annotate.best import Candidate, standings
from tahdhib.stages.annotate.stage import work
from tahdhib.text.edits import diff, edit_rate
from tests.llm.chat_server import Answer, serving
from tests.stages.annotate.test_stage import (
    SENTENCE,
    document_in,
    endpoint,
    place_in,
    rewritten,
    table,
)

SOURCE = "the old town lies on a broad river and has three bridges and a market"


def candidate(text: str | None, refusal: tuple[str, str] | None = None) -> Candidate:
    if text is None:
        return Candidate(Unusable("empty", ""), ("teacher_failed", "empty"))
    return Candidate(Rewrite(text, diff(SOURCE, text, "t")), refusal)


DROP = Candidate(Rewrite(SOURCE, (), drop_reason="spam"), ("conduct:spam", ""))


def winner(*candidates: Candidate) -> int:
    found = standings(SOURCE, candidates)
    (won,) = [at for at, one in enumerate(found) if one.won]
    return won


def test_what_one_invents_loses_to_what_two_say():
    plain = SOURCE.replace("old ", "")
    invented = SOURCE.replace("three bridges", "a palace of the kings")
    assert winner(candidate(invented), candidate(plain), candidate(plain + ".")) in (1, 2)


def test_the_refused_and_the_unusable_never_win():
    bad = candidate(SOURCE[:20], ("gate:length", "too short"))
    assert winner(bad, candidate(None), candidate(SOURCE)) == 2
    assert winner(bad, candidate(None)) == 0
    found = standings(SOURCE, [bad, candidate(None), candidate(SOURCE)])
    assert [one.verdict for one in found] == ["gate:length", "unusable", "passed"]
    assert [one.agreement for one in found] == [None, None, 1.0]


def test_equal_agreement_goes_to_the_smaller_edit_then_to_the_first():
    small, large = SOURCE.replace("old", "new"), SOURCE.replace("old town", "new city")
    assert winner(candidate(large), candidate(small)) == 1
    assert winner(candidate(small), candidate(small)) == 0


def test_a_document_goes_where_most_want_that():
    assert winner(candidate(SOURCE), DROP, DROP) == 1
    assert winner(DROP, candidate(SOURCE)) == 1
    assert winner(candidate(None), DROP) == 1


texts = st.text(st.sampled_from("ab \u0627\u0628\U0001f642"), max_size=12)


@given(st.lists(st.none() | texts, min_size=1, max_size=5))
def test_one_wins_whatever_is_said(some):
    candidates = [candidate(text) for text in some]
    found = standings(SOURCE, candidates)
    assert sum(one.won for one in found) == 1
    assert found == standings(SOURCE, candidates)
    passed = [one.agreement for one in found if one.verdict == "passed"]
    assert all(value is not None and 0 <= value <= 1 for value in passed)
    if passed:
        (best,) = [one for one in found if one.won]
        assert best.agreement == max(passed)


def test_edit_rate():
    assert edit_rate("abcd", []) == 0
    assert edit_rate("abcd", [Edit(0, 1, "", "t"), Edit(2, 2, "xx", "t")]) == 0.75
    assert edit_rate("", [Edit(0, 0, "long", "t")]) == 1


def test_several_teachers_and_samples(tmp_path: Path, conduct: Conduct) -> None:
    source = f"{SENTENCE} وفيـــها سوق"

    def behave(payload: dict[str, Any], _earlier: int) -> Answer:
        text = document_in(payload)
        if payload["model"] == "bad":
            return Answer(text=rewritten(text.replace("1905", "1950")))
        return Answer(text=rewritten(text.replace("ـ", "")))

    with serving(behave) as server:
        annotate = {
            **endpoint(server, temperature=0.7),
            "teachers": ["openai:bad", "openai:good", "rules"],
            "samples": 2,
        }
        place = place_in(tmp_path, conduct, {"one": source}, annotate)
        ledger = work(place)
        again = place_in(tmp_path, conduct, {"one": source}, annotate)
        assert work(again) == ledger
    assert len(server.calls) == 4
    seeds = [(call["model"], call.get("seed")) for call in server.calls]
    assert sorted(seeds, key=str) == [("bad", 1), ("bad", None), ("good", 1), ("good", None)]
    pair = table(place, "pairs")["one"]
    assert pair["teacher"] == "openai:good"
    assert pair["rewrites"] == [source.replace("ـ", "")]
    rows = [row for row in all_rows(place) if row["id"] == "one"]
    assert [row["verdict"] for row in rows] == ["gate:numbers"] * 2 + ["passed"] * 3
    assert [row["won"] for row in rows] == [False, False, True, False, False]
    assert [row["sample"] for row in rows] == [0, 1, 0, 1, 0]
    assert ledger.notes["calls"] == 4
    assert ledger.notes["prompt_tokens"] == 40


def all_rows(place) -> list[dict[str, Any]]:
    from tahdhib.store.shards import read_rows

    return [row for shard in place.here.shards("candidates") for row in read_rows(shard)]


def test_rules_alone_have_no_candidates(tmp_path: Path, conduct: Conduct) -> None:
    place = place_in(tmp_path, conduct, {"one": SENTENCE}, {"sample": 5})
    work(place)
    assert place.here.shards("candidates") == []


@pytest.mark.parametrize(
    ("annotate", "words"),
    [
        ({"teachers": ["oracle"]}, "teachers names 'oracle'"),
        ({"teachers": ["rules:x"]}, "teachers names 'rules:x'"),
        ({"teachers": ["rules", "rules"]}, "names one twice"),
        ({"samples": 3}, "at a temperature of 0"),
    ],
)
def test_teachers_that_cannot_be(annotate: dict, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        parse_recipe({"ingest": {"paths": ["-"]}, "annotate": annotate})
