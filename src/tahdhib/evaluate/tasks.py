"""The variants of all benchmarks, and how a command names them."""

from collections.abc import Sequence

from tahdhib.errors import RecipeError
from tahdhib.evaluate.benchmarks import acva, arabicmmlu, aratrust, exams, mmlu_arabic
from tahdhib.evaluate.item import Variant

VARIANTS: tuple[Variant, ...] = (
    *arabicmmlu.VARIANTS,
    *exams.VARIANTS,
    *acva.VARIANTS,
    *aratrust.VARIANTS,
    *mmlu_arabic.VARIANTS,
)


def chosen(names: Sequence[str]) -> list[Variant]:
    """The variants that `names` name: a variant's own name, or a benchmark's for all of its.

    Raises:
        RecipeError: a name is unknown.
    """
    found: dict[str, Variant] = {}
    for name in names:
        fits = [one for one in VARIANTS if name in (one.name, one.name.partition("_")[0])]
        if not fits:
            known = ", ".join(one.name for one in VARIANTS)
            raise RecipeError(
                f"--task {name}: is unknown; known: {known}, and each benchmark's name (what "
                "stands before the first _) for all of its variants. Name one of them."
            )
        found |= {one.name: one for one in fits}
    return list(found.values())
