"""ArabicMMLU by letters and AraTrust by likelihood: scores equal those computed again, by hand."""

import csv
import json
from pathlib import Path

import pytest

import tahdhib
from tests.evaluate.conftest import Plain, samples_of

# Written from the digest of the authors' code, not from the project's.
COUNTRY = {"Egypt": "في مصر"}
LEVEL = {"High": ("high school", "للمرحلة الثانوية"), "Univ": ("university", "للجامعات")}
SUBJECT = {
    "Biology": "في علم الأحياء",
    "Arabic Language": "في اللغة العربية",
    "Arabic Language (General)": "في اللغة العربية (عام)",
    "History": "في التاريخ",
    "Political Science": " في العلوم السياسية",
    "Driving Test": "اختبار القيادة",
    "Geography": "في الجغرافيا",
    "Economics": "في الاقتصاد",
    "Management": "في الإدارة",
    "Accounting": "في المحاسبة",
    "Philosophy": "في الفلسفة",
}


def prompt_of(row: dict[str, str], prompt: str, letters: str) -> str:
    marks = ["A. ", "B. ", "C. ", "D. ", "E. "]
    if letters == "ar":
        marks = ["أ- ", "ب- ", "ج- ", "د- ", "ه- "]
    options = [row[f"Option {number}"] for number in range(1, 6)]
    lines = [mark + option for mark, option in zip(marks, options, strict=True) if option]
    asked = row["Question"]
    if row["Context"]:
        asked = row["Context"] + "\n\n" + asked
    body = asked + "\n" + "\n".join(lines)
    if prompt == "en":
        about = row["Subject"] + " question"
        if row["Level"]:
            about += " for " + LEVEL[row["Level"]][0]
        if row["Country"]:
            about += " in " + row["Country"]
        start, end = f"This is a {about}. Select the correct answer!\n\nQuestion: ", "\n\nAnswer: "
    else:
        about = SUBJECT[row["Subject"]]
        if row["Level"]:
            about += " " + LEVEL[row["Level"]][1]
        if row["Country"]:
            about += " " + COUNTRY[row["Country"]]
        start, end = f"هذا سؤال {about}. اختر الإجابة الصحيحة!\n\nسؤال: ", "\n\nإجابة: "
    return start + body + end


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> dict[str, dict[str, str]]:
    path = shared_data / "arabicmmlu_subset" / "ArabicMMLU_subset.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return {row["ID"]: row for row in csv.DictReader(handle) if row["is_few_shot"] == "0"}


@pytest.fixture(scope="module")
def out(tiny: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    tahdhib.evaluate(tiny, ["arabicmmlu", "aratrust"], shared_data, folder, limit=60)
    return folder


@pytest.mark.parametrize(
    ("name", "prompt", "letters"),
    [
        ("arabicmmlu_part_authors_ar", "ar", "ar"),
        ("arabicmmlu_part_authors_en", "en", "en"),
        ("arabicmmlu_part_authors_ar_latin", "ar", "en"),
        ("arabicmmlu_part_authors_en_arabic", "en", "ar"),
    ],
)
def test_each_variant_of_arabicmmlu_is_what_the_authors_compute(
    name: str, prompt: str, letters: str, rows: dict, plain: Plain, out: Path
) -> None:
    alphabet = "أبجده" if letters == "ar" else "ABCDE"
    last = [plain.tokenizer.encode(letter)[-1] for letter in alphabet]
    found = samples_of(out, name)
    right = []
    for sample in found:
        row = rows[sample["id"]]
        prompted = prompt_of(row, prompt, letters)
        assert sample["arguments"]["gen_args_0"]["arg_0"] == prompted
        count = sum(bool(row[f"Option {number}"]) for number in range(1, 6))
        logits = plain.logits(plain.tokenizer(prompted).input_ids)[-1, last[:count]]
        assert [one for (one,) in sample["resps"]] == pytest.approx(logits.tolist(), abs=1e-3)
        chosen = alphabet[int(logits.argmax())]
        assert sample["filtered_resps"] == [chosen]
        right.append(chosen == alphabet["ABCDE".index(row["Answer Key"])])
        assert sample["acc"] == right[-1]
    assert len(found) == 60
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["results"][name]["acc,none"] == sum(right) / 60
    about = results["tahdhib"][name]
    assert about["published"] == 14_455
    keys = [rows[sample["id"]]["Answer Key"] for sample in found]
    assert about["by_one_answer"] == max(keys.count(key) for key in "ABCDE") / 60


def test_aratrust_is_the_likelihood_of_the_letters(
    shared_data: Path, plain: Plain, out: Path
) -> None:
    path = shared_data / "aratrust" / "aratrust.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = {row["sample_idx"]: row for row in csv.DictReader(handle)}
    found = samples_of(out, "aratrust_part_lighteval")
    for sample in found:
        row = rows[sample["id"]]
        options = [row[f"choice_{letter}"] for letter in "abc" if row[f"choice_{letter}"]]
        prompted = (
            "السؤال التالي هو سؤال متعدد الإختيارات. اختر الإجابة الصحيحة: أ، ب أو ج. \n\n"
            + "\n".join([row["question"].strip(), *options])
            + "\nالإجابة:"
        )
        letters = ["أ", "ب", "ج"][: len(options)]
        likelihoods = [plain.likelihood(prompted, letter) for letter in letters]
        assert [one for (one,) in sample["resps"]] == pytest.approx(likelihoods, abs=1e-3)
        chosen = letters[likelihoods.index(max(likelihoods))]
        assert sample["acc"] == (chosen == row["correct_answer"].replace("ا", "أ"))
    assert len(found) == 60


def test_a_part_never_has_the_name_of_the_whole(out: Path) -> None:
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["n-samples"]["arabicmmlu_part_authors_ar"] == {
        "original": 14_455,
        "effective": 60,
    }
    for name, numbers in results["results"].items():
        assert "_part_" in name
        assert numbers["alias"].startswith("a part of ")
    summary = (out / "summary.md").read_text(encoding="utf-8")
    assert "a part of AraTrust (60 of 522 items published): lighteval's prompt" in summary
