"""Money, by the count of a server that says what each call cost."""

import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tahdhib.config.recipe import OpenAITeacher
from tahdhib.llm import client
from tahdhib.llm.account import FILE, Figures, Prices, figures
from tahdhib.llm.cache import Answers
from tahdhib.llm.chat import Failure, Reply, Request
from tahdhib.llm.client import Outcome, complete_all
from tahdhib.llm.door import chat_door
from tests.llm.chat_server import Answer, Behaviour, always, serving
from tests.llm.paid_server import ROOT, USABLE, PaidServer, paid_server

PRICES = Prices(1000.0, 4000.0)
COST = PRICES.of(10, 5)
"""Of each call of the server in this process."""
WORK = [f"q{number}" for number in range(40)]


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_BACKOFF_SECONDS", 0.01)


def request(user: str) -> Request:
    return Request("be brief", user, "tiny", temperature=0.5, max_tokens=16)


MOST = PRICES.most(request("q00").payload())


def judge(_at: int, reply: Reply) -> str | None:
    return "chatty" if reply.text.startswith("I ") else None


def ask(base_url: str, folder: Path, users: list[str] = WORK, **changes: object) -> list[Outcome]:
    settings = {
        "base_url": base_url,
        "model": "tiny",
        "api_key_env": None,
        "in_flight": 8,
        "timeout_seconds": 0.5,
        "retries": 2,
        "price_per_million_input": PRICES.read,
        "price_per_million_output": PRICES.written,
        **changes,
    }
    return complete_all(
        [request(user) for user in users],
        settings=OpenAITeacher(**settings),
        cache_folder=folder,
        api_key=None,
        on_reply=lambda _: None,
        door=chat_door(judge),
    )


def check_balance(found: Figures, calls: int) -> None:
    """By the server's count; a process may be killed between noting a call and sending it."""
    assert calls <= found.sent <= calls + found.unended
    assert found.sent == found.usable + found.unusable + found.failed + found.unended


ODD = {
    "429": Answer(status=429),
    "500": Answer(status=500),
    "hangs": Answer(delay=1.5),
    "half": Answer(body=b'{"choices": [{"message": {"cont'),
    "schema": Answer(body=b'{"choices": [{"message": "text"}]}'),
    "empty": Answer(text=""),
    "refused": Answer(status=400),
    "chatty": Answer(text="I would rather not."),
    "cut": Answer(cut_after=20),
}


@pytest.mark.parametrize("times", [1, 99], ids=["once", "always"])
def test_whatever_the_server_does_no_question_is_lost_and_the_account_balances(
    tmp_path: Path, times: int
) -> None:
    def behave(payload: dict, earlier: int) -> Answer:
        kind = payload["messages"][-1]["content"].partition(" ")[0]
        return ODD[kind] if kind in ODD and earlier < times else Answer()

    users = [f"{kind} {number}" for kind in [*ODD, "good"] for number in range(2)]
    with serving(behave) as server:
        outcomes = ask(server.base_url, tmp_path, users)
    found = figures(tmp_path)
    check_balance(found, len(server.calls))
    assert found.unended == 0
    by_user = dict(zip(users, outcomes, strict=True))
    lost = {user for user, one in by_user.items() if isinstance(one, Failure)}
    if times == 1:
        assert lost == {"refused 0", "refused 1"}, "which nobody asks again"
        assert found.usable == len(users) - 2
    else:
        assert {user.partition(" ")[0] for user in lost} == {*ODD} - {"chatty"}
        assert by_user["chatty 0"].text == "I would rather not."
        assert found.usable == 2
        assert found.unusable == 2 * 3
    empty = (tmp_path / FILE).read_text().count('"reason":"empty"')
    assert found.cost == pytest.approx((found.usable + found.unusable + empty) * COST)
    uncounted = ("500", "hangs", "half", "schema", "cut")
    calls = Counter(call["messages"][-1]["content"].partition(" ")[0] for call in server.calls)
    tries = sum(min(calls[kind], 2 * times) for kind in uncounted)
    assert found.uncounted == pytest.approx(tries * MOST, rel=0.05), "the server may bill them"


@pytest.mark.parametrize("in_flight", [1, 8])
def test_the_budget_is_never_passed_and_used_as_far_as_it_goes(
    tmp_path: Path, in_flight: int
) -> None:
    budget = 9.5 * COST + MOST
    with serving(always(Answer(delay=0.01))) as server:
        outcomes = ask(server.base_url, tmp_path, budget=budget, in_flight=in_flight)
        left = [one for one in outcomes if isinstance(one, Failure)]
        assert len(server.calls) * COST <= budget
        assert len(server.calls) == 10, "calls waited for those under way to end"
        assert {one.reason for one in left} == {"budget"}
        assert len(left) == 30
        assert "are spent" in left[0].detail
        again = ask(server.base_url, tmp_path, budget=budget, in_flight=in_flight)
        assert len(server.calls) == 10, "nor by a second run"
        assert [type(one) for one in again] == [type(one) for one in outcomes]
        ask(server.base_url, tmp_path, budget=budget + 5 * COST, in_flight=in_flight)
        assert len(server.calls) == 15
    check_balance(figures(tmp_path), 15)


def test_calls_under_way_are_reserved_before_they_are_sent(tmp_path: Path) -> None:
    """All that fit by their most are under way together, and no more."""
    together = threading.Barrier(3)

    def behave(_payload: dict, _earlier: int) -> Answer:
        together.wait(timeout=10)
        return Answer(delay=0.05)

    with serving(behave) as server:
        ask(server.base_url, tmp_path, WORK[:3], budget=3.5 * MOST)
    assert server.most_at_once == 3


