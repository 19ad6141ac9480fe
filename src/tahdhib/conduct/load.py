"""Read a code of conduct from YAML: one of the package by its name, or a file."""

import difflib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import yaml

from tahdhib.conduct.conduct import Action, Conduct, Example, Rule, content_hash
from tahdhib.conduct.rules.table import MATCHERS
from tahdhib.errors import RecipeError

_TOP = ("name", "version", "languages", "principles", "rules")
_RULE = (
    "id", "principle", "action", "severity", "wording", "matcher", "removes", "examples",
    "provenance",
)  # fmt: skip
_RULE_NEEDS = ("id", "principle", "action", "severity", "wording")
_EXAMPLE = ("before", "after")
_SEVERITIES = (1, 2, 3)


def load_conduct(name_or_path: str) -> Conduct:
    """Read and check the conduct; a name without .yaml is one of the package.

    Raises:
        RecipeError: no such conduct, not YAML, or it says something unknown or impossible.
    """
    source, content = _read(name_or_path)
    try:
        tree = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise RecipeError(f"{source}: is not YAML: {' '.join(str(error).split())}.") from error
    return parse_conduct(tree, source=source)


def parse_conduct(tree: object, *, source: str = "conduct") -> Conduct:
    """Check a conduct that is already parsed; see `load_conduct`."""
    top = _mapping(tree, source, _TOP, needs=_TOP)
    languages = tuple(_list(top["languages"], f"{source}: languages", str))
    if not languages:
        raise RecipeError(f"{source}: languages: is empty. Name at least one, such as [ar].")
    principles = _principles(top["principles"], f"{source}: principles", languages)
    rules: list[Rule] = []
    for number, entry in enumerate(_list(top["rules"], f"{source}: rules", dict), start=1):
        rule = _rule(entry, f"{source}: rule {number}", languages, principles)
        _check_against(rules, rule, f"{source}: rule {number}")
        rules.append(rule)
    return Conduct(
        name=_text(top["name"], f"{source}: name"),
        version=_text(top["version"], f"{source}: version"),
        languages=languages,
        principles=principles,
        rules=tuple(rules),
        hash=content_hash(tree),
    )


def _read(name_or_path: str) -> tuple[str, str]:
    if name_or_path.endswith((".yaml", ".yml")):
        path = Path(name_or_path)
        try:
            return str(path), path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise RecipeError(
                f"{path}: no such conduct. Give the path of a YAML file, or the name of one in "
                f"the package: {', '.join(_names())}."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"{path}: cannot be read as a conduct: {error}.") from error
    if name_or_path not in _names():
        hint = _nearest(name_or_path, _names())
        raise RecipeError(
            f"conduct: {name_or_path!r} is none of the package's: {', '.join(_names())}. "
            f"{hint}A conduct of your own is named by its path, ending in .yaml."
        )
    file = resources.files("tahdhib.conduct") / f"{name_or_path}.yaml"
    return f"conduct {name_or_path!r}", file.read_text(encoding="utf-8")


def _names() -> tuple[str, ...]:
    entries = resources.files("tahdhib.conduct").iterdir()
    return tuple(sorted(e.name[: -len(".yaml")] for e in entries if e.name.endswith(".yaml")))


def _principles(
    tree: object, where: str, languages: Sequence[str]
) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(tree, dict) or not tree:
        raise RecipeError(f"{where}: is {tree!r}; expected principle ids with their wordings.")
    return {
        _text(key, where): _wording(value, f"{where}.{key}", languages)
        for key, value in tree.items()
    }


def _rule(
    entry: object, where: str, languages: Sequence[str], principles: Mapping[str, object]
) -> Rule:
    known = _mapping(entry, where, _RULE, needs=_RULE_NEEDS)
    rule_id = _text(known["id"], f"{where}: id")
    where = f"{where} ({rule_id})"
    removes = known.get("removes", False)
    if not isinstance(removes, bool):
        raise RecipeError(f"{where}: removes: is {removes!r}; expected true or false.")
    severity = known["severity"]
    if severity not in _SEVERITIES or isinstance(severity, bool):
        raise RecipeError(
            f"{where}: severity: is {severity!r}; expected 1 (slight), 2 or 3 (grave)."
        )
    matcher = known.get("matcher")
    return Rule(
        id=rule_id,
        principle=_choice(known["principle"], tuple(principles), f"{where}: principle"),
        action=_choice(known["action"], get_args(Action), f"{where}: action"),  # type: ignore[arg-type]
        severity=severity,
        wording=_wording(known["wording"], f"{where}: wording", languages),
        matcher=None if matcher is None else _choice(matcher, tuple(MATCHERS), f"{where}: matcher"),
        removes=removes,
        examples=tuple(
            _example(example, f"{where}: example {number}")
            for number, example in enumerate(
                _list(known.get("examples", []), f"{where}: examples", dict), start=1
            )
        ),
        provenance=_text(known.get("provenance", ""), f"{where}: provenance"),
    )


def _check_against(earlier: Sequence[Rule], rule: Rule, where: str) -> None:
    for other in earlier:
        if other.id == rule.id:
            raise RecipeError(f"{where}: id {rule.id!r} is taken by an earlier rule. Rename one.")
        if rule.matcher and rule.matcher == other.matcher:
            raise RecipeError(
                f"{where} ({rule.id}): matcher {rule.matcher!r} already serves rule {other.id!r}, "
                "and each edit belongs to one rule. Set matcher: null in one of them."
            )


def _example(entry: object, where: str) -> Example:
    known = _mapping(entry, where, _EXAMPLE, needs=_EXAMPLE)
    return Example(
        _text(known["before"], f"{where}: before"), _text(known["after"], f"{where}: after")
    )


def _wording(tree: object, where: str, languages: Sequence[str]) -> Mapping[str, str]:
    known = _mapping(tree, where, languages, needs=languages)
    return {language: _text(known[language], f"{where}.{language}") for language in languages}


def _mapping(
    tree: object, where: str, known: Sequence[str], *, needs: Sequence[str]
) -> Mapping[str, Any]:
    if not isinstance(tree, dict):
        raise RecipeError(f"{where}: is {tree!r}; expected the keys {', '.join(known)}.")
    for key in tree:
        if key not in known:
            raise RecipeError(
                f"{where}: unknown key {key!r}. {_nearest(str(key), known)}"
                f"Known here: {', '.join(known)}."
            )
    for key in needs:
        if key not in tree:
            raise RecipeError(f"{where}: {key!r} is missing. Add it.")
    return tree


def _list(tree: object, where: str, kind: type) -> list[Any]:
    if not isinstance(tree, list) or not all(isinstance(entry, kind) for entry in tree):
        raise RecipeError(f"{where}: is {tree!r}; expected a list.")
    return tree


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise RecipeError(f"{where}: is {value!r}; expected text. Put it in quotes.")
    return value


def _choice(value: object, known: Sequence[str], where: str) -> str:
    if value not in known:
        raise RecipeError(
            f"{where}: {value!r} is unknown. {_nearest(str(value), known)}"
            f"Known: {', '.join(known)}."
        )
    return str(value)


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}? " if near else ""
