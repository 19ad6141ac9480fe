import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite as rewrite_by_rules
from tahdhib.conduct.terms import lexicon
from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.checks import CHECKS, CODES
from tahdhib.gate.gate import Gate
from tahdhib.records import Edit, Rewrite
from tahdhib.text.edits import diff
from tahdhib.text.placeholders import placeholder

CONDUCT = load_conduct("default")
GATE = Gate(Settings(), CONDUCT)
NEWS = (
    "أعلنت وزارة التعليم يوم الأحد 5 يوليو 2015 عن افتتاح 1,250 مدرسة جديدة في الرياض، بنسبة "
    "زيادة بلغت 12.5% عن العام الماضي، وقال المتحدث باسم الوزارة إن التسجيل متاح على الموقع "
    "http://www.example.gov.sa/register حتى 20 شوال 1436هـ."
)


def codes(source: str, rewritten: str, gate: Gate = GATE) -> set[str]:
    """Reason codes for a rewrite given as text; its edits are read off."""
    verdict = gate.verdict(source, Rewrite(rewritten, diff(source, rewritten, "test")))
    assert all(reason.detail for reason in verdict.reasons)
    return {reason.code for reason in verdict.reasons}


def detail(source: str, rewritten: str) -> str:
    verdict = GATE.verdict(source, Rewrite(rewritten, diff(source, rewritten, "test")))
    return "; ".join(reason.detail for reason in verdict.reasons)


def test_there_is_one_check_for_each_code() -> None:
    assert [check.__name__.removeprefix("check_") for check in CHECKS] == list(CODES)


@given(st.text(max_size=300))
def test_what_is_not_changed_is_accepted(text: str) -> None:
    assert GATE.verdict(text, Rewrite(text, ())).accepted


@given(st.text(max_size=120), st.text(max_size=120))
@settings(max_examples=150, deadline=None)
def test_any_two_texts_get_a_verdict(source: str, rewritten: str) -> None:
    first = GATE.verdict(source, Rewrite(rewritten, diff(source, rewritten, "test")))
    # Edits that do not lead to the text are read off anew.
    assert GATE.verdict(source, Rewrite(rewritten, (Edit(0, 10**6, "x", "test"),))) == first


def test_a_drop_is_not_the_gates_to_judge() -> None:
    assert GATE.verdict(NEWS, Rewrite("", (), "a-rule")).accepted


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" في الرياض، ", " في الرياض , "),
        ("مدرسة جديدة", "مدرسة  جديـــدة"),
        ("1,250", "١٬٢٥٠"),
        ("1,250", "1250"),
        ("12.5%", "١٢٫٥٪"),
        ("5 يوليو 2015", "5 تموز 2015"),
        ("5 يوليو 2015", "٥ يوليو عام ٢٠١٥"),
        ("http://www.example.gov.sa/register", "http://www.example.gov.sa/register ،"),
        ("وزارة", "الوزارة"),
        ("وقال المتحدث", "وذكر المتحدث"),
        ("1436هـ.", "1436هـ ."),
        ("1436هـ.", "1436 هـ"),
    ],
)
def test_harmless_edits_are_accepted_both_ways(old: str, new: str) -> None:
    changed = NEWS.replace(old, new, 1)
    assert changed != NEWS
    assert codes(NEWS, changed) == set()
    assert codes(changed, NEWS) == set()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("1,250", "1,350", "numbers"),
        ("1,250 ", "", "numbers"),
        ("12.5%", "125%", "numbers"),
        ("12.5%", "12.5", "numbers"),
        ("الرياض", "الرياض 7", "numbers"),
        ("5 يوليو 2015", "6 يوليو 2015", "dates"),
        ("5 يوليو 2015", "5 يونيو 2015", "dates"),
        ("20 شوال", "20 شعبان", "dates"),
        ("register", "enter", "links"),
        (" http://www.example.gov.sa/register", "", "links"),
        ("حتى", "أو http://example.com حتى", "links"),
        ("أعلنت", "النص المعاد كتابته: أعلنت", "scaffold"),
        ("أعلنت", "Rewritten text: أعلنت", "scaffold"),
        ("وقال المتحدث", "وقال the spokesman of the ministry", "language"),
    ],
)
def test_a_planted_fault_is_found(old: str, new: str, code: str) -> None:
    changed = NEWS.replace(old, new, 1)
    assert changed != NEWS
    assert code in codes(NEWS, changed)


@pytest.mark.parametrize(
    ("source", "rewritten", "code"),
    [
        ("بقي في المدينة سنتين مع أهله", "بقي في المدينة ثلاث سنوات مع أهله", "numbers"),
        ("قتل خمسة وعشرون جنديا أمس", "قتل خمسة وثلاثون جنديا أمس", "numbers"),
        ("twelve people came", "twenty people came", "numbers"),
        ("على بعد 5 كم من هنا", "على بعد 5 أمتار من هنا", "units"),
        ("it costs 20 dollars today", "it costs 20 euros today", "units"),
        ("لم يحضر الوزير الحفل", "يحضر الوزير الحفل", "negation"),
        ("أنا مش عارف الجواب", "أنا عارف الجواب", "negation"),
        ("القرار صحيح في رأيي", "القرار غير صحيح في رأيي", "negation"),
        ("he is not guilty of it", "he is guilty of it", "negation"),
    ],
)
def test_words_that_turn_a_fact_are_found(source: str, rewritten: str, code: str) -> None:
    assert codes(source, rewritten) == {code}


