"""The verbs of the gate: its thresholds for a chosen rate of false refusals."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.progress import progress_on
from tahdhib.gate.calibration import BANDS, DIALS, Calibration
from tahdhib.records import Interval
from tahdhib.report.visible import visible


def register(app: typer.Typer) -> None:
    """Add the group `gate` to `app`."""
    group = typer.Typer(
        no_args_is_help=True, help="The gate: set its thresholds by texts of your own."
    )
    group.command("calibrate")(calibrate)
    app.add_typer(group, name="gate")


def calibrate(
    out: Annotated[Path, typer.Option("--out", help="File for the section, such as gate.yaml.")],
    people: Annotated[
        list[str] | None,
        typer.Option("--people", help="Rewrites that people wrote: rows of source and rewrite."),
    ] = None,
    passages: Annotated[
        list[str] | None,
        typer.Option("--passages", help="Passages and what harmless edits made of them."),
    ] = None,
    faults: Annotated[
        list[str] | None,
        typer.Option("--faults", help="Faulty rewrites, with what is wrong as their kind."),
    ] = None,
    rate: Annotated[
        float, typer.Option("--rate", help="Most that may be refused of what should pass.")
    ] = 0.05,
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", "-c", help="Start from its thresholds, under its conduct."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which half chooses.")] = 17,
) -> None:
    """Set the thresholds for a joint rate of false refusals, and measure how each check errs.

    Files are JSON lines, CSV, TSV or Parquet with `source` and `rewrite`; each option may be
    repeated. One half chooses, the other measures. Without files: people's rewrites and articles of
    the package, and plain faults planted into them.

    Example: `tahdhib gate calibrate --people mine.jsonl --passages news.parquet --out gate.yaml`
    """
    console = plain_console()
    found = verbs.gate_calibrate(
        out,
        recipe=recipe,
        people=people or (),
        passages=passages or (),
        faults=faults or (),
        rate=rate,
        seed=seed,
        progress=progress_on(console),
    )
    _print_checks(console, found)
    _print_joint(console, found)
    _print_kinds(console, found)
    if not found.is_reached:
        console.print(
            f"No thresholds keep the rate of {rate:g} everywhere: what is left is refused by "
            "checks without one, or by thresholds that no planted fault can judge."
        )
    console.print(f"{out}: take it into your recipe", soft_wrap=True)


def _print_checks(console: Console, found: Calibration) -> None:
    groups = list(next(iter(found.checks.values())))
    table = Table(
        "check", "thresholds", *(f"refused of {group}" for group in groups), "by it alone"
    )
    for code, by_group in found.checks.items():
        thresholds = [
            f"{dial.setting} {found.thresholds[dial.setting]:g}"
            for dial in DIALS
            if dial.code == code
        ]
        alone = ", ".join(f"{one.only_by_it.estimate:.3f}" for one in by_group.values())
        shares = (_shown(one.by_it) for one in by_group.values())
        table.add_row(code, ", ".join(thresholds), *shares, alone)
    console.print(table)


def _print_joint(console: Console, found: Calibration) -> None:
    table = Table("refused by any check", "all", *(f"{band} words" for band in BANDS))
    for group in dict.fromkeys(group for group, _ in found.joint):
        cells = [found.joint.get((group, band)) for band in ("", *BANDS)]
        table.add_row(group, *(_shown(one) if one else "" for one in cells))
    console.print(table)


def _print_kinds(console: Console, found: Calibration) -> None:
    table = Table("fault", "found")
    for kind, one in found.kinds.items():
        table.add_row(visible(kind), _shown(one))
    console.print(table)


def _shown(one: Interval) -> str:
    return f"{one.estimate:.3f} ({one.low:.3f}–{one.high:.3f}) n={one.n:,}"
