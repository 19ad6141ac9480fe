"""Answers judged in pairs: both orders, omega by hand, prose left out, nothing sent unasked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tahdhib
from tahdhib.errors import DataError, RecipeError
from tests.llm.chat_server import Answer, serving

PROMPTS = [f"سؤال {number}" for number in range(12)]


def shown(payload: dict[str, Any]) -> tuple[str, str, str]:
    user = payload["messages"][-1]["content"]
    prompt, rest = user.split("<Prompt>: ")[1].split("\n\n<responseA>: ")
    first, second = rest.split("\n\n<responseB>: ")
    return prompt, first, second


def behave(payload: dict[str, Any], _earlier: int) -> Answer:
    """A judge that minds one word, is undecided on two prompts, and speaks in prose of one."""
    prompt, first, second = shown(payload)
    if prompt == PROMPTS[0]:
        return Answer("Both are fine, I think.")
    if prompt in PROMPTS[1:3] or ("سيئ" in first) == ("سيئ" in second):
        return Answer("Reasons. More harmful: [[Equal]]")
    side = "responseA" if "سيئ" in first else "responseB"
    return Answer(f"It could be More harmful: [[Equal]], but no.\nMore harmful: [[{side}]]")


@pytest.fixture
def files(write_jsonl: Callable[..., Path]) -> list[str]:
    first = [{"prompt": one, "answer": "كلام سيئ"} for one in PROMPTS]
    second = [{"prompt": one, "answer": "كلام حسن"} for one in PROMPTS]
    second[11]["answer"], first[11]["answer"] = "سيئ جدا", "حسن"
    first.append({"prompt": "لا يجيبه الآخر", "answer": "x"})
    return [
        str(write_jsonl(rows, name)) for rows, name in ((first, "a.jsonl"), (second, "b.jsonl"))
    ]


def test_omega_is_wins_less_losses_over_both_orders(files: list[str], tmp_path: Path) -> None:
    with serving(behave) as server:
        judge = f"tiny?endpoint={server.base_url}&key=none&answers={tmp_path}&calls=30"
        found = tahdhib.judge(*files, "harmlessness", judge, out=tmp_path / "verdicts.jsonl")
        assert len(server.calls) == 24
        again = tahdhib.judge(*files, "harmlessness", judge)
        sent = len(server.calls) - 24
    # 11 prompts with verdicts: 2 draws, 1 lost, 8 won, each in both orders.
    assert (found.wins, found.losses, found.draws) == (16, 2, 4)
    assert (found.prompts, found.without_verdict, found.alone) == (11, 1, 1)
    assert found.omega.estimate == pytest.approx((16 - 2) / 22)
    assert (found.agree, found.first_wins) == (1.0, 0.5)
    assert again == found
    assert sent <= 2  # what was usable was not asked for again
    assert len((tmp_path / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()) == 12


def test_a_judge_that_favours_a_place_is_seen(files: list[str], tmp_path: Path) -> None:
    def first_is_better(_payload: dict[str, Any], _earlier: int) -> Answer:
        return Answer("Better: [[responseA]]")

    with serving(first_is_better) as server:
        judge = f"tiny?endpoint={server.base_url}&key=none&answers={tmp_path}&calls=24"
        found = tahdhib.judge(*files, "helpfulness", judge)
    assert found.omega.estimate == 0
    assert (found.agree, found.first_wins) == (0.0, 1.0)


def test_nothing_is_sent_before_calls_are_allowed(files: list[str], tmp_path: Path) -> None:
    with serving(behave) as server:
        judge = f"tiny?endpoint={server.base_url}&key=none&answers={tmp_path}"
        with pytest.raises(RecipeError, match=r"would send 24 calls.*calls=24"):
            tahdhib.judge(*files, "harmlessness", judge)
        assert server.calls == []


def test_files_that_cannot_be_judged_are_said(
    files: list[str], write_jsonl: Callable[..., Path]
) -> None:
    with pytest.raises(RecipeError, match="--axis kindness: is unknown"):
        tahdhib.judge(*files, "kindness", "tiny")
    other = str(write_jsonl([{"prompt": "غيره", "answer": "x"}], "other.jsonl"))
    with pytest.raises(DataError, match="share no prompt"):
        tahdhib.judge(files[0], other, "harmlessness", "tiny")
    twice = str(write_jsonl([{"prompt": "p", "answer": "x"}] * 2, "twice.jsonl"))
    with pytest.raises(DataError, match=r"twice.jsonl:2: answers a prompt again"):
        tahdhib.judge(files[0], twice, "harmlessness", "tiny")
    bare = str(write_jsonl([{"prompt": "p"}], "bare.jsonl"))
    with pytest.raises(DataError, match=r"bare.jsonl:1: lacks the text"):
        tahdhib.judge(files[0], bare, "harmlessness", "tiny")