@pytest.mark.parametrize(
    ("source", "rewritten"),
    [
        ("بقي في المدينة سنتين مع أهله", "بقي في المدينة 2 سنة مع أهله"),
        ("دفع خمسة آلاف ريال نقدا", "دفع 5,000 ريال نقدا"),
        ("that was a stupid idea of his", "that was not a smart idea of his"),
        ("هذا كلام غبي وسخيف", "هذا كلام غير لائق"),
        ("they don't care about it", "they do not care about it"),
        ("لا يوجد حل لهذا", "لايوجد حل لهذا"),
    ],
)
def test_the_same_in_other_words_is_accepted(source: str, rewritten: str) -> None:
    assert codes(source, rewritten) == set()


def test_what_was_seen_is_said() -> None:
    source = "1,250 ثم 1250 كتابا"
    assert detail(source, "1,250 ثم كتابا") == "source has 1250 twice, rewrite once"
    assert "5-7-2015 once, rewrite not at all" in detail(NEWS, NEWS.replace("5 يوليو", "8 يوليو"))


def test_length() -> None:
    words = [f"كلمة{letter}" for letter in "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"]
    text = " ".join(words * 4)
    assert "length" in codes(text, " ".join(words))
    assert "length" in codes(text, text + " " + " ".join(words[:10] * 5))
    assert "length" in codes(text, " ".join((words * 4)[:-10]))
    assert codes(text, " ".join((words * 4)[:-3])) == {"dropped"}


def test_nothing_left_is_empty() -> None:
    assert codes("هذا نص قصير", " ") == {"empty", "length", "dropped"}
    assert codes("!!! ???", "") == set()


def test_language_of_a_whole_text_and_of_a_stretch() -> None:
    english = "The ministry of education announced a plan to open new schools in the capital city"
    french = "Le ministère de l'éducation a annoncé un plan pour ouvrir des écoles dans la capitale"
    arabic = "أعلنت وزارة التعليم عن خطة لافتتاح مدارس جديدة في العاصمة خلال هذا العام"
    assert "language" in codes(arabic, english)
    assert "language" in codes(english, french)
    assert "language" in codes(f"{arabic}. {arabic}", f"{arabic}. {english}")
    assert "language" not in codes(english, english.replace("a plan to", "that it plans to"))
    assert "language" not in codes(f"{arabic}\n{english}", f"{arabic}\n{english.upper()}")


def test_repetition() -> None:
    loop = "في العاصمة وفي كل المدن " * 6
    assert "repetition" in codes(NEWS, NEWS.replace("في الرياض", loop.strip()))
    assert codes(loop, loop.strip()) == set()


def test_terms_of_abuse_may_go_but_not_come() -> None:
    term = next(term for term in lexicon() if len(term.key) == 1 and term.frame == "none")
    with_term = NEWS.replace("جديدة", f"جديدة {term.key[0]}")
    assert codes(NEWS, with_term) == {"toxicity"}
    assert codes(with_term, NEWS) == set()
    tolerant = Gate(Settings(toxicity_tolerance=1.0), CONDUCT)
    assert codes(NEWS, with_term, tolerant) == set()


def test_scaffolding_that_the_source_has_is_not_the_rewrites_fault() -> None:
    source = "Analysis: النتائج جيدة ، كما قال"
    assert codes(source, source.replace(" ،", "،")) == set()


def test_what_rules_remove_takes_its_numbers_along() -> None:
    contact = "للتواصل واتساب 0501234567"
    source = f"{NEWS}\n{contact}\n"
    cleaned = rewrite_by_rules(source, CONDUCT)
    assert "0501234567" not in cleaned.text
    assert GATE.verdict(source, cleaned).accepted
    assert "numbers" in codes(source, cleaned.text.replace("1,250", ""))


def test_what_a_placeholder_stands_for_is_excused_and_nothing_near_it() -> None:
    source = "كتب الشاهد رقم الهوية 1029384756 في عام 2015 أمام القاضي"
    masked = source.replace("1029384756", placeholder("national_id"))
    at = source.index("1029384756")
    edit = Edit(at, at + 10, placeholder("national_id"), "teacher")
    assert GATE.verdict(source, Rewrite(masked, (edit,))).accepted
    assert codes(source, masked.replace("2015", "2016")) == {"numbers"}
    whole = Edit(0, len(source), placeholder("national_id"), "teacher")
    assert not GATE.verdict(source * 9, Rewrite(placeholder("national_id"), (whole,))).accepted


def test_the_spans_that_may_go_are_asked_for_only_when_something_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def removable(text: str, conduct: Conduct) -> tuple[()]:
        asked.append(text)
        return ()

    monkeypatch.setattr("tahdhib.gate.gate.removable", removable)
    gate = Gate(Settings(), CONDUCT)
    assert codes(NEWS, NEWS.replace("،", " ،"), gate) == set()
    assert not asked
    assert codes(NEWS, NEWS.replace("1,250", ""), gate) == {"numbers"}
    assert len(asked) == 1


FAULTS: dict[str, Callable[[str], str]] = {
    "numbers": lambda text: re.sub(r"\d+", lambda match: f"{match.group()}9", text, count=1),
    "links": lambda text: text.replace("example.gov", "example.org"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_far_inside_a_long_text_with_many_edits(fault: str) -> None:
    long = "\n".join(["كلام عادي لا رقم فيه ، ولا رابط ."] * 200 + [NEWS] + ["سطر آخر ."] * 200)
    tidy = long.replace(" ،", "،").replace(" .", ".")
    assert codes(long, tidy) == set()
    assert fault in codes(long, FAULTS[fault](tidy))
