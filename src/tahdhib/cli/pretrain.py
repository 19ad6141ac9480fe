"""The verb `pretrain`: a language model trained on corpora."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import SetOption
from tahdhib.cli.progress import progress_on
from tahdhib.report.visible import visible
from tahdhib.train.forecast import GIB, by_gpus, parameters


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    app.command("pretrain", rich_help_panel="Train")(pretrain)


def pretrain(
    recipe: Annotated[
        Path, typer.Option("--recipe", "-c", help="The recipe of a training: a YAML file.")
    ],
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", help="The model's folder; a training needs one.")
    ] = None,
    set: SetOption = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what it will take, reckoned from the recipe, and stop: no corpus is read and "
            "no hub asked.",
        ),
    ] = False,
) -> None:
    """Train a causal language model, from scratch or from one that is there.

    The same command again goes on from the last checkpoint, and ends with the same weights as if it
    had never been stopped. On several GPUs: `torchrun --nproc-per-node 8 -m tahdhib.cli.main
    pretrain ...`.

    Example: `tahdhib pretrain -c recipes/pretrain.yaml --out models/first`
    """
    console = plain_console()
    if dry_run:
        _print_forecast(console, verbs.pretrain_forecast(recipe, set=set or ()))
        return
    if out is None:
        context.fail("Missing option '--out'.")
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


def _print_forecast(console: Console, forecast: verbs.TrainingForecast) -> None:
    """What a training will take, a line each; what is not known stands last."""
    recipe, found = forecast.recipe, forecast.found
    told, training = recipe.forecast, recipe.training
    for name, seen in found.corpora.items():
        console.print(f"corpus {visible(name)}: {seen}", soft_wrap=True)
    if found.shape is not None:
        shape = found.shape
        console.print(
            f"model: {parameters(shape):,} parameters, {shape.layers} layers of {shape.hidden:,}, "
            f"{shape.vocabulary:,} embeddings",
            soft_wrap=True,
        )
    for stretch in found.stretches or ():
        read = ", ".join(f"{count:,.0f} of {visible(n)}" for n, count in stretch.tokens.items())
        console.print(
            f"phase {visible(stretch.name)}: {stretch.steps:,} steps of {training.batch:,} x "
            f"{training.context:,} tokens: {read}",
            soft_wrap=True,
        )
    if found.operations is not None and found.per_token is not None:
        needs = by_gpus(found.operations, recipe)
        console.print(
            f"operations: {found.operations:.3g} ({found.per_token:.3g} a token) for "
            f"{found.tokens:,.0f} tokens",
            soft_wrap=True,
        )
        console.print(
            f"time: {_short(needs['gpu_hours'])} GPU hours at {told.utilisation:.0%} of the "
            f"{told.teraflops:,.0f} TFLOP/s of {visible(told.gpu)}, {_short(needs['hours'])} h on "
            f"{told.gpus:,}; {_short(needs['money'])} at {told.gpu_hour:g} an hour",
            soft_wrap=True,
        )
    if found.memory is not None:
        memory = found.memory
        parts = ", ".join(
            f"{what} {getattr(memory, what) / GIB:,.1f}"
            for what in ("states", "gathered", "activations", "logits")
        )
        is_enough = memory.total <= told.memory_gib * GIB
        verdict = "" if is_enough else ": more than that. Lower training.micro_batch or context"
        console.print(
            f"memory: {memory.total / GIB:,.1f} GiB ({parts}) of {told.memory_gib:g} on each "
            f"GPU{verdict}",
            soft_wrap=True,
        )
    for what, size in (("tokens", found.tokens_disk), ("checkpoints", found.checkpoints_disk)):
        if size is not None:
            console.print(f"disk for {what}: {_short(size / GIB)} GiB")
    for sentence in found.unknown:
        console.print(f"unknown: {visible(sentence)}", soft_wrap=True)


def _short(value: float) -> str:
    """A number with as many digits as a reckoning deserves."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
