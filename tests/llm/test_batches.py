"""Questions asked by files: packed, submitted once, polled, brought home, whatever happens."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tahdhib.config.recipe import BatchTeacher, OpenAITeacher
from tahdhib.errors import EndpointError
from tahdhib.llm.account import Prices, figures
from tahdhib.llm.batch_api import LABEL
from tahdhib.llm.batches import FOLDER, complete_in_batches
from tahdhib.llm.chat import Failure, Judge, Reply, Request, Usage
from tahdhib.llm.client import Outcome, complete_all
from tahdhib.llm.door import any_answer
from tahdhib.llm.parcels import noted
from tests.llm.batch_server import BatchServer, Line, echo, serving_batches
from tests.llm.chat_server import Answer, always, serving


def questions(count: int) -> list[Request]:
    return [Request("you", f"question {n}", "tiny", 0.0, 50) for n in range(count)]


def ask(
    server: BatchServer,
    folder: Path,
    asked: list[Request],
    *,
    retries: int = 2,
    heard: list[int] | None = None,
    openai: dict[str, Any] | None = None,
    judge: Judge = any_answer,
    **batch: Any,
) -> list[Outcome]:
    count = [0] if heard is None else heard

    def hear() -> None:
        count[0] += 1

    outcomes = complete_in_batches(
        asked,
        settings=(
            OpenAITeacher(
                base_url=server.base_url, retries=retries, timeout_seconds=10, **(openai or {})
            ),
            BatchTeacher(**{"poll_seconds": 0.05, **batch}),
        ),
        cache_folder=folder,
        api_key=None,
        on_reply=hear,
        judge=judge,
    )
    assert count[0] == len(asked)
    return outcomes


def texts(outcomes: list[Outcome]) -> list[str]:
    return [one.text if isinstance(one, Reply) else one.reason for one in outcomes]


def test_answers_come_in_order_and_equal_questions_are_asked_once(tmp_path: Path) -> None:
    asked = [*questions(5), questions(1)[0]]
    with serving_batches(echo) as server:
        outcomes = ask(server, tmp_path, asked)
        assert texts(outcomes) == [f"echo: {one.user}" for one in asked]
        assert isinstance(outcomes[0], Reply)
        assert outcomes[0].usage == Usage(1, 0, 10, 5)
        assert len(server.worked_on) == 5
        (batch,) = server.batches.values()
        assert batch.metadata[LABEL] == noted(tmp_path / FOLDER)[0].name
        lines = [json.loads(line) for line in server.files[batch.file].splitlines()]
        assert [line["body"] for line in lines] == [one.payload() for one in asked[:5]]
        assert lines[0]["custom_id"] == asked[0].key(server.base_url)
        # What lies there is not asked for again, and needs no server.
        again = ask(server, tmp_path, asked)
        assert all(isinstance(one, Reply) and one.is_cached for one in again)
        assert len(server.batches) == 1
    assert not list((tmp_path / FOLDER).glob("*.jsonl"))


def test_calls_and_batches_share_their_answers(tmp_path: Path) -> None:
    with serving_batches(echo) as server, serving(always(Answer(status=500))) as other:
        asked = questions(3)
        bought = ask(server, tmp_path, asked)
        settings = OpenAITeacher(base_url=server.base_url, retries=0)
        heard: list[Outcome] = []
        found = complete_all(
            asked, settings=settings, cache_folder=tmp_path, api_key=None, on_reply=heard.append
        )
        assert texts(found) == texts(bought)
        assert other.calls == []


def test_large_askings_go_into_several_files(tmp_path: Path) -> None:
    with serving_batches(echo) as server:
        assert len(ask(server, tmp_path, questions(7), max_requests=3)) == 7
        assert [len(server.files[one.file].splitlines()) for one in server.batches.values()] == [
            3,
            3,
            1,
        ]
    size = max(len(content) for content in server.files.values() if b'"method"' in content)
    with serving_batches(echo) as server:
        ask(server, tmp_path / "bytes", questions(7), max_bytes=size)
        sizes = [len(server.files[one.file]) for one in server.batches.values()]
        assert len(sizes) > 2
        assert max(sizes) <= size


def test_it_tells_how_far_the_server_is(tmp_path: Path) -> None:
    heard = [0]
    seen: list[int] = []

    def behave(body: dict[str, Any], earlier: int) -> Line:
        seen.append(heard[0])  # how many were told of before the batch was ended
        return echo(body, earlier)

    with serving_batches(behave, looks=3) as server:
        ask(server, tmp_path, questions(8), heard=heard)
    assert seen[0] == 4  # the server says half


def test_half_a_batch_that_expired_goes_into_another(tmp_path: Path) -> None:
    late = {f"question {n}" for n in range(0, 10, 2)}

    def behave(body: dict[str, Any], earlier: int) -> Line:
        text = body["messages"][-1]["content"]
        if text in late:
            late.discard(text)
            return Line(is_late=True)
        return echo(body, earlier)

    with serving_batches(behave) as server:
        outcomes = ask(server, tmp_path, questions(10))
        assert texts(outcomes) == [f"echo: question {n}" for n in range(10)]
        assert sorted(server.worked_on) == sorted(f"question {n}" for n in range(10))
        assert [len(server.files[one.file].splitlines()) for one in server.batches.values()] == [
            10,
            5,
        ]
    assert sum(one.usage.failed_calls for one in outcomes) == 5
    account = figures(tmp_path)
    assert (account.sent, account.usable, account.failed, account.unended) == (15, 10, 5, 0)


def test_lines_with_errors_and_lines_that_cannot_be_read(tmp_path: Path) -> None:
    """What another try may mend is tried again; what the server refuses for good is not."""

    def behave(body: dict[str, Any], earlier: int) -> Line:
        match int(body["messages"][-1]["content"].split()[-1]):
            case 0:
                return Line(Answer(status=400))
            case 1 if not earlier:
                return Line(Answer(status=500))
            case 2 if not earlier:
                return Line(Answer(status=429))
            case 3 if not earlier:
                return Line(raw=b'{"id": "b", "custom_id": ')
            case 4 if not earlier:
                return Line(raw=b'[1, "a list"]')
            case 5:
                return Line(Answer(text=" "))
            case 6 if not earlier:
                return Line()
        return echo(body, earlier)

    with serving_batches(behave) as server:
        outcomes = ask(server, tmp_path, questions(8), retries=1)
        counts = {n: server.worked_on.count(f"question {n}") for n in range(8)}
    assert texts(outcomes)[1:5] == [f"echo: question {n}" for n in range(1, 5)]
    assert texts(outcomes)[6:] == ["echo: question 6", "echo: question 7"]
    refused, silent = outcomes[0], outcomes[5]
    assert isinstance(refused, Failure)
    assert isinstance(silent, Failure)
    assert (refused.reason, silent.reason) == ("refused", "empty")
    assert "HTTP 400" in refused.detail
    assert counts == {0: 1, 1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 1}
    assert isinstance(outcomes[1], Reply)
    assert outcomes[1].usage == Usage(2, 1, 10, 5)


def test_batches_that_fail_as_a_whole_are_submitted_again(tmp_path: Path) -> None:
    with serving_batches(echo, fail=["token_limit_exceeded"]) as server:
        assert texts(ask(server, tmp_path, questions(3))) == [
            f"echo: question {n}" for n in range(3)
        ]
        assert len(server.batches) == 2
        names = [one.metadata[LABEL] for one in server.batches.values()]
        assert len(set(names)) == 2  # one content, two parcels


def test_where_nothing_works_a_sentence_says_why(tmp_path: Path) -> None:
    with serving_batches(echo, fail=["invalid_model"] * 3) as server:
        with pytest.raises(EndpointError, match=r"every one of 3 requests failed.*invalid_model"):
            ask(server, tmp_path, questions(3))
        assert len(server.batches) == 3
    with pytest.raises(EndpointError, match=r"nobody answers there .* the same command goes on"):
        ask(server, tmp_path / "gone", questions(1), retries=0)
    with (
        serving_batches(echo, status=404) as other,
        pytest.raises(EndpointError, match=r"HTTP 404 .*annotate\.teacher openai"),
    ):
        ask(other, tmp_path / "none", questions(1))
    with (
        serving_batches(echo, status=401) as other,
        pytest.raises(EndpointError, match="refuses the key"),
    ):
        ask(other, tmp_path / "key", questions(1))


def test_a_batch_that_is_gone(tmp_path: Path) -> None:
    with serving_batches(echo) as server:
        killed(server, tmp_path, 2, at="polling")
        server.batches.clear()
        with pytest.raises(EndpointError, match=r"knows no batch 'batch-\d+'.*or remove that file"):
            ask(server, tmp_path, questions(2))


def test_a_submission_whose_answer_got_lost_is_not_made_twice(tmp_path: Path) -> None:
    refusals = [(500, True), (500, False), (503, True)]
    with serving_batches(echo, refuse_batches=refusals[:1]) as server:
        assert len(ask(server, tmp_path / "a", questions(2))) == 2
        assert (len(server.batches), server.lists) == (1, 1)
    with serving_batches(echo, refuse_batches=refusals[1:2]) as server:
        assert len(ask(server, tmp_path / "b", questions(2))) == 2
        assert (len(server.batches), server.lists) == (1, 1)


# Money

PRICES = {"price_per_million_input": 10_000.0, "price_per_million_output": 20_000.0}
COST = (10 * 10_000 + 5 * 20_000) / 1e6 / 2
"""Of one answer of the server, at half price."""


def test_calls_stand_in_the_account_at_half_price(tmp_path: Path) -> None:
    with serving_batches(echo) as server:
        ask(server, tmp_path, questions(4), openai=PRICES)
    account = figures(tmp_path)
    assert (account.sent, account.usable) == (4, 4)
    assert account.cost == pytest.approx(4 * COST)
    assert account.uncounted == 0


def test_the_budget_is_never_passed(tmp_path: Path) -> None:
    """What does not fit beside what is under way waits for it to end, and goes if it fits then."""
    most = Prices(5000.0, 10_000.0).most(questions(1)[0].payload())
    budget = 2.1 * most
    with serving_batches(echo) as server:
        money = {**PRICES, "budget": budget}
        outcomes = ask(server, tmp_path, questions(60), openai=money, poll_seconds=0.01)
        sizes = [len(server.files[one.file].splitlines()) for one in server.batches.values()]
    account = figures(tmp_path)
    assert sizes[0] == 2
    assert 2 < account.usable == len(server.worked_on) < 60
    assert account.spent <= budget
    assert account.spent + most > budget  # no more fitted
    failed = [one for one in outcomes if isinstance(one, Failure)]
    assert {one.reason for one in failed} == {"budget"}
    assert len(failed) == 60 - account.usable


def test_a_killed_run_has_its_calls_reserved(tmp_path: Path) -> None:
    most = Prices(5000.0, 10_000.0).most(questions(1)[0].payload())
    with serving_batches(echo) as server:
        killed(server, tmp_path, 3, at="polling", openai=PRICES)
        assert figures(tmp_path).uncounted == pytest.approx(3 * most)
        money = {**PRICES, "budget": 3.1 * most}
        outcomes = ask(server, tmp_path, questions(4), openai=money)
        assert all(isinstance(one, Reply) for one in outcomes)
        sizes = [len(server.files[one.file].splitlines()) for one in server.batches.values()]
    assert sizes == [3, 1]
    account = figures(tmp_path)
    assert (account.usable, account.unended) == (4, 0)
    assert account.cost == pytest.approx(4 * COST)


def test_answers_of_no_use_are_asked_for_again(tmp_path: Path) -> None:
    def behave(body: dict[str, Any], earlier: int) -> Line:
        return Line(Answer("better" if earlier else "bad"))

    def no_bad(_at: int, reply: Reply) -> str | None:
        return "bad" if reply.text == "bad" else None

    with serving_batches(behave) as server:
        found = ask(server, tmp_path / "a", questions(2), judge=no_bad)
        assert texts(found) == ["better", "better"]
        assert (figures(tmp_path / "a").unusable, figures(tmp_path / "a").usable) == (2, 2)
    with serving_batches(behave) as server:
        found = ask(server, tmp_path / "b", questions(2), judge=no_bad, retries=0)
        assert texts(found) == ["bad", "bad"]  # the last one counts, whatever it is


# Killed


def killed(
    server: BatchServer,
    folder: Path,
    count: int,
    *,
    at: str,
    openai: dict[str, Any] | None = None,
) -> None:
    """Ask in a process of its own, and kill it: before it notes that it has submitted, or while it
    polls."""
    code = f"""
