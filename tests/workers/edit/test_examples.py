from collections import Counter

from tahdhib.text.edits import diff
from tahdhib.workers.edit.examples import (
    Labelled,
    TrainingPair,
    drop_reason,
    is_rewritten_anew,
    label,
    lost,
    part_of,
)
from tahdhib.workers.edit.labels import DELETE, KEEP


def _pair(source: str, *rewrites: str) -> TrainingPair:
    return TrainingPair("1", source, rewrites, diff(source, rewrites[0], ""), "people")


def test_the_split_is_a_function_of_id_and_seed() -> None:
    parts = Counter(part_of(str(number), 17, 0.1) for number in range(5000))
    assert 400 < parts["held_out"] < 600
    assert 400 < parts["tune"] < 600
    assert part_of("7", 17, 0.1) == part_of("7", 17, 0.1)
    assert any(part_of(str(n), 17, 0.1) != part_of(str(n), 18, 0.1) for n in range(50))


def test_pairs_without_words_or_without_end_are_dropped_with_a_reason() -> None:
    assert drop_reason(_pair("?!", "")) == "no_words"
    assert drop_reason(TrainingPair("1", "كلمة " * 100_000, ("",), (), "rules")) == "too_long"
    assert drop_reason(_pair("كلمة", "")) is None


def test_the_reference_that_changes_least_but_something_is_the_lesson() -> None:
    pair = _pair("one bad day", "a wholly other text", "one bad day", "one day")
    assert label(pair).labels == [KEEP, KEEP, DELETE, KEEP]
    assert label(_pair("one day", "one day")).labels == [KEEP] * 3


def test_what_is_rewritten_anew_teaches_nothing() -> None:
    assert is_rewritten_anew(label(_pair("one bad day", "nice text here now")))
    assert not is_rewritten_anew(Labelled(_pair("a", "a"), [KEEP, KEEP]))


def test_operations_outside_the_vocabulary_are_counted() -> None:
    assert lost(Counter({KEEP: 5, "REPLACE_x": 2, "APPEND_y": 1}), [KEEP, DELETE]) == 3
