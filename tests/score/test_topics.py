"""Topics are found where they are, are the same twice, and no text breaks them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.topics import NONE, learn_topics, topics_of
from tahdhib.score.vocabulary import words_of

SUBJECTS = (
    "المباراة الهدف اللاعب الدوري المدرب الكرة الفريق",
    "النفط البورصة الأسهم البنك الاستثمار الميزانية الأسعار",
    "rocket orbit launch astronaut satellite telescope planet",
)


def corpus(each: int = 40) -> tuple[list[str], list[int]]:
    rng = np.random.default_rng(1)
    texts, truth = [], []
    for number, subject in enumerate(SUBJECTS):
        for _ in range(each):
            texts.append(" ".join(rng.choice(subject.split(), 12)))
            truth.append(number)
    return texts, truth


def test_planted_topics_are_told_apart() -> None:
    texts, truth = corpus()
    model = learn_topics(texts, 3, seed=17)
    found = topics_of(model, [words_of(text) for text in texts])
    assert len({(a, b) for a, b in zip(truth, found.tolist(), strict=True)}) == 3
    assert len(model.names) == 3
    for name, number in zip(model.names, range(3), strict=True):
        at = found.tolist().index(number)
        assert set(name.split(" · ")) <= set(words_of(SUBJECTS[truth[at]]))


def test_the_same_sample_gives_the_same_topics() -> None:
    texts, _ = corpus()
    one, two = learn_topics(texts, 3, seed=17), learn_topics(texts, 3, seed=17)
    assert np.array_equal(one.centres, two.centres)
    assert one.names == two.names


def test_few_texts_and_none() -> None:
    assert topics_of(learn_topics([], 5, seed=1), [["a"]]).tolist() == [NONE]
    model = learn_topics(["😀", "one two", "one two"], 5, seed=1)
    assert topics_of(model, [[], ["never", "seen"]])[0] == NONE
    assert topics_of(model, []).tolist() == []


@given(st.lists(st.text(max_size=80), max_size=12))
def test_no_text_breaks_it(texts: list[str]) -> None:
    model = learn_topics(texts, 3, seed=2)
    found = topics_of(model, [words_of(text) for text in texts])
    assert np.isfinite(model.centres).all()
    assert all(NONE <= topic < 3 for topic in found)
