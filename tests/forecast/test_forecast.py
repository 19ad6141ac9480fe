"""The forecast over a run folder, with a server on the loopback interface that counts tokens."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

import tahdhib
from tahdhib.errors import RecipeError
from tests.llm.chat_server import Answer, ChatServer, serving
from tests.stages.annotate.test_stage import document_in, endpoint, rewritten

WORDS = [
    "بنيت",
    "المدينة",
    "على",
    "ضفة",
    "النهر",
    "وسكنها",
    "الناس",
    "من",
    "كل",
    "مكان",
    "وفيها",
    "سوق",
    "كبير",
]


def recipe_in(tmp_path: Path, server: ChatServer, number: int = 60, **annotate: Any) -> Path:
    rng = random.Random(4)
    texts = [
        f"{n} " + " ".join(rng.choices(WORDS, k=int(rng.paretovariate(1.2) * 8) + 5))
        for n in range(number)
    ]
    lines = [json.dumps({"id": f"d{n}", "text": text}) for n, text in enumerate(texts)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    prices = {"price_per_million_input": 1000.0, "price_per_million_output": 4000.0}
    recipe = {
        "ingest": {"paths": ["corpus.jsonl"], "id": "id", "buckets": 2},
        "dedup": {"near": False},
        "annotate": {**endpoint(server, **prices), **annotate},
        "worker": {"kind": "rules"},
        "processes": 1,
    }
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(recipe))
    return path


def counted(payload: dict[str, Any], _earlier: int) -> Answer:
    """An answer whose tokens follow from the lengths, as a server counts them."""
    text = document_in(payload)
    asked = sum(len(message["content"]) for message in payload["messages"])
    body = json.loads(Answer(text=rewritten(text)).content("tiny"))
    body["usage"] = {"prompt_tokens": asked // 3, "completion_tokens": len(text) // 3 + 9}
    return Answer(body=json.dumps(body).encode())


def test_a_pilot_tells_what_the_whole_costs_and_is_not_bought_twice(tmp_path: Path) -> None:
    with serving(counted) as server:
        recipe, out = recipe_in(tmp_path, server), tmp_path / "run"
        found = tahdhib.forecast(recipe, out, pilot=15)
        assert len(server.calls) == found.pilot == found.usable == 15
        assert found.documents == 60
        assert found.hours is not None
        again = tahdhib.forecast(recipe, out, pilot=15)
        assert len(server.calls) == 15
        assert again.hours is None
        assert again.money == found.money
        result = tahdhib.annotate(recipe, out)
        assert len(server.calls) == 60
    notes = result.accounts[-1].notes
    for value, name in (
        (found.prompt_tokens, "prompt_tokens"),
        (found.completion_tokens, "completion_tokens"),
        (found.calls, "calls"),
    ):
        assert value.low <= notes[name] <= value.high
        assert value.estimate == pytest.approx(notes[name], rel=0.15)
    money = (notes["prompt_tokens"] + 4 * notes["completion_tokens"]) / 1000
    assert found.money.low <= money <= found.money.high
    assert json.loads((out / "annotate" / "forecast.json").read_text())["pilot"] == 15
    by_batch = tahdhib.forecast(recipe, out, pilot=15, set=["annotate.teacher=batch"])
    assert by_batch.money.estimate == pytest.approx(found.money.estimate / 2)
    assert by_batch.teachers == ("batch:tiny",)


def test_a_budget_says_how_many_documents_it_pays_for(tmp_path: Path) -> None:
    with serving(counted) as server:
        recipe, out = recipe_in(tmp_path, server), tmp_path / "run"
        whole = tahdhib.forecast(recipe, out, pilot=30)
        half = tahdhib.forecast(recipe, out, pilot=30, budget=whole.money.high / 2)
        assert tahdhib.forecast(recipe, out, pilot=30, budget=2 * whole.money.high).fits is None
        assert half.fits is not None
        assert 5 < half.fits < 55
        settings = [f"annotate.sample={half.fits}"]
        notes = tahdhib.annotate(recipe, tmp_path / "half", set=settings).accounts[-1].notes
    spent = (notes["prompt_tokens"] + 4 * notes["completion_tokens"]) / 1000
    assert 0.5 * whole.money.high / 2 < spent <= whole.money.high / 2


def test_all_samples_count(tmp_path: Path) -> None:
    with serving(counted) as server:
        recipe = recipe_in(tmp_path, server, 20, samples=2)
        setting = ["annotate.openai.temperature=1"]
        found = tahdhib.forecast(recipe, tmp_path / "run", pilot=5, set=setting)
    assert len(server.calls) == 10
    assert found.calls.estimate == pytest.approx(40)


def test_rules_cost_nothing(tmp_path: Path) -> None:
    with serving(counted) as server:
        recipe = recipe_in(tmp_path, server)
        with pytest.raises(RecipeError, match="asks nobody for money"):
            tahdhib.forecast(recipe, tmp_path / "run", set=["annotate.teacher=rules"])


def test_a_dry_run_says_that_money_is_asked_for(tmp_path: Path) -> None:
    with serving(counted) as server:
        recipe = recipe_in(tmp_path, server)
        steps = tahdhib.run(recipe, tmp_path / "run", dry_run=True).steps
        assert [step for step in steps if "tahdhib forecast" in step and "openai:tiny" in step]
        free = ["annotate.teacher=rules"]
        steps = tahdhib.run(recipe, tmp_path / "run", dry_run=True, set=free).steps
    assert not [step for step in steps if "forecast" in step]
    assert server.calls == []


def test_a_long_document_is_several_calls(tmp_path: Path) -> None:
    with serving(counted) as server:
        recipe, out = recipe_in(tmp_path, server, passage_characters=200), tmp_path / "run"
        found = tahdhib.forecast(recipe, out, pilot=15)
        notes = tahdhib.annotate(recipe, out).accounts[-1].notes
    assert notes["calls"] == len(server.calls) > 60
    assert found.calls.estimate == pytest.approx(notes["calls"])
    for value, name in ((found.prompt_tokens, "prompt_tokens"), (found.calls, "calls")):
        assert value.low <= notes[name] <= value.high