import os, signal
from pathlib import Path
from tahdhib.llm import batches
from tests.llm.test_batches import ask, questions

class Server:
    base_url = {server.base_url!r}

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

note = batches.note
if {at!r} == "submitted":
    batches.note = lambda parcel, folder: die() if parcel.batch else note(parcel, folder)
if {at!r} == "uploaded":
    batches.note = lambda parcel, folder: die()
if {at!r} == "polling":
    batches.time.sleep = die
if {at!r} == "collecting":
    batches.note = lambda parcel, folder: die() if parcel.is_done else note(parcel, folder)
ask(Server, Path({str(folder)!r}), questions({count}), openai={openai!r})
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("at", ["uploaded", "submitted", "polling", "collecting"])
def test_killed_and_run_again_nothing_is_bought_twice(at: str, tmp_path: Path) -> None:
    with serving_batches(echo) as server:
        # Other work of the same account, so that the batch is not on the first page.
        for number in range(3):
            ask(server, tmp_path / f"other-{number}", [Request("a", f"{number}", "m", 0.0, 5)])
        killed(server, tmp_path / "mine", 6, at=at)
        assert len(server.batches) == (3 if at == "uploaded" else 4)
        for number in range(3, 6):
            ask(server, tmp_path / f"other-{number}", [Request("a", f"{number}", "m", 0.0, 5)])
        outcomes = ask(server, tmp_path / "mine", questions(6))
        assert texts(outcomes) == [f"echo: question {n}" for n in range(6)]
        mine = [text for text in server.worked_on if text.startswith("question")]
        assert sorted(mine) == [f"question {n}" for n in range(6)]
        assert len(server.batches) == 7
        account = figures(tmp_path / "mine")
        assert (account.sent, account.usable, account.unended) == (6, 6, 0)
        assert not list((tmp_path / "mine" / FOLDER).glob(".tmp-*"))


