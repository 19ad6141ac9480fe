"""EXAMS and ACVA as AceGPT scores them, and by likelihood: equal to a computation by hand."""

import json
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

import tahdhib
from tahdhib.evaluate.benchmarks.acegpt import strict_letter, yes_or_no
from tahdhib.evaluate.item import Answer
from tahdhib.evaluate.result import result_of
from tahdhib.evaluate.rows import read_items
from tahdhib.evaluate.tasks import VARIANTS
from tests.evaluate.conftest import Plain, samples_of
from tests.score.tiny_models import causal

BY_NAME = {one.name: one for one in VARIANTS}

EXAMS_AR = {
    "Islamic Studies": "الدراسات الإسلامية",
    "Science": "العلوم",
    "Social": "الاجتماعيات",
    "Biology": "علم الأحياء",
    "Physics": "علم الفيزياء",
}


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        (" B", "B"),
        ("B. الجواب", "B"),
        ("B B B", "B"),
        ("A or B", None),
        ("Answer: B", None),  # the A of "Answer" counts
        ("\nB", None),  # the first line is empty
        ("b", None),
        ("ب", None),
        ("", None),
        ("الجواب (C)\nD", "C"),
        ("E", None),
        ("\rD", "D"),  # only \n ends a line
    ],
)
def test_a_letter_is_read_as_acegpt_reads_it(text: str, letter: str | None) -> None:
    assert strict_letter(text) == letter


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (" نعم", "نعم"),
        ("لا، بل نعم", "لا"),
        ("نعم لا", "نعم"),
        ("السلام عليكم", "لا"),  # inside a word
        ("\nنعم", None),
        ("صحيح", None),
        ("yes", None),
        ("", None),
        ("نـعم", None),
        ("الإجابة: نعم.\nلا", "نعم"),
    ],
)
def test_yes_and_no_are_read_as_acegpt_reads_them(text: str, word: str | None) -> None:
    assert yes_or_no(text) == word


def drawn(texts: list[str], count: int) -> list[str]:
    random = Random(5)
    return [random.choice(texts) for _ in range(count)]


