"""The variants of all benchmarks, and how a command names them."""

from collections.abc import Sequence

from tahdhib.errors import RecipeError
from tahdhib.evaluate.benchmarks import (
    acva,
    arabicmmlu,
    aratrust,
    exams,
    ifeval,
    mmlu,
    mmlu_arabic,
    xstest,
)
from tahdhib.evaluate.item import Variant

VARIANTS: tuple[Variant, ...] = (
    *arabicmmlu.VARIANTS,
    *exams.VARIANTS,
    *acva.VARIANTS,
    *aratrust.VARIANTS,
    *mmlu_arabic.VARIANTS,
    *mmlu.VARIANTS,
    *ifeval.VARIANTS,
    *xstest.VARIANTS,
)


def chosen(names: Sequence[str]) -> list[Variant]:
    """The variants that `names` name: a variant's own name, or a benchmark's for all of its but
    what lm-eval runs, which needs an extra.

    Raises:
        RecipeError: a name is unknown.
    """
    found: dict[str, Variant] = {}
    for name in names:
        fits = [one for one in VARIANTS if name == one.name or name == _group(one)]
        if not fits:
            known = ", ".join(one.name for one in VARIANTS)
            raise RecipeError(
                f"--task {name}: is unknown; known: {known}, and each benchmark's name (what "
                "stands before the first _) for all of its variants. Name one of them."
            )
        found |= {one.name: one for one in fits}
    return list(found.values())


def _group(variant: Variant) -> str | None:
    """The name that selects `variant` among others of its benchmark."""
    return None if variant.ask == "lm-eval" else variant.name.partition("_")[0]
