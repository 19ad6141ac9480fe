import csv
import pickle
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.match.contamination import (
    LEAST_WORDS,
    Item,
    SetHits,
    find_in_all,
    find_items,
    index_items,
    summarise,
)
from tahdhib.text.fold import Folding, fold

QUESTION = "من هو أول عالم مسلم وضع أسس علم البصريات في كتاب المناظر؟"
OTHER = "ما عاصمة الدولة التي تقع فيها أعلى قمة جبلية في قارة إفريقيا؟"
SHORT = "القاهرة هي عاصمة مصر."
HOST = "وصل الوفد صباح أمس إلى المدينة. {} ثم انتقل الجميع إلى قاعة المؤتمرات القريبة من الميناء."


def items(*texts):
    return [Item("exam", str(number), "question", text) for number, text in enumerate(texts)]


def index(*texts, words=8, overlap=0.75):
    return index_items(items(*texts), words=words, overlap=overlap)


def folded(text):
    return fold(text, Folding("aggressive")).split()


@pytest.mark.parametrize(
    "copy",
    [
        QUESTION,
        "مَنْ هُوَ أوّلُ عالمٍ مُسلمٍ وَضَعَ أُسُسَ علمِ البصريّات في كتابِ المناظر",
        "مــن هو أول عالـم مسلم وضع أســس علم البصريات في كتاب المناظر",
        "من هو اول عالم مسلم وضع اسس علم البصريات فى كتاب المناظر ؟؟",
        "من هو: أول عالم مسلم... وضع أسس «علم البصريات» في كتاب-المناظر!",
        "من هو أول عالم عربي وضع أسس علم البصريات في كتاب المناظر؟",
        "من هو أول عالم وضع علم البصريات في كتاب المناظر؟",
        "من هو يا ترى أول عالم مسلم وضع أسس علم البصريات في كتاب المناظر؟",
        "ﻣﻦ هو أول عالم مسلم وضع أسس علم البصريات في كتاب المناظر؟",
    ],
)
def test_a_long_item_is_found_as_it_stands_and_lightly_edited(copy):
    text = HOST.format(copy)
    (hit,) = find_items(index(QUESTION, OTHER), text)
    assert (hit.set, hit.item, hit.field, hit.is_whole) == ("exam", "0", "question", False)
    assert hit.overlap >= 0.75
    assert folded(text[hit.start : hit.end]) == folded(copy)


def test_a_verbatim_item_overlaps_wholly_and_its_span_has_no_marks_around_it():
    text = HOST.format(f"سؤال:«{QUESTION}»(٢)")
    (hit,) = find_items(index(QUESTION), text)
    assert hit.overlap == 1
    assert text[hit.start : hit.end] == QUESTION.rstrip("؟")


@pytest.mark.parametrize(
    "text",
    [
        "من هو أول عالم مسلم وضع قواعد الجبر والحساب قديما وحديثا",
        " ".join(reversed(QUESTION.rstrip("؟").split())),
        "كتاب المناظر في علم البصريات",
        "نعم",
        "",
        "😀",
    ],
)
def test_what_only_resembles_an_item_is_no_hit(text):
    assert find_items(index(QUESTION, OTHER), HOST.format(text)) == ()
    assert find_items(index(QUESTION, OTHER), text) == ()


def test_words_of_an_item_far_apart_are_no_hit():
    words = QUESTION.split()
    filler = " كلام آخر لا صلة له بما سبق ولا بما يلي "
    text = filler.join(" ".join(words[first : first + 3]) for first in range(0, len(words), 3))
    assert find_items(index(QUESTION), text) == ()


def test_a_short_item_is_found_as_a_whole_only():
    made = index(SHORT)
    (hit,) = find_items(made, HOST.format("القاهرةُ هى عاصمة مصر"))
    assert hit.is_whole and hit.overlap == 1
    for other in ("القاهرة هي أكبر عاصمة مصر", "القاهرة عاصمة مصر", "القاهرة هي عاصمة مصري"):
        assert find_items(made, HOST.format(other)) == ()


def test_an_item_of_few_words_is_never_looked_for():
    made = index("نعم", "أين ولد عنترة؟", "", "؟!")
    assert find_items(made, "نعم أين ولد عنترة؟") == ()
    assert summarise(made, ()) == (SetHits("exam", 0, 0, 0, 0, too_short=4),)


