"""The client against a real server on the loopback interface."""

import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path

import pytest

from tahdhib.config.recipe import OpenAITeacher
from tahdhib.errors import EndpointError
from tahdhib.llm import client
from tahdhib.llm.cache import FILE, Answers
from tahdhib.llm.chat import Failure, Reply, Request, Usage
from tahdhib.llm.client import Outcome, complete_all, retry_after
from tahdhib.llm.reading import read_reply
from tests.llm.chat_server import Answer, Behaviour, ChatServer, always, echo, serving


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_BACKOFF_SECONDS", 0.01)


def request(user: str, model: str = "tiny") -> Request:
    return Request("be brief", user, model, temperature=0.0, max_tokens=16)


def settings(server: ChatServer, **changes: object) -> OpenAITeacher:
    return OpenAITeacher(
        **{
            "base_url": server.base_url,
            "model": "tiny",
            "api_key_env": None,
            "in_flight": 4,
            "timeout_seconds": 5.0,
            "retries": 2,
            **changes,
        }
    )


def ask(
    users: list[str], how: OpenAITeacher, folder: Path, api_key: str | None = None
) -> list[Outcome]:
    return complete_all(
        [request(user) for user in users],
        settings=how,
        cache_folder=folder,
        api_key=api_key,
        on_reply=lambda _: None,
    )


def test_replies_come_in_request_order(tmp_path: Path) -> None:
    def slow_first(payload: dict, earlier: int) -> Answer:
        user = payload["messages"][-1]["content"]
        return Answer(text=f"to {user}", delay=0.1 if user == "q0" else 0.0)

    with serving(slow_first) as server:
        heard: list[Outcome] = []
        outcomes = complete_all(
            [request(f"q{number}") for number in range(9)],
            settings=settings(server),
            cache_folder=tmp_path,
            api_key="secret",
            on_reply=heard.append,
        )
    assert [outcome.text for outcome in outcomes] == [f"to q{number}" for number in range(9)]
    assert sorted(map(id, heard)) == sorted(map(id, outcomes))
    assert outcomes[0].usage == Usage(1, 0, 10, 5)
    assert set(server.authorizations) == {"Bearer secret"}


def test_calls_go_through_the_proxy_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(echo) as server:
        there = settings(server, base_url="http://model.invalid/v1")
        monkeypatch.setenv("http_proxy", server.base_url.removesuffix("/v1"))
        monkeypatch.setenv("no_proxy", "")
        (reply,) = ask(["a"], there, tmp_path)
        monkeypatch.setenv("no_proxy", "model.invalid")
        with pytest.raises(EndpointError, match="nobody answers there"):
            ask(["b"], there, tmp_path)
    assert reply.text == "echo: a"
    assert server.authorizations == [None]


@pytest.mark.parametrize("in_flight", [1, 3, 16])
def test_never_more_calls_at_once_than_allowed(tmp_path: Path, in_flight: int) -> None:
    everyone_is_here = threading.Barrier(in_flight)

    def together(payload: dict, earlier: int) -> Answer:
        everyone_is_here.wait(timeout=30)
        return Answer()

    with serving(together) as server:
        ask([f"q{number}" for number in range(48)], settings(server, in_flight=in_flight), tmp_path)
    assert server.most_at_once == in_flight
    assert len(server.calls) == 48


def test_second_run_asks_nothing(tmp_path: Path) -> None:
    with serving(echo) as server:
        first = ask(["a", "b"], settings(server), tmp_path)
        second = ask(["b", "a"], settings(server), tmp_path)
    assert len(server.calls) == 2
    assert [reply.text for reply in second] == ["echo: b", "echo: a"]
    assert [(reply.is_cached, reply.usage) for reply in second] == [(True, first[0].usage)] * 2


def test_cache_is_keyed_by_the_whole_payload() -> None:
    base = request("a")
    others = [
        request("b"),
        request("a", model="other"),
        Request("be long", "a", "tiny", 0.0, 16),
        Request("be brief", "a", "tiny", 0.5, 16),
        Request("be brief", "a", "tiny", 0.0, 17),
    ]
    keys = {other.key("http://one/v1") for other in [base, *others]} | {base.key("http://two/v1")}
    assert len(keys) == 7
    assert base.key("http://one/v1/") == base.key("http://one/v1")


def test_equal_requests_are_bought_once(tmp_path: Path) -> None:
    heard: list[Outcome] = []
    with serving(echo) as server:
        outcomes = complete_all(
            [request("same")] * 5,
            settings=settings(server),
            cache_folder=tmp_path,
            api_key=None,
            on_reply=heard.append,
        )
    assert (len(server.calls), len(outcomes), len(heard)) == (1, 5, 5)


def first_then_good(*bad: Answer) -> Behaviour:
    return lambda _payload, earlier: bad[earlier] if earlier < len(bad) else Answer()


