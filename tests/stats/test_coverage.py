"""Intervals in worlds whose truth is known: they hold it as often as they say, or say that they
cannot."""

import pytest

from tests.stats.simulated import Setting, further, settings, unseen

ALL = [*settings(), *further(), *unseen()]
PROMISED = (
    "wilson: n = 30, any share",
    "bootstrap_mean: 40 clusters, mild, skewed",
    "bootstrap_mean: 200 clusters, single, mostly zero",
    "bootstrap_mean: 60 clusters, single, ratings",
    "paired_difference: 40 clusters, falling, normal",
    "paired_difference: 40 clusters, equal, tied",
    "paired_difference: 200 clusters, single, mostly zero",
    "macro_f1: a class of 10 %, n = 400",
    "auroc: 40 clusters of 10, tied, area 0.74",
    "seeds: 3 seeds",
    "seeds_difference: 3 seeds, two arms",
    "seeds_difference: 5 seeds, paired",
)
ROUGH = (
    "bootstrap_mean: 3 clusters, single, tied",
    "bootstrap_mean: 12 clusters, single, skewed",
    "bootstrap_mean: 40 clusters, single, mostly zero",
    "paired_difference: 5 clusters, equal, mostly zero",
    "auroc: 5 clusters of 40, tied, area 0.74",
    "macro_f1: one in a hundred wrong, n = 100",
)
CAREFUL = (
    "bootstrap_mean: 200 clusters, single, mostly zero",
    "bootstrap_mean: 25 clusters, two sizes, ratings",
)
"""Promised worlds that cover a little more than asked (.970, .976; docs/log/audit.md)."""
ROOM = 0.025
"""Three hundred repetitions know a rate to about so much."""


def named(name: str) -> Setting:
    return next(one for one in ALL if one.name == name)


@pytest.mark.parametrize("name", PROMISED)
def test_what_is_promised_is_kept(name: str) -> None:
    setting = named(name)
    low, high = setting.band
    rate = setting.rate(300)
    assert rate.is_promised
    assert low - ROOM <= rate.relied <= high + ROOM


@pytest.mark.parametrize("name", ROUGH)
def test_what_cannot_be_kept_is_not_promised(name: str) -> None:
    assert named(name).rate(100).share_relied < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.name)
def test_every_promised_world_by_a_thousand_repetitions(setting: Setting) -> None:
    rate = setting.settled(1000)
    if rate.is_promised and setting.name in CAREFUL:
        assert setting.band[0] <= rate.relied < 0.98
    elif rate.is_promised:
        assert setting.holds(rate.relied)
