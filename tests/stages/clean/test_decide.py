from tahdhib.score.quality.signals import measure
from tahdhib.stages.clean.decide import believed, failures, verdict
from tahdhib.stages.clean.thresholds import RULES, Rule, load_thresholds

PACKAGE = load_thresholds("default", tuple(RULES))


def signals(text, language="ar", probability=0.9):
    found = measure(text, language)._asdict()
    return {"language": language, "language_probability": probability, **found}


def test_bounds_are_inclusive_and_none_fails_nothing():
    rule = Rule("gopher", "words", 2, 3)
    assert not failures({"words": 2}, [rule]) and not failures({"words": 3}, [rule])
    assert not failures({"words": None}, [rule])
    (low,) = failures({"words": 1}, [rule])
    (high,) = failures({"words": 4}, [rule])
    assert (low.code, low.detail) == ("gopher:words", "words 1, less than 2")
    assert high.detail == "words 4, more than 3"


def test_the_first_failure_is_the_reason_and_all_are_told():
    reason = verdict(signals("# # # {x}"), (), 0.65, PACKAGE)
    assert reason is not None and reason.code == "gopher:words"
    assert "hash_ratio" in reason.detail and "curly_brackets" in reason.detail


def test_a_language_that_is_not_kept():
    reason = verdict(signals("some words", "en", 0.93), ("ar", "fr"), 0.65, PACKAGE)
    assert reason is not None
    assert (reason.code, reason.detail) == ("other_language", "en 0.93; kept: ar, fr")


def test_an_unsure_language_is_none():
    unsure = signals("some words", "en", 0.6)
    assert believed(unsure, 0.65) == "und"
    reason = verdict(unsure, ("en",), 0.65, PACKAGE)
    assert reason is not None and reason.code == "other_language"
    assert verdict(signals("x " * 3, "en"), ("en",), 0.5, load_thresholds("default", ())) is None
