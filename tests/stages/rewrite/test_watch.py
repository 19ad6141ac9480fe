"""The run stops when the gate refuses more than the recipe lets it."""

import pytest

from tahdhib.config.recipe import Rewrite as Settings
from tahdhib.stages.contract import Counts
from tahdhib.stages.rewrite.watch import TooManyRefusedError, Watch


def test_it_says_how_many_were_refused_and_what_it_cost() -> None:
    watch = Watch(Settings(price_per_hour=2.0))
    watch.heed(Counts(50, 30, 1), 900)
    assert watch.heed(Counts(50, 30, 2), 1800) == "5.0 % of 60 rewrites refused · cost 1.00"


def test_a_jump_within_the_last_thousand_stops_it() -> None:
    watch = Watch(Settings(max_refused=0.5))
    for _ in range(50):
        watch.heed(Counts(500, 100, 5), 1)
    with pytest.raises(TooManyRefusedError, match=r"525 of the last 1,000 rewrites.*share of 0\.5"):
        for _ in range(6):
            watch.heed(Counts(500, 100, 100), 1)


def test_few_rewrites_are_no_reason_to_stop_and_neither_is_no_bound() -> None:
    Watch(Settings(max_refused=0.5)).heed(Counts(900, 900, 900), 1)
    Watch(Settings()).heed(Counts(9000, 9000, 9000), 1)


def test_old_refusals_are_forgotten() -> None:
    watch = Watch(Settings(max_refused=0.5))
    watch.heed(Counts(900, 900, 900), 1)
    for _ in range(3):
        watch.heed(Counts(900, 900, 0), 1)
    watch.heed(Counts(900, 600, 500), 1)
