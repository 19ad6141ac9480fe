"""The group `publish`: alone it is the stage, which writes the corpus; `model` is for models."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

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
from tahdhib.report.visible import visible


def group(run: Callable[..., None], says: str) -> typer.Typer:
    """The group; called without a verb of its own it does what `run` does, with edits undone where
    asked."""
    app = typer.Typer(invoke_without_command=True)

    def publish(
        context: typer.Context,
        recipe: StageRecipeOption = None,
        out: StageOutOption = None,
        without: Annotated[
            list[str] | None,
            typer.Option(
                "--without",
                help="Undo a rule's edits (its id), the worker's own (edit) or all (rewritten). "
                "May be repeated; as publish.without in the recipe.",
                metavar="RULE|WORKER|STATE",
            ),
        ] = None,
        set_: SetOption = None,
        limit: LimitOption = None,
        dry_run: DryOption = False,
    ) -> None:
        if is_stage(context, recipe, out):
            named = [f"publish.without={json.dumps(without)}"] if without else []
            run(recipe, out, [*(set_ or ()), *named], limit, dry_run)

    app.callback(help=says)(publish)
    app.command("model")(model)
    return app


def model(
    folder: Annotated[
        Path,
        typer.Argument(help="A folder of `tahdhib pretrain` or `tahdhib tune`.", metavar="MODEL"),
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder for a hub.")],
    results: Annotated[
        list[Path] | None,
        typer.Option(
            "--results", help="A folder of `tahdhib evaluate` for the card. May be repeated."
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--licence", help="The model's; else the one that all its sources have."),
    ] = None,
    source_licence: Annotated[
        list[str] | None,
        typer.Option(
            "--source-licence",
            help="A source's, where no card states it: `raw=cc-by-sa-4.0`; `own` for texts of your "
            "own. May be repeated.",
            metavar="LINK=ID",
        ),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", help="One that no source's card names. May be repeated."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The model's; else its folder's.")
    ] = None,
    upload: Annotated[
        str | None,
        typer.Option(
            "--upload", help="Put it into this model repository, too.", metavar="OWNER/NAME"
        ),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Make the repository a private one.")
    ] = False,
) -> None:
    """Make a trained model ready for a hub: weights, tokenizer, template, and a card that says what
    it was made of, under which licences, and how it was measured.

    Refused where a source's licence is unknown or forbids it.

    Example: `tahdhib publish model models/native --out hub/native --results eval/native`
    """
    console = plain_console()
    found = verbs.publish_model(
        folder,
        out,
        results=results or (),
        licence=licence,
        source_licences=source_licence or (),
        languages=language or (),
        name=name,
        upload=upload,
        private=private,
    )
    for link in found.record["licences"]:
        licences = " and ".join(link["licences"])
        line = f"{link['name']}: {link['says']}, {licences} (by {link['by']})"
        console.print(visible(line), soft_wrap=True)
    scores = len(found.record["evaluation"])
    console.print(f"licence {found.record['licence']}, {scores:,} scores on the card")
    console.print(f"model {found.folder}", soft_wrap=True)
    if found.address:
        console.print(f"uploaded {found.address}", soft_wrap=True)
