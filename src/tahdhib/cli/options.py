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
StageRecipeOption = Annotated[
    Path | None, typer.Option("--recipe", "-c", help="The recipe; the stage needs one.")
]
StageOutOption = Annotated[
    Path | None, typer.Option("--out", help="The run folder; the stage needs one.")
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


def is_stage(context: typer.Context, recipe: Path | None, out: Path | None) -> bool:
    """Whether a group with a stage's name is called as the stage, which needs recipe and folder,
    and not for a verb of its own."""
    if context.invoked_subcommand is not None:
        return False
    for option, value in (("--recipe", recipe), ("--out", out)):
        if value is None:
            context.fail(f"Missing option '{option}'.")
    return True
