"""The stage as a whole: who stays, who goes and why, what is changed, and that nothing is lost."""

import json

import pytest
import yaml

from tahdhib.errors import DataError, RecipeError
from tahdhib.records import Edit
from tahdhib.stages.clean.stage import reads, work
from tahdhib.stages.signals import stage as signals
from tahdhib.text.edits import apply
from tests.stages.clean.folders import at, deduplicated, rows_of
from tests.stages.dedup.passages import PASSAGES

MENU = ("الرئيسية | أخبار | اتصل بنا", "جميع الحقوق محفوظة للموقع")
CONTACT = "للتواصل مع الكاتب: ann@example.org أو زوروا الموقع في أي وقت من الأوقات"
QUESTION = "ما هي أكبر دولة عربية من حيث المساحة وفي أي قارة تقع هذه الدولة الكبيرة؟"
SHORT = "من كتب هذا الكتاب القديم؟"
LONG = "\n".join(dict.fromkeys(PASSAGES))


def document(*lines):
    return "\n".join((*lines, LONG))


TEXTS = {
    "clean": LONG,
    "framed": f"{MENU[0]}\n{document(CONTACT)}\n{MENU[1]}",
    "short": "كلمة واحدة",
    "emoji": "🙂",
    "asked": document(MENU[0], "سألني المعلم: " + QUESTION),
    "asked_short": document(SHORT),
    "repeated": "اشتر الآن من السوق بأفضل الأسعار في كل المدينة. " * 60,
    "english": "This is a plain English text with words that everybody knows. " * 4,
    "long": "س" * 1_000_000,
}


