"""Read a code of conduct from YAML: one of the package by its name, or a file.

A conduct may build on another (`extends`): that is resolved here, and a loaded conduct knows
nothing of it. Its hash is that of the resolved content, so a change of the base is a change of it.
"""

import difflib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import yaml

from tahdhib.conduct.conduct import Action, Conduct, Example, Rule, content_hash
from tahdhib.conduct.rules.table import FINDING, MATCHERS
from tahdhib.errors import RecipeError

_TOP = ("name", "version", "languages", "principles", "rules")
_BUILDING = ("extends", "only", "without")
_BUILDS_NEEDS = ("name", "version", "extends")
_RULE = (
    "id", "principle", "action", "severity", "wording", "matcher", "removes", "examples",
    "provenance", "cues", "always",
)  # fmt: skip
_RULE_NEEDS = ("id", "principle", "action", "severity", "wording")
_EXAMPLE = ("before", "after")
_SEVERITIES = (1, 2, 3)


def load_conduct(name_or_path: str) -> Conduct:
    """Read and check the conduct; a name without .yaml is one of the package.

    Raises:
        RecipeError: no such conduct, not YAML, or it says something unknown or impossible.
    """
    tree, source = _resolved(name_or_path, ())
    return parse_conduct(tree, source=source)


def names() -> tuple[str, ...]:
    """The conducts of the package."""
    entries = resources.files("tahdhib.conduct").iterdir()
    return tuple(sorted(e.name[: -len(".yaml")] for e in entries if e.name.endswith(".yaml")))


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
                f"the package: {', '.join(names())}."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"{path}: cannot be read as a conduct: {error}.") from error
    if name_or_path not in names():
        hint = _nearest(name_or_path, names())
        raise RecipeError(
            f"conduct: {name_or_path!r} is none of the package's: {', '.join(names())}. "
            f"{hint}A conduct of your own is named by its path, ending in .yaml."
        )
    file = resources.files("tahdhib.conduct") / f"{name_or_path}.yaml"
    return f"conduct {name_or_path!r}", file.read_text(encoding="utf-8")


def _resolved(name_or_path: str, builders: tuple[str, ...]) -> tuple[object, str]:
    """The content of a conduct with what it builds on laid under it, and its name for errors.

    `builders` are the conducts that build on this one, the first asked for first.
    """
    source, content = _read(name_or_path)
    try:
        tree = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise RecipeError(f"{source}: is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(tree, dict) or "extends" not in tree:
        return tree, source
    _mapping(tree, source, (*_TOP, *_BUILDING), needs=_BUILDS_NEEDS)
    base = _base_of(_text(tree["extends"], f"{source}: extends"), name_or_path)
    if base in (*builders, name_or_path):
        raise RecipeError(
            f"{source}: extends: {tree['extends']!r} builds on this conduct itself. "
            "Name one that does not."
        )
    under, _ = _resolved(base, (*builders, name_or_path))
    return _laid_over(under, tree, source), source


def _base_of(extends: str, name_or_path: str) -> str:
    """A base that is a file lies where the conduct that names it lies."""
    if extends.endswith((".yaml", ".yml")):
        return str(Path(name_or_path).parent / extends)
    return extends


def _laid_over(under: object, tree: Mapping[str, Any], source: str) -> object:
    """The base's content as `tree` changes it.

    A rule of the base with the same id is taken over key by key, and stays at its place; new rules
    follow. `only` keeps so many of the base's rules, `without` leaves some out; a principle under
    which no rule is left goes too.
    """
    if not isinstance(under, dict) or not all(key in under for key in _TOP):
        return under  # the check of a whole conduct will say what is wrong with the base
    own = _list(tree.get("rules", []), f"{source}: rules", dict)
    by_id = {str(entry.get("id")): entry for entry in own}
    inherited = [entry for entry in under["rules"] if _stays(entry, under, tree, source)]
    base_ids = [entry["id"] for entry in inherited]
    rules = [{**entry, **by_id.get(entry["id"], {})} for entry in inherited]
    rules += [entry for entry in own if entry.get("id") not in base_ids]
    used = {entry.get("principle") for entry in rules}
    principles = {key: value for key, value in under["principles"].items() if key in used}
    added = tree.get("principles", {})
    if not isinstance(added, dict):
        raise RecipeError(f"{source}: principles: is {added!r}; expected ids with their wordings.")
    return {
        "name": tree["name"],
        "version": tree["version"],
        "languages": tree.get("languages", under["languages"]),
        "principles": {**principles, **added},
        "rules": rules,
    }


def _stays(
    entry: Mapping[str, Any], under: Mapping[str, Any], tree: Mapping[str, Any], source: str
) -> bool:
    """Whether a rule of the base is taken over."""
    base_ids = [rule["id"] for rule in under["rules"]]
    for key in ("only", "without"):
        for rule_id in _list(tree.get(key, []), f"{source}: {key}", str):
            _choice(rule_id, base_ids, f"{source}: {key}")
    if "only" in tree and entry["id"] not in tree["only"]:
        return False
    return entry["id"] not in tree.get("without", [])


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
    removes, always = (_switch(known, key, where) for key in ("removes", "always"))
    severity = known["severity"]
    if severity not in _SEVERITIES or isinstance(severity, bool):
        raise RecipeError(
            f"{where}: severity: is {severity!r}; expected 1 (slight), 2 or 3 (grave)."
        )
    matcher = known.get("matcher")
    action = _choice(known["action"], get_args(Action), f"{where}: action")
    if matcher in FINDING and action not in ("recontextualise", "drop"):
        raise RecipeError(
            f"{where}: matcher {matcher!r} finds what has to be told otherwise, and action is "
            f"{action!r}. Set action to recontextualise or drop, or matcher to null."
        )
    return Rule(
        id=rule_id,
        principle=_choice(known["principle"], tuple(principles), f"{where}: principle"),
        action=action,  # type: ignore[arg-type]
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
        always=always,
        cues=_cues(known.get("cues", {}), f"{where}: cues", languages),
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


def _switch(known: Mapping[str, Any], key: str, where: str) -> bool:
    value = known.get(key, False)
    if not isinstance(value, bool):
        raise RecipeError(f"{where}: {key}: is {value!r}; expected true or false.")
    return value


def _cues(tree: object, where: str, languages: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    known = _mapping(tree, where, languages, needs=())
    return {
        language: tuple(_list(words, f"{where}.{language}", str))
        for language, words in known.items()
    }


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
