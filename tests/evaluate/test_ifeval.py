"""IFEval: answers on record against the rules as their authors word them, and lm-eval's own run."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tahdhib
from tahdhib.errors import DataError, MissingExtraError
from tahdhib.evaluate.benchmarks import ifeval
from tahdhib.evaluate.item import Answer
from tahdhib.evaluate.result import result_of
from tahdhib.evaluate.rows import read_items
from tests.evaluate.conftest import samples_of
from tests.score.tiny_models import causal

(VARIANT,) = ifeval.VARIANTS
METRICS = [
    "prompt_level_strict_acc",
    "inst_level_strict_acc",
    "prompt_level_loose_acc",
    "inst_level_loose_acc",
]


def prompt(*told: tuple[str, dict[str, Any]], key: int = 1) -> dict[str, Any]:
    kinds, arguments = [kind for kind, _ in told], [given for _, given in told]
    return {"key": key, "prompt": "p", "instruction_id_list": kinds, "kwargs": arguments}


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """NLTK's data on sentences in their own format, of a language without abbreviations."""
    pytest.importorskip("lm_eval", reason="the extra `eval` is not installed")
    nltk = pytest.importorskip("nltk")
    pytest.importorskip("langdetect")
    folder = tmp_path_factory.mktemp("nltk")
    (folder / "tokenizers" / "punkt_tab" / "english").mkdir(parents=True)
    for name in ("collocations.tab", "sent_starters.txt", "abbrev_types.txt", "ortho_context.tab"):
        (folder / "tokenizers" / "punkt_tab" / "english" / name).write_text("")
    nltk.data.path.insert(0, str(folder))
    ifeval._rules.cache_clear()
    yield folder
    nltk.data.path.remove(str(folder))
    ifeval._rules.cache_clear()


def test_without_lm_eval_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lm_eval", None)
    ifeval._rules.cache_clear()
    with pytest.raises(MissingExtraError, match=r"pip install 'tahdhib\[eval\]'"):
        VARIANT.items([prompt(("punctuation:no_comma", {}))], ())


@pytest.mark.slow
def test_without_data_on_sentences_nothing_is_fetched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("lm_eval", reason="the extra `eval` is not installed")
    nltk = pytest.importorskip("nltk")
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    monkeypatch.setattr(nltk, "download", lambda *_: pytest.fail("it was fetched"))
    ifeval._rules.cache_clear()
    with pytest.raises(DataError, match=r"python -m nltk\.downloader punkt_tab"):
        VARIANT.items([prompt(("punctuation:no_comma", {}))], ())


# Answers with what the authors' paper and code say of each: strictly, and read loosely.
ON_RECORD = [
    ("punctuation:no_comma", {}, "One two three.", True, True),
    ("punctuation:no_comma", {}, "Sure, here it is:\nOne two.", False, True),  # less its first line
    ("punctuation:no_comma", {}, " ", False, False),  # an empty answer follows nothing
    ("length_constraints:number_words", {"relation": "at least", "num_words": 4}, "a b-c d", 1, 1),
    ("length_constraints:number_words", {"relation": "less than", "num_words": 4}, "a b c d", 0, 0),
    (
        "length_constraints:number_sentences",
        {"relation": "less than", "num_sentences": 3},
        "It rains. It pours.",
        True,
        True,
    ),
    (
        "length_constraints:number_sentences",
        {"relation": "at least", "num_sentences": 3},
        "It rains. It pours.",
        False,
        False,
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[name], [street]", 1, 1),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[name]", 0, 0),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', True, True),
    ("detectable_format:json_format", {}, '{"a": 1', False, False),
    ("detectable_format:title", {}, "<<rain>>\nIt rains.", True, True),
    ("detectable_format:title", {}, "# rain", False, False),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n* b", True, True),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n* b\n* c", False, True),
    ("startend:quotation", {}, '"It rains."', True, True),
    ("startend:quotation", {}, '**"It rains."**', False, True),  # less its asterisks
    ("startend:end_checker", {"end_phrase": "Is that all?"}, "No. is THAT all?", True, True),
    ("startend:end_checker", {"end_phrase": "Is that all?"}, "Is that all? Yes.", False, False),
    ("keywords:existence", {"keywords": ["rain"]}, "Raining", True, True),
    ("keywords:forbidden_words", {"forbidden_words": ["rain"]}, "Raining", True, True),
    ("keywords:forbidden_words", {"forbidden_words": ["rain"]}, "Rain!", False, False),
    (
        "keywords:letter_frequency",
        {"letter": "r", "let_frequency": 2, "let_relation": "at least"},
        "Rare",
        True,
        True,
    ),
    ("combination:two_responses", {}, "yes\n******\nno", True, True),
    ("combination:two_responses", {}, "yes", False, False),
    ("change_case:english_lowercase", {}, "it rains and nobody is on the street", True, True),
    ("change_case:english_lowercase", {}, "It rains and nobody is on the street", False, False),
    ("language:response_language", {"language": "ar"}, "هذا كتاب مفيد عن تاريخ المدينة", 1, 1),
    ("change_case:english_capital", {}, "IT RAINS AND NOBODY IS ON THE STREET", True, True),
    ("change_case:english_capital", {}, "IT RAINS and nobody is on the street", False, False),
    (
        "change_case:capital_word_frequency",
        {"capital_relation": "at least", "capital_frequency": 2},
        "It RAINS on ALL streets",
        True,
        True,
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_relation": "less than", "capital_frequency": 2},
        "It RAINS on ALL streets",
        False,
        False,
    ),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* and **b**", 1, 1),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* and b", 0, 0),
    (
        "keywords:frequency",
        {"keyword": "rain", "frequency": 2, "relation": "at least"},
        "Rain, rain",
        True,
        True,
    ),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it."}, "say it. It rains.", 1, 1),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it."}, "It rains. Say it.", 0, 0),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n***\nb", True, True),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n\nb", False, False),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "rain"},
        "It pours.\n\nRain falls.",
        True,
        True,
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "rain"},
        "It pours.\n\nRain falls.",
        False,
        False,
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.S."},
        "It rains.\nP.S. Still.",
        1,
        1,
    ),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "It rains still.", 0, 0),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Day", "num_sections": 2},
        "Day 1\nrain\nDay 2\nrain",
        True,
        True,
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Day", "num_sections": 2},
        "Day 1\nrain",
        False,
        False,
    ),
    ("detectable_format:constrained_response", {}, "My answer is maybe.", True, True),
    ("detectable_format:constrained_response", {}, "Perhaps.", False, False),
    ("language:response_language", {"language": "ar"}, "A book on the city's history", 0, 0),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "given", "text", "strict", "loose"), ON_RECORD)
