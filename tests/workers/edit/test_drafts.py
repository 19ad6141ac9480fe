"""Of several drafts the first good one stands, and no draft is made that is not needed."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.conduct.load import load_conduct
from tahdhib.config.recipe import Drafts, Gate, Protect
from tahdhib.records import Document, Rewrite
from tahdhib.score.table import open_scorer
from tahdhib.stages.rewrite.choosing import ScoredChooser, open_choice
from tahdhib.text.edits import diff
from tahdhib.workers.edit.drafts import GOOD, MINDED, REFUSED, Choice, choose
from tahdhib.workers.table import open_worker
from tahdhib.workers.worker import Worker


def chooses(settings: Drafts) -> Choice | None:
    return open_choice(settings, Gate(), load_conduct("default"), Protect())


MARKS = st.integers(REFUSED, GOOD)


class Told:
    """A chooser that reads a text's mark off its last character."""

    def marks(self, sources: Sequence[str], rewrites: Sequence[Rewrite]) -> list[int]:
        assert len(sources) == len(rewrites)
        return [int(rewrite.text[-1]) for rewrite in rewrites]


@given(st.lists(st.tuples(MARKS, MARKS, MARKS), max_size=8))
def test_the_first_good_draft_stands_or_else_the_first_of_the_best(
    marks: list[tuple[int, int, int]],
) -> None:
    made: list[tuple[int, int]] = []

    def draft(number: int, place: int) -> Rewrite:
        made.append((place, number))
        return Rewrite(f"draft {number}, {marks[place][number]}", ())

    texts = [f"text {place}" for place in range(len(marks))]
    chosen = choose(texts, [partial(draft, number) for number in range(3)], Told())
    for place, (of_text, one) in enumerate(zip(marks, chosen, strict=True)):
        first = of_text.index(max(of_text))
        assert one.text == f"draft {first}, {of_text[first]}"
        needed = first + 1 if max(of_text) == GOOD else len(of_text)
        assert [number for at, number in made if at == place] == list(range(needed))


def test_a_trained_worker_chooses_what_its_scorer_minds_less(
    real_folder: Path, real_texts: list[str]
) -> None:
    texts = real_texts[600:1000]
    documents = [Document(str(place), text) for place, text in enumerate(texts)]
    settings = Drafts(scorer="debris", threshold=0.001, leans=(3.0, 6.0))
    choice = chooses(settings)
    assert choice is not None

    def opened(*, is_light: bool, chosen: Choice | None) -> Worker:
        return open_worker(
            "edit",
            conduct=load_conduct("default"),
            folder=real_folder,
            seed=1,
            random_rate=0.0,
            batch=8192,
            threads=1,
            is_light=is_light,
            choosing=lambda: chosen,
        )

    plain, choosing = opened(is_light=False, chosen=None), opened(is_light=False, chosen=choice)
    assert plain.hash != choosing.hash
    alone, best = plain.rewrite(documents), choosing.rewrite(documents)
    before = choice.chooser.marks(texts, alone)
    after = choice.chooser.marks(texts, best)
    assert all(now >= then for now, then in zip(after, before, strict=True))
    assert sum(after) > sum(before)
    good = [place for place, mark in enumerate(before) if mark == GOOD]
    assert good
    assert [best[place] for place in good] == [alone[place] for place in good]
    light = opened(is_light=True, chosen=choice)
    assert light.hash == choosing.hash
    assert light.rewrite(documents) == best


def test_without_a_scorer_there_is_one_draft() -> None:
    assert chooses(Drafts()) is None


@pytest.mark.parametrize("named", ["scorer", "fluency"])
def test_one_scorer_is_enough(named: str) -> None:
    choice = chooses(Drafts.model_validate({named: "debris"}))
    assert choice is not None
    assert choice.leans == Drafts().leans
    bolder = chooses(Drafts.model_validate({named: "debris", "leans": [1]}))
    assert bolder is not None
    assert bolder.hash != choice.hash
    sound, broken = "The lake is long", "The lake is is long"
    marks = choice.chooser.marks([sound, sound], [Rewrite(sound, ()), made(sound, broken)])
    assert marks[0] == GOOD > marks[1]


def test_what_the_gate_refuses_is_the_worst() -> None:
    choice = chooses(Drafts(scorer="debris"))
    assert choice is not None
    long, longer = "The lake is 30 miles long", "The lake is 40 miles long"
    assert list(choice.chooser.marks([long], [made(long, longer)])) == [REFUSED]


def test_scorers_read_what_protection_leaves_of_a_draft() -> None:
    broken, mended = "The lake is is long", "The lake is long"
    chooser = ScoredChooser(
        Drafts(threshold=1),
        accepts=lambda _text, _rewrite: True,
        harm=open_scorer("debris"),
        surprise=None,
        spared=lambda text, _rewrite: Rewrite(text, ()),
    )
    assert chooser.marks([broken], [made(broken, mended)]) == [MINDED]


def test_a_draft_like_an_earlier_one_is_not_marked_again() -> None:
    asked: list[str] = []

    class Counting(Told):
        def marks(self, sources: Sequence[str], rewrites: Sequence[Rewrite]) -> list[int]:
            asked.extend(rewrite.text for rewrite in rewrites)
            return super().marks(sources, rewrites)

    drafts = [lambda _place, text=text: Rewrite(text, ()) for text in ("a 1", "a 1", "b 2", "a 1")]
    assert choose(["source"], drafts, Counting()) == [Rewrite("b 2", ())]
    assert asked == ["a 1", "b 2"]


def made(source: str, text: str) -> Rewrite:
    return Rewrite(text, diff(source, text, "edit"))
