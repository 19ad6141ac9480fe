"""The verb `score fluency`: train the built-in fluency model on reference text."""

from pathlib import Path
from typing import Annotated

import typer

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.progress import progress_on

_GROUP = "score"


def register(app: typer.Typer) -> None:
    """Add the verb to the group `score` of `app`, which is made where it is missing."""
    groups = (group for group in app.registered_groups if group.name == _GROUP)
    found = next(groups, None)
    group = found.typer_instance if found else None
    if group is None:
        group = typer.Typer(no_args_is_help=True, help="Make what scorers need.")
        app.add_typer(group, name=_GROUP)
    group.command("fluency")(fluency)


def fluency(
    out: Annotated[Path, typer.Option("--out", help="File for the model, such as news.npz.")],
    reference: Annotated[
        list[str] | None,
        typer.Option("--reference", help="Files, folders or globs of sound text. May be repeated."),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", "-c", help="Take what is not given here from its audit.fluency."),
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="Field with the text.")] = None,
    order: Annotated[
        int | None, typer.Option("--order", min=1, max=6, help="Longest run of words learned.")
    ] = None,
) -> None:
    """Learn from reference text what fluent text looks like; score with `fluency:FILE`.

    The reference should hold every variety that the corpus is to keep: what it lacks, a dialect
    for one, counts as less fluent. 20 million words are read at most; 2 million take four seconds.

    Example: `tahdhib score fluency --reference news/ --text content --out news.npz`
    """
    console = plain_console()
    card = verbs.score_fluency(
        reference,
        out,
        recipe=recipe,
        text=text,
        order=order,
        progress=progress_on(console),
    )
    console.print(f"{out}: {card.training[0]}")
    console.print(f"Name it as fluency:{out} in audit.scorers.", style="dim")
