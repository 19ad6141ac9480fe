"""What a recipe writes behind an adapter's name: `MODEL?option=value&option=value`."""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from tahdhib.errors import RecipeError


class Argument(NamedTuple):
    """A model and the options that were named."""

    model: str
    options: Mapping[str, str]


def parse_argument(scorer: str, argument: str, known: Collection[str], example: str) -> Argument:
    """Read an adapter's argument.

    Raises:
        RecipeError: no model is named, or an option is unknown or named twice.
    """
    model, _, rest = argument.partition("?")
    if not model:
        raise RecipeError(f"scorer {scorer!r} needs a model, such as {example}")
    try:
        pairs = parse_qsl(rest, keep_blank_values=True, strict_parsing=True) if rest else []
    except ValueError as error:
        raise RecipeError(
            f"scorer {scorer}:{argument}: {rest!r} are no options; expected option=value, joined "
            f"by &, as in {example}"
        ) from error
    options = dict(pairs)
    strange = sorted(options.keys() - set(known))
    if strange or len(options) != len(pairs):
        raise RecipeError(
            f"scorer {scorer}:{argument}: the option {(strange or ['of this name'])[0]!r} is "
            f"unknown or stands there twice; known: {', '.join(sorted(known))}"
        )
    return Argument(model, options)


def number(scorer: str, name: str, text: str, low: float, high: float) -> float:
    """An option that is a number between bounds.

    Raises:
        RecipeError: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise RecipeError(
            f"scorer {scorer}: {name} is {text!r}; expected a number from {low:g} to {high:g}"
        )
    return value
