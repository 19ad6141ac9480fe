"""The verb `tune`: a language model that learns to answer."""

from pathlib import Path
from typing import Annotated

import typer

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import SetOption
from tahdhib.cli.progress import progress_on


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    app.command("tune", rich_help_panel="Train")(tune)


def tune(
    recipe: Annotated[
        Path, typer.Option("--recipe", "-c", help="The recipe of a tuning: a YAML file.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The model's folder.")],
    set: SetOption = None,
) -> None:
    """Teach a causal language model to answer: by answers (SFT), or by better and worse ones (DPO).

    What would be wasted is refused before the first step, with the line that shows it. The same
    command again goes on from the last checkpoint.

    Example: `tahdhib tune -c recipes/tune/demo.yaml --out models/tuned`
    """
    console = plain_console()
    found = verbs.tune(recipe, out, set=set or (), progress=progress_on(console))
    record = found.record
    data = record["data"]
    console.print(
        f"{data['read']:,} records: {data['trained_on']:,} trained on, {data['held_out']:,} held "
        f"out, {sum(data['dropped'].values()):,} dropped"
    )
    for reason, count in data["dropped"].items():
        console.print(f"  {count:,} {reason}")
    loss, held_out = record["loss"], record["held_out"]
    console.print(f"{record['steps']:,} steps, loss {loss['first']:.3f} to {loss['last']:.3f}")
    for name in ("nats_per_token", "loss"):
        if name in held_out:
            first, last = held_out[name]["first"], held_out[name]["last"]
            console.print(
                f"held out, {held_out['records']:,} records: {name.replace('_', ' ')} "
                f"{first:.3f} to {last:.3f}"
            )
    if gained := held_out.get("chosen_gained_more"):
        console.print(
            f"the better answer gained more in {gained['share']:.3f} "
            f"({gained['low']:.3f} to {gained['high']:.3f}) of them"
        )
    console.print(f"model {found.folder}", soft_wrap=True)