@pytest.mark.parametrize(
    "bad",
    [
        Answer(status=500),
        Answer(status=503, headers={"retry-after": "0"}),
        Answer(status=429),
        Answer(body=b'{"choices": [{"message": {"cont'),
        Answer(body=b"<html>busy</html>"),
        Answer(body=b'{"choices": []}'),
        Answer(body=b'{"choices": [{"message": "text"}]}'),
        Answer(text=""),
        Answer(text=None),
        Answer(cut_after=20),
        Answer(text="half a character \ud83d"),
        Answer(delay=1.0),
    ],
    ids=[
        "500",
        "503",
        "429",
        "half",
        "html",
        "choices",
        "schema",
        "empty",
        "null",
        "cut",
        "half-char",
        "hang",
    ],
)
def test_one_bad_call_is_tried_again_and_counted(tmp_path: Path, bad: Answer) -> None:
    with serving(first_then_good(bad)) as server:
        (outcome,) = ask(["a"], settings(server, timeout_seconds=0.4), tmp_path)
    assert isinstance(outcome, Reply)
    assert outcome.text == "answer"
    assert (outcome.usage.calls, outcome.usage.failed_calls) == (2, 1)


@pytest.mark.parametrize(
    ("bad", "reason", "calls"),
    [
        (Answer(status=500), "server_error", 3),
        (Answer(status=429), "rate_limited", 3),
        (Answer(status=400), "refused", 1),
        (Answer(body=b"{"), "malformed", 3),
        (Answer(text=" \n"), "empty", 3),
        (Answer(delay=1.0), "timeout", 3),
    ],
    ids=["500", "429", "400", "half-json", "empty", "hang"],
)
def test_a_request_that_always_fails_costs_only_itself(
    tmp_path: Path, bad: Answer, reason: str, calls: int
) -> None:
    def behave(payload: dict, _earlier: int) -> Answer:
        return bad if payload["messages"][-1]["content"] == "bad" else Answer()

    with serving(behave) as server:
        good, failed = ask(["good", "bad"], settings(server, timeout_seconds=0.4), tmp_path)
        again = ask(["bad", "good"], settings(server, timeout_seconds=0.4), tmp_path)
    assert isinstance(good, Reply)
    assert isinstance(failed, Failure)
    assert failed.reason == reason
    assert (failed.usage.calls, failed.usage.failed_calls) == (calls, calls)
    assert isinstance(again[0], Failure), "a failure is not kept as an answer"
    assert Counter(call["messages"][-1]["content"] for call in server.calls)["good"] == 1


def test_tokens_of_an_empty_answer_are_counted(tmp_path: Path) -> None:
    with serving(first_then_good(Answer(text=""))) as server:
        (outcome,) = ask(["a"], settings(server), tmp_path)
    assert outcome.usage == Usage(calls=2, failed_calls=1, prompt_tokens=20, completion_tokens=10)


def test_retry_after_holds_everybody_back(tmp_path: Path) -> None:
    times: list[float] = []

    def behave(payload: dict, earlier: int) -> Answer:
        times.append(time.monotonic())
        return Answer(status=429, headers={"retry-after": "0.5"}) if len(times) == 1 else Answer()

    with serving(behave) as server:
        outcomes = ask(["a", "b", "c"], settings(server, in_flight=1), tmp_path)
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert times[1] - times[0] >= 0.5


def test_retry_after_is_read_as_seconds_or_date() -> None:
    assert retry_after({}) is None
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({"retry-after": "-3"}) == 0
    in_a_minute = retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True)})
    assert in_a_minute is not None
    assert 55 < in_a_minute <= 60


def test_nobody_listening_ends_the_run_with_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    how = OpenAITeacher(base_url=f"http://127.0.0.1:{port}/v1", retries=1)
    with pytest.raises(EndpointError) as caught:
        ask(["a", "b", "c"], how, tmp_path)
    sentence = str(caught.value)
    assert f"127.0.0.1:{port}" in sentence
    assert "nobody answers there" in sentence
    assert "--set annotate.openai.base_url=" in sentence


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "annotate.openai.api_key_env"), (403, "annotate.openai.api_key_env"), (404, "'tiny'")],
)
def test_a_refused_key_or_model_ends_the_run(tmp_path: Path, status: int, words: str) -> None:
    with serving(always(Answer(status=status))) as server, pytest.raises(EndpointError) as caught:
        ask([f"q{number}" for number in range(20)], settings(server), tmp_path)
    assert words in str(caught.value)
    assert f"HTTP {status}" in str(caught.value)
    assert len(server.calls) <= 4


