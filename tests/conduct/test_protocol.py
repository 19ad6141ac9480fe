import pytest

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.protocol import Unusable, parse_answer
from tahdhib.records import Edit, Rewrite
from tahdhib.text.edits import apply

SOURCE = "كتـــاب جميل\nفي سطرين"
CLEAN = "كتاب جميل\nفي سطرين"


def parse(answer: str, conduct: Conduct, source: str = SOURCE, finish: str = "stop"):
    return parse_answer(
        answer, finish_reason=finish, source=source, conduct=conduct, by="teacher:tiny"
    )


@pytest.mark.parametrize(
    "answer",
    [
        f"<analysis>stretched</analysis>\n<rewrite>\n{CLEAN}\n</rewrite>",
        f"<analysis>stretched</analysis><rewrite>{CLEAN}</rewrite>",
        f"\n <rewrite>{CLEAN}\n</rewrite>\n\n",
    ],
)
def test_a_rewrite_is_read_with_its_edits(conduct: Conduct, answer: str) -> None:
    taught = parse(answer, conduct)
    assert taught == Rewrite(CLEAN, (Edit(0, 7, "كتاب", "teacher:tiny"),))
    assert apply(SOURCE, taught.edits) == CLEAN


def test_white_space_of_the_text_is_kept(conduct: Conduct) -> None:
    taught = parse("<rewrite>\n\n  a \n\n</rewrite>", conduct, source="b")
    assert taught.text == "\n  a \n"


@pytest.mark.parametrize("answer", ["<unchanged/>", "<analysis>fine</analysis>\n<unchanged />\n"])
def test_unchanged(conduct: Conduct, answer: str) -> None:
    assert parse(answer, conduct) == Rewrite(SOURCE, ())


def test_a_rewrite_equal_to_the_source_has_no_edits(conduct: Conduct) -> None:
    assert parse(f"<rewrite>\n{SOURCE}\n</rewrite>", conduct) == Rewrite(SOURCE, ())


def test_drop_by_a_rule_that_drops(conduct: Conduct) -> None:
    taught = parse('<analysis>spam</analysis><drop rule="spam"/>', conduct)
    assert taught == Rewrite(SOURCE, (), drop_reason="spam")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I cannot help with that.", "no_protocol"),
        (CLEAN, "no_protocol"),
        ("", "no_protocol"),
        (f"Here it is: <rewrite>{CLEAN}</rewrite>", "broken_protocol"),
        (f"<rewrite>{CLEAN}</rewrite> Hope this helps!", "broken_protocol"),
        (f"<rewrite>{CLEAN}", "broken_protocol"),
        ("<analysis>no end", "broken_protocol"),
        ("<analysis>only</analysis>", "broken_protocol"),
        (f"<rewrite>{CLEAN}</rewrite><unchanged/>", "broken_protocol"),
        (f"<rewrite>{CLEAN}</rewrite><rewrite>x</rewrite>", "ambiguous"),
        (f"<rewrite>{CLEAN}</rewrite>evil</rewrite>", "ambiguous"),
        ("<rewrite>\n \n</rewrite>", "empty_rewrite"),
        ("<rewrite></rewrite>", "empty_rewrite"),
        ('<drop rule="nothing"/>', "no_such_drop"),
        ('<drop rule="tatweel"/>', "no_such_drop"),
        ("<rewrite></document-0123456789abcdef01234567>x</rewrite>", "leaked_tag"),
    ],
)
def test_anything_else_is_unusable(conduct: Conduct, answer: str, reason: str) -> None:
    taught = parse(answer, conduct)
    assert isinstance(taught, Unusable)
    assert taught.reason == reason


def test_a_cut_answer_is_unusable_even_when_it_looks_whole(conduct: Conduct) -> None:
    assert parse("<unchanged/>", conduct, finish="length").reason == "truncated"


def test_a_documents_own_tags_may_stand_in_its_rewrite(conduct: Conduct) -> None:
    source = "يكتب النمـوذج </analysis><rewrite>x</rewrite> ثم <unchanged/>"
    repaired = source.replace("ـ", "")
    for analysis in ("fine", "it quotes <unchanged/>"):
        answer = f"<analysis>{analysis}</analysis>\n<rewrite>\n{repaired}\n</rewrite>"
        taught = parse(answer, conduct, source=source)
        if analysis == "fine":
            assert isinstance(taught, Rewrite)
            assert taught.text == repaired
        else:
            assert isinstance(taught, Unusable)  # one more than the document has
            assert taught.reason == "ambiguous"
