"""The verbs of codes of conduct: check one, read it, compare two, put its examples to a teacher."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import SetOption
from tahdhib.cli.progress import progress_on
from tahdhib.conduct.compare import Comparison, Difference, Piece, compare
from tahdhib.conduct.conduct import Conduct, Rule
from tahdhib.conduct.load import names
from tahdhib.report.visible import visible
from tahdhib.report.words import share_interval
from tahdhib.teachers.exam import Exam, RuleMarks, without_examples

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
    conduct.command("test")(test)
    conduct.command("fingerprint")(fingerprint)
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
    run: Annotated[
        Path | None,
        typer.Option("--run", help="Also say what this run would redo under OTHER.", metavar="DIR"),
    ] = None,
) -> None:
    """Say what another conduct says otherwise: rules added, removed, reworded word by word, with
    another action or severity.

    Words that go are in [-brackets with a minus-], those that come in {+braces with a plus+}.

    With --run: how many of its documents have rules in force for them that changed, so that they
    would be redone; nothing is done.

    Example: `tahdhib conduct diff default mine.yaml --run runs/news`
    """
    console = plain_console()
    found = compare(verbs.conduct_show(old), verbs.conduct_show(new))
    _print_comparison(console, found)
    if run is not None:
        console.print(f"What {run} would do under {new}:", style="bold", soft_wrap=True)
        for line in verbs.conduct_redo(run, new, progress=progress_on(console)):
            console.print(f"  {line}", soft_wrap=True)


def test(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A conduct of the package, or a YAML file. Left out: the recipe's, or `default`.",
            metavar="CONDUCT",
        ),
    ] = None,
    teacher: Annotated[
        str,
        typer.Option("--teacher", help="`rules` needs no model; `openai` is the recipe's model."),
    ] = "rules",
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", "-c", help="The recipe whose section `annotate` sets it up."),
    ] = None,
    set_: SetOption = None,
    out: Annotated[
        Path, typer.Option("--out", help="Where a model's answers are kept, to be asked once only.")
    ] = Path("runs/conduct-test"),
    failures: Annotated[
        int, typer.Option("--failures", min=0, help="Failed examples to print in full.")
    ] = 5,
) -> None:
    """Put every example of every rule to a teacher: pass rates per rule, with 95 % intervals.

    An example passes where the teacher writes its `after`, letter for letter; of a rule that has no
    one right wording, where the answer is nearer to `after` than `before` is. The rules teacher
    claims the rules that have a matcher, a model all that have examples. Exit code 1: an example of
    a claimed rule failed.

    Example: `tahdhib conduct test saudi --teacher openai -c recipes/news.yaml`
    """
    console = plain_console()
    exam = verbs.conduct_test(
        name,
        teacher=teacher,
        recipe=recipe,
        set=set_ or (),
        out=out,
        progress=progress_on(console),
    )
    _print_exam(console, exam, failures)
    if exam.has_failed:
        raise typer.Exit(1)


def fingerprint(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Files of passages, plain or .gz: .txt (a line each; lines `chapter|verse|text` "
            "of one chapter are one passage, `#` begins a remark), .csv (the last column), .json "
            "and .jsonl (every `text`).",
            metavar="FILE...",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="The file of fingerprints to write (.npz).")],
    kind: Annotated[
        str,
        typer.Option("--kind", help="What they are of: `verse`, `hadith`, `poetry`, `quotation`."),
    ] = "verse",
    ordinary: Annotated[
        list[Path] | None,
        typer.Option(
            "--ordinary",
            help="Files of everyday text, of the same forms; repeatable. A short passage that "
            "several of them use by itself is a formula and is left out.",
        ),
    ] = None,
    least_words: Annotated[
        int, typer.Option("--least-words", min=4, help="Shortest span that is found, in words.")
    ] = 4,
    gaps: Annotated[
        bool,
        typer.Option(
            "--gaps/--no-gaps",
            help="Whether a quotation may lack a word; four times as many hashes.",
        ),
    ] = True,
    credit: Annotated[
        str, typer.Option("--credit", help="Source and licence, to be kept in the file.")
    ] = "",
) -> None:
    """Make fingerprints of texts that no model may touch: verses, hadith, poems of yours.

    A file of fingerprints holds hashes of four words in a row and no text. A recipe names it, and
    the passages are then known in any document, in whatever spelling and with a word missing:

        protect: {fingerprints: [builtin:quran, poems.npz]}

    Example: `tahdhib conduct fingerprint poems.txt --kind poetry --out poems.npz`
    """
    made = verbs.conduct_fingerprint(
        paths,
        out,
        kind=kind,
        ordinary=ordinary or (),
        least_words=least_words,
        gaps=gaps,
        credit=credit,
    )
    plain_console().print(
        f"{out}: {len(made.hashes):,} fingerprints of {kind}, {out.stat().st_size:,} bytes.",
        soft_wrap=True,
    )


def _print_exam(console: Console, exam: Exam, failures: int) -> None:
    table = Table(title=f"{exam.conduct.name} by {exam.teacher}", title_justify="left")
    table.add_column("rule", no_wrap=True)
    for title in ("passed", "of", "share (95 %)"):
        table.add_column(title, justify="right")
    claimed = [one for one in exam.rules if one.is_claimed]
    for one in claimed:
        table.add_row(*_marks_row(one))
    console.print(table)
    unclaimed = [one.rule.id for one in exam.rules if not one.is_claimed]
    untested = without_examples(exam.rules)
    for title, rules in (("not claimed", unclaimed), ("claimed, but without example", untested)):
        if rules:
            console.print(f"{title} ({len(rules)}): {', '.join(rules)}", soft_wrap=True)
    failed = [mark for one in claimed for mark in one.failures]
    for mark in failed[:failures]:
        console.print(f"{mark.question.rule.id} failed", style="bold")
        console.print(f"  before: {visible(mark.question.example.before)}", soft_wrap=True)
        console.print(f"  after:  {visible(mark.question.example.after)}", soft_wrap=True)
        console.print(f"  got:    {visible(mark.got)}", soft_wrap=True)
    total = sum(len(one.marks) for one in claimed)
    console.print(
        f"{len(claimed)} rules claimed, {total - len(failed)} of {total} examples passed."
    )


def _marks_row(one: RuleMarks) -> tuple[str, ...]:
    if not one.marks:
        return one.rule.id, "–", "0", "–"
    passed = str(len(one.marks) - len(one.failures))
    return one.rule.id, passed, str(len(one.marks)), share_interval(one.passed)


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
