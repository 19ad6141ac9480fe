"""Verbs that judge a result: pilot, and review by people."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import RunArgument
from tahdhib.cli.progress import progress_on
from tahdhib.report.words import interval, share_interval

review = typer.Typer(
    no_args_is_help=True,
    help="Have people judge a sample blind, and read back what they say.",
)
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the draw.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    app.command("pilot", rich_help_panel="Judge")(pilot)
    review.command("sample")(review_sample)
    review.command("read")(review_read)
    app.add_typer(review, name="review", rich_help_panel="Judge")


def pilot(
    source: Annotated[
        Path,
        typer.Argument(help="A run folder, or files of pairs (JSONL, Parquet).", metavar="PATH"),
    ],
    scorer: Annotated[
        list[str] | None,
        typer.Option(
            "--scorer",
            help="A scorer such as ngram:FOLDER or moderation:MODEL. May be repeated.",
        ),
    ] = None,
    fluency: Annotated[
        list[str] | None,
        typer.Option("--fluency", help="The same, for scorers of fluency: fluency:FILE."),
    ] = None,
    preservation: Annotated[
        list[str] | None, typer.Option("--preservation", help="Scorers of what rewrites kept.")
    ] = None,
    documents: Annotated[int, typer.Option("-n", min=1, help="Documents to draw.")] = 8000,
    seed: SeedOption = 17,
    repetitions: Annotated[int, typer.Option(min=100, help="Behind each interval.")] = 2000,
    before: Annotated[str, typer.Option(help="Field with the source, in files.")] = "source",
    after: Annotated[str, typer.Option(help="Field with the rewrite, in files.")] = "rewrite",
) -> None:
    """Print the paper's pilot table: scores before and after, with intervals and what was kept.

    Example: `tahdhib pilot runs/news --scorer ngram`
    """
    console = plain_console()
    found = verbs.pilot(
        source,
        scorers=[*(scorer or ["ngram"]), *(fluency or [])],
        preservation=preservation or ["preservation"],
        documents=documents,
        seed=seed,
        repetitions=repetitions,
        fields=(before, after),
        progress=progress_on(console),
    )
    console.print(
        f"{found.n:,} documents drawn of {found.total:,} (seed {found.seed}), {found.clusters:,} "
        f"clusters of near-duplicates, {found.repetitions:,} repetitions; "
        f"{share_interval(found.changed)} were changed."
    )
    table = Table(title="before and after: means with 95 % intervals", title_justify="left")
    table.add_column("score")
    for name in ("before", "after", "change", "in percent", "paper"):
        table.add_column(name, justify="right")
    for row in found.rows:
        table.add_row(
            row.name,
            interval(row.before),
            interval(row.after),
            interval(row.change.interval) + ("" if row.change.is_found else " not found"),
            "–" if row.relative is None else share_interval(row.relative),
            "–" if row.paper is None else f"{row.paper:+.1%}",
        )
    console.print(table)
    for row in found.rows:
        if not row.change.is_found:
            console.print(f"{row.name}: {row.change.words()}")
    kept = Table(title="what changed documents kept (1: all)", title_justify="left")
    kept.add_column("measure")
    for name in ("n", "mean", "share that lost something"):
        kept.add_column(name, justify="right")
    for one in found.kept:
        kept.add_row(one.name, f"{one.mean.n:,}", interval(one.mean), share_interval(one.lost))
    if found.kept:
        console.print(kept)
    for warning in found.warnings:
        console.print(f"warning: {warning}")


def review_sample(
    run: RunArgument,
    out: Annotated[Path, typer.Option("--out", help="The task file to hand out (JSONL).")],
    number: Annotated[int, typer.Option("-n", "--n", min=1, help="Tasks to draw.")] = 200,
    seed: SeedOption = 17,
) -> None:
    """Draw a blind sample: source and rewrite as A and B, in an order that the file does not tell.

    Example: `tahdhib review sample runs/news --out tasks.jsonl --n 200`
    """
    console = plain_console()
    found = verbs.review_sample(run, out, number=number, seed=seed, progress=progress_on(console))
    table = Table("kind", "documents", "tasks")
    for kind, (count, drawn) in found.strata.items():
        table.add_row(kind, f"{count:,}", f"{drawn:,}")
    console.print(table)
    console.print(f"tasks  {found.tasks}", soft_wrap=True)
    console.print(f"key    {found.key} (keep it from whoever answers)", soft_wrap=True)


def review_read(
    run: RunArgument,
    answers: Annotated[list[Path], typer.Argument(help="Answered task files.", metavar="FILE...")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Leave lines without any answer out.")
    ] = False,
) -> None:
    """Read answers back: rates weighted to the run, agreement, and the report written anew.

    Example: `tahdhib review read runs/news answers-*.jsonl`
    """
    console = plain_console()
    found = verbs.review_read(run, answers, partial=partial)
    console.print(f"result {found}", soft_wrap=True)
    console.print(f"report {verbs.report(run)}", soft_wrap=True)