@pytest.mark.parametrize("status", [400, 500])
def test_an_endpoint_that_never_answers_ends_the_run(tmp_path: Path, status: int) -> None:
    with serving(always(Answer(status=status))) as server:
        with pytest.raises(EndpointError, match="every one of 3 requests failed"):
            ask(["a", "b", "c"], settings(server, retries=0), tmp_path)
        with pytest.raises(EndpointError, match="21 requests in a row failed"):
            ask([f"q{number}" for number in range(200)], settings(server, retries=0), tmp_path)
    assert len(server.calls) <= 3 + 21 + 4


def test_empty_answers_do_not_end_the_run(tmp_path: Path) -> None:
    with serving(always(Answer(text=""))) as server:
        outcomes = ask(
            [f"q{number}" for number in range(30)], settings(server, retries=0), tmp_path
        )
    assert {outcome.reason for outcome in outcomes} == {"empty"}


def test_length_is_passed_on(tmp_path: Path) -> None:
    with serving(always(Answer(finish_reason="length"))) as server:
        (outcome,) = ask(["a"], settings(server), tmp_path)
    assert outcome.finish_reason == "length"


def test_a_server_that_does_not_count_tokens() -> None:
    reply = read_reply(b'{"choices": [{"message": {"content": "x"}}], "usage": null}')
    assert reply == Reply("x", "stop", Usage(calls=1))


def test_no_request_needs_no_endpoint(tmp_path: Path) -> None:
    assert ask([], OpenAITeacher(base_url="http://127.0.0.1:9/v1"), tmp_path) == []


def test_a_stored_reply_comes_back_equal(tmp_path: Path) -> None:
    reply = Reply("نص\u200cهنا", "stop", Usage(2, 1, 30, 4))
    answers = Answers(tmp_path)
    answers.save("ab12", Reply("an earlier try", "stop", Usage(1)))
    answers.save("ab12", reply)
    loaded = answers.load("ab12")
    assert loaded == Reply(reply.text, "stop", reply.usage, is_cached=True)
    assert answers.load("ab13") is None
    assert Answers(tmp_path).load("ab12") == loaded


@pytest.mark.parametrize("kept", [1, 40, -2])
def test_an_answer_that_was_written_in_part_is_none_and_spoils_no_other(
    tmp_path: Path, kept: int
) -> None:
    first, second = Reply("أول", "stop", Usage(1)), Reply("second", "stop", Usage(1))
    Answers(tmp_path).write("ab12", first)
    whole = (tmp_path / FILE).read_bytes()
    Answers(tmp_path).write("ab13", second)
    line = (tmp_path / FILE).read_bytes()[len(whole) :]
    (tmp_path / FILE).write_bytes(whole + line[:kept])
    answers = Answers(tmp_path)
    assert answers.load("ab13") is None
    answers.write("ab14", second)
    for one in (answers, Answers(tmp_path)):
        assert [one.load(key) is None for key in ("ab12", "ab13", "ab14")] == [False, True, False]


def test_two_writers_see_each_other(tmp_path: Path) -> None:
    one, other = Answers(tmp_path), Answers(tmp_path)
    for number in range(5):
        one.write(f"a{number}", Reply(f"one {number}", "stop", Usage(1)))
        other.write(f"b{number}", Reply(f"other {number}", "stop", Usage(1)))
        found = [other.load(f"a{number}"), one.load(f"b{number}")]
        assert [reply and reply.text for reply in found] == [f"one {number}", f"other {number}"]


CHILD = """
import sys
from pathlib import Path
from tahdhib.config.recipe import OpenAITeacher
from tahdhib.llm.chat import Request
from tahdhib.llm.client import complete_all

url, folder = sys.argv[1:]
requests = [Request("be brief", f"q{n}", "tiny", 0.0, 16) for n in range(120)]
complete_all(
    requests,
    settings=OpenAITeacher(base_url=url, model="tiny", in_flight=8),
    cache_folder=Path(folder),
    api_key=None,
    on_reply=lambda reply: print("heard", flush=True),
)
"""


def test_killed_midway_nothing_on_disk_is_bought_twice(tmp_path: Path) -> None:
    """After SIGKILL only calls that were under way may be sent again."""
    with serving(always(Answer(delay=0.01))) as server:
        command = [sys.executable, "-c", CHILD, server.base_url, str(tmp_path)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(30):
            child.stdout.readline()
        child.kill()
        child.communicate()
        kept = (tmp_path / FILE).read_bytes().count(b"\n")
        assert 30 <= kept < 120
        before = len(server.calls)
        outcomes = ask([f"q{number}" for number in range(120)], settings(server), tmp_path)
    assert sum(isinstance(outcome, Reply) for outcome in outcomes) == 120
    assert sum(outcome.is_cached for outcome in outcomes) == kept
    assert len(server.calls) - before == 120 - kept
    assert len(server.calls) <= 120 + 8
