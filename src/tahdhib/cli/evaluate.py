"""The verbs `evaluate`, `compare`, `answer` and `judge`: what a model is worth."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tahdhib import verbs
from tahdhib.cli.console import plain_console
from tahdhib.cli.progress import progress_on
from tahdhib.errors import RecipeError
from tahdhib.evaluate.compare import page
from tahdhib.evaluate.files import remarks
from tahdhib.evaluate.generations import Free
from tahdhib.evaluate.generations import remarks as said_of
from tahdhib.evaluate.tasks import VARIANTS
from tahdhib.report.visible import visible
from tahdhib.report.words import interval
from tahdhib.store.shards import write_text


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    app.command("evaluate", rich_help_panel="Train")(evaluate)
    app.command("compare", rich_help_panel="Train")(compare)
    app.command("answer", rich_help_panel="Train")(answer)
    app.command("judge", rich_help_panel="Train")(judge)


def evaluate(
    model: Annotated[
        str,
        typer.Argument(help="A model's folder (save_pretrained), or its name on the hub."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for answers and results.")],
    task: Annotated[
        list[str] | None,
        typer.Option(
            "--task",
            help="A variant of a benchmark, or a benchmark for all of its. May be repeated. Known: "
            + ", ".join(one.name for one in VARIANTS)
            + ".",
        ),
    ] = None,
    data: Annotated[
        str,
        typer.Option(
            "--data-dir",
            help="Folder with the benchmarks' files, hf://datasets/OWNER/NAME@COMMIT, or hub: each "
            "benchmark's own home there, at a commit that is fixed here.",
        ),
    ] = ".",
    prompts: Annotated[
        str | None,
        typer.Option("--prompts", help="A file of prompts to go on from; a witness reads how."),
    ] = None,
    field: Annotated[str, typer.Option("--field", help="Field with the prompt.")] = "prompt",
    samples: Annotated[int, typer.Option("--samples", min=1, help="Texts per prompt.")] = 4,
    tokens: Annotated[int, typer.Option("--tokens", min=1, help="Tokens per text.")] = 32,
    temperature: Annotated[
        float, typer.Option("--temperature", help="At which texts are drawn.")
    ] = 1.0,
    witness: Annotated[
        str, typer.Option("--witness", help="The scorer of toxicity, such as ngram:FOLDER.")
    ] = "ngram",
    language: Annotated[
        str, typer.Option("--language", help="Language of the texts, for the witness's card.")
    ] = "ar",
    lead: Annotated[
        str,
        typer.Option(
            "--lead", help="Special tokens before each prompt, such as a control token: <|good|>."
        ),
    ] = "",
    corpus: Annotated[
        list[str] | None,
        typer.Option("--corpus", help="Files of its training: which items they hold."),
    ] = None,
    text: Annotated[str, typer.Option("--text", help="Their field with the text.")] = "text",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most N items of each, drawn by --seed.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draw.")] = 17,
    threads: Annotated[
        int, typer.Option("--threads", min=1, help="Threads of torch; equal bits at one number.")
    ] = 1,
) -> None:
    """Score a model on named variants of benchmarks; results as lm-eval writes them.

    Answers are kept by item: the same command again goes on where it stopped. A part of a benchmark
    never gets the whole one's name, and scores of different variants are not comparable.

    Example: `tahdhib evaluate models/native --task arabicmmlu --data-dir data --out eval/native`
    """
    if not task and prompts is None:
        raise RecipeError("evaluate: nothing to measure; name a --task or a file of --prompts.")
    console = plain_console()
    free = prompts and Free(
        prompts, field, samples, tokens, temperature, seed, witness, language, lead
    )
    found = verbs.evaluate(
        model,
        task or [],
        data,
        out,
        free=free or None,
        corpus=corpus or (),
        text=text,
        limit=limit,
        seed=seed,
        threads=threads,
        progress=progress_on(console),
    )
    table = Table()
    table.add_column("task", no_wrap=True, overflow="fold")
    table.add_column("metric")
    for name in ("score, 95 %", "items", "of"):
        table.add_column(name, justify="right")
    for one in found.results:
        metric = "macro-F1" if one.variant.metric == "f1" else "accuracy"
        published = f"{one.variant.published:,}"
        table.add_row(one.name, metric, interval(one.score), f"{one.used:,}", published)
    written = found.generations
    if written:
        n = f"{len(written.texts):,}"
        table.add_row(written.free.name, "toxicity", interval(written.mean), n, n)
    console.print(table)
    for one in found.results:
        console.print(f"{one.name}: {one.variant.says}", soft_wrap=True)
        for remark in remarks(one):
            console.print(f"  {visible(remark)}", soft_wrap=True)
    for remark in said_of(written) if written else []:
        console.print(f"  {visible(remark)}", soft_wrap=True)
    console.print(f"results {found.file}", soft_wrap=True)
    console.print(f"summary {found.file.with_name('summary.md')}", soft_wrap=True)


def compare(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Folders of evaluations; the first is the base.", metavar="DIR..."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="A page (Markdown) with every subject.")
    ] = None,
) -> None:
    """Compare models by their answers to the same items: what differs, and what would have shown.

    Different variants of a benchmark are never compared.

    Example: `tahdhib compare eval/raw eval/native --out raw-native.md`
    """
    console = plain_console()
    found = verbs.compare(folders)
    for one in found:
        console.print(f"{one.other} against {one.base}", soft_wrap=True)
        table = Table()
        table.add_column("task", no_wrap=True, overflow="fold")
        for name in ("metric", "n", "first", "other", "difference", "p (Holm)"):
            table.add_column(name, justify="right")
        for task in one.tasks:
            table.add_row(
                task.name.partition(":")[0],
                task.metric,
                f"{task.n:,}",
                f"{task.base:.4f}",
                f"{task.other:.4f}",
                f"{task.difference.interval.estimate:+.4f}",
                f"{task.p:.2g}",
            )
        console.print(table)
        for task in one.tasks:
            console.print(f"{task.name}, {task.title}: {task.words()}", soft_wrap=True)
        for line in one.left_out:
            console.print(f"left out: {visible(line)}", soft_wrap=True)
    if out is not None:
        write_text(out, page(found))
        console.print(f"page {out}", soft_wrap=True)


def answer(
    model: Annotated[
        str,
        typer.Argument(help="A model's folder (save_pretrained), or its name on the hub."),
    ],
    prompts: Annotated[str, typer.Argument(help="A file of prompts (JSONL, CSV, Parquet).")],
    out: Annotated[Path, typer.Option("--out", help="Folder for answers.jsonl.")],
    field: Annotated[str, typer.Option("--field", help="Field with the prompt.")] = "prompt",
    tokens: Annotated[int, typer.Option("--tokens", min=1, help="Longest answer.")] = 512,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most N prompts.")] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads of torch.")] = 1,
) -> None:
    """Have a model answer prompts greedily, in its chat template where it has one, for `judge`.

    Example: `tahdhib answer models/native prompts.jsonl --out answers/native`
    """
    console = plain_console()
    found = verbs.answer(
        model,
        prompts,
        out,
        field=field,
        limit=limit,
        tokens=tokens,
        threads=threads,
        progress=progress_on(console),
    )
    for why, count in sorted(found.skipped.items()):
        console.print(f"left out: {visible(why)} ({count:,})", soft_wrap=True)
    console.print(
        f"{found.answers:,} answers, {found.empty:,} of them empty; {found.cut:,} prompts longer "
        "than the model reads lost their start",
        soft_wrap=True,
    )
    console.print(f"answers {found.file}", soft_wrap=True)


def judge(
    first: Annotated[str, typer.Argument(help="Answers: JSONL with prompt and answer.")],
    second: Annotated[str, typer.Argument(help="Another model's answers to the same prompts.")],
    model: Annotated[
        str,
        typer.Option(
            "--judge",
            help="MODEL?option=value…, such as gpt-4o?calls=1400, or local:FOLDER for a model in "
            "this process.",
        ),
    ],
    axis: Annotated[
        str, typer.Option("--axis", help="harmlessness or helpfulness.")
    ] = "harmlessness",
    out: Annotated[Path | None, typer.Option("--out", help="Every verdict (JSONL).")] = None,
) -> None:
    """Have a model judge two models' answers pair by pair, in both orders, as the paper does.

    Without the option `calls` nothing is sent, and the error says how many calls it would take.

    Example: `tahdhib judge raw.jsonl native.jsonl --judge "gpt-4o?calls=1400" --axis helpfulness`
    """
    console = plain_console()
    found = verbs.judge(first, second, axis, model, out=out, progress=progress_on(console))
    console.print(
        f"{found.axis}, judged by {visible(found.judge)}: of the second against the first, omega "
        f"{interval(found.omega)} over {found.prompts:,} prompts in both orders: {found.wins:,} "
        f"wins, {found.losses:,} losses, {found.draws:,} draws",
        soft_wrap=True,
    )
    console.print(
        f"one verdict in both orders: {found.agree:.3f} of the prompts; what was shown first won "
        f"{found.first_wins:.3f} of the verdicts that are no draw",
        soft_wrap=True,
    )
    console.print(
        f"left out: {found.without_verdict:,} prompts without a verdict in both orders, "
        f"{found.alone:,} that one file alone answers",
        soft_wrap=True,
    )
