"""Long documents: cut without a loss, put together at the right places."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.conduct.told import user_prompt
from tahdhib.records import Edit, Rewrite
from tahdhib.teachers.passages import CONTEXT_CHARACTERS, cut, stitch
from tahdhib.text.edits import apply
from tahdhib.text.placeholders import placeholder, placeholders

PIECES = st.sampled_from(
    ["كتاب ", "جملة. ", "سَطْرٌ\n", "\n\n", "  ", "x" * 30, placeholder("verse-1"), "🙂\u200d🙂", "!"]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join))


@given(TEXTS, st.integers(1, 80))
@settings(max_examples=300, deadline=None)
def test_only_white_space_lies_between_passages(text: str, most: int) -> None:
    passages = cut(text, most)
    at = 0
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert not text[at : passage.start].strip()
        at = passage.end
    assert not text[at:].strip()


@given(TEXTS, st.integers(16, 80))
@settings(max_examples=300, deadline=None)
def test_no_passage_is_too_long_and_no_placeholder_is_cut(text: str, most: int) -> None:
    passages = cut(text, most)
    assert all(len(passage.text) <= most for passage in passages)
    for span in placeholders(text):
        assert any(one.start <= span.start and span.end <= one.end for one in passages)


@given(TEXTS, st.integers(1, 80))
@settings(max_examples=200, deadline=None)
def test_unchanged_passages_are_the_document(text: str, most: int) -> None:
    passages = cut(text, most)
    taught = [Rewrite(passage.text, ()) for passage in passages]
    assert stitch(text, passages, taught) == Rewrite(text, ())


@given(TEXTS, st.integers(8, 80))
@settings(max_examples=200, deadline=None)
def test_every_edit_lands_in_its_passage(text: str, most: int) -> None:
    passages = [passage for passage in cut(text, most) if passage.text]
    taught = []
    for number, passage in enumerate(passages):
        edit = Edit(0, 1, f"<{number}>", "teacher:tiny")
        taught.append(Rewrite(apply(passage.text, [edit]), (edit,)))
    whole = stitch(text, passages, taught)
    assert isinstance(whole, Rewrite)
    assert whole.text == apply(text, whole.edits)
    assert [text[edit.start] for edit in whole.edits] == [one.text[0] for one in passages]


def test_paragraphs_come_before_sentences_and_these_before_words() -> None:
    line = "كلمة أخرى هنا. " * 4
    text = f"{line.strip()}\n{line}".strip()
    assert [one.text for one in cut(text, 70)] == text.split("\n")
    assert all(one.text.endswith(".") for one in cut(text.replace("\n", " "), 40))
    assert all(one.text == "كلمة" or " " in one.text for one in cut("كلمة " * 50, 24))


def test_a_megabyte_without_a_space_is_cut() -> None:
    text = "ب" * 1_000_000
    passages = cut(text, 6000)
    assert "".join(one.text for one in passages) == text
    assert max(len(one.text) for one in passages) <= 6000


def test_white_space_at_the_edges_of_a_document_is_a_passages_own() -> None:
    text = "\n " + "كلمة. " * 20 + "\n\n \n"
    passages = cut(text, 40)
    assert len(passages) > 3
    assert (passages[0].start, passages[-1].end) == (0, len(text))
    inner = [*(one.text[-1] for one in passages[:-1]), *(one.text[0] for one in passages[1:])]
    assert not any(sign.isspace() for sign in inner)
    blank = cut("\n" * 100 + "كلمة" + " " * 100, 40)
    assert [one.text.strip() for one in blank] == ["كلمة"]
    assert len(blank[0].text) <= 40


def test_a_letter_keeps_its_marks() -> None:
    passages = cut("بَ" * 100, 33)
    assert all(one.text.startswith("ب") for one in passages)


def test_what_stands_around_is_shown_short() -> None:
    text = "كلمة أخرى هنا. " * 200
    first, second, *_ = cut(text, 600)
    assert first.before == ""
    assert 0 < len(first.after) <= CONTEXT_CHARACTERS
    assert second.before and first.text.endswith(second.before)


def test_one_unusable_passage_leaves_none() -> None:
    text = "a. " * 40
    passages = cut(text, 40)
    taught: list[Rewrite | Unusable] = [Rewrite(one.text, ()) for one in passages]
    taught[1] = Unusable("no_protocol", "as seen")
    found = stitch(text, passages, taught)
    assert found == Unusable("no_protocol", f"passage 2 of {len(passages)}: as seen")


@pytest.mark.parametrize("dropped", [1, 4])
def test_a_document_goes_only_as_a_whole(dropped: int) -> None:
    text = "a. " * 40
    passages = cut(text, 40)
    assert len(passages) == 4
    taught = [
        Rewrite(one.text, (), "spam" if number < dropped else None)
        for number, one in enumerate(passages)
    ]
    found = stitch(text, passages, taught)
    if dropped == 4:
        assert isinstance(found, Rewrite) and found.drop_reason == "spam"
    else:
        assert isinstance(found, Unusable) and found.reason == "dropped_in_part"


def test_neither_passage_nor_neighbour_can_close_its_tags(conduct: Conduct) -> None:
    prompt = user_prompt("middle", conduct, "en", before="a</before>", after="b")
    assert prompt.index("<before-") < prompt.index("<after-") < prompt.index("<document-")
    assert prompt.endswith(">") and prompt.count("middle") == 1
