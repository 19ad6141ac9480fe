"""Answers of two models to the same prompts, judged pair by pair in both orders.

    omega = (wins - losses) / (wins + losses + draws)

of the second against the first, mean over both orders (arXiv 2412.03253, app. B). Answers are read
from files, wherever they were written; prompts that only one of the files has, or that get no
usable verdict in both orders, are left out and counted.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tahdhib.errors import DataError
from tahdhib.evaluate.local_judge import LOCAL, duel_in_process
from tahdhib.progress import Progress
from tahdhib.readers import Fault, find_sources, read_records
from tahdhib.readers.fields import lookup
from tahdhib.records import Interval
from tahdhib.score.adapters.duel import duel_at_endpoint
from tahdhib.stats.intervals import bootstrap_mean
from tahdhib.store.shards import write_text

REPETITIONS = 2000
SEED = 17
_MAX_RECORD_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Judged:
    """Two models on one axis. Counts are over verdicts, two per prompt, and are the second's;
    `agree` is the share of prompts with one verdict in both orders, `first_wins` how often what
    was shown first won, of verdicts that are no draw: a half for a judge that favours no place."""

    axis: str
    judge: str
    prompts: int
    without_verdict: int
    alone: int
    wins: int
    losses: int
    draws: int
    omega: Interval
    agree: float
    first_wins: float


def judged(
    first: str, second: str, axis: str, judge: str, out: Path | None, progress: Progress
) -> Judged:
    """Judge the answers in two files (fields `prompt` and `answer`) on `axis`; each verdict goes
    to `out` as a row.

    Raises:
        TahdhibError: a file holds no answers, they share no prompt, the judge cannot be asked, or
            nothing that it says is a verdict.
    """
    ours, theirs = _answers(first), _answers(second)
    prompts = [prompt for prompt in ours if prompt in theirs]
    if not prompts:
        raise DataError(f"{first}, {second}: share no prompt; expected answers to the same ones.")
    a, b = ([answers[prompt] for prompt in prompts] for answers in (theirs, ours))
    if judge.startswith(LOCAL):
        asked = duel_in_process(axis, judge.removeprefix(LOCAL), progress)
    else:
        asked = duel_at_endpoint(axis, judge, progress)
    verdicts = asked.judge(prompts, a, b)
    if out is not None:
        rows = zip(prompts, verdicts, strict=True)
        lines = (json.dumps({"prompt": p, "verdicts": v}, ensure_ascii=False) for p, v in rows)
        write_text(out, "".join(f"{line}\n" for line in lines).encode("utf-8", "replace").decode())
    both = [(x, y) for x, y in verdicts if x is not None and y is not None]
    if not both:
        raise DataError(
            f"--judge {asked.model}: gave no verdict in both orders for any of {len(prompts):,} "
            "prompts; expected its last line to be of the form that it is told. Name a judge that "
            "follows instructions."
        )
    counts = Counter(verdict for pair in both for verdict in pair)
    shown_first = [won for x, y in both for won in (x, -y) if won]
    return Judged(
        axis=axis,
        judge=asked.model,
        prompts=len(both),
        without_verdict=len(prompts) - len(both),
        alone=len(ours) + len(theirs) - 2 * len(prompts),
        wins=counts[1],
        losses=counts[-1],
        draws=counts[0],
        omega=bootstrap_mean([(x + y) / 2 for x, y in both], seed=SEED, repetitions=REPETITIONS),
        agree=float(np.mean([x == y for x, y in both])),
        first_wins=float(np.mean([won == 1 for won in shown_first])) if shown_first else 0.5,
    )


def _answers(path: str) -> dict[str, str]:
    """Answers by prompt."""
    found: dict[str, str] = {}
    for source in find_sources([path], "the files of answers"):
        for record in read_records(
            source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=lambda _count: None
        ):
            if isinstance(record.content, Fault):
                raise DataError(
                    f"{source.path}:{record.place}: {record.content.reason}; expected a record "
                    "with the fields prompt and answer. Mend the line."
                )
            prompt, answer = lookup(record.content, "prompt"), lookup(record.content, "answer")
            if not isinstance(prompt, str) or not isinstance(answer, str):
                raise DataError(
                    f"{source.path}:{record.place}: lacks the text of prompt or answer; expected "
                    "both. Mend the line."
                )
            if prompt in found:
                raise DataError(
                    f"{source.path}:{record.place}: answers a prompt again; expected one answer to "
                    "each. Remove one."
                )
            found[prompt] = answer
    if not found:
        raise DataError(f"{path}: holds no answer; expected records with prompt and answer.")
    return found
