"""English MMLU: prompts built again by hand, scores of authors and of lm-eval, rows of the hub."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tahdhib
from tahdhib.errors import RecipeError
from tahdhib.evaluate.rows import HUB, check_pinned, read_items
from tahdhib.evaluate.tasks import VARIANTS, chosen
from tests.evaluate.conftest import Plain, samples_of
from tests.readers.stores import serving

BY_NAME = {one.name: one for one in VARIANTS}
SUBJECTS = ("elementary_mathematics", "astronomy")


def row(subject: str, first: int, second: int) -> dict[str, Any]:
    """A question of our own in the benchmark's layout; one has a blank at its end."""
    right = (first + second) % 4
    choices = [str(first + second + place - right) for place in range(4)]
    asked = f"{first} + {second}?" + " " * (second == 3)
    return {"question": asked, "subject": subject, "choices": choices, "answer": right}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `cais/mmlu` has it: six questions of two subjects, examples of both."""
    folder = tmp_path_factory.mktemp("mmlu")
    (folder / "all").mkdir()
    test = [row(subject, first, 3) for subject in SUBJECTS for first in range(3)]
    dev = [row(SUBJECTS[0], first, 7) for first in range(6)] + [row(SUBJECTS[1], 1, 9)]
    for name, rows in (("test", test), ("dev", dev)):
        table = pa.Table.from_pylist(rows)
        pq.write_table(table, folder / "all" / f"{name}-00000-of-00001.parquet")
    return folder


def shown(one: dict[str, Any], strip: bool) -> str:
    asked = one["question"].strip() if strip else one["question"]
    a, b, c, d = one["choices"]
    return f"{asked}\nA. {a}\nB. {b}\nC. {c}\nD. {d}\nAnswer:"


def prompt_of(one: dict[str, Any], *, strip: bool) -> str:
    """The authors' prompt, or lm-eval's, which strips."""
    subject = one["subject"]
    examples = [row(SUBJECTS[0], first, 7) for first in range(5)]
    if subject == SUBJECTS[1]:
        examples = [row(subject, 1, 9)]
    about = subject.replace("_", " ") if strip else "".join(f" {w}" for w in subject.split("_"))
    head = f"The following are multiple choice questions (with answers) about {about}.\n\n"
    solved = [f"{shown(each, strip)} {'ABCD'[each['answer']]}\n\n" for each in examples]
    return head + "".join(solved) + shown(one, strip)


def test_scores_are_those_of_a_computation_by_hand(
    tiny: Path, plain: Plain, data: Path, tmp_path: Path
) -> None:
    tasks = ["mmlu_authors", "mmlu_likelihood", "mmlu_strict"]
    found = tahdhib.evaluate(tiny, tasks, data, tmp_path)
    last = [plain.tokenizer.encode(letter)[-1] for letter in "ABCD"]
    for name in tasks:
        benchmark, kind = name.split("_")
        samples = samples_of(tmp_path, f"{benchmark}_part_{kind}")
        assert len(samples) == 6
        for sample in samples:
            prompt = prompt_of(sample["doc"], strip=kind != "authors")
            assert sample["arguments"]["gen_args_0"]["arg_0"] == prompt
            if kind == "strict":
                assert sample["resps"] == [[plain.generated(prompt, 10)]]
                continue
            if kind == "authors":
                expected = plain.logits(plain.tokenizer(prompt).input_ids)[-1, last].tolist()
            else:
                expected = [plain.likelihood(prompt, f" {letter}") for letter in "ABCD"]
            assert [one for (one,) in sample["resps"]] == pytest.approx(expected, abs=1e-3)
            chosen_at = expected.index(max(expected))
            assert sample["acc"] == (chosen_at == sample["doc"]["answer"])
    assert found.results[0].items.shots == {SUBJECTS[0]: 5, SUBJECTS[1]: 1}
    assert "6 of 14,042 items published" in found.results[0].title


def test_rows_without_an_answer_are_skipped_by_reason() -> None:
    good = row(SUBJECTS[0], 1, 2)
    rows = [
        good,
        good | {"answer": None},
        good | {"answer": 4},
        good | {"choices": ["1", "2"]},
        good | {"question": " "},
        good | {"subject": "alchemy"},
    ]
    items = BY_NAME["mmlu_authors"].items(rows, [good | {"answer": None}])
    assert [item.id for item in items.found] == ["elementary_mathematics-0"]
    assert dict(items.skipped) == {
        "no answer": 1,
        "an answer that names no option": 1,
        "not four options": 1,
        "no question": 1,
        "a subject that is none of MMLU's": 1,
    }
    assert dict(items.shots) == {SUBJECTS[0]: 0}


def test_the_arabic_and_the_english_one_are_two_benchmarks() -> None:
    names = [one.name for one in chosen(["mmlu"])]
    assert names == ["mmlu_authors", "mmlu_likelihood", "mmlu_strict"]


def test_each_benchmark_is_read_from_its_own_home_on_the_hub(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub")
    homes = {one.home for one in VARIANTS if one.home}
    assert len(homes) == 4
    for home in homes:
        check_pinned(home)
    variant = replace(BY_NAME["mmlu_authors"], home=f"hf://datasets/owner/name@{'0a' * 20}")
    with serving("hf", data) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        far = read_items(variant, HUB)
    near = read_items(variant, str(data))
    assert far.found == near.found
    with pytest.raises(RecipeError, match=r"of EXAMS Arabic no place on the hub is known"):
        read_items(BY_NAME["exams_acegpt"], HUB)


@pytest.mark.slow
def test_lm_eval_itself_asks_and_scores_the_same(tiny: Path, data: Path, tmp_path: Path) -> None:
    pytest.importorskip("lm_eval", reason="the extra `eval` is not installed")
    tahdhib.evaluate(tiny, ["mmlu_lmeval", "mmlu_likelihood"], data, tmp_path)
    theirs = samples_of(tmp_path, "mmlu_part_lmeval")
    for own, their in zip(samples_of(tmp_path, "mmlu_part_likelihood"), theirs, strict=True):
        assert own["arguments"] == their["arguments"]
        scores = [score for (score,) in own["resps"]]
        assert [score for (score,) in their["resps"]] == pytest.approx(scores, abs=1e-3)
        assert own["acc"] == their["acc"]
