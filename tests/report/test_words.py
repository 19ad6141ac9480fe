import math

import pytest

from tahdhib.gate.checks import CODES
from tahdhib.records import Interval
from tahdhib.report import words


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (-0.5, "\u22120.5"),
        (0.00001, "0.00001"),
        (12345.6, "12,346"),
        (1.0, "1"),
        (math.inf, "∞"),
        (-math.inf, "\u2212∞"),
        (math.nan, "unknown"),
    ],
)
def test_figure(number: float, said: str) -> None:
    assert words.figure(number) == said


def test_a_share_never_rounds_something_to_nothing() -> None:
    assert words.share(1, 100_000) == "less than 0.1%"
    assert words.share(99_999, 100_000) == "more than 99.9%"
    assert words.share(0, 10) == "0%"
    assert words.share(10, 10) == "100%"
    assert words.share(1, 3) == "33.3%"
    assert words.share(1, 0) == "0%"


def test_an_interval_says_its_bounds() -> None:
    assert words.interval(Interval(0.5, 0.4, 0.6, 10)) == "0.5 (0.4 to 0.6)"


def test_reasons_in_words() -> None:
    assert words.reason("near_duplicate") == "Near-duplicate"
    assert words.reason("gate:numbers") == "Refused: a number would have changed"
    assert words.reason("conduct:some-rule") == "The conduct drops it: some-rule"
    assert words.reason("never_heard_of") == "Never heard of"


def test_counts_sizes_and_times() -> None:
    assert words.plural(1, "document") == "1 document"
    assert words.plural(1200, "document") == "1,200 documents"
    assert words.byte_size(310_000_000) == "310.0 MB"
    assert words.duration(74.2) == "1 min 14 s"
    assert words.duration(3.21) == "3.2 s"
    assert words.duration(7300) == "2 h 1 min"


@pytest.mark.parametrize("code", CODES)
def test_every_reason_of_the_gate_is_said_in_words(code: str) -> None:
    assert " " in words.reason(code), "a code alone says nothing to a reader"
