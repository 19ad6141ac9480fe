"""The group `worker`: alone it is the stage, which trains; `compare` is the bake-off."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import (
    DryOption,
    LimitOption,
    SetOption,
    StageOutOption,
    StageRecipeOption,
    is_stage,
)
from tahdhib.cli.progress import progress_on
from tahdhib.compare.compare import Comparison
from tahdhib.report.compare import cell, heading, line_name, notes, record
from tahdhib.report.visible import visible
from tahdhib.report.write import write_comparison

_CANDIDATE = "`copy`, `random`, `lexicon`, `rules`, a worker's or a run's folder, or a recipe."


def group(train: Callable[..., None], says: str) -> typer.Typer:
    """The group; called without a verb of its own it does what `train` does."""
    app = typer.Typer(invoke_without_command=True)

    def worker(
        context: typer.Context,
        recipe: StageRecipeOption = None,
        out: StageOutOption = None,
        set_: SetOption = None,
        limit: LimitOption = None,
        dry_run: DryOption = False,
    ) -> None:
        if is_stage(context, recipe, out):
            train(recipe, out, set_, limit, dry_run)

    app.callback(help=says)(worker)
    app.command("compare")(compare)
    return app


def compare(
    candidates: Annotated[list[str], typer.Argument(help=_CANDIDATE, metavar="[NAME=]WORKER...")],
    pairs: Annotated[
        Path | None,
        typer.Option(
            "--pairs",
            help="Measure on the pairs of this run, or of this JSONL file; else of the first run.",
        ),
    ] = None,
    clean: Annotated[
        list[str] | None,
        typer.Option("--clean", help="Texts that are to stay as they are. May be repeated."),
    ] = None,
    conduct: Annotated[
        str, typer.Option("--conduct", help="The conduct, where the pairs are of a file.")
    ] = "default",
    scorer: Annotated[
        str, typer.Option("--scorer", help="Scorer of toxicity; none that the gate goes by.")
    ] = "ngram",
    fluency: Annotated[
        str | None,
        typer.Option(
            "--fluency", help="Scorer of fluency; else a model of pairs that are not measured."
        ),
    ] = None,
    documents: Annotated[int, typer.Option("-n", min=2, help="Most pairs that are drawn.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Seed of draws and intervals.")] = 17,
    repetitions: Annotated[
        int, typer.Option("--repetitions", min=1, help="Draws behind an interval of a mean.")
    ] = 2000,
    rounds: Annotated[
        int, typer.Option("--rounds", min=0, help="Rounds in which they are timed; 0: not.")
    ] = 5,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.0, help="Least length of a timed turn.")
    ] = 2.0,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads of each.")] = 1,
    core_hour: Annotated[
        float, typer.Option("--price-per-core-hour", min=0.0, help="In any currency.")
    ] = 0.05,
    million_in: Annotated[
        float | None,
        typer.Option("--price-per-million-input", min=0.0, help="Tokens an endpoint reads."),
    ] = None,
    million_out: Annotated[
        float | None,
        typer.Option("--price-per-million-output", min=0.0, help="Tokens an endpoint writes."),
    ] = None,
    cache: Annotated[
        Path, typer.Option("--cache", help="Where recipes train and answers are kept.")
    ] = Path("runs/compare"),
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the table as one HTML file as well.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one JSON record.")] = False,
) -> None:
    """Compare workers in one table: what each changes, keeps and breaks, how fast, for what money.

    They are measured on pairs that none of them learned from, judged by one conduct and gate, and
    timed in turns. What was answered is kept in the cache; the same command goes on there.

    Example: `tahdhib worker compare copy lexicon rules runs/demo`
    """
    console = plain_console()
    found = verbs.worker_compare(
        candidates,
        pairs=pairs,
        clean=clean or (),
        conduct=conduct,
        scorer=scorer,
        fluency=fluency,
        documents=documents,
        seed=seed,
        repetitions=repetitions,
        rounds=rounds,
        seconds=seconds,
        threads=threads,
        price_per_core_hour=core_hour,
        price_per_million_input=million_in,
        price_per_million_output=million_out,
        cache=cache,
        progress=progress_on(console),
    )
    if html is not None:
        write_comparison(html, found)
    if as_json:
        typer.echo(json.dumps(record(found), ensure_ascii=False))
    else:
        _print(console, found)


def _print(console: Console, found: Comparison) -> None:
    console.print(heading(found))
    table = Table(show_lines=False)
    table.add_column("")
    for name in found.candidates:
        table.add_column(visible(name), justify="right")
    part = None
    for line in found.lines:
        if line.part != part:
            table.add_section()
            part = line.part
        table.add_row(line_name(line), *(cell(line, one) for one in line.cells))
    console.print(table)
    for note in notes(found):
        console.print(note)