def test_what_a_killed_process_had_under_way_counts_in_full(tmp_path: Path) -> None:
    from tahdhib.llm.account import Account

    killed = Account(tmp_path, PRICES, budget=10.0)
    killed.reserve("key", 5 * MOST)
    with serving(always(Answer())) as server:
        outcomes = ask(server.base_url, tmp_path, budget=5.5 * MOST)
    assert server.calls == []
    assert {one.reason for one in outcomes if isinstance(one, Failure)} == {"budget"}


def unusable_first(times: int) -> Behaviour:
    return lambda _payload, earlier: Answer(text="I think" if earlier < times else USABLE)


def test_an_unusable_answer_is_bought_again_and_a_usable_one_never(tmp_path: Path) -> None:
    with serving(unusable_first(2)) as server:
        (first,) = ask(server.base_url, tmp_path, ["a"])
        (again,) = ask(server.base_url, tmp_path, ["a"])
    assert len(server.calls) == 3
    assert (first.text, first.usage.calls) == (USABLE, 3)
    assert isinstance(again, Reply)
    assert again.is_cached
    check_balance(figures(tmp_path), 3)
    assert figures(tmp_path).unusable == 2


def test_a_rerun_asks_no_more_than_the_retries_that_are_left(tmp_path: Path) -> None:
    with serving(unusable_first(99)) as server:
        (first,) = ask(server.base_url, tmp_path, ["a"], retries=1)
        (again,) = ask(server.base_url, tmp_path, ["a"], retries=1)
        assert len(server.calls) == 2
        assert (first.text, again.text) == ("I think", "I think")
        ask(server.base_url, tmp_path, ["a"], retries=4)
    assert len(server.calls) == 5


def test_an_answer_cut_at_its_longest_is_not_bought_again_where_it_would_be_the_same(
    tmp_path: Path,
) -> None:
    with serving(always(Answer(text="I was", finish_reason="length"))) as server:
        ask(server.base_url, tmp_path, ["a"], temperature=0.0)
        assert len(server.calls) == 1
        ask(server.base_url, tmp_path, ["b"], temperature=0.5)
    assert len(server.calls) == 1 + 3


def test_a_server_with_few_places_is_asked_at_its_pace(tmp_path: Path) -> None:
    at_once, lock = 0, threading.Lock()
    turned_away: list[int] = []

    def behave(_payload: dict, _earlier: int) -> Answer:
        nonlocal at_once
        with lock:
            at_once += 1
            is_full = at_once > 4
            turned_away.append(is_full)
        if not is_full:
            threading.Event().wait(0.02)
        with lock:
            at_once -= 1
        return Answer(status=429) if is_full else Answer()

    users = [f"q{number}" for number in range(300)]
    with serving(behave) as server:
        outcomes = ask(server.base_url, tmp_path, users, in_flight=32, retries=20)
    assert all(isinstance(one, Reply) for one in outcomes)
    assert sum(turned_away[: len(turned_away) // 2]) > sum(turned_away[len(turned_away) // 2 :])
    check_balance(figures(tmp_path), len(server.calls))


CHILD = """
import sys
from pathlib import Path
from tests.llm import test_money

url, folder, number = sys.argv[1:]
test_money.client.FIRST_BACKOFF_SECONDS = 0.01
users = [f"q{n}" for n in range(int(number))]
test_money.ask(url, Path(folder), users, in_flight=64, retries=3, timeout_seconds=30)
"""


def usable_on_disk(base_url: str, folder: Path, number: int) -> set[str]:
    users = [f"q{n}" for n in range(number)]
    kept = Answers(folder)
    answers = {user: kept.load(request(user).key(base_url)) for user in users}
    return {user for user, one in answers.items() if one is not None and one.text == USABLE}


def kill_and_restart(server: PaidServer, folder: Path, number: int, kill_at: list[int]) -> None:
    """Kill a process once the server has had so many calls, for each of `kill_at`, then let one
    end: what lay on disk at a kill is never asked for again, and the account balances."""
    command = [sys.executable, "-c", CHILD, server.base_url, str(folder), str(number)]
    before: list[tuple[set[str], dict[str, int]]] = []
    for calls in kill_at:
        with subprocess.Popen(command, cwd=ROOT) as child:
            while server.count()["calls"] < calls:
                assert child.poll() is None, "it ended before it was killed"
                time.sleep(0.005)
            child.kill()
        before.append((usable_on_disk(server.base_url, folder, number), server.calls()))
    subprocess.run(command, cwd=ROOT, check=True)
    count, calls_of = server.count(), server.calls()
    for kept, calls_before in before:
        assert 0 < len(kept) < number
        assert [user for user in kept if calls_of[user] != calls_before[user]] == []
    assert len(usable_on_disk(server.base_url, folder, number)) == number
    found = figures(folder)
    print(count, found)
    check_balance(found, count["calls"])
    assert count["most_at_once"] <= 64
    again = 64 * len(kill_at)  # what was under way at a kill
    assert count["calls"] <= number + again + count["unusable"] + count["failed"]
    assert count["bought"] <= number + again


def test_killed_amid_paid_calls(tmp_path: Path) -> None:
    with paid_server(latency=0.02, unusable=0.05, failing=0.05) as server:
        kill_and_restart(server, tmp_path, 300, [150])


@pytest.mark.slow
def test_killed_amid_two_thousand_paid_calls(tmp_path: Path) -> None:
    with paid_server(latency=0.05, unusable=0.05, failing=0.05) as server:
        kill_and_restart(server, tmp_path, 2000, [300, 900, 1500])
