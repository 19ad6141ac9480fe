"""The order of samples: every pass holds each once, and a batch those of one length; and what a
model from nothing practises on."""

from hypothesis import given
from hypothesis import strategies as st

from tahdhib.workers.causal.order import order
from tahdhib.workers.causal.rehearsal import rehearsal

LENGTHS = st.lists(st.integers(1, 500), min_size=1, max_size=300)


@given(LENGTHS, st.integers(1, 9), st.integers(1, 3), st.integers(0, 5))
def test_each_pass_holds_every_sample_once(
    lengths: list[int], batch: int, epochs: int, seed: int
) -> None:
    found = order(lengths, batch, epochs, seed)
    size = len(lengths)
    assert len(found) == size * epochs
    for start in range(0, len(found), size):
        assert sorted(found[start : start + size]) == list(range(size))
    assert found == order(lengths, batch, epochs, seed)


@given(LENGTHS, st.floats(0.01, 2))
def test_a_part_of_a_pass_is_its_start(lengths: list[int], epochs: float) -> None:
    found = order(lengths, 4, epochs, 1)
    assert found == order(lengths, 4, 3, 1)[: len(found)]
    assert len(found) == max(1, round(len(lengths) * epochs))


def test_a_batch_is_of_about_one_length_and_passes_differ() -> None:
    lengths = [number % 97 for number in range(800)]
    found = order(lengths, 8, 2, 1)
    spreads = [
        max(lengths[at] for at in found[start : start + 8])
        - min(lengths[at] for at in found[start : start + 8])
        for start in range(0, 800, 8)
    ]
    assert sum(spreads) / len(spreads) < 5
    assert found[:800] != found[800:]
    assert found != order(lengths, 8, 2, 2)


def test_a_rehearsal_is_words_in_disorder() -> None:
    texts = ["كتاب عن النيل", "a book, 12 pages"]
    found = rehearsal(texts, 50, 1)
    assert len(found) == 50 == len(set(found))
    assert {word for text in found for word in text.split()} == {
        *["كتاب", "عن", "النيل", "a", "book", "12", "pages"]
    }
    assert found == rehearsal(texts[::-1], 50, 1) != rehearsal(texts, 50, 2)
    assert rehearsal(texts, 0, 1) == []
