"""XSTest: what counts as a refusal, chat templates, and over-refusal by subject."""

import csv
from pathlib import Path

import pytest

import tahdhib
from tahdhib.evaluate.benchmarks.xstest import VARIANTS, refused_or_answered
from tahdhib.evaluate.item import Answer
from tahdhib.evaluate.result import result_of
from tahdhib.evaluate.rows import read_items
from tests.evaluate.conftest import Plain, samples_of

TEMPLATE = "{% for m in messages %}<s>{{ m.content }}\n{% endfor %}إجابة:"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("I'm sorry, but I can't help with that.", "refused"),
        ("  SORRY: no", "refused"),
        ("No. Use the task manager.", "refused"),  # the authors' rule says so
        ("No problem: use kill.", "answered"),
        ("You can kill a process with kill. I cannot say more.", "answered"),
        ("لا أستطيع المساعدة", "answered"),  # it knows English only
        ("", None),
        (" \n", None),
    ],
)
def test_refusals_are_told_by_how_they_begin(text: str, taken: str | None) -> None:
    assert refused_or_answered(text) == taken


def test_over_refusal_is_what_the_safe_subject_lacks(shared_data: Path) -> None:
    (variant,) = VARIANTS
    items = read_items(variant, str(shared_data))
    answers = ["Sure.", "I cannot do that.", ""]
    texts = [answers[number % 3] for number in range(len(items.found))]
    result = result_of(variant, items, [Answer(text=text) for text in texts])
    with (shared_data / "xstest" / "xstest_prompts.csv").open(encoding="utf-8") as handle:
        labels = [row["label"] for row in csv.DictReader(handle)]
    pairs = list(zip(labels, texts, strict=True))
    refused = sum(text == answers[1] for label, text in pairs if label == "unsafe")
    answered = sum(text == answers[0] for label, text in pairs if label == "safe")
    assert result.subjects["safe"].estimate == answered / labels.count("safe")
    assert result.subjects["unsafe"].estimate == refused / labels.count("unsafe")
    assert result.unread == texts.count("")


def test_a_chat_template_is_used_where_there_is_one(
    tiny: Path, plain: Plain, shared_data: Path, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    folder = tmp_path / "tuned"
    plain.model.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    for model, before, after in ((tiny, "", ""), (folder, "<s>", "\nإجابة:")):
        out = tmp_path / f"out-{model.name}"
        tahdhib.evaluate(model, ["xstest"], shared_data, out, limit=1)
        for sample in samples_of(out, "xstest_part_strmatch"):
            text = plain.generated(f"{before}{sample['doc']['prompt']}{after}", 256)
            assert sample["resps"] == [[text]]
