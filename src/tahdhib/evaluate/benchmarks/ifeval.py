"""IFEval (Zhou et al. 2023, arXiv 2311.07911): 541 prompts with instructions that code can check.

Prompts and checks are those of lm-eval's own task, which has them from the authors; the rows are
read as they stand. Strict is the answer as it is; loose is any of eight readings of it (without its
first line, its last one, its asterisks). Of a prompt all instructions must be followed, of
instructions each counts.

The checks need the extra `eval` and NLTK's data on sentences, which lm-eval would download on its
own; here its absence is an error. Its guesser of languages draws by chance: it is given a seed.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from tahdhib.errors import DataError, MissingExtraError
from tahdhib.evaluate.item import Checked, Item, Items, Row, Variant

FOLLOWED = ("followed", "not followed")
_SENTENCES = "tokenizers/punkt_tab/english"


class _Rules(NamedTuple):
    """lm-eval's own: the check of an answer, and a class for each instruction."""

    check: Callable[[Row, list[str]], Mapping[str, Any]]
    kinds: Mapping[str, Any]


def items(rows: Sequence[Row], _shots: Sequence[Row]) -> Items:
    """Items whose subjects are how many instructions a prompt has.

    Raises:
        MissingExtraError: lm-eval or what its checks need is not installed.
        DataError: NLTK's data on sentences are not there.
    """
    rules, found = _rules(), Items()
    for place, row in enumerate(rows):
        if problem := _problem(row, rules):
            found.skipped[problem] += 1
            continue
        count = len(row["instruction_id_list"])
        subject = f"{count} instruction" + "s" * (count > 1)
        identity = str(row.get("key") or place)
        found.found.append(Item(identity, subject, row["prompt"], FOLLOWED, 0, row))
    return found


def followed(item: Item, text: str) -> Checked:
    """Which instructions an answer follows, by lm-eval's four metrics."""
    told = _rules().check(item.row, [text])
    return {
        name: tuple(bool(one) for one in value) if isinstance(value, list) else bool(value)
        for name, value in told.items()
    }


def _problem(row: Row, rules: _Rules) -> str:
    """Why a row is no item; empty where it is one."""
    kinds, arguments = row.get("instruction_id_list"), row.get("kwargs")
    if not isinstance(row.get("prompt"), str) or not row["prompt"].strip():
        return "no prompt"
    if not isinstance(kinds, list) or not kinds:
        return "no instruction"
    if not isinstance(arguments, list) or len(arguments) != len(kinds):
        return "not one set of arguments for each instruction"
    for kind, given in zip(kinds, arguments, strict=True):
        if kind not in rules.kinds:
            return "an instruction that lm-eval has no check for"
        if not isinstance(given, Mapping) or not _fits(rules.kinds[kind](kind), given):
            return "arguments that do not fit their instruction"
    return ""


def _fits(instruction: Any, given: Mapping[str, Any]) -> bool:
    """Whether all arguments are there: lm-eval would draw a missing one by chance."""
    told = {name: value for name, value in given.items() if value}
    if set(told) != set(instruction.get_instruction_args_keys()):
        return False
    try:
        instruction.build_description(**told)
    except (TypeError, ValueError, KeyError, AttributeError):
        return False
    return True


@cache
def _rules() -> _Rules:
    try:
        import langdetect
        import lm_eval  # noqa: F401 - before its checks, which fetch what they miss
        import nltk
    except ImportError as error:
        raise MissingExtraError("IFEval, which is checked by lm-eval,", "eval") from error
    try:
        nltk.data.find(_SENTENCES)
    except LookupError as error:
        raise DataError(
            f"IFEval: NLTK's data on sentences ({_SENTENCES}) are in none of its folders "
            f"({', '.join(nltk.data.path)}), and nothing is downloaded unasked. Fetch them once: "
            "python -m nltk.downloader punkt_tab"
        ) from error
    from lm_eval.tasks.ifeval import instructions_registry, utils

    langdetect.DetectorFactory.seed = 0
    return _Rules(utils.process_results, instructions_registry.INSTRUCTION_DICT)


VARIANTS = (
    Variant(
        name="ifeval_lmeval",
        benchmark="IFEval",
        says=(
            "prompts whose instructions are all followed, strictly, by lm-eval's own checks; "
            "greedy, in the model's chat template where it has one"
        ),
        published=541,
        version=1,
        files=("ifeval/input_data.jsonl", "ifeval_input_data.jsonl", "input_data.jsonl"),
        items=items,
        ask="generation",
        checks=followed,
        new_tokens=1280,
        chat=True,
        home="hf://datasets/google/IFEval@966cd89545d6b6acfd7638bc708b98261ca58e84",
    ),
)
