"""The moderation adapter against a server on the loopback interface."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tahdhib.errors import EndpointError, RecipeError
from tahdhib.llm import client
from tahdhib.score.adapters.moderation import CATEGORIES, PAPER, Moderation
from tahdhib.score.table import open_scorer
from tests.llm.chat_server import Answer, ChatServer, always, moderation, serving


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_BACKOFF_SECONDS", 0.01)


def scores(level: float) -> dict[str, object]:
    more = {"illicit": 0.9}
    return {name: level / (place + 1) for place, name in enumerate(CATEGORIES)} | more


def by_length(payload: dict, _earlier: int) -> Answer:
    return moderation(scores(min(1.0, len(payload["input"]) / 10_000)))


def spec(server: ChatServer, folder: Path, *options: str) -> str:
    told = [f"endpoint={server.base_url}", "key=none", f"answers={folder}", *options]
    return f"moderation:tiny?{'&'.join(told)}"


def test_columns_are_the_categories_the_papers_first(tmp_path: Path) -> None:
    with serving(by_length) as server:
        scorer = open_scorer(spec(server, tmp_path, "calls=9"))
        found = scorer.score(["a" * 1000, "", "b" * 2000])
    assert [score.name for score in scorer.card.scores][:4] == list(PAPER)
    assert found.shape == (3, len(CATEGORIES))
    assert found[:, 0].tolist() == [0.1, 0.0, 0.2]
    assert found[2, 1] == pytest.approx(0.1)
    assert {call["model"] for call in server.calls} == {"tiny"}
    assert len(server.calls) == 2


def test_a_long_text_is_its_worst_stretch(tmp_path: Path) -> None:
    with serving(by_length) as server:
        found = open_scorer(spec(server, tmp_path, "calls=9")).score(["x" * 8000])
    assert len(server.calls) == 2
    assert found[0, 0] == pytest.approx(0.6)


def test_nothing_is_sent_before_calls_are_allowed(tmp_path: Path) -> None:
    texts = ["one", "two", "three"]
    with serving(by_length) as server:
        with pytest.raises(RecipeError, match=r"would send 3 calls.*calls=3"):
            open_scorer(spec(server, tmp_path)).score(texts)
        with pytest.raises(RecipeError, match="0 of the 2 that are allowed"):
            open_scorer(spec(server, tmp_path, "calls=2")).score(texts)
        assert not server.calls
        scorer = Moderation(spec(server, tmp_path, "calls=3").partition(":")[2])
        assert scorer.forecast(texts).calls == 3
        scorer.score(texts)
        assert scorer.forecast(texts) == (0, 3, 0)
        with pytest.raises(RecipeError, match=r"3 of the 3 that are allowed.*calls=4"):
            scorer.score(["four"])
    assert len(server.calls) == 3


def test_nothing_is_bought_twice(tmp_path: Path) -> None:
    texts = ["one", "two", "one"]
    with serving(by_length) as server:
        first = open_scorer(spec(server, tmp_path, "calls=9")).score(texts)
        again = open_scorer(spec(server, tmp_path)).score(texts)
    assert len(server.calls) == 2
    assert np.array_equal(first, again)


def test_all_processes_and_runs_share_what_is_allowed(tmp_path: Path) -> None:
    with serving(by_length) as server:
        argument = spec(server, tmp_path, "calls=30")
        code = (
            "import sys; from tahdhib.score.table import open_scorer\n"
            "scorer = open_scorer(sys.argv[1])\n"
            "[scorer.score([f'{sys.argv[2]} {n}']) for n in range(20)]"
        )
        told = [[sys.executable, "-c", code, argument, name] for name in ("a", "b", "c")]
        running = [subprocess.Popen(one, stderr=subprocess.PIPE) for one in told]
        errors = [one.communicate(timeout=60)[1].decode() for one in running]
    assert len(server.calls) == 30
    assert sum("30 that are allowed" in error for error in errors) >= 1


def test_tries_that_fail_count_as_calls(tmp_path: Path) -> None:
    with serving(always(Answer(status=500))) as server:
        with pytest.raises(EndpointError):
            open_scorer(spec(server, tmp_path, "calls=3", "retries=9")).score(["one", "two"])
        assert len(server.calls) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"{}",
        b'{"results": []}',
        moderation({"sexual": 0.5}).body,
        moderation({**scores(0.5), "hate": None}).body,
        moderation({**scores(0.5), "hate": float("nan")}).body,
        moderation({**scores(0.5), "hate": 7}).body,
        moderation({**scores(0.5), "hate": True}).body,
    ],
)
def test_unparsable_answers_are_counted_and_never_kept(tmp_path: Path, body: bytes) -> None:
    with serving(always(Answer(body=body))) as server:
        scorer = open_scorer(spec(server, tmp_path, "calls=9", "retries=0"))
        with pytest.raises(
            EndpointError, match=r"2 of 2 texts got no usable answer.*unparsable: 2"
        ):
            scorer.score(["one", "two"])
    assert not list(tmp_path.rglob("*.json"))


def test_some_may_go_without_where_the_recipe_says_so(tmp_path: Path) -> None:
    def picky(payload: dict, _earlier: int) -> Answer:
        return Answer(body=b"{}") if payload["input"] == "two" else moderation(scores(0.5))

    with serving(picky) as server:
        options = ("calls=9", "retries=0", "tolerate=0.5")
        scorer = Moderation(spec(server, tmp_path, *options).partition(":")[2])
        found = scorer.score(["one", "two"])
    assert found[:, 0].tolist() == [0.5, 0.0]
    assert scorer.unanswered == 1


@pytest.mark.parametrize(("status", "said"), [(401, "refuses the key"), (404, "know the model")])
def test_an_endpoint_that_refuses(tmp_path: Path, status: int, said: str) -> None:
    raised = pytest.raises(EndpointError, match=said)
    with serving(always(Answer(status=status))) as server, raised as caught:
        open_scorer(spec(server, tmp_path, "calls=9")).score(["one"])
    assert "annotate" not in str(caught.value)


def test_nobody_listens(tmp_path: Path) -> None:
    argument = f"moderation:m?endpoint=http://127.0.0.1:9/v1&key=none&calls=9&answers={tmp_path}"
    with pytest.raises(EndpointError, match="the option endpoint=URL"):
        open_scorer(f"{argument}&retries=0").score(["one"])


def test_the_key_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(by_length) as server:
        argument = spec(server, tmp_path, "calls=9").replace("key=none", "key=A_KEY")
        monkeypatch.delenv("A_KEY", raising=False)
        with pytest.raises(RecipeError, match="A_KEY is not set"):
            open_scorer(argument).score(["one"])
        monkeypatch.setenv("A_KEY", "secret")
        open_scorer(argument).score(["one"])
    assert server.authorizations == ["Bearer secret"]


def test_hostile_texts(tmp_path: Path) -> None:
    texts = ["", "🙂", "\ud800", "\0", "x" * 100_000, "\u202eabc", '"}]}', "a\n" * 1000]
    with serving(by_length) as server:
        found = open_scorer(spec(server, tmp_path, "calls=99")).score(texts)
    assert np.isfinite(found).all()
    assert open_scorer(spec(server, tmp_path)).score([]).shape == (0, len(CATEGORIES))


def test_a_card_without_evidence(tmp_path: Path) -> None:
    card = Moderation("some-model?calls=1").card
    assert "never measured" in (card.warning("ar", "hate") or "")
