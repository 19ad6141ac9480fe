"""The verb `tokens`: a corpus packed for a trainer."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.progress import progress_on
from tahdhib.report.visible import visible


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    app.command("tokens", rich_help_panel="Train")(tokens)


def tokens(
    paths: Annotated[
        list[str], typer.Argument(help="Files, folders or globs of text.", metavar="PATH...")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for folders of tokens.")],
    tokenizer: Annotated[
        Path | None,
        typer.Option("--tokenizer", help="A tokenizer.json, or a model's folder with one."),
    ] = None,
    size: Annotated[
        int, typer.Option("--size", help="Else: tokens of a vocabulary trained on these texts.")
    ] = 32_000,
    text: Annotated[str, typer.Option("--text", help="Field with the text.")] = "text",
    group: Annotated[
        str, typer.Option("--group", help="Field by whose values fertility is told.")
    ] = "language",
    end: Annotated[
        str | None, typer.Option("--end", help="The token that ends a document.")
    ] = None,
) -> None:
    """Pack a corpus into memory-mapped shards of tokens, once, and tell the vocabulary's fertility.

    The same command again goes on where it stopped.

    Example: `tahdhib tokens runs/news/publish/corpus/parquet --out tokens --size 32000`
    """
    console = plain_console()
    found = verbs.tokens(
        paths,
        out,
        tokenizer=tokenizer,
        size=size,
        text=text,
        group=group,
        end=end,
        progress=progress_on(console),
    )
    table = Table("group")
    for name in ("documents", "tokens", "tokens per word", "bytes per token"):
        table.add_column(name, justify="right")
    for name, one in found.fertility.items():
        table.add_row(
            visible(name),
            f"{one.documents:,}",
            f"{one.tokens:,}",
            f"{one.tokens_per_word:.2f}",
            f"{one.bytes_per_token:.2f}",
        )
    console.print(table)
    dropped = "".join(f", {count:,} {reason}" for reason, count in sorted(found.dropped.items()))
    console.print(f"{found.read:,} records read: {found.documents:,} packed{dropped}")
    console.print(f"tokens {found.folder}", soft_wrap=True)