def test_a_formula_that_many_items_share_is_no_evidence():
    begins = "أي مما يلي يعد من أهم الأسباب التي أدت إلى "
    endings = ["سقوط بغداد", "ازدهار التجارة", "هجرة القبائل", "بناء السدود", "ظهور المدن"]
    made = index(*(begins + f"{one} رقم {number}" for number in range(8) for one in endings))
    assert find_items(made, HOST.format(begins + "ارتفاع أسعار القمح هذا العام")) == ()
    (hit,) = find_items(made, HOST.format(begins + "بناء السدود رقم 5"))
    assert hit.item == str(5 * 5 + 3)


def test_of_items_that_resemble_each_other_the_one_that_stands_there_is_told():
    twin = QUESTION.replace("البصريات", "الفلك")
    (hit,) = find_items(index(QUESTION, twin), HOST.format(twin))
    assert (hit.item, hit.overlap) == ("1", 1.0)


def test_one_text_in_two_sets_is_told_for_both():
    both = [Item("a", "7", "question", QUESTION), Item("b", "9", "stem", QUESTION.rstrip("؟"))]
    hits = find_items(index_items(both, words=8, overlap=0.75), QUESTION)
    assert [(hit.set, hit.item, hit.field) for hit in hits] == [
        ("a", "7", "question"),
        ("b", "9", "stem"),
    ]


def test_an_item_that_stands_there_twice_is_told_twice():
    text = f"{QUESTION} وبعد ذلك {QUESTION}"
    first, second = find_items(index(QUESTION), text)
    assert first.end < second.start == text.rindex("من هو")


def test_a_text_of_one_word_over_and_over_ends(no_hang):
    made = index("الله " * 12, OTHER)
    hits = find_items(made, "الله " * 20_000)
    assert {hit.item for hit in hits} == {"0"}


def test_a_script_without_spaces_has_spans_inside_its_runs():
    item = "日本で一番高い山は何ですか"
    text = f"前置き。{item}？答えは富士山です。"
    (hit,) = find_items(index(item), text)
    assert text[hit.start : hit.end] == item


def test_nothing_is_found_with_no_items_or_no_texts():
    assert find_items(index(), QUESTION) == ()
    assert list(find_in_all(index(QUESTION), [])) == []
    assert summarise(index(), ()) == ()


@pytest.mark.parametrize(("words", "overlap"), [(0, 0.5), (8, 0), (8, 1.1)])
def test_settings_that_mean_nothing_are_refused(words, overlap):
    with pytest.raises(ValueError, match="expected"):
        index(QUESTION, words=words, overlap=overlap)


def test_the_summary_counts_items_and_not_fields_or_hits():
    several = [
        Item("a", "1", "question", "نعم"),
        Item("a", "1", "context", QUESTION),
        Item("a", "2", "question", SHORT),
        Item("a", "3", "question", "لا"),
        Item("b", "1", "question", OTHER),
    ]
    made = index_items(several, words=8, overlap=0.75)
    hits = find_items(made, f"{QUESTION} {SHORT} {QUESTION}")
    assert len(hits) == 3
    assert summarise(made, hits) == (
        SetHits("a", aligned=1, aligned_hit=1, whole=1, whole_hit=1, too_short=1),
        SetHits("b", aligned=1, aligned_hit=0, whole=0, whole_hit=0, too_short=0),
    )


def test_of_several_ways_the_shortest_is_told():
    item = "ا ا ا ا"
    made = index_items([Item("s", "1", "f", item)], words=4, overlap=1)
    (hit,) = find_items(made, f"ا ب {item}")
    assert (hit.start, hit.end) == (4, 11)


WORDS = st.sampled_from(list("ابتثجحخدذرزسشصض"))
TEXTS = st.lists(WORDS, max_size=40).map(" ".join)


