"""How many steps guessing leaves: by hand, against a plain search, and what a pilot makes of it."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tahdhib.llm.speaker import LOOKED_UP
from tahdhib.workers.causal.lookup import WORTH, pilot, steps

SOURCE = list(range(100, 200))


def guessed_plainly(known: Sequence[int], most: int) -> Sequence[int]:
    """What follows the longest run that stands last, where it stands first: looked for anew."""
    shortest, longest = LOOKED_UP
    for size in range(longest, shortest - 1, -1):
        for at in range(len(known) - size if len(known) >= size else 0):
            if known[at : at + size] == known[-size:]:
                return known[at + size : at + size + most]
    return []


def steps_plainly(prompt: list[int], answer: list[int], guessed: int) -> int:
    written = count = 0
    while written < len(answer):
        guess = guessed_plainly(prompt + answer[:written], guessed)
        right = 0
        while right < len(guess) and written + right + 1 < len(answer):
            if guess[right] != answer[written + right]:
                break
            right += 1
        written, count = written + right + 1, count + 1
    return count


def test_a_copy_is_written_six_tokens_a_step_once_it_has_found_its_place() -> None:
    assert steps(SOURCE, [7, *SOURCE]) == 1 + 2 + 17  # the mark, two to find it, 98 by six


def test_what_stands_nowhere_takes_a_step_a_token() -> None:
    assert steps(SOURCE, list(range(50))) == 50
    assert steps([], [1, 1, 1, 1, 1]) == 4  # its own beginning is found again
    assert steps(SOURCE, []) == 0


def test_after_a_change_it_finds_back() -> None:
    changed = [*SOURCE[:50], 1, *SOURCE[51:]]
    assert steps(SOURCE, changed) == steps(SOURCE, SOURCE) + 2


@given(
    st.lists(st.integers(0, 3), max_size=30),
    st.lists(st.integers(0, 3), max_size=30),
    st.integers(1, 6),
)
def test_it_counts_as_a_plain_search_does(
    prompt: list[int], answer: list[int], guessed: int
) -> None:
    assert steps(prompt, answer, guessed) == steps_plainly(prompt, answer, guessed)


def test_a_pilot_turns_it_on_where_rewrites_copy_and_off_where_they_do_not() -> None:
    copies = [(SOURCE[: 40 + at], SOURCE[: 40 + at]) for at in range(60)]
    found = pilot(copies, seed=1)
    assert found.per_step is not None
    assert found.per_step.estimate == found.tokens / found.steps
    assert WORTH < found.per_step.low <= found.per_step.estimate <= 6
    assert found.lookup == found.guessed == 5
    strange = [(SOURCE, list(range(40 + at))) for at in range(60)]
    assert pilot(strange, seed=1).lookup == 0
    assert pilot([], seed=1).lookup == 0
    assert pilot([(SOURCE, [])], seed=1).per_step is None
