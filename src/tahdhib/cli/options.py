"""Options that several verbs share, each worded once."""

from pathlib import Path
from typing import Annotated

import typer

RecipeOption = Annotated[
    Path,
    typer.Option("--recipe", "-c", help="The recipe: a YAML file; recipes/ holds complete ones."),
]
OutOption = Annotated[
    Path,
    typer.Option(
        "--out",
        help="The run folder. The same command on the same folder goes on where it stopped.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Override one setting, such as --set dedup.threshold=0.7. May be repeated.",
        metavar="KEY=VALUE",
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Read only the first N records, to try a recipe out."),
]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, stage by stage, and stop.")
]
RunArgument = Annotated[Path, typer.Argument(help="A run folder.", metavar="DIR")]
