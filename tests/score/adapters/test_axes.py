"""Ratings on five axes: by probabilities where there are any, else by digits; both orders asked."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.errors import RecipeError
from tahdhib.llm.chat import Reply, Setback
from tahdhib.score.adapters.axes import AXES, ORDERS, AxesJudge, read_ratings
from tests.llm.chat_server import Answer, serving
from tests.stages.workplaces import EMPTY_CONDUCT


def said(ratings: dict[str, int | str]) -> str:
    return "\n".join(f"{axis}: {value}" for axis, value in ratings.items())


def body(text: str, steps: list[tuple[str, dict[str, float]]] | None = None) -> bytes:
    choice: dict[str, Any] = {"message": {"content": text}, "finish_reason": "stop"}
    if steps is not None:
        content = [
            {
                "token": token,
                "logprob": 0.0,
                "top_logprobs": [
                    {"token": top, "logprob": math.log(share)} for top, share in tops.items()
                ],
            }
            for token, tops in steps
        ]
        choice["logprobs"] = {"content": content}
    return json.dumps({"choices": [choice], "usage": {}}).encode()


def ratings_of(content: bytes) -> dict[str, float]:
    reply = read_ratings(content)
    assert isinstance(reply, Reply), reply
    found: dict[str, float] = json.loads(reply.text)
    return found


EIGHTS = dict.fromkeys(AXES, 8)


@pytest.mark.parametrize(
    "text",
    [
        said(EIGHTS),
        said(dict.fromkeys(AXES, "08")),
        json.dumps(EIGHTS, indent=1),
        "\n".join(f"- **{axis.title()}**: 8/10" for axis in AXES),
        said(EIGHTS).replace("8", "٨"),
    ],
)
def test_digits(text):
    assert ratings_of(body(text)) == EIGHTS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot rate this.",
        said({**EIGHTS, "detail": 11}),
        said({**EIGHTS, "format": 0}),
        "\n".join(said(EIGHTS).split("\n")[:4]),
        said({**EIGHTS, "format": 800}),
    ],
)
def test_what_is_no_five_ratings_is_none(text):
    assert isinstance(read_ratings(body(text)), Setback)


def stepped(first: list[tuple[str, dict[str, float]]]) -> bytes:
    """An answer whose first rating is told step by step."""
    number = "".join(token for token, _ in first)
    text = said({**EIGHTS, "format": number})
    rest = text.removeprefix(f"format: {number}")
    steps = [("format", {"format": 1.0}), (": ", {": ": 1.0}), *first, (rest, {rest: 1.0})]
    return body(text, steps)


def test_probabilities_of_whole_numbers():
    found = ratings_of(stepped([("8", {"8": 0.5, "9": 0.25, "10": 0.25})]))
    assert found["format"] == pytest.approx(8.75)
    assert found["detail"] == 8
    with_zero = ratings_of(stepped([("08", {"08": 0.5, "10": 0.5})]))
    assert with_zero["format"] == pytest.approx(9)


def test_probabilities_of_digits_one_by_one():
    first = [("0", {"0": 0.75, "1": 0.25}), ("8", {"8": 0.5, "6": 0.5})]
    assert ratings_of(stepped(first))["format"] == pytest.approx(0.75 * 7 + 0.25 * 10)


def test_probabilities_that_are_mostly_of_something_else_are_not_used():
    assert ratings_of(stepped([("8", {"8": 0.2, "eight": 0.7})]))["format"] == 8


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: body(text)))
def test_any_body_is_read(content):
    assert isinstance(read_ratings(content), Reply | Setback)


def rating(payload: dict[str, Any]) -> int:
    """A judge that likes what it is shown first."""
    user = payload["messages"][-1]["content"]
    return 9 if user.index("good") < user.index("plain") else 5


def test_both_orders_are_asked_and_bought_once(tmp_path):
    def behave(payload: dict[str, Any], _earlier: int) -> Answer:
        return Answer(text=said(dict.fromkeys(AXES, rating(payload))))

    with serving(behave) as server:
        options = f"tiny?endpoint={server.base_url}&key=none&answers={tmp_path}&calls=2"
        judge = AxesJudge(options, EMPTY_CONDUCT)
        ((first, second),) = judge.rate(["plain"], ["good"])
        assert len(server.calls) == 2
        assert judge.rate(["plain"], ["good"]) == [(first, second)]
        assert len(server.calls) == 2
    assert (set(first.values()), set(second.values())) == ({5}, {9})
    assert [call["logprobs"] for call in server.calls] == [True, True]
    assert len(ORDERS) == 2


def test_nothing_is_sent_before_calls_are_allowed(tmp_path):
    with serving(lambda _payload, _: Answer()) as server:
        options = f"tiny?endpoint={server.base_url}&key=none&answers={tmp_path}"
        with pytest.raises(RecipeError, match=r"would send 2 calls.*calls=2"):
            AxesJudge(options, EMPTY_CONDUCT).rate(["plain"], ["good"])
    assert server.calls == []