@given(st.lists(TEXTS, max_size=6), st.lists(TEXTS, max_size=5), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_no_result_depends_on_the_order_of_items_or_on_what_texts_are_read_with(
    made, texts, chance
):
    named = items(*made)
    shuffled = chance.sample(named, len(named))
    one, other = (index_items(order, words=6, overlap=0.7) for order in (named, shuffled))
    alone = [find_items(one, text) for text in texts]
    assert list(find_in_all(other, texts)) == alone
    assert list(find_in_all(pickle.loads(pickle.dumps(one)), texts)) == alone


@given(
    st.lists(WORDS, min_size=LEAST_WORDS, max_size=30), TEXTS, TEXTS, st.sampled_from([4, 8, 40])
)
@settings(deadline=None, max_examples=60)
def test_an_item_that_stands_in_a_text_is_found_there(words, before, after, least):
    item = " ".join(words)
    text = f"{before} {item} {after}"
    made = index_items([Item("s", "1", "f", item)], words=least, overlap=1)
    hits = find_items(made, text)
    # Words may be added within an item, so that one of few words may stand there in other ways too.
    assert any(folded(text[hit.start : hit.end]) == words for hit in hits)


MESSY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            " \n\u00a0\u3000\u200b\u0640\u064e\u0301\u00b4.،؟«»اأبىةه1٣日本لله\ufdfa\ufefb"
        ),
    ),
    max_size=40,
)


@given(MESSY, MESSY)
@settings(deadline=None, max_examples=100)
def test_spans_of_any_text_hold_the_words_of_the_item(text, other):
    made = index_items([Item("s", "1", "f", text)], words=8, overlap=1)
    for hit in find_items(made, f"{other} {text} {other}"):
        span = f"{other} {text} {other}"[hit.start : hit.end]
        assert folded(span) == folded(text)
        assert span == span.strip()


@given(MESSY)
@settings(deadline=None, max_examples=200)
def test_a_text_has_the_words_of_its_parts_between_white_space(text):
    assert folded(text) == [word for part in text.split() for word in folded(part)]


def test_hits_are_the_same_in_every_process():
    code = (
        "from tahdhib.match.contamination import *\n"
        f"texts = {[QUESTION, OTHER, SHORT]!r}\n"
        "items = [Item('s', str(n), 'q', text) for n, text in enumerate(texts)]\n"
        "print(find_items(index_items(items, words=8, overlap=.75), ' و '.join(texts)))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1 and seen.pop().count("Hit(") == 3


def real_items(shared_data):
    path = shared_data / "arabicmmlu_subset/ArabicMMLU_subset.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Item("arabicmmlu", row["ID"], "Question", row["Question"])
            for row in csv.DictReader(file)
        ]


def test_every_real_item_is_found_where_it_was_put(shared_data):
    real = real_items(shared_data)
    made = index_items(real, words=8, overlap=0.75)
    texts = [HOST.format(item.text) for item in real]
    for item, text, hits in zip(real, texts, find_in_all(made, texts), strict=True):
        same = [hit for hit in hits if hit.item == item.id]
        size = len(folded(item.text))
        assert bool(same) == (size >= LEAST_WORDS)
        for hit in same:
            assert hit.overlap == 1 and hit.is_whole == (size < 8)
            assert folded(text[hit.start : hit.end]) == folded(item.text)


def test_real_items_with_a_word_changed_are_found(shared_data):
    long = [item for item in real_items(shared_data) if len(folded(item.text)) >= 8]
    made = index_items(long, words=8, overlap=0.75)
    chance = random.Random(4)
    texts = []
    for item in long:
        words = item.text.split()
        words[chance.randrange(len(words))] = "تقريبا"
        texts.append(HOST.format(" ".join(words)))
    found = [
        any(hit.item == item.id for hit in hits)
        for item, hits in zip(long, find_in_all(made, texts), strict=True)
    ]
    assert sum(found) / len(found) >= 0.98


def test_a_verse_that_an_item_quotes_is_a_hit_only_where_it_is_most_of_the_item(shared_data):
    folder, line = shared_data / "scripture", 7 + 255 - 1
    vocalised = (folder / "quran-simple.txt").read_text("utf-8").splitlines()[line]
    clean = (folder / "quran-simple-clean.txt").read_text("utf-8").splitlines()[line]
    verse = clean.rpartition("|")[2]
    begin = " ".join(verse.split()[:7])
    made = index(
        verse,
        f"ما معنى قوله تعالى {verse} عند المفسرين؟",
        f"ما معنى قوله تعالى {begin} في سورة البقرة؟",
    )
    hits = find_items(made, HOST.format(vocalised))
    assert [hit.item for hit in hits if hit.overlap == 1] == ["0"]
    assert "2" not in {hit.item for hit in hits}
