"""The verb `pretrain`: a language model trained on corpora."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import SetOption
from tahdhib.cli.progress import progress_on
from tahdhib.report.visible import visible


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    app.command("pretrain", rich_help_panel="Train")(pretrain)


def pretrain(
    recipe: Annotated[
        Path, typer.Option("--recipe", "-c", help="The recipe of a training: a YAML file.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The model's folder.")],
    set: SetOption = None,
) -> None:
    """Train a causal language model, from scratch or from one that is there.

    The same command again goes on from the last checkpoint, and ends with the same weights as if it
    had never been stopped. On several GPUs: `torchrun --nproc-per-node 8 -m tahdhib.cli.main
    pretrain ...`.

    Example: `tahdhib pretrain -c recipes/pretrain.yaml --out models/first`
    """
    console = plain_console()
    found = verbs.pretrain(recipe, out, set=set or (), progress=progress_on(console))
    if not found.is_first:
        return
    record = found.record
    table = Table("held-out text", "group")
    for name in ("documents", "bits per byte"):
        table.add_column(name, justify="right")
    for row in record["bits_per_byte"]:
        table.add_row(
            visible(row["corpus"]),
            visible(row["group"]),
            f"{row['documents']:,}",
            f"{row['bits_per_byte']:.3f}",
        )
    console.print(table)
    first, last = record["loss"]["first"], record["loss"]["last"]
    console.print(
        f"{record['steps']:,} steps, {record['tokens']:,} tokens, loss {first:.3f} to {last:.3f}"
    )
    console.print(f"model {found.folder}", soft_wrap=True)
