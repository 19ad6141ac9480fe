"""The entry point: the one place that catches broadly, and the one that decides exit codes.

0 well · 1 our own bug, with its traceback · 2 something that the user can mend, in one sentence ·
3 waiting for somebody, such as people with tasks; the same command goes on · 130 stopped by Ctrl-C.
"""

import logging
import sys
from typing import Annotated

import typer

from tahdhib.cli import (
    conduct,
    evaluate,
    fluency,
    gate,
    judge,
    look,
    pretrain,
    runs,
    score,
    teach,
    tokens,
    tune,
)
from tahdhib.errors import TahdhibError, Waiting
from tahdhib.report.visible import visible
from tahdhib.version import VERSION

app = typer.Typer(
    name="tahdhib",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""Raw web text in, value-aligned pre-training data out, with proof of what changed.

Start with `tahdhib demo`. With your own text: `tahdhib estimate PATH` says what the rules would
do to it, `tahdhib preview PATH` shows it, `tahdhib run -c RECIPE --out DIR` does it. The same
command on the same folder again goes on where it stopped.
""",
)
runs.register(app)
look.register(app)
score.register(app)
fluency.register(app)
judge.register(app)
teach.register(app)
conduct.register(app)
gate.register(app)
tokens.register(app)
pretrain.register(app)
tune.register(app)
evaluate.register(app)


def tell_version(wanted: bool) -> None:
    """Print the version, and end."""
    if wanted:
        typer.echo(f"tahdhib {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=tell_version, is_eager=True, help="Print the version, and end."
        ),
    ] = False,
) -> None:
    """What stands before a command."""


def main() -> None:
    """Run the command line."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except TahdhibError as error:
        sys.stderr.write(f"tahdhib: {visible(str(error))}\n")  # it may quote what a file said
        sys.exit(3 if isinstance(error, Waiting) else 2)
    except KeyboardInterrupt:
        sys.stderr.write(
            "tahdhib: stopped. What was finished stays; the same command goes on from there.\n"
        )
        sys.exit(130)


if __name__ == "__main__":
    main()
