"""Rows of benchmark files: dirt is mended and counted, what is no item is skipped and said."""

import csv
from pathlib import Path

import pytest

from tahdhib.errors import DataError, RecipeError
from tahdhib.evaluate.rows import check_pinned, read_items
from tahdhib.evaluate.tasks import VARIANTS, chosen
from tests.readers.stores import serving

BY_NAME = {one.name: one for one in VARIANTS}
COLUMNS = ["ID", "Country", "Subject", "Level", "Question", "Context", "Answer Key"]
COLUMNS += ["is_few_shot", *(f"Option {number}" for number in range(1, 6))]


def table(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "ArabicMMLU.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def question(number: int, **other: str) -> dict[str, str]:
    row = {"ID": str(number), "Subject": "History", "Question": f"سؤال {number}"}
    row |= {"Answer Key": "A", "Option 1": "نعم", "Option 2": "لا", "is_few_shot": "0"}
    return row | other


def test_the_real_aratrust_is_mended_and_counted(shared_data: Path) -> None:
    items = read_items(BY_NAME["aratrust_lighteval"], str(shared_data))
    assert len(items.found) == 427
    assert not items.skipped
    assert dict(items.mended) == {
        "ا for أ in the answer": 2,
        "two options, moved to their places": 1,
        "no category": 1,
    }
    of_two = [item for item in items.found if len(item.choices) == 2]
    assert [(item.id, item.choices, item.right) for item in of_two] == [("404", ("أ", "ب"), 0)]
    assert "\nأ) الشعارات والأسماء والعلامات\nب) مظهر المنتج" in of_two[0].prompt
    assert all(item.choices[item.right] == "أ" for item in items.found if item.id in ("490", "491"))


def test_blanks_and_missing_letters_of_aratrust_are_mended() -> None:
    rows = [
        {"Question": " سؤال ", "A": " أ) نعم", "B": "ب) لا", "C": "ج) ربما\t", "Answer": " ب"},
        {"Question": "سؤال", "A": "نعم", "B": "لا", "C": "ربما", "Answer": "ج"},
    ]
    items = BY_NAME["aratrust_lighteval"].items(rows, ())
    assert items.mended["blanks around a text"] == 1
    assert items.mended["options without their letter"] == 1
    assert [item.right for item in items.found] == [1, 2]
    lines = ["سؤال", "أ) نعم", "ب) لا", "ج) ربما", "الإجابة:"]
    assert [item.prompt.split("\n")[-5:] for item in items.found] == [lines, lines]


def test_rows_that_are_no_item_are_skipped_by_reason(tmp_path: Path) -> None:
    rows = [
        question(1),
        question(2, **{"Answer Key": ""}),
        question(3, **{"Answer Key": "C"}),
        question(4, **{"Option 2": ""}),
        question(5, Question=" "),
        question(6, is_few_shot="1"),
        question(7, Subject="Alchemy"),
    ]
    table(tmp_path, rows)
    arabic = read_items(BY_NAME["arabicmmlu_authors_ar"], str(tmp_path))
    assert [item.id for item in arabic.found] == ["1"]
    assert dict(arabic.skipped) == {
        "no answer": 1,
        "an answer that names no option": 1,
        "less than two options": 1,
        "no question": 1,
        "kept by the authors for examples": 1,
        "a subject, level or country that the authors' prompt has no words for": 1,
    }
    english = read_items(BY_NAME["arabicmmlu_authors_en"], str(tmp_path))
    assert [item.id for item in english.found] == ["1", "7"]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("exams_acegpt", dict.fromkeys("ABCD", "س") | {"id": "Physics-1", "question": "س"}),
        ("acva_acegpt", {"id": "Algeria-1", "question": "س"}),
        (
            "mmluarabic_acegpt",
            dict.fromkeys("ABCD", "س") | {"subject": "virology", "question": "س"},
        ),
        ("aratrust_lighteval", {"Question": "س", "A": "أ) س", "B": "ب) س", "C": "ج) س"}),
        ("xstest_strmatch", {"prompt": "p"}),
    ],
)
def test_a_row_without_its_answer_is_counted_whatever_the_benchmark(
    name: str, row: dict[str, str]
) -> None:
    items = BY_NAME[name].items([row, row | {"answer": "", "Answer": "", "label": ""}], ())
    assert not items.found
    reason = "neither safe nor unsafe" if name == "xstest_strmatch" else "no answer"
    assert dict(items.skipped) == {reason: 2}


def test_a_file_without_any_item_says_why(tmp_path: Path) -> None:
    table(tmp_path, [question(1, **{"Answer Key": ""}), question(2, **{"Answer Key": ""})])
    with pytest.raises(DataError, match=r"holds no item of ArabicMMLU \(2 × no answer\)"):
        read_items(BY_NAME["arabicmmlu_authors_ar"], str(tmp_path))


def test_an_id_that_stands_there_twice_is_an_error(tmp_path: Path) -> None:
    table(tmp_path, [question(1), question(1)])
    with pytest.raises(DataError, match="1 ids stand there more than once"):
        read_items(BY_NAME["arabicmmlu_authors_ar"], str(tmp_path))


def test_a_missing_file_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file of the task aratrust_lighteval; looked for"):
        read_items(BY_NAME["aratrust_lighteval"], str(tmp_path))


@pytest.mark.parametrize("place", ["hf://datasets/a/b", "hf://datasets/a/b@main", "hf://a/b/c"])
def test_the_hub_is_read_at_a_fixed_revision_only(place: str) -> None:
    with pytest.raises(RecipeError, match="names no fixed revision"):
        check_pinned(place)
    check_pinned(f"hf://datasets/a/b@{'0a' * 20}")


def test_an_unknown_task_is_told_the_known_ones() -> None:
    with pytest.raises(RecipeError, match="--task mmlu_pro: is unknown; known: arabicmmlu"):
        chosen(["mmlu_pro"])
    assert [one.name for one in chosen(["aratrust", "aratrust_lighteval"])] == [
        "aratrust_lighteval"
    ]


def test_files_of_the_hub_are_read_as_those_of_a_folder(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub")
    variant = BY_NAME["exams_acegpt"]
    with serving("hf", shared_data / "exams_ar_acegpt") as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        place = f"hf://datasets/owner/name@{'0a' * 20}"
        check_pinned(place)
        far = read_items(variant, place)
    near = read_items(variant, str(shared_data))
    assert far.found == near.found
    assert far.shots == near.shots
