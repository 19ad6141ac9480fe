"""Verbs about what the teacher makes: forecast, pairs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import LimitOption, OutOption, RecipeOption, RunArgument, SetOption
from tahdhib.cli.progress import progress_on
from tahdhib.records import Interval
from tahdhib.report.pairs import PairsView
from tahdhib.report.parts import Sample
from tahdhib.report.visible import visible
from tahdhib.report.words import interval, share_interval


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    app.command("forecast", rich_help_panel="Look")(forecast)
    app.command("pairs", rich_help_panel="Judge")(pairs)


def forecast(
    recipe: RecipeOption,
    out: OutOption,
    pilot: Annotated[int, typer.Option("--pilot", min=2, help="Documents that are asked.")] = 200,
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget",
            min=0,
            help="Say how many documents it pays for; by default annotate.openai.budget.",
        ),
    ] = None,
    set_: SetOption = None,
    limit: LimitOption = None,
) -> None:
    """Have the teacher rewrite a pilot, for money, and say what all chosen documents will cost.

    The pilot is drawn by length; its answers are kept and not bought again. Prices stand in the
    recipe: annotate.openai.price_per_million_input and price_per_million_output.

    Example: `tahdhib forecast -c my.yaml --out runs/my --pilot 200`
    """
    console = plain_console()
    found = verbs.forecast(
        recipe,
        out,
        pilot=pilot,
        budget=budget,
        set=set_ or (),
        limit=limit,
        progress=progress_on(console),
    )
    console.print(
        f"{found.pilot:,} of {found.documents:,} documents asked of {', '.join(found.teachers)} "
        f"(drawn by length, seed {found.seed}); {found.usable:,} came back usable."
    )
    table = Table(title=f"all {found.documents:,}, the pilot included", title_justify="left")
    table.add_column("")
    table.add_column("forecast", justify="right")
    table.add_column(f"{found.money.level:.0%} interval", justify="right")
    rows: list[tuple[str, Interval | None, str]] = [
        ("calls", found.calls, ",.0f"),
        ("tokens read", found.prompt_tokens, ",.0f"),
        ("tokens written", found.completion_tokens, ",.0f"),
        ("money", found.money, ",.2f"),
        ("hours at this pace", found.hours, ",.2f"),
    ]
    for name, value, form in rows:
        if value is None:
            table.add_row(name, "–", "all answers lay there already")
        else:
            bounds = f"{format(value.low, form)} to {format(value.high, form)}"
            table.add_row(name, format(value.estimate, form), bounds)
    console.print(table)
    if not found.money.estimate:
        console.print("No money: the recipe names no prices (annotate.openai.price_per_million_…).")
    if found.fits is not None:
        console.print(
            f"A budget of {found.budget:g} may not be enough for all; by the upper bound it is for "
            f"{found.fits:,} documents: --set annotate.sample={found.fits}"
        )


def pairs(
    run: RunArgument,
    html: Annotated[
        bool, typer.Option("--html", help="Write all of it, with samples, as one HTML page.")
    ] = False,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            help="Have a model rate a sample: MODEL?endpoint=URL&calls=N; two calls a pair.",
            metavar="MODEL?OPTIONS",
        ),
    ] = None,
    votes: Annotated[
        list[Path] | None,
        typer.Option("--votes", help="Files that people filled in, to compare the judge with."),
    ] = None,
    tasks: Annotated[
        Path | None,
        typer.Option("--tasks", help="Write the same sample for people to rate (JSONL)."),
    ] = None,
    number: Annotated[int, typer.Option("-n", min=1, help="Pairs that are rated.")] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Seed of their draw.")] = 17,
    samples: Annotated[int, typer.Option("--samples", min=0, help="Pairs to show here.")] = 3,
) -> None:
    """Show what the teacher made: edit rates, rules applied, refusals, candidates, cost, samples.

    With a judge: ratings from 1 to 10 on the paper's five axes (format, accuracy, moderation,
    advertising, detail), each pair in both orders, with intervals and the agreement with people.

    Example: `tahdhib pairs runs/news --html`
    """
    console = plain_console()
    if tasks is not None:
        count = verbs.pairs_tasks(run, tasks, number=number, seed=seed)
        console.print(f"{count:,} pairs to rate: {tasks}", soft_wrap=True)
        return
    if judge is not None:
        verbs.pairs_judge(
            run, judge, number=number, seed=seed, votes=votes or (), progress=progress_on(console)
        )
    found = verbs.pairs(run)
    _print_pairs(console, found)
    for sample in found.samples[:samples]:
        console.rule(sample.id, align="left")
        console.print(_difference(sample), soft_wrap=True)
    if html:
        console.print(f"pairs  {verbs.pairs_report(run)}", soft_wrap=True)


def _print_pairs(console: Console, found: PairsView) -> None:
    console.print(f"{found.asked:,} documents given, {found.pairs:,} pairs made.")
    table = _table("teachers", "teacher", "pairs", "changed", "mean edit rate")
    for line in found.teachers:
        rate = "–" if line.edit_rate is None else share_interval(line.edit_rate)
        table.add_row(visible(line.name), f"{line.pairs:,}", share_interval(line.changed), rate)
    console.print(table)
    if found.acts:
        table = _table("rules applied", "rule, or who acted", "edits", "pairs")
        for act in found.acts:
            table.add_row(visible(act.name), f"{act.edits:,}", f"{act.pairs:,}")
        console.print(table)
    if found.refused:
        table = _table("what makes no pair", "reason", "documents", "of those given")
        for refused in found.refused:
            table.add_row(refused.code, f"{refused.count:,}", share_interval(refused.share))
        console.print(table)
    if found.candidates:
        table = _table("candidates", "teacher", "rewrites", "passed", "won", "agreement")
        for one in found.candidates:
            agreement = "–" if one.agreement is None else interval(one.agreement)
            row = (
                f"{one.candidates:,}",
                share_interval(one.passed),
                share_interval(one.won),
                agreement,
            )
            table.add_row(visible(one.name), *row)
        console.print(table)
    if found.costs:
        costs = (f"{name.replace('_', ' ')} {value:,.6g}" for name, value in found.costs)
        console.print("; ".join(costs))
    _print_judged(console, found)


def _print_judged(console: Console, found: PairsView) -> None:
    judged = found.judged
    if judged is None:
        return
    title = f"{judged.model} on {judged.pairs:,} of {judged.total:,} changed pairs, 1 to 10"
    names = ("axis", "rating", "rewrite first adds", "people", "alpha with people", "among people")
    table = _table(title, *names)
    for axis in judged.axes:
        order = interval(axis.order) + ("" if axis.order_matters else " not found")
        others = (axis.people, axis.agreement, axis.among_people)
        table.add_row(
            axis.name,
            interval(axis.rating),
            order,
            *("–" if value is None else interval(value) for value in others),
        )
    console.print(table)
    if judged.unrated:
        console.print(f"{judged.unrated:,} further pairs got no usable answer.")
    if not judged.votes:
        console.print("Nobody has voted: nothing says how far these ratings are people's.")


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _difference(sample: Sample) -> Text:
    """Deletions struck out in red, insertions in green, gaps as dots."""
    text = Text()
    for piece in sample.excerpt.pieces:
        if piece.kind == "change":
            text.append(piece.text, style="red strike")
            text.append(piece.after, style="green")
        else:
            text.append(" … " if piece.kind == "gap" else piece.text)
    return text
