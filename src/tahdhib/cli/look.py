"""Verbs that look and change nothing: estimate, preview, polish, show, report, bands, doctor."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.options import RunArgument
from tahdhib.cli.progress import progress_on
from tahdhib.doctor import Finding
from tahdhib.errors import DataError
from tahdhib.estimate import Estimate, Prices
from tahdhib.polish import Polished
from tahdhib.records import Edit, Interval
from tahdhib.report import words
from tahdhib.report.visible import visible
from tahdhib.report.words import rough, share_interval
from tahdhib.store.shards import write_text

PathArgument = Annotated[
    str, typer.Argument(help="A file, a folder or a quoted glob of input files.", metavar="PATH")
]
TextOption = Annotated[str, typer.Option("--text", help="Field with the text (dots reach inside).")]
ConductOption = Annotated[
    str, typer.Option("--conduct", help="A conduct in the package, or a YAML file.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the sample.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    for verb in (estimate, preview, polish, show, report, bands, doctor):
        app.command(verb.__name__, rich_help_panel="Look")(verb)


def estimate(
    path: PathArgument,
    text: TextOption = "text",
    conduct: ConductOption = "default",
    sample: Annotated[int, typer.Option("--sample", min=1, help="Documents to draw.")] = 2000,
    seed: SeedOption = 17,
    machine_hour: Annotated[float, typer.Option(help="Price of a machine hour.")] = 0.1,
    gpu_hour: Annotated[float, typer.Option(help="Price of a GPU hour.")] = 2.0,
    million_in: Annotated[float, typer.Option(help="Price of 1M teacher tokens read.")] = 2.5,
    million_out: Annotated[float, typer.Option(help="Price of 1M teacher tokens written.")] = 10.0,
) -> None:
    """Say what the rules would do to a corpus, and what each worker would cost. No model needed.

    Example: `tahdhib estimate data/ --text content`
    """
    console = plain_console()
    found = verbs.estimate(
        path,
        text=text,
        conduct=conduct,
        sample=sample,
        seed=seed,
        prices=Prices(machine_hour, gpu_hour, million_in, million_out),
        progress=progress_on(console),
    )
    _print_estimate(console, found)


def preview(
    path: PathArgument,
    text: TextOption = "text",
    conduct: ConductOption = "default",
    documents: Annotated[int, typer.Option("-n", min=1, help="Documents to show.")] = 10,
    seed: SeedOption = 17,
    unchanged: Annotated[
        bool, typer.Option("--unchanged", help="Also show documents that stay as they are.")
    ] = False,
) -> None:
    """Show documents before and after the rules, differences in colour.

    Example: `tahdhib preview data/ --text content -n 5`
    """
    console = plain_console()
    shown = verbs.preview(
        path,
        text=text,
        conduct=conduct,
        documents=documents,
        seed=seed,
        unchanged=unchanged,
        progress=progress_on(console),
    )
    for item in shown:
        console.rule(visible(item.id), align="left")
        console.print(_difference(item.source, item.edits), soft_wrap=True)
        if item.drop_reason:
            console.print(f"→ dropped by {item.drop_reason}", style="bold")
        rules = sorted({edit.by for edit in item.edits})
        console.print(f"  {', '.join(rules) or 'unchanged'}", style="dim")
    if not shown:
        console.print("No document of the sample would change; see them with --unchanged.")


def polish(
    text: Annotated[
        str | None,
        typer.Argument(help="The text; else --file, or what is piped in.", metavar="TEXT"),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Read the text from this UTF-8 file.")
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            help="Use the worker, conduct and gate of this run; else the rules.",
            metavar="DIR",
        ),
    ] = None,
    worker: Annotated[
        Path | None,
        typer.Option(
            "--worker",
            help="Use the trained worker in this folder, under --conduct and the default gate.",
            metavar="FOLDER",
        ),
    ] = None,
    conduct: ConductOption = "default",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the resulting text to this file as well.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Print the resulting text and nothing else.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON record with edits and reasons.")
    ] = False,
) -> None:
    """Rewrite one text: differences in colour, who made each edit, and what the gate says of it.

    Example: `tahdhib polish "اتصل على 0501234567 الآن" --run runs/demo`
    """
    given = _given(text, file)
    found = verbs.polish(given, run_folder=run, worker_folder=worker, conduct=conduct)
    if out is not None:
        _write(out, found.text)
    if as_json:
        record = {**asdict(found), "accepted": found.accepted}
        typer.echo(json.dumps(record, ensure_ascii=False))
    elif plain:
        typer.echo(found.text, nl=False)
    else:
        _print_polished(plain_console(), found)


def show(
    run: RunArgument,
    stage: Annotated[
        str | None, typer.Option("--stage", help="Show what this stage dropped, and why.")
    ] = None,
    id_: Annotated[
        str | None, typer.Option("--id", help="Follow one document through all stages.")
    ] = None,
    number: Annotated[int, typer.Option("-n", min=1, help="Drops to show.")] = 20,
) -> None:
    """Show a run: its ledger, a stage's drops, or one document's whole way.

    Example: `tahdhib show runs/demo --stage dedup`
    """
    for line in verbs.show(run, stage=stage, id=id_, number=number):
        typer.echo(line)


def report(run: RunArgument) -> None:
    """Write the report of a run anew: one HTML file that needs nothing else."""
    typer.echo(str(verbs.report(run)))


def bands(
    threshold: Annotated[
        float, typer.Option("--threshold", help="As dedup.threshold: similarity of duplicates.")
    ] = 0.8,
    hashes: Annotated[int, typer.Option("--hashes", help="As dedup.hashes.")] = 128,
    documents: Annotated[int, typer.Option("-n", min=1, help="Documents in the corpus.")] = 10**6,
) -> None:
    """Say which bands dedup would cut for a threshold: what they find, and what they cost.

    Example: `tahdhib bands --threshold 0.7`
    """
    console = plain_console()
    found = verbs.bands(threshold=threshold, hashes=hashes, documents=documents)
    console.print(
        f"{found.bands.number} bands of {found.bands.rows} hashes each; {found.key_bytes} bytes of "
        f"keys per document, {found.key_bytes * documents / 1e9:,.2f} GB for {documents:,}.",
    )
    recall = Table("Jaccard", "becomes a candidate", title="pairs", title_justify="left")
    for like, chance in found.recall:
        recall.add_row(f"{like:.2f}", f"{chance:.2%}", style="bold" if like == threshold else None)
    console.print(recall)
    cost = Table(
        "if unlike documents are so alike",
        "pairs to compare per document",
        title="cost",
        title_justify="left",
    )
    for like, pairs in found.chance:
        cost.add_row(f"{like:.2f}", f"{pairs:,.3f}")
    console.print(cost)


def doctor() -> None:
    """Look at this machine: what is installed, what is missing, what that means."""
    console = plain_console()
    findings = verbs.doctor()
    table = Table(show_header=False, box=None)
    for finding in findings:
        table.add_row(_mark(finding), finding.what, finding.seen, _advice(finding))
    console.print(table)
    broken = [finding.what for finding in findings if finding.is_needed and not finding.is_well]
    if broken:
        raise DataError(f"doctor: not ready: {', '.join(broken)}. See the advice above.")


def _mark(finding: Finding) -> Text:
    if finding.is_well:
        return Text("ok", style="green")
    return Text("no", style="red") if finding.is_needed else Text("–", style="dim")


def _advice(finding: Finding) -> str:
    return "" if finding.is_well else finding.advice


def _given(text: str | None, file: Path | None) -> str:
    """The one text that was given, in whichever way."""
    if text is not None and file is not None:
        raise DataError("polish: got a text and --file; expected one of them. Leave one out.")
    if text is not None:
        return text
    if file is None and sys.stdin.isatty():
        raise DataError("polish: got no text. Give one, name a file with --file, or pipe it in.")
    try:
        raw = sys.stdin.buffer.read() if file is None else file.read_bytes()
        return raw.decode("utf-8")
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}. Name a text file.") from error
    except UnicodeDecodeError as error:
        where = file or "standard input"
        raise DataError(
            f"{where}: byte {error.start} is no UTF-8; expected a text in UTF-8. Convert it first."
        ) from error


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written: {error.strerror}. Name another file with --out."
        ) from error


def _print_polished(console: Console, found: Polished) -> None:
    edits = tuple(judged.edit for judged in found.edits)
    console.print(_difference(found.source, edits), soft_wrap=True)
    if found.drop_reason:
        console.print(f"→ the conduct drops it: {found.drop_reason}", style="bold")
    if edits:
        table = Table(show_header=True, box=None)
        for name in ("by", "was", "is", "the gate, if it stood alone"):
            table.add_column(name)
        for judged in found.edits:
            table.add_row(
                visible(judged.edit.by),
                visible(found.source[judged.edit.start : judged.edit.end]),
                visible(judged.edit.new),
                "; ".join(words.reason(reason.code) for reason in judged.reasons) or "may pass",
            )
        console.print(table)
    if found.accepted and not edits and not found.drop_reason:
        console.print(f"The {found.worker} worker changes nothing.", style="dim")
    elif found.accepted:
        console.print("The gate accepts it.", style="green")
    else:
        who = "The gate refuses it" if edits else f"The {found.worker} worker has no answer"
        console.print(f"{who}, so the source stays:", style="red")
        for reason in found.reasons:
            console.print(
                f"  {words.reason(reason.code)}: {visible(reason.detail)}", soft_wrap=True
            )


def _difference(source: str, edits: tuple[Edit, ...]) -> Text:
    """The source with deletions struck out in red and insertions in green."""
    pieces = Text()
    position = 0
    for edit in edits:
        pieces.append(visible(source[position : edit.start]))
        pieces.append(visible(source[edit.start : edit.end]), style="red strike")
        pieces.append(visible(edit.new), style="green")
        position = edit.end
    pieces.append(visible(source[position:]))
    return pieces


def _print_estimate(console: Console, found: Estimate) -> None:
    console.print(
        f"{found.sampled:,} documents sampled of about {found.documents:,.0f} "
        f"({found.faults:,} broken records on the way). "
        f"About {_range(found.tokens, ',.0f')} tokens.",
    )
    console.print(
        f"The rules would change {share_interval(found.changed)} of the documents "
        f"and drop {share_interval(found.dropped)}.",
    )
    rules = Table(title="rules", title_justify="left")
    rules.add_column("rule")
    for name in ("documents", "share (95 %)", "edits"):
        rules.add_column(name, justify="right")
    for line in found.rules:
        rules.add_row(
            line.rule, f"{line.documents:,}", share_interval(line.share), f"{line.edits:,}"
        )
    console.print(rules)
    costs = Table(title="rewriting all of it", title_justify="left")
    costs.add_column("with")
    for name in ("time", "money"):
        costs.add_column(name, justify="right")
    costs.add_column("reckoned from")
    for cost in found.costs:
        time = f"{cost.hours:,.2f} {cost.unit}" if cost.hours else "–"
        costs.add_row(cost.worker, time, f"{cost.money:,.2f}", cost.basis)
    console.print(costs)


def _range(interval: Interval, form: str) -> str:
    low, high = format(interval.low, form), format(interval.high, form)
    return f"{format(interval.estimate, form)} ({low} to {high}{rough(interval)})"
