"""Intervals in worlds whose truth is known: they hold it as often as they say."""

import pytest

from tests.stats.simulated import Setting, settings

ALL = settings()
QUICK = (
    "wilson: n = 30, any share",
    "bootstrap_mean: 3 clusters, equal, normal",
    "bootstrap_mean: 5 clusters, falling, tied",
    "bootstrap_mean: 40 clusters, mild, skewed",
    "bootstrap_mean: 200 clusters, single, mostly zero",
    "paired_difference: 3 clusters, mild, normal",
    "paired_difference: 40 clusters, equal, tied",
    "paired_difference: 40 clusters, single, mostly zero",
    "auroc: 5 clusters of 40, tied, area 0.74",
    "macro_f1: a class of 10 %, n = 400",
    "seeds: 3 seeds",
    "seeds_difference: 5 seeds, paired",
)
ROOM = 0.025
"""Three hundred repetitions know a rate to about so much."""


@pytest.mark.parametrize("name", QUICK)
def test_a_few_worlds(name: str) -> None:
    setting = next(one for one in ALL if one.name == name)
    low, high = setting.band
    rate = setting.rate(300)
    assert rate <= high + ROOM
    assert low - ROOM <= rate or setting.outside


@pytest.mark.slow
@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.name)
def test_every_world_by_a_thousand_repetitions(setting: Setting) -> None:
    low, high = setting.band
    rate = setting.rate(1000)
    if not setting.outside:
        assert low <= rate <= high
    elif setting.kind == "false":
        assert rate <= high
