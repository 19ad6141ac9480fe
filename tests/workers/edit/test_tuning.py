"""The lean: how far a worker that people alone teach goes, and what holds it back."""

import random

import pytest

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.progress import Silence
from tahdhib.records import Document
from tahdhib.text.edits import diff
from tahdhib.workers.edit.examples import PEOPLE, Labelled, TrainingPair, with_settled
from tahdhib.workers.edit.labels import KEEP, labels_of

pytest.importorskip("torch")

from tahdhib.workers.edit.tagger import Tagger
from tahdhib.workers.edit.train import train
from tahdhib.workers.edit.tune import tuned
from tahdhib.workers.edit.worker import EditWorker

SETTINGS = EditSettings(layers=2, hidden=32, features=2048, epochs=12, batch=256)
_WORDS = ("the", "house", "stands", "near", "a", "wide", "river", "and", "people", "cross", "it")
_MARKED = ("zork", "zorks", "blarg")


def _pairs(count: int, seed: int) -> list[TrainingPair]:
    """Texts from which people took the marked words, but not always the same ones, and texts in
    which there was nothing to take."""
    chance = random.Random(seed)
    pairs = []
    for number in range(count):
        words = chance.choices(_WORDS, k=8)
        rewrite = " ".join(words)
        if number % 2:
            words.insert(chance.randint(1, 7), chance.choice(_MARKED))
        elif number % 10 == 0:
            words.insert(chance.randint(1, 7), "blarg")
            rewrite = " ".join(words)
        source = " ".join(words)
        edits = diff(source, rewrite, PEOPLE)
        pairs.append(TrainingPair(f"{seed}:{number}", source, (rewrite,), edits, PEOPLE))
    return pairs


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return train(_pairs(300, 1), SETTINGS, seed=1, threads=1, progress=Silence()).tagger


def _changed(tagger: Tagger, pairs: list[TrainingPair]) -> int:
    worker = EditWorker(tagger, model_hash="", batch=512)
    rewrites = worker.rewrite([Document(pair.id, pair.source) for pair in pairs])
    return sum(bool(rewrite.edits) for rewrite in rewrites)


@pytest.mark.parametrize("most", [0.0, 0.1, 1.0])
def test_few_enough_texts_that_are_to_stay_are_changed(tagger: Tagger, most: float) -> None:
    pairs = _pairs(200, 2)
    settings = SETTINGS.model_copy(update={"max_changed": most, "min_precision": 0.05})
    leant = tuned(tagger._replace(lean=0.0), pairs, settings)
    settled = [pair for pair in pairs if pair.source == pair.rewrites[0]]
    assert _changed(leant, settled) <= most * len(settled)


def test_who_may_change_more_leans_further(tagger: Tagger) -> None:
    pairs = _pairs(200, 2)
    leans = [
        tuned(
            tagger._replace(lean=0.0),
            pairs,
            SETTINGS.model_copy(update={"max_changed": most, "min_precision": 0.05}),
        ).lean
        for most in (0.0, 1.0)
    ]
    assert leans[0] < leans[1]


def test_people_alone_teach_to_take_away_what_they_take(tagger: Tagger) -> None:
    wanted = [pair for pair in _pairs(200, 3) if pair.source != pair.rewrites[0]]
    assert _changed(tagger, wanted) > 0.6 * len(wanted)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6])
def test_what_changes_nothing_has_its_share(share: float) -> None:
    lessons = [Labelled(pair, labels_of(pair.source, pair.edits)) for pair in _pairs(100, 4)]
    found = with_settled(lessons, share, seed=1)
    settled = [one for one in found if set(one.labels) == {KEEP}]
    assert len(settled) / len(found) == pytest.approx(share, abs=0.02)
    assert all(one.pair.source in one.pair.rewrites for one in settled)
    assert with_settled(lessons, None, seed=1) == lessons
