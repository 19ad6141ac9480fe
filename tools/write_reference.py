"""Write docs/reference from the code: the recipe's settings, the commands, the conduct's rules.

python tools/write_reference.py          writes
python tools/write_reference.py --check  exits 1 where a page is out of date
"""

import inspect
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin

import typer
from pydantic import BaseModel
from typer.core import TyperCommand, TyperGroup

from tahdhib.cli.main import app
from tahdhib.conduct.conduct import Rule
from tahdhib.conduct.load import load_conduct, names
from tahdhib.config.pretrain import Pretrain
from tahdhib.config.recipe import Recipe
from tahdhib.config.tune import Tune

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
MADE = "<!-- Made by tools/write_reference.py from the code; edit that. -->\n"
WIDTH = 96


def settings_page(title: str, says: str, model: type[BaseModel]) -> str:
    """Every setting of a recipe with its default and meaning; `says` which verb reads it."""
    lines = [MADE, f"# {title}", "", *says.split("\n"), *section("", model)]
    return "\n".join(lines) + "\n"


RECIPE = """\
One YAML file says what a run does. Every setting but `ingest.paths` has a default; an
unknown key is refused. `--set a.b=c` overrides any of them."""
PRETRAIN = """\
What `tahdhib pretrain` reads ([guide](../guides/pretrain.md)). Every setting but the
corpora and phases has a default; an unknown key is refused."""
TUNE = """\
What `tahdhib tune` reads ([guide](../guides/tune.md)). Every setting but the model's and
the data's paths has a default; an unknown key is refused."""


def section(prefix: str, model: type[BaseModel]) -> Iterator[str]:
    """The table of one section, then its inner sections."""
    inner = []
    yield from ["", f"## `{prefix}`" if prefix else "## Top level", ""]
    if prefix and model.__doc__:
        yield from [inspect.cleandoc(model.__doc__), ""]
    yield from ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        path = f"{prefix}.{name}" if prefix else name
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            inner.append((path, annotation))
            continue
        if get_origin(annotation) in (dict, tuple, UnionType):
            inner += [
                (path if get_origin(annotation) is UnionType else f"{path}.…", each)
                for each in get_args(annotation)
                if isinstance(each, type) and issubclass(each, BaseModel)
            ]
        default = "required" if field.is_required() else f"`{field.default!r}`"
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        yield f"| `{path}` | {default} | {meaning} |"
    for path, annotation in inner:
        yield from section(path, annotation)


def commands_page() -> str:
    """The help of every command, as the terminal shows it."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    lines = [MADE, "# Commands", ""]
    for name, command in commands("tahdhib", group):
        lines += [f"## `{name}`", "", *command_lines(command), ""]
    return "\n".join(lines)


def commands(prefix: str, group: TyperGroup) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    """Every command with its whole name: groups that work alone, and those of groups within."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            if command.invoke_without_command:
                yield f"{prefix} {name}", command
            yield from commands(f"{prefix} {name}", command)
        else:
            assert isinstance(command, TyperCommand)
            yield f"{prefix} {name}", command


def command_lines(command: TyperCommand | TyperGroup) -> Iterator[str]:
    """What a command does and takes."""
    yield " ".join((command.help or "").split())
    yield ""
    yield "| argument or option | default | meaning |"
    yield "|---|---|---|"
    for parameter in command.params:
        names = ", ".join(f"`{option}`" for option in parameter.opts)
        if not parameter.opts[0].startswith("-"):
            names = f"`{parameter.metavar or str(parameter.name).upper()}`"
        default = "required" if parameter.required else shown(parameter.default)
        meaning = " ".join((getattr(parameter, "help", "") or "").split())
        yield f"| {names} | {default} | {meaning} |"


def shown(default: object) -> str:
    """A default as a reader expects it."""
    return "–" if default in (None, False, (), []) else f"`{default}`"


def conduct_page() -> str:
    """The rules of the package's conducts in both languages."""
    lines = [
        MADE,
        "# The codes of conduct of the package",
        "",
        "Rules with a matcher are enforced by the rules teacher; the others need a model or",
        "people. How to write your own: [guide](../guides/conduct.md).",
    ]
    default = load_conduct("default")
    for name in names():
        conduct = load_conduct(name)
        lines += ["", f"## `{name}` (version {conduct.version})", ""]
        shared = [rule for rule in conduct.rules if rule == default.rule(rule.id)]
        if name != "default" and shared:
            ids = ", ".join(f"`{rule.id}`" for rule in shared)
            lines += [f"As in the default: {ids}.", ""]
        own = [rule for rule in conduct.rules if name == "default" or rule not in shared]
        if own:
            lines += rule_table(own)
    return "\n".join(lines) + "\n"


def rule_table(rules: list[Rule]) -> list[str]:
    """Rules in both languages, a row each."""
    lines = [
        "| rule | action | severity | matcher | English | العربية |",
        "|---|---|---:|---|---|---|",
    ]
    for rule in rules:
        wording = [" ".join(rule.wording.get(code, "").split()) for code in ("en", "ar")]
        cells = [f"`{rule.id}`", rule.action, str(rule.severity), rule.matcher or "–", *wording]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


PAGES = {
    "recipe.md": partial(settings_page, "Recipe", RECIPE, Recipe),
    "commands.md": commands_page,
    "conduct.md": conduct_page,
    "pretrain.md": partial(settings_page, "Recipe of a training", PRETRAIN, Pretrain),
    "tune.md": partial(settings_page, "Recipe of a tuning", TUNE, Tune),
}


def main() -> int:
    """Write the pages, or check them."""
    stale = []
    for name, make in PAGES.items():
        path, text = FOLDER / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if "--check" in sys.argv and stale:
        print(f"docs/reference: out of date: {', '.join(stale)}. Run: make docs")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