def test_what_is_new_is_asked_beside_what_is_under_way(tmp_path: Path) -> None:
    with serving_batches(echo) as server:
        killed(server, tmp_path, 4, at="polling")
        outcomes = ask(server, tmp_path, questions(6))
        assert texts(outcomes) == [f"echo: question {n}" for n in range(6)]
        assert sorted(server.worked_on) == [f"question {n}" for n in range(6)]
        assert len(server.batches) == 2


def test_ctrl_c_while_polling_leaves_it_to_be_resumed(tmp_path: Path) -> None:
    with serving_batches(echo) as server:
        server.is_held.clear()
        code = (
            "import signal\n"
            "from pathlib import Path\n"
            "from tests.llm.test_batches import ask, questions\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in background
            f"class Server: base_url = {server.base_url!r}\n"
            f"ask(Server, Path({str(tmp_path)!r}), questions(3))\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code], stderr=subprocess.PIPE, cwd=Path(__file__).parents[2]
        ) as process:
            while not any(one.looks for one in server.batches.values()):
                assert process.poll() is None
                time.sleep(0.02)
            os.kill(process.pid, signal.SIGINT)
            _, error = process.communicate(timeout=60)
        assert b"KeyboardInterrupt" in error
        server.is_held.set()
        assert len(ask(server, tmp_path, questions(3))) == 3
        assert len(server.batches) == 1