def lines_of(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def out(tiny: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("acegpt")
    tahdhib.evaluate(tiny, ["exams", "acva"], shared_data, folder, limit=16)
    return folder


def exam(row: dict[str, str]) -> str:
    options = "".join(f"\n{letter}. {row[letter].strip()}" for letter in "ABCD")
    return f"سؤال: {row['question'].strip()}{options}"


def exam_prompt(row: dict[str, str], examples: list[dict[str, str]]) -> str:
    topic = row["id"].split("-")[0]
    mine = [one for one in examples if one["id"].split("-")[0] == topic][:5]
    shown = "".join(f"{exam(one)}\nإجابة: {one['answer']}\n\n" for one in mine)
    head = f"فيما يلي أسئلة الاختيار من متعدد (مع الإجابات) حول {EXAMS_AR[topic]}\n\n"
    return f"{head}{shown}{exam(row)}\nإجابة:"


def test_exams_are_asked_as_acegpt_asks(out: Path, shared_data: Path, plain: Plain) -> None:
    folder = shared_data / "exams_ar_acegpt"
    examples = lines_of(folder / "exam_dev.jsonl")
    rows = {row["id"]: row for row in lines_of(folder / "exam_test.jsonl")}
    found = samples_of(out, "exams_part_acegpt")
    for sample in found:
        prompt = exam_prompt(rows[sample["id"]], examples)
        assert sample["arguments"]["gen_args_0"]["arg_0"] == prompt
        assert sample["resps"] == [[plain.generated(prompt, 10)]]
    assert len(found) == 16


def test_exams_are_scored_as_acegpt_scores_them(shared_data: Path) -> None:
    variant = BY_NAME["exams_acegpt"]
    items = read_items(variant, str(shared_data))
    texts = drawn([" A", "B.", "C\nD", "D", "A B", "Answer: B", "", "\nA", "ب"], len(items.found))
    result = result_of(variant, items, [Answer(text=text) for text in texts])
    by_topic = defaultdict(list)
    for row, text in zip(
        lines_of(shared_data / "exams_ar_acegpt" / "exam_test.jsonl"), texts, strict=True
    ):
        letters = "".join(sorted({letter for letter in text.split("\n")[0] if letter in "ABCD"}))
        by_topic[row["id"].split("-")[0]].append(letters == row["answer"])
    right = [one for many in by_topic.values() for one in many]
    assert len(right) == 420
    assert result.score.estimate == pytest.approx(sum(right) / 420)
    macro = sum(sum(many) / len(many) for many in by_topic.values()) / 5
    assert result.by_subject == pytest.approx(macro)
    assert result.unread == sum(text in ("A B", "Answer: B", "", "\nA", "ب") for text in texts)


def test_exams_by_likelihood(out: Path, shared_data: Path, plain: Plain) -> None:
    folder = shared_data / "exams_ar_acegpt"
    examples = lines_of(folder / "exam_dev.jsonl")
    rows = {row["id"]: row for row in lines_of(folder / "exam_test.jsonl")}
    for sample in samples_of(out, "exams_part_likelihood")[:10]:
        row = rows[sample["id"]]
        prompt = exam_prompt(row, examples)
        expected = [plain.likelihood(prompt, f" {letter}") for letter in "ABCD"]
        assert [one for (one,) in sample["resps"]] == pytest.approx(expected, abs=1e-3)
        assert sample["acc"] == ("ABCD"[expected.index(max(expected))] == row["answer"])


def statement_prompt(row: dict[str, str], examples: list[dict[str, str]], topic_ar: str) -> str:
    topic = row["id"].split("-")[0]
    mine = [one for one in examples if one["id"].split("-")[0] == topic][:5]
    shown = "".join(f"سؤال: {one['question']}\nإجابة: {one['answer']}\n\n" for one in mine)
    head = f"فيما يلي أسئلة نعم أو لا (مع الإجابات) حول {topic_ar}\n\n"
    return f"{head}{shown}سؤال: {row['question'].strip()}\nإجابة:"


def test_acva_is_asked_as_acegpt_asks(out: Path, shared_data: Path, plain: Plain) -> None:
    examples = lines_of(shared_data / "acva" / "acva_tf_dev.jsonl")
    rows = {row["id"]: row for row in lines_of(shared_data / "acva" / "acva_tf_test.jsonl")}
    found = samples_of(out, "acva_part_acegpt")
    for sample in found:
        prompt = sample["arguments"]["gen_args_0"]["arg_0"]
        topic_ar = prompt.split("\n")[0].split("حول ")[1]
        assert prompt == statement_prompt(rows[sample["id"]], examples, topic_ar)
        assert sample["resps"] == [[plain.generated(prompt, 20)]]
    assert len(found) == 16


def test_acva_is_scored_as_acegpt_scores_it(shared_data: Path) -> None:
    variant = BY_NAME["acva_acegpt"]
    items = read_items(variant, str(shared_data))
    texts = drawn(
        [" نعم", "لا", "نعم لا", "السلام", "", "\nنعم", "لا أعلم", "صحيح"], len(items.found)
    )
    result = result_of(variant, items, [Answer(text=text) for text in texts])
    pairs = []
    for row, text in zip(lines_of(shared_data / "acva" / "acva_tf_test.jsonl"), texts, strict=True):
        first = text.split("\n")[0]
        places = {word: first.find(word) for word in ("نعم", "لا") if word in first}
        pairs.append((row["answer"], min(places, key=places.__getitem__) if places else None))

    def f1(word: str) -> float:
        right = sum(gold == taken == word for gold, taken in pairs)
        precision = right / sum(taken == word for _, taken in pairs)
        recall = right / sum(gold == word for gold, _ in pairs)
        return 2 * precision * recall / (precision + recall)

    assert len(pairs) == 6942
    assert result.score.estimate == pytest.approx((f1("نعم") + f1("لا")) / 2)
    assert result.accuracy.estimate == pytest.approx(sum(a == b for a, b in pairs) / 6942)
    assert result.score.low < result.score.estimate < result.score.high


def test_acva_by_likelihood(out: Path, plain: Plain) -> None:
    for sample in samples_of(out, "acva_part_likelihood")[:10]:
        prompt = sample["arguments"]["gen_args_0"]["arg_0"]
        expected = [plain.likelihood(prompt, f" {word}") for word in ("نعم", "لا")]
        assert [one for (one,) in sample["resps"]] == pytest.approx(expected, abs=1e-3)


def test_without_examples_the_prompt_asks(out: Path, shared_data: Path) -> None:
    rows = {row["id"]: row for row in lines_of(shared_data / "acva" / "acva_tf_test.jsonl")}
    for sample in samples_of(out, "acva_part_acegpt_0shot"):
        expected = (
            "الرجاء التحكم في ما إذا كانت الجملة التالية صحيحة أم لا. إذا كانت صحيحة، فالرجاء الرد "
            "بـ 'نعم'. إذا كانت غير صحيحة، فالرجاء الرد بـ 'لا'.\n\n"
            f"سؤال: {rows[sample['id']]['question'].strip()}\n\nإجابة:"
        )
        assert sample["arguments"]["gen_args_0"]["arg_0"] == expected


def test_shots_that_a_part_lacks_are_told(out: Path) -> None:
    about = json.loads((out / "results.json").read_text(encoding="utf-8"))["tahdhib"]
    assert about["exams_part_acegpt"]["shots"] == {
        "Biology": 4,
        "Islamic Studies": 5,
        "Physics": 4,
        "Science": 4,
        "Social": 2,
    }
    assert "2 to 5 worked examples a subject" in about["exams_part_acegpt"]["remarks"]


def test_a_prompt_that_is_too_long_loses_its_start_and_is_counted(
    shared_data: Path, tmp_path: Path
) -> None:
    short = causal(tmp_path / "short", ["نص عربي قصير"], longest=96)
    plain = Plain(short)
    tahdhib.evaluate(short, ["exams_likelihood"], shared_data, tmp_path / "out", limit=5)
    for sample in samples_of(tmp_path / "out", "exams_part_likelihood"):
        prompt = sample["arguments"]["gen_args_0"]["arg_0"]
        ids = plain.tokenizer(f"{prompt} A").input_ids
        logs = plain.logits(ids[-97:-1]).log_softmax(-1)
        own = len(ids) - len(plain.tokenizer(prompt).input_ids)
        expected = sum(float(logs[at - own, ids[at - own]]) for at in range(own))
        assert sample["resps"][0] == [pytest.approx(expected, abs=1e-3)]
        assert sample["cut"] == len(ids) - 97
    about = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["tahdhib"]
    assert (
        "5 prompts longer than the model reads lost their start"
        in (about["exams_part_likelihood"]["remarks"])
    )
