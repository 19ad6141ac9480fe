"""The verbs of codes of conduct: check one, read it, compare two, put its examples to a teacher."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.conduct.compare import Comparison, Difference, Piece, compare
from tahdhib.conduct.conduct import Conduct, Rule
from tahdhib.conduct.load import names
from tahdhib.report.visible import visible

ConductArgument = Annotated[
    str,
    typer.Argument(
        help="A conduct of the package (`default`, `minimal`, `saudi`), or a YAML file of yours.",
        metavar="CONDUCT",
    ),
]

conduct = typer.Typer(
    no_args_is_help=True,
    help="""Codes of conduct: check one, read it, compare two, test its examples.

A conduct is a YAML file: principles, and rules with an id, a wording in each language, an action
(`keep`, `fix`, `recontextualise`, `drop`), a severity of 1 to 3 and examples. Prompts, checks and
the report follow from it. The package has `default` (the paper's principles), `minimal`, and
`saudi` (a region's religious and cultural rules). Write your own on top of one:

    name: mine

    version: "1"

    extends: default

    without: [format-with-markdown]

    rules: [{id: mask-contacts, severity: 3}]

and name it in a recipe: `conduct: mine.yaml`.""",
)


def register(app: typer.Typer) -> None:
    """Add the group `conduct` to `app`."""
    conduct.command("validate")(validate)
    conduct.command("show")(show)
    conduct.command("diff")(diff)
    app.add_typer(conduct, name="conduct")


def validate(
    conducts: Annotated[
        list[str],
        typer.Argument(help="Conducts of the package, or YAML files.", metavar="CONDUCT..."),
    ],
) -> None:
    """Check conducts: whether a run could use them, and what their authors should still add.

    A fault ends with exit code 2 and a sentence that says where it is and what was expected.

    Example: `tahdhib conduct validate mine.yaml`
    """
    console = plain_console()
    for name in conducts:
        checked = verbs.conduct_validate(name)
        loaded = checked.conduct
        console.print(f"{name}: sound. {_counted(loaded)}", soft_wrap=True)
        for line in checked.remarks:
            console.print(f"  {line}", soft_wrap=True)


def show(
    name: ConductArgument = "default",
    rule: Annotated[
        str | None, typer.Option("--rule", help="Show this rule in full, with its examples.")
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            "--prompt",
            help="Print the system prompt that a model gets, in this language: `ar` or `en`.",
            metavar="LANGUAGE",
        ),
    ] = None,
) -> None:
    """Show a conduct: its principles and rules, one rule in full, or what a model is told of it.

    Example: `tahdhib conduct show saudi --prompt ar`
    """
    if prompt is not None:
        typer.echo(verbs.conduct_prompt(name, prompt))
        return
    console = plain_console()
    loaded = verbs.conduct_show(name)
    if rule is not None:
        _print_rule(console, verbs.conduct_rule(loaded, rule))
        return
    console.print(f"{loaded.name} {loaded.version}: {_counted(loaded)}", soft_wrap=True)
    for identity, wording in loaded.principles.items():
        for language, words in wording.items():
            console.print(f"  {identity} ({language}): {visible(words)}", soft_wrap=True)
    table = Table()
    table.add_column("rule", no_wrap=True)
    for title in ("action", "severity", "matcher", "examples", "hash"):
        table.add_column(title)
    for one in loaded.rules:
        table.add_row(
            one.id,
            one.action,
            str(one.severity),
            one.matcher or "–",
            str(len(one.examples)),
            one.hash[:8],
        )
    console.print(table)
    console.print(f"A rule in full: --rule ID. In the package: {', '.join(names())}.", style="dim")


def diff(
    old: ConductArgument,
    new: Annotated[str, typer.Argument(help="The other one.", metavar="OTHER")],
) -> None:
    """Say what another conduct says otherwise: rules added, removed, reworded word by word, with
    another action or severity.

    Words that go are in [-brackets with a minus-], those that come in {+braces with a plus+}.

    Example: `tahdhib conduct diff default mine.yaml`
    """
    console = plain_console()
    found = compare(verbs.conduct_show(old), verbs.conduct_show(new))
    _print_comparison(console, found)


def _counted(loaded: Conduct) -> str:
    actions = [rule.action for rule in loaded.rules]
    counts = ", ".join(f"{actions.count(one)} {one}" for one in dict.fromkeys(actions))
    matched = sum(rule.matcher is not None for rule in loaded.rules)
    return (
        f"{len(loaded.rules)} rules ({counts}), {matched} of them with a matcher; languages "
        f"{', '.join(loaded.languages)}; hash {loaded.hash[:12]}."
    )


def _print_rule(console: Console, rule: Rule) -> None:
    console.print(
        f"{rule.id} ({rule.principle}): {rule.action}, severity {rule.severity}, matcher "
        f"{rule.matcher or 'none'}, hash {rule.hash}",
        style="bold",
        soft_wrap=True,
    )
    for language, words in rule.wording.items():
        console.print(f"  {language}: {visible(words)}", soft_wrap=True)
    if rule.provenance:
        console.print(f"  from: {visible(rule.provenance)}", soft_wrap=True)
    for example in rule.examples:
        console.print(f"  before: {visible(example.before)}", soft_wrap=True)
        holds = example.before == example.after
        console.print(
            "  after: the same" if holds else f"  after:  {visible(example.after)}", soft_wrap=True
        )


def _print_comparison(console: Console, found: Comparison) -> None:
    if not (found.rules or found.principles or found.is_reordered):
        console.print("The two say the same.")
    for title, differences in (("principle", found.principles), ("rule", found.rules)):
        for one in differences:
            console.print(f"{title} {one.in_words()}", style="bold", soft_wrap=True)
            _print_rewordings(console, one)
    if found.is_reordered:
        console.print("The rules that both have stand in another order.", style="bold")


def _print_rewordings(console: Console, difference: Difference) -> None:
    for one in difference.reworded:
        line = Text(f"  {one.language}: ")
        for piece in one.pieces:
            line.append_text(_marked(piece))
        console.print(line, soft_wrap=True)


def _marked(piece: Piece) -> Text:
    kind, words = piece
    match kind:
        case "old":
            return Text(f"[-{visible(words)}-]", style="red")
        case "new":
            return Text(f"{{+{visible(words)}+}}", style="green")
    return Text(visible(words))
