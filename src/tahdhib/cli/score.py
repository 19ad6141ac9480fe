"""The verbs of scorers: which there are, what their cards say, scores of files, better weights."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.progress import progress_on
from tahdhib.score.card import Card

ScorerArgument = Annotated[
    str,
    typer.Argument(
        help="A scorer, as a recipe names it: `ngram`, `ngram:runs/weights/a`, `lexicon` …",
        metavar="NAME",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group `score` to `app`."""
    group = typer.Typer(
        no_args_is_help=True,
        help="""Scorers: list them, read their cards, score files, make what they need.

A card says what a scorer measures, on what it was trained, and how well it was measured: read it
before you trust a figure. `tahdhib score show ngram` prints that of the built-in one.""",
    )
    app.add_typer(group, name="score")
    for name, verb in (("list", list_), ("show", show), ("run", run), ("train", train)):
        group.command(name)(verb)


def list_() -> None:
    """List the scorers that a recipe may name, and what each measures.

    Example: `tahdhib score list`
    """
    console = plain_console()
    for name, says in verbs.score_list().items():
        console.print(f"{name}  {says}", soft_wrap=True)
    console.print(
        "A name may take an argument, as in ngram:FOLDER: a file of weights, a model.", style="dim"
    )


def show(name: ScorerArgument) -> None:
    """Print a scorer's card: what it measures, how well, and what it is no evidence for.

    Example: `tahdhib score show ngram:runs/weights/all`
    """
    print_card(verbs.score_show(name))


def run(
    name: ScorerArgument,
    path: Annotated[str, typer.Argument(help="A file, a folder or a quoted glob.", metavar="PATH")],
    out: Annotated[Path, typer.Option("--out", help="File that ends in .jsonl or .parquet.")],
    text: Annotated[str, typer.Option("--text", help="Field with the text.")] = "text",
    whole: Annotated[
        bool, typer.Option("--whole", help="Keep what the records hold, with the scores (JSONL).")
    ] = False,
) -> None:
    """Score every text of a file: a row with its id, its scores and, where the scorer can tell,
    the words that drove the first score, with their places.

    Example: `tahdhib score run ngram data/ --text content --out scores.parquet`
    """
    console = plain_console()
    counts = verbs.score_run(name, path, out, text=text, whole=whole, progress=progress_on(console))
    console.print(f"{out}: {counts.scored:,} texts scored, {counts.without_text:,} without text")


def train(
    data: Annotated[
        Path, typer.Option("--data", help="The folder of labelled sets that DATA.md describes.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the weights.")],
    set_: Annotated[
        str,
        typer.Option(
            "--set",
            help="`a` and `b` share no training set, so that one can be the witness of what the "
            "other chose; `all` learns from both.",
        ),
    ] = "all",
    labels: Annotated[
        list[Path] | None,
        typer.Option(
            "--labels",
            help="JSONL of your own with text, label (offensive, hateful, vulgar, violent or "
            "neutral) and source. May be repeated.",
        ),
    ] = None,
    meaning: Annotated[
        str | None,
        typer.Option(
            "--meaning",
            help="A set (osact5, letmi, ...) or a source of --labels: where sets differ in what "
            "they call toxic, mean what this one means. The weights go to OUT/SET-MEANING.",
        ),
    ] = None,
) -> None:
    """Train better weights of the toxicity scorer on labelled sets; a few minutes on one core.

    Name them in a recipe as `audit.witness: ngram:OUT/SET`. They are learned from text that may
    not be passed on: keep them to yourself.

    Example: `tahdhib score train --data ../shared/data --out runs/weights --set a`
    """
    console = plain_console()
    trained = verbs.score_train(
        data,
        out,
        kind=set_,
        labels=labels or (),
        meaning=meaning,
        progress=progress_on(console),
    )
    print_card(trained.card)
    console.print(f"Name it as ngram:{trained.folder} in audit.witness.", style="dim")


def print_card(card: Card) -> None:
    """Print a card as the terminal shows it."""
    console = plain_console()
    console.print(f"{card.name} {card.version}: {card.measures}", style="bold", soft_wrap=True)
    for one in card.scores:
        console.print(f"  {one.name} ({one.unit}): {one.tells}", soft_wrap=True)
    if card.measured:
        table = Table("set", "score", "AUROC (95 %)", "n", "positive", "calib. error", box=None)
        for item in card.measured:
            area = item.auroc
            table.add_row(
                f"{item.language} {item.dataset}",
                item.score,
                f"{area.estimate:.2f} ({area.low:.2f} to {area.high:.2f})",
                f"{area.n:,}",
                f"{item.positives:,}",
                "–" if item.calibration_error is None else f"{item.calibration_error:.3f}",
            )
        console.print(table)
    for language in card.languages:
        for score in dict.fromkeys(one.score for one in card.measured):
            warning = card.warning(language, score)
            if warning:
                console.print(f"! {warning}", soft_wrap=True)
    for title, lines in (("learned from", card.training), ("mind", card.notes)):
        for line in lines:
            console.print(f"{title}: {line}", soft_wrap=True)