@pytest.mark.slow
def test_ten_kills_at_random_moments_of_two_thousand_requests(tmp_path: Path) -> None:
    """Eight files; whoever is killed wherever, the server works on every request exactly once."""
    luck = random.Random(17)
    with serving_batches(echo, looks=20) as server:
        code = (
            "from pathlib import Path\n"
            "from tests.llm.test_batches import ask, questions\n"
            f"class Server: base_url = {server.base_url!r}\n"
            f"ask(Server, Path({str(tmp_path)!r}), questions(2000), max_requests=250,\n"
            "    poll_seconds=0.3)\n"
        )
        kills = 0
        while kills < 10:
            with subprocess.Popen(
                [sys.executable, "-c", code], cwd=Path(__file__).parents[2]
            ) as one:
                while not (tmp_path / "account.jsonl").exists() and one.poll() is None:
                    time.sleep(0.02)  # the first kill waits until there is something to lose
                time.sleep(luck.uniform(0.2, 3.0))
                one.kill()
            if one.returncode != -signal.SIGKILL:
                break  # it was done before
            kills += 1
        outcomes = ask(server, tmp_path, questions(2000), max_requests=250, poll_seconds=0.3)
    assert kills > 2
    assert texts(outcomes) == [f"echo: question {n}" for n in range(2000)]
    assert len(server.worked_on) == len(set(server.worked_on)) == 2000
    account = figures(tmp_path)
    assert account.usable == 2000  # a call noted amid packing, and then never sent, has no end
    print(f"\n{kills} kills, {len(server.batches)} batches, {account}")
