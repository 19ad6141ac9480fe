"""Thresholds of the quality rules by language: data, read from YAML.

A rule is a signal with bounds; rules stand in sets named after those who stated them. The files
of the package are named after languages; `default` serves every language without one, and stands
under the others: a language's file names what differs. A file of the user's own lies over them,
with a section for each name:

    default:
      gopher:
        words: {min: 30}
    ar:
      fineweb:
        short_lines: null      # no such rule for Arabic
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tahdhib.errors import RecipeError

RULES: Mapping[str, tuple[str, ...]] = {
    "gopher": (
        "words",
        "mean_word_length",
        "hash_ratio",
        "ellipsis_ratio",
        "bullet_lines",
        "ellipsis_lines",
        "alphabetic_words",
        "stop_words",
    ),
    "c4": (
        "sentences",
        "terminal_lines",
        "curly_brackets",
        "lorem_ipsum",
        "javascript_lines",
        "policy_lines",
    ),
    "fineweb": (
        "line_punctuation",
        "short_lines",
        "duplicate_line_characters",
        "newlines_per_word",
    ),
    "repetition": (
        "duplicate_lines",
        "duplicate_line_characters",
        "duplicate_paragraphs",
        "duplicate_paragraph_characters",
        *(f"top_{n}_gram" for n in (2, 3, 4)),
        *(f"duplicate_{n}_grams" for n in (5, 6, 7, 8, 9, 10)),
    ),
}
"""The signals that each set of rules may bound, in the order in which they are asked."""

PACKAGE = "default"
"""The recipe's word for the thresholds of the package."""

DEFAULT = "default"
"""The name of the thresholds that serve languages without their own."""

_BOUNDS = ("min", "max")


class Rule(NamedTuple):
    """Bounds of a signal, both inclusive; None is no bound."""

    set: str
    signal: str
    min: float | None
    max: float | None


Tree = Mapping[str, Mapping[str, Mapping[str, float | None]]]
"""Set -> signal -> bound -> number."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The rules by language, in the order in which they are asked."""

    by_language: Mapping[str, tuple[Rule, ...]]

    def of(self, language: str) -> tuple[Rule, ...]:
        """The rules for `language`, or the default ones."""
        return self.by_language.get(language, self.by_language[DEFAULT])


def threshold_files(name_or_path: str) -> list[Path]:
    """The files that the thresholds come from: the package's, and the user's where one is named."""
    folder = Path(str(resources.files("tahdhib.stages.clean") / "thresholds"))
    own = [] if name_or_path == PACKAGE else [Path(name_or_path)]
    return [*sorted(folder.glob("*.yaml")), *own]


def load_thresholds(name_or_path: str, sets: Sequence[str]) -> Thresholds:
    """Read the thresholds of the rules in `sets`.

    Raises:
        RecipeError: no such file, not YAML, or it names something unknown or impossible.
    """
    trees: dict[str, Tree] = {}
    for path in threshold_files(PACKAGE):
        trees[path.stem] = parse_rules(_yaml(path), str(path))
    if name_or_path != PACKAGE:
        for name, tree in _sections(_yaml(Path(name_or_path)), name_or_path):
            trees[name] = laid_over(trees.get(name, {}), tree)
    whole = {name: laid_over(trees[DEFAULT], tree) for name, tree in trees.items()}
    return Thresholds({name: _rules(tree, sets) for name, tree in sorted(whole.items())})


def laid_over(under: Tree, over: Tree) -> Tree:
    """What `over` says, and what `under` says where `over` says nothing."""
    laid: dict[str, dict[str, Mapping[str, float | None]]] = {}
    for rule_set in {**under, **over}:
        below, above = under.get(rule_set, {}), over.get(rule_set, {})
        laid[rule_set] = {
            signal: {**below.get(signal, {}), **above.get(signal, {})}
            for signal in {**below, **above}
        }
    return laid


def parse_rules(tree: object, where: str) -> Tree:
    """Check the rules of one language, already parsed.

    Raises:
        RecipeError: a key is unknown, or a bound is no number.
    """
    parsed: dict[str, dict[str, Mapping[str, float | None]]] = {}
    for rule_set, signals in _mapping(tree, where, RULES).items():
        here = f"{where}: {rule_set}"
        parsed[rule_set] = {
            signal: _bounds(bounds, f"{here}: {signal}")
            for signal, bounds in _mapping(signals, here, RULES[rule_set]).items()
        }
    return parsed


def _rules(tree: Tree, sets: Sequence[str]) -> tuple[Rule, ...]:
    found = []
    for rule_set in RULES:
        for signal in RULES[rule_set] if rule_set in sets else ():
            bounds = tree.get(rule_set, {}).get(signal, {})
            rule = Rule(rule_set, signal, bounds.get("min"), bounds.get("max"))
            if (rule.min, rule.max) != (None, None):
                found.append(rule)
    return tuple(found)


def _bounds(bounds: object, where: str) -> Mapping[str, float | None]:
    if bounds is None:
        return dict.fromkeys(_BOUNDS)
    checked = _mapping(bounds, where, _BOUNDS)
    for name, value in checked.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (is_number and value == value):
            raise RecipeError(
                f"{where}: {name} is {value!r}; expected a number, or null for no bound."
            )
    low, high = checked.get("min"), checked.get("max")
    if low is not None and high is not None and low > high:
        raise RecipeError(f"{where}: min {low} is above max {high}, so that no text would pass.")
    return checked


def _sections(tree: object, where: str) -> list[tuple[str, Tree]]:
    """The sections of a user's file, by language."""
    if not isinstance(tree, dict):
        raise RecipeError(
            f"{where}: holds {type(tree).__name__}; expected a section for each language, such as "
            "'ar:', or 'default:' for all that have none."
        )
    for name in tree:
        if not isinstance(name, str) or not (name == DEFAULT or 2 <= len(name) <= 3):
            near = f" {DEFAULT!r} is the section for all languages without their own."
            raise RecipeError(
                f"{where}: {name!r} is no language code; expected one of ISO 639, such as 'ar'."
                f"{near}"
            )
    return [(name, parse_rules(rules, f"{where}: {name}")) for name, rules in tree.items()]


def _mapping(tree: object, where: str, known: Iterable[str]) -> Mapping[str, Any]:
    keys = tuple(known)
    if not isinstance(tree, dict):
        raise RecipeError(f"{where}: is {tree!r}; expected keys among {', '.join(keys)}.")
    for key in tree:
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise RecipeError(f"{where}: unknown key {key!r}. {hint}Known here: {', '.join(keys)}.")
    return tree


def _yaml(path: Path) -> object:
    try:
        tree: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"{path}: no such file of thresholds. Give the path of a YAML file in "
            f"clean.thresholds, or {PACKAGE!r} for the thresholds of the package."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read as thresholds: {error}.") from error
    except yaml.YAMLError as error:
        raise RecipeError(f"{path}: is not YAML: {' '.join(str(error).split())}.") from error
    return tree
