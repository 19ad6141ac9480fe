"""Verbs that work: demo, run, and each stage by its own name."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli import publish, worker
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import DryOption, LimitOption, OutOption, RecipeOption, SetOption
from tahdhib.cli.progress import progress_on
from tahdhib.run.pipeline import RunResult
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder

_RUN_HELP = """Take the recipe's input to an aligned corpus and a report; again on the same folder:
resume.

Example: `tahdhib run -c recipes/news.yaml --out runs/news --set worker.kind=rules`"""

_STAGE_HELP = {
    "ingest": "Read the input into documents: encoding repaired, faults in quarantine.",
    "dedup": "… and drop exact and near-duplicates, each naming the document that it duplicates.",
    "signals": "… and measure the language, dialect and quality of every document.",
    "clean": "… and filter: quality rules, boilerplate, personal data, evaluation sets.",
    "annotate": "… and have a teacher rewrite a sample under the code of conduct.",
    "worker": "… and train the worker on the pairs.",
    "rewrite": "… and rewrite the whole corpus, each rewrite judged by the gate.",
    "audit": "… and measure before and after, with a witness and beside null rewriters.",
    "publish": "… and write the corpus as Parquet and JSONL with its dataset card.",
}

_GROUPS = {"worker": worker.group, "publish": publish.group}
"""Stages with verbs of their own beside them."""


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    app.command("demo")(demo)
    app.command("run", help=_RUN_HELP)(run_verb(None))
    for stage, text in _STAGE_HELP.items():
        whole = text.replace("… and", "Run up to this stage:", 1)
        verb = run_verb(stage)
        if stage in _GROUPS:
            app.add_typer(_GROUPS[stage](verb, whole), name=stage, rich_help_panel="Stages")
        else:
            app.command(stage, help=whole, rich_help_panel="Stages")(verb)


def demo(
    out: Annotated[Path, typer.Option("--out", help="The run folder.")] = Path("runs/demo"),
    set_: SetOption = None,
) -> None:
    """Run the whole way on real Arabic and English texts in the package: a minute or two."""
    console = plain_console()
    result = verbs.demo(out, set=set_ or (), progress=progress_on(console))
    _print_result(console, result)


def run_verb(until: str | None) -> Callable[..., None]:
    """The verb that runs up to a stage, or all the way."""

    def verb(
        recipe: RecipeOption,
        out: OutOption,
        set_: SetOption = None,
        limit: LimitOption = None,
        dry_run: DryOption = False,
    ) -> None:
        console = plain_console()
        result = verbs.run(
            recipe,
            out,
            set=set_ or (),
            limit=limit,
            dry_run=dry_run,
            until=until,
            progress=progress_on(console),
        )
        _print_result(console, result)

    return verb


def _print_result(console: Console, result: RunResult) -> None:
    if not result.accounts:
        for step in result.steps:
            console.print(step)
        return
    console.print(ledger_table(result.accounts))
    _print_changes(console, result)
    folder = RunFolder(result.folder)
    if folder.corpus.exists():
        console.print(f"corpus  {folder.corpus}", soft_wrap=True)
    if folder.report.exists():
        console.print(f"report  {folder.report}", soft_wrap=True)


def _print_changes(console: Console, result: RunResult) -> None:
    rewrite = next((a for a in result.accounts if a.stage == "rewrite"), None)
    if rewrite is None:
        return
    notes = {name: int(count) for name, count in rewrite.notes.items()}
    console.print(
        f"{notes.get('rewritten', 0):,} documents rewritten, {notes.get('untouched', 0):,} "
        f"untouched, {notes.get('refused', 0):,} rewrites refused by the gate",
    )


def ledger_table(accounts: tuple[Ledger, ...]) -> Table:
    """The ledger as a table for the terminal."""
    table = Table(title="ledger", title_justify="left", header_style="bold")
    table.add_column("stage")
    for name in ("in", "out", "dropped"):
        table.add_column(name, justify="right")
    table.add_column("why")
    for account in accounts:
        why = ", ".join(f"{reason} {count:,}" for reason, count in account.drops.items())
        numbers = (account.came_in, account.went_out, account.dropped)
        table.add_row(f"{account.stage} ({account.unit})", *(f"{n:,}" for n in numbers), why)
    return table
