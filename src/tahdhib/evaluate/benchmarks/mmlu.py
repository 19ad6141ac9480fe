"""MMLU in English (Hendrycks et al. 2021, arXiv 2009.03300): 57 subjects, four options.

The prompt is that of the authors' `evaluate_hf.py` (github.com/hendrycks/test at 82d60d2), which
scores the logits of the last position at the letters; it has a blank too many before the subject.
lm-eval's prompt, five examples, lacks that blank and strips questions; its task, run by lm-eval
itself, and its prompt scored here are variants of their own, and so is AceGPT's strict letter on
that prompt, which is how the translated MMLU is scored.

Rows are those of `cais/mmlu` on the hub: subject, question, four choices, the place of the right
one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from tahdhib.evaluate.benchmarks.acegpt import LETTERS, SHOTS, strict_letter
from tahdhib.evaluate.item import Item, Items, Row, Variant

_HEAD = "The following are multiple choice questions (with answers) about {topic}.\n\n"

CATEGORIES = {
    "STEM": {
        "physics": ("astronomy", "college_physics", "conceptual_physics", "high_school_physics"),
        "chemistry": ("college_chemistry", "high_school_chemistry"),
        "biology": ("college_biology", "high_school_biology"),
        "computer science": (
            "college_computer_science",
            "computer_security",
            "high_school_computer_science",
            "machine_learning",
        ),
        "math": (
            "abstract_algebra",
            "college_mathematics",
            "elementary_mathematics",
            "high_school_mathematics",
            "high_school_statistics",
        ),
        "engineering": ("electrical_engineering",),
    },
    "humanities": {
        "history": (
            "high_school_european_history",
            "high_school_us_history",
            "high_school_world_history",
            "prehistory",
        ),
        "philosophy": (
            "formal_logic",
            "logical_fallacies",
            "moral_disputes",
            "moral_scenarios",
            "philosophy",
            "world_religions",
        ),
        "law": ("international_law", "jurisprudence", "professional_law"),
    },
    "social sciences": {
        "politics": (
            "high_school_government_and_politics",
            "public_relations",
            "security_studies",
            "us_foreign_policy",
        ),
        "culture": ("human_sexuality", "sociology"),
        "economics": ("econometrics", "high_school_macroeconomics", "high_school_microeconomics"),
        "geography": ("high_school_geography",),
        "psychology": ("high_school_psychology", "professional_psychology"),
    },
    "other (business, health, misc.)": {
        "other": ("global_facts", "miscellaneous", "professional_accounting"),
        "business": ("business_ethics", "management", "marketing"),
        "health": (
            "anatomy",
            "clinical_knowledge",
            "college_medicine",
            "human_aging",
            "medical_genetics",
            "nutrition",
            "professional_medicine",
            "virology",
        ),
    },
}
"""Categories -> fields -> subjects, over which the authors take means of means."""


def items(*, is_authors: bool) -> Callable[[Sequence[Row], Sequence[Row]], Items]:
    """How rows become items with up to five examples: with the authors' prompt or lm-eval's."""

    def made(rows: Sequence[Row], examples: Sequence[Row]) -> Items:
        found = Items()
        shown: dict[str, list[Row]] = {}
        for row in examples:
            mine = shown.setdefault(str(row.get("subject")), [])
            if len(mine) < SHOTS and not _problem(row):
                mine.append(row)
        seen: Counter[str] = Counter()
        for row in rows:
            if problem := _problem(row):
                found.skipped[problem] += 1
                continue
            subject = str(row["subject"])
            shots = tuple(shown.get(subject, ()))
            head = _HEAD.format(topic=is_authors * " " + subject.replace("_", " "))
            solved = "".join(
                f"{_question(one, is_authors)} {LETTERS[int(one['answer'])]}\n\n" for one in shots
            )
            prompt = head + solved + _question(row, is_authors)
            identity = f"{subject}-{seen[subject]}"
            seen[subject] += 1
            right = int(row["answer"])
            found.found.append(Item(identity, subject, prompt, LETTERS, right, row, shots))
        found.shots.update({subject: len(shown.get(subject, ())) for subject in seen})
        return found

    return made


def _question(row: Row, is_authors: bool) -> str:
    asked = str(row["question"])
    options = (f"\n{letter}. {one}" for letter, one in zip(LETTERS, row["choices"], strict=True))
    return (asked if is_authors else asked.strip()) + "".join(options) + "\nAnswer:"


def _problem(row: Row) -> str:
    """Why a row is no question; empty where it is one."""
    if not isinstance(row.get("question"), str) or not row["question"].strip():
        return "no question"
    if row.get("subject") not in _SUBJECTS:
        return "a subject that is none of MMLU's"
    choices = row.get("choices")
    if not isinstance(choices, Sequence) or isinstance(choices, str) or len(choices) != 4:
        return "not four options"
    if row.get("answer") is None:
        return "no answer"
    if row["answer"] not in range(4):
        return "an answer that names no option"
    return ""


_SUBJECTS = {one for fields in CATEGORIES.values() for many in fields.values() for one in many}

_AUTHORS = Variant(
    name="mmlu_authors",
    benchmark="MMLU",
    says="the authors' prompt with 5 examples, logits of the letters A to D",
    published=14_042,
    version=1,
    files=("mmlu/all/test-*.parquet", "all/test-*.parquet"),
    shots=("mmlu/all/dev-*.parquet", "all/dev-*.parquet"),
    items=items(is_authors=True),
    ask="letters",
    categories=CATEGORIES,
    home="hf://datasets/cais/mmlu@c30699e8356da336a370243923dbaf21066bb9fe",
)
_LIKELIHOOD = replace(
    _AUTHORS,
    name="mmlu_likelihood",
    says="lm-eval's prompt with 5 examples, log-likelihood of the letters",
    items=items(is_authors=False),
    ask="likelihood",
    lead=" ",
)
VARIANTS = (
    _AUTHORS,
    _LIKELIHOOD,
    replace(
        _LIKELIHOOD,
        name="mmlu_strict",
        says=(
            "lm-eval's prompt with 5 examples, greedy generation, AceGPT's strict letter of the "
            "first line"
        ),
        ask="generation",
        read=strict_letter,
        new_tokens=10,
        lead="",
    ),
    replace(
        _LIKELIHOOD,
        name="mmlu_lmeval",
        says="lm-eval's own task, untouched: 5 examples, log-likelihood of A to D",
        ask="lm-eval",
        template="mmlu/default/mmlu_{subject}.yaml",
    ),
)
