"""The judge and the teacher against a server whose answers come from real logits."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from openai import OpenAI  # noqa: E402

from tahdhib.conduct.conduct import Conduct  # noqa: E402
from tahdhib.errors import EndpointError  # noqa: E402
from tahdhib.score.table import open_scorer  # noqa: E402
from tahdhib.stages.annotate.stage import work  # noqa: E402
from tests.llm.chat_server import ChatServer, serving  # noqa: E402
from tests.servers import tiny_chat  # noqa: E402
from tests.servers.real_logits import RealLogits  # noqa: E402
from tests.stages.annotate.test_stage import endpoint, place_in, table  # noqa: E402

TEXTS = tiny_chat.demo_texts(60)
SOME = {f"d{number}": text[:200] for number, text in enumerate(TEXTS[:5])}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> RealLogits:
    folder = tmp_path_factory.mktemp("model")
    return RealLogits(tiny_chat.make(folder, TEXTS, tiny_chat.DIGITS))


@pytest.fixture(autouse=True)
def _as_made(model: RealLogits) -> None:
    model.most_tops, model.holds_schemas = 20, True


def judge(server: ChatServer, folder: Path, *options: str) -> str:
    told = [f"endpoint={server.base_url}", "key=none", f"answers={folder}", "calls=99", *options]
    return f"judge:tiny?{'&'.join(told)}"


def shares_after(model: RealLogits, ids: list[int]) -> "torch.Tensor":
    """What the model would say next, reckoned in one go."""
    with torch.no_grad():
        return model.model(input_ids=torch.tensor([ids])).logits[0, -1].double().log_softmax(0)


def test_n_answers_with_their_probabilities(model: RealLogits) -> None:
    messages = [{"role": "user", "content": SOME["d0"]}]
    with serving(model) as server:
        client = OpenAI(base_url=server.base_url, api_key="none", max_retries=0)
        found = client.chat.completions.create(
            model="tiny",
            messages=messages,
            n=8,
            temperature=1.0,
            max_tokens=4,
            logprobs=True,
            top_logprobs=5,
        )
    assert [choice.index for choice in found.choices] == list(range(8))
    assert len({choice.message.content for choice in found.choices}) > 1
    expected = shares_after(model, model.prompt_ids(messages))
    for choice in found.choices:
        first = choice.logprobs.content[0]
        [token] = model.tokenizer(first.token, add_special_tokens=False)["input_ids"]
        assert first.logprob == pytest.approx(float(expected[token]), abs=1e-4)
        tops = [top.logprob for top in first.top_logprobs]
        assert tops == pytest.approx(expected.topk(5).values.tolist(), abs=1e-4)
    assert found.usage.completion_tokens == sum(len(c.logprobs.content) for c in found.choices)


def test_the_judge_reads_the_expectation(model: RealLogits, tmp_path: Path) -> None:
    with serving(model) as server:
        found = open_scorer(judge(server, tmp_path)).score(list(SOME.values()))
    asked = {call["messages"][1]["content"]: call["messages"] for call in server.calls}
    assert len(asked) == len(SOME)
    for text, [score] in zip(SOME.values(), found.tolist(), strict=True):
        [messages] = [one for user, one in asked.items() if text.strip() in user]
        shares = shares_after(model, model.prompt_ids(messages)).exp()
        digits = [model.tokenizer.convert_tokens_to_ids(digit) for digit in "12345"]
        weights = [float(shares[token]) for token in digits]
        expected = sum(w * d for d, w in enumerate(weights, start=1)) / sum(weights)
        assert score == pytest.approx(expected, abs=1e-3)
        assert score != round(score)


def test_a_cap_on_probabilities_is_said_and_kept_to(model: RealLogits, tmp_path: Path) -> None:
    model.most_tops = 5
    with serving(model) as server:
        with pytest.raises(EndpointError, match="more than the 5 that are allowed"):
            open_scorer(judge(server, tmp_path)).score(["كتاب"])
        [[score]] = open_scorer(judge(server, tmp_path, "logprobs=5")).score(["كتاب"]).tolist()
        assert 1 < score < 5
        [[digit]] = open_scorer(judge(server, tmp_path, "logprobs=no")).score(["كتاب"]).tolist()
        assert digit in (1, 2, 3, 4, 5)


def reasons(place: object) -> list[str]:
    return [row["detail"].partition(":")[0] for row in table(place, "drops").values()]


def test_answers_are_held_to_the_schema(
    model: RealLogits, tmp_path: Path, conduct: Conduct
) -> None:
    with serving(model, model) as server:
        place = place_in(tmp_path, conduct, SOME, endpoint(server, timeout_seconds=60))
        ledger = work(place)
    assert len(server.probes) == 2
    assert ledger.came_in == len(SOME) == ledger.went_out + ledger.dropped
    assert all("response_format" in call for call in server.calls)
    assert len(server.calls) == ledger.notes["calls"] == len(SOME)
    assert not {"no_protocol", "broken_protocol", "truncated"} & set(reasons(place))
    lines = (place.run.replies / "answers.jsonl").read_text().splitlines()
    replies = [json.loads(line)["text"] for line in lines]
    objects = [json.loads(text) for text in replies if text.startswith("{")]
    assert len(objects) == len(SOME)
    assert all(list(one) == ["analysis", "answer", "rewrite", "rule"] for one in objects)


def test_a_schema_that_is_ignored_is_not_asked_for(
    model: RealLogits, tmp_path: Path, conduct: Conduct
) -> None:
    model.holds_schemas = False
    with serving(model, model) as server:
        place = place_in(tmp_path, conduct, SOME, endpoint(server, timeout_seconds=60))
        ledger = work(place)
    assert len(server.probes) == 2
    assert not any("response_format" in call for call in server.calls)
    assert ledger.came_in == len(SOME) == ledger.dropped
    assert set(reasons(place)) == {"no_protocol"}


def test_samples_are_several_answers(model: RealLogits, tmp_path: Path, conduct: Conduct) -> None:
    some = dict(list(SOME.items())[:2])
    annotate = endpoint(server := ChatServer(model, model), timeout_seconds=60, temperature=1.0)
    with server.running():
        place = place_in(tmp_path, conduct, some, {**annotate, "samples": 3})
        ledger = work(place)
    assert ledger.came_in == ledger.went_out + ledger.dropped == 2
    assert len(server.calls) == 6
    assert sorted(call.get("seed", 0) for call in server.calls) == [0, 0, 1, 1, 2, 2]
    rows = [row for shard in place.here.shards("candidates") for row in _rows(shard)]
    assert len(rows) == 6


def test_a_long_document_is_asked_about_by_passages(
    model: RealLogits, tmp_path: Path, conduct: Conduct
) -> None:
    text = "\n".join(TEXTS[:3])[:1500]
    with serving(model, model) as server:
        annotate = {**endpoint(server, timeout_seconds=60), "passage_characters": 400}
        place = place_in(tmp_path, conduct, {"long": text}, annotate)
        ledger = work(place)
    assert ledger.came_in == ledger.went_out + ledger.dropped == 1
    assert len(server.calls) == ledger.notes["calls"] >= 4


def _rows(shard: Path) -> list[dict]:
    from tahdhib.store.shards import read_rows

    return read_rows(shard)