def test_an_answer_on_record_is_judged_as_the_rule_says(
    kind: str, given: dict[str, Any], text: str, strict: bool, loose: bool, sentences: Path
) -> None:
    (item,) = VARIANT.items([prompt((kind, given))], ()).found
    told = ifeval.followed(item, text)
    assert list(told) == METRICS
    assert told["inst_level_strict_acc"] == (bool(strict),)
    assert told["prompt_level_loose_acc"] == bool(loose)


@pytest.mark.slow
def test_all_of_a_prompt_must_be_followed_and_each_counts(sentences: Path) -> None:
    comma, title = ("punctuation:no_comma", {}), ("detectable_format:title", {})
    items = VARIANT.items([prompt(comma, title, key=1), prompt(comma, key=2)], ())
    result = result_of(VARIANT, items, [Answer(text="No title."), Answer(text="None.")])
    assert result.choices == (1, 0)
    assert {name: one.estimate for name, one in result.more.items()} == {
        "prompt_level_strict_acc": 0.5,
        "inst_level_strict_acc": pytest.approx(2 / 3),
        "prompt_level_loose_acc": 0.5,
        "inst_level_loose_acc": pytest.approx(2 / 3),
    }
    assert [result.more[name].n for name in METRICS] == [2, 3, 2, 3]
    assert {name: one.estimate for name, one in result.subjects.items()} == {
        "1 instruction": 1,
        "2 instructions": 0,
    }


@pytest.mark.slow
def test_rows_that_lack_something_are_skipped_by_reason(sentences: Path) -> None:
    words = "length_constraints:number_words"
    rows = [
        prompt((words, {"relation": "at least", "num_words": 3})),
        prompt((words, {"relation": "at least"})),  # how many would be drawn by chance
        prompt((words, {"relation": "about", "num_words": 3})),
        prompt(("style:rhyme", {})),
        prompt(),
        prompt((words, {})) | {"kwargs": []},
        prompt(("punctuation:no_comma", {})) | {"prompt": None},
    ]
    items = VARIANT.items(rows, ())
    assert len(items.found) == 1
    assert dict(items.skipped) == {
        "arguments that do not fit their instruction": 2,
        "an instruction that lm-eval has no check for": 1,
        "no instruction": 1,
        "not one set of arguments for each instruction": 1,
        "no prompt": 1,
    }


@pytest.mark.slow
def test_the_published_prompts_are_all_there(sentences: Path, shared_data: Path) -> None:
    items = read_items(VARIANT, str(shared_data))
    assert len(items.found) == VARIANT.published
    assert not items.skipped
    assert sum(len(item.row["instruction_id_list"]) for item in items.found) == 834


@pytest.mark.slow
def test_a_model_is_scored_as_lm_eval_scores_it(
    sentences: Path, shared_data: Path, tmp_path: Path
) -> None:
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager
    from transformers import AutoTokenizer

    lines = (shared_data / "ifeval" / "input_data.jsonl").read_text(encoding="utf-8").splitlines()
    model = causal(tmp_path / "model", [json.loads(line)["prompt"] for line in lines], longest=3072)
    named = AutoTokenizer.from_pretrained(model)
    named.eos_token = "<s>"  # lm-eval needs one
    named.save_pretrained(model)
    tahdhib.evaluate(model, ["ifeval"], shared_data, tmp_path / "out", limit=3)
    own = samples_of(tmp_path / "out", "ifeval_part_lmeval")
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(one["doc"]) + "\n" for one in own), encoding="utf-8")
    template = Path(lm_eval.__file__).parent / "tasks" / "ifeval" / "ifeval.yaml"
    task = {
        "include": str(template),
        "task": "ifeval_rows",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"train": str(rows)}, "cache_dir": str(tmp_path)},
    }
    (tmp_path / "task.yaml").write_text(json.dumps(task), encoding="utf-8")
    found = lm_eval.simple_evaluate(
        model=HFLM(pretrained=str(model), batch_size=1, dtype="float32", device="cpu"),
        tasks=["ifeval_rows"],
        bootstrap_iters=0,
        task_manager=TaskManager(include_path=str(tmp_path), include_defaults=False),
    )
    assert found is not None
    theirs = sorted(found["samples"]["ifeval_rows"], key=lambda sample: sample["doc_id"])
    for mine, their in zip(own, theirs, strict=True):
        assert mine["resps"] == their["resps"]
        assert {name: mine[name] for name in METRICS} == {name: their[name] for name in METRICS}
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    for name in METRICS:
        mine = results["results"]["ifeval_part_lmeval"][f"{name},none"]
        assert mine == found["results"]["ifeval_rows"][f"{name},none"]
