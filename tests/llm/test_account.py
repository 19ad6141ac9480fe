"""The account on disk: what is reserved, what is spent, and what a kill leaves."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.llm.account import FILE, Account, Call, Figures, Prices, figures
from tahdhib.llm.chat import Usage

PRICES = Prices(2.0, 10.0)


def usage(read: int, written: int) -> Usage:
    return Usage(calls=1, prompt_tokens=read, completion_tokens=written)


def sent(account: Account, most: float) -> Call:
    call = account.reserve("key", most)
    assert call is not None
    return call


def test_every_call_has_one_end_or_none(tmp_path: Path) -> None:
    account = Account(tmp_path, PRICES)
    first, second, third, _fourth = (sent(account, 0.5) for _ in range(4))
    account.settle(first, "usable", "", usage(1000, 100), is_free=False)
    account.settle(second, "unusable", "no_protocol", usage(1000, 0), is_free=False)
    account.settle(third, "failed", "rate_limited", Usage(), is_free=True)
    account.close()
    found = figures(tmp_path)
    assert found == Figures(4, 1, 1, 1, 1, cost=pytest.approx(0.005), uncounted=0.5)
    assert found.spent == pytest.approx(0.505)
    reasons = [json.loads(line).get("reason") for line in (tmp_path / FILE).open()]
    assert reasons == [None, None, None, None, "", "no_protocol", "rate_limited"]


def test_no_account_is_an_empty_one(tmp_path: Path) -> None:
    Account(tmp_path / "none", PRICES, budget=1.0).close()
    assert figures(tmp_path / "none") == Figures()
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("cut", [1, 5, 60])
def test_a_torn_end_leaves_its_call_without_one(tmp_path: Path, cut: int) -> None:
    account = Account(tmp_path, PRICES)
    one = sent(account, 0.25)
    account.settle(one, "usable", "", usage(1000, 0), is_free=False)
    account.close()
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:-cut])
    again = Account(tmp_path, PRICES, budget=1.0)
    other = sent(again, 0.5)
    again.settle(other, "usable", "", usage(2000, 0), is_free=False)
    again.close()
    found = figures(tmp_path)
    is_whole = cut == 1  # only the end of the line is missing, and was put there
    assert (found.sent, found.usable, found.unended) == (2, 1 + is_whole, 1 - is_whole)
    assert found.spent == pytest.approx(0.006 if is_whole else 0.254)


def test_a_torn_beginning_was_never_sent(tmp_path: Path) -> None:
    account = Account(tmp_path, PRICES)
    sent(account, 0.25)
    account.close()
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:20])
    assert figures(tmp_path) == Figures()


def test_a_call_fits_only_beside_those_under_way(tmp_path: Path) -> None:
    account = Account(tmp_path, PRICES, budget=1.0)
    first = sent(account, 0.6)
    assert account.reserve("key", 0.5) is None
    assert not account.is_out_of_reach(0.5), "the first may turn out cheap"
    account.settle(first, "usable", "", usage(1000, 0), is_free=False)
    second = sent(account, 0.5)
    account.settle(second, "failed", "timeout", Usage(), is_free=False)
    assert account.spent == pytest.approx(0.502), "what nobody counted counts in full"
    assert account.is_out_of_reach(0.5)
    account.close()


def test_a_restart_goes_on_from_what_was_spent(tmp_path: Path) -> None:
    account = Account(tmp_path, PRICES, budget=1.0)
    first, _killed = sent(account, 0.4), sent(account, 0.4)
    account.settle(first, "usable", "", usage(100_000, 0), is_free=False)
    account.close()
    again = Account(tmp_path, PRICES, budget=1.0)
    assert again.spent == pytest.approx(0.6)
    assert again.is_out_of_reach(0.41)
    assert sent(again, 0.39)
    again.close()


@given(
    text=st.text(max_size=300),
    most_tokens=st.integers(1, 10_000),
)
def test_no_tokenizer_of_bytes_reads_more_than_the_bound(text: str, most_tokens: int) -> None:
    payload = {"messages": [{"role": "user", "content": text}], "max_tokens": most_tokens}
    bound = Prices(1e6, 0.0).most(payload)
    assert bound >= len(text.encode("utf-8", "surrogatepass"))
    assert Prices(0.0, 1e6).most({**payload, "n": 3}) == 3 * most_tokens


def test_a_sign_that_stands_for_a_phrase_is_bounded_too() -> None:
    phrase = "\ufdfa"  # one sign of three bytes, eighteen letters to a tokenizer that unfolds it
    assert Prices(1e6).most({"messages": [{"content": phrase * 1000}]}) > 30_000