@pytest.fixture
def items(tmp_path):
    path = tmp_path / "exam.jsonl"
    rows = [{"id": "q1", "question": QUESTION}, {"question": SHORT}, {"question": "نعم"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def cleaned(root, texts=TEXTS, processes=1, **clean):
    deduplicated(root, texts, menu=MENU)
    signals.work(at(root, "signals", processes, **clean))
    place = at(root, "clean", processes, **clean)
    return place, work(place)


def reasons(place):
    return {row["id"]: row["reason"] for row in rows_of(place, "drops")}


def test_the_ledger_balances_and_each_has_its_reason(tmp_path):
    place, ledger = cleaned(tmp_path, languages=["ar"])
    assert ledger.came_in == len(TEXTS) == ledger.went_out + ledger.dropped
    gone = reasons(place)
    assert gone["short"] == "gopher:words"
    assert gone["emoji"] == gone["english"] == gone["long"] == "other_language"
    assert gone["repeated"].startswith("repetition:")
    assert not {"clean", "framed", "asked"} & gone.keys()
    (row,) = [row for row in rows_of(place, "drops") if row["id"] == "short"]
    assert row["text"] == TEXTS["short"] and "words 2, less than 50" in row["detail"]


def test_edits_lead_from_what_dedup_left_to_what_goes_on(tmp_path):
    place, ledger = cleaned(tmp_path)
    documents = {row["id"]: row["text"] for row in rows_of(place, "documents")}
    edits = {row["id"]: [Edit(**edit) for edit in row["edits"]] for row in rows_of(place, "edits")}
    assert documents["framed"] == document(CONTACT.replace("ann@example.org", "⟦email⟧")) + "\n"
    assert documents["clean"] == LONG and "clean" not in edits
    for key, text in documents.items():
        assert apply(TEXTS[key], edits.get(key, ())) == text
    assert {edit.by for edit in edits["framed"]} == {"clean:boilerplate", "clean:email"}
    assert ledger.notes["edits_email"] == 1
    assert ledger.notes["edits_boilerplate"] == 3


def test_what_is_not_asked_for_is_not_done(tmp_path):
    place, ledger = cleaned(tmp_path, boilerplate=False, personal_data=[], rules=[])
    assert {row["id"]: row["text"] for row in rows_of(place, "documents")} == TEXTS
    assert ledger.notes == {"edited_documents": 0}


def test_evaluation_items_are_found_and_their_documents_go(tmp_path, items):
    against = {"against": [str(items)]}
    place, ledger = cleaned(tmp_path / "run", decontaminate=against)
    gone = reasons(place)
    assert (gone["asked"], gone["asked_short"]) == ("contaminated", "contaminated_short")
    hits = {row["id"]: row for row in rows_of(place, "hits")}
    hit = hits["asked"]
    assert (hit["set"], hit["item"], hit["field"], hit["is_whole"]) == (
        "exam", "q1", "question", False,
    )  # fmt: skip
    assert hit["passage"] == TEXTS["asked"][hit["start"] : hit["end"]]  # behind a line that went
    assert hit["passage"] in QUESTION and len(hit["passage"]) >= len(QUESTION) - 1
    assert (hits["asked_short"]["item"], hits["asked_short"]["is_whole"]) == ("2", True)
    assert ledger.notes["items_of_exam"] == 2
    assert ledger.notes["items_too_short_of_exam"] == 1
    assert ledger.notes["items_found_of_exam"] == 2


def test_hits_may_be_only_reported(tmp_path, items):
    settings = {"against": [str(items)], "action": "report"}
    place, ledger = cleaned(tmp_path / "run", decontaminate=settings)
    assert {"asked", "asked_short"} <= {row["id"] for row in rows_of(place, "documents")}
    assert len(rows_of(place, "hits")) == ledger.notes["documents_with_hits"] == 2


def test_processes_and_a_second_start_leave_no_trace(tmp_path, items):
    def content(place):
        files = sorted(path for path in place.here.root.rglob("*") if path.is_file())
        return {path.name + path.parent.name: path.read_bytes() for path in files}

    settings = {"against": [str(items)]}
    one, ledger = cleaned(tmp_path / "one", decontaminate=settings)
    two, again = cleaned(tmp_path / "two", processes=2, decontaminate=settings)
    assert content(one) == content(two) and ledger == again
    before = content(one)
    one.here.shard("documents", 1).unlink()
    assert work(one) == ledger
    assert content(one) == before


def test_nothing_but_lines_of_the_site(tmp_path):
    texts = {"menu": "\n".join(MENU), "other": LONG}
    place, ledger = cleaned(tmp_path, texts, rules=[])
    assert ledger.came_in == ledger.went_out + ledger.dropped
    assert "menu" in {row["id"] for row in rows_of(place, "documents")}  # a copy, no frame


def test_a_corpus_of_none(tmp_path):
    _, ledger = cleaned(tmp_path, {})
    assert (ledger.came_in, ledger.went_out) == (0, 0)


def test_a_users_thresholds_decide(tmp_path):
    path = tmp_path / "mine.yaml"
    gopher = {"gopher": {"words": {"min": 1}, "stop_words": None}}
    path.write_text(yaml.safe_dump({"default": gopher, "ar": gopher}))
    place, _ = cleaned(tmp_path / "run", rules=["gopher"], thresholds=str(path))
    assert "short" not in reasons(place)
    written = json.loads(place.here.file("thresholds.json").read_text())
    assert written["ar"]["gopher:words"]["min"] == 1
    assert str(path) in reads(place.recipe)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": 1}\n', "no record holds text in question or text; its fields: id"),
        ('{"question": "x"}\n{broken\n', "exam.jsonl:2: not_json"),
    ],
)
def test_an_evaluation_set_that_cannot_be_used(tmp_path, items, content, said):
    items.write_text(content)
    with pytest.raises(DataError) as error:
        cleaned(tmp_path / "run", decontaminate={"against": [str(items)]})
    assert said in str(error.value)


def test_a_part_of_a_language_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="'arz' is part of 'ar'"):
        reads(at(tmp_path / "run", "clean", languages=["arz"]).recipe)


def test_missing_files_are_told_before_work_begins(tmp_path):
    for settings, kind in (
        ({"thresholds": str(tmp_path / "none.yaml")}, RecipeError),
        ({"decontaminate": {"against": [str(tmp_path / "none.jsonl")]}}, DataError),
    ):
        with pytest.raises(kind, match="no such file"):
            reads(at(tmp_path / "run", "clean", **settings).recipe)
