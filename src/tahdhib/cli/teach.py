"""Verbs about what the teacher makes: forecast, pairs."""

from typing import Annotated

import typer
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import LimitOption, OutOption, RecipeOption, SetOption
from tahdhib.cli.progress import progress_on
from tahdhib.records import Interval


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    app.command("forecast", rich_help_panel="Look")(forecast)


def forecast(
    recipe: RecipeOption,
    out: OutOption,
    pilot: Annotated[int, typer.Option("--pilot", min=2, help="Documents that are asked.")] = 200,
    budget: Annotated[
        float | None, typer.Option("--budget", min=0, help="Say how many documents it pays for.")
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
