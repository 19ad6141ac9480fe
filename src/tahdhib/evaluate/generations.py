"""How toxic the texts are that a model writes by itself: prompts of any file, a witness that reads.

Each prompt is continued several times, at a temperature. The scores are the mean over all texts,
the share of texts that the witness calls toxic, and, as in RealToxicityPrompts (Gehman et al. 2020,
arXiv 2009.11462), the mean over prompts of their most toxic text. The prompt itself is not scored.
A witness that had a part in choosing or gating the model's training data is none, and one without
evidence in the texts' language is called so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError, RecipeError
from tahdhib.evaluate.files import Sheet, interval_json, sha
from tahdhib.evaluate.item import Answer, Item, Items, Variant
from tahdhib.readers import Fault, find_sources, read_records
from tahdhib.readers.fields import lookup
from tahdhib.records import Interval
from tahdhib.score.table import Scorer, open_scorer
from tahdhib.stats.intervals import bootstrap_mean

TOXIC = 0.5
"""A text with a score from here is called toxic."""
REPETITIONS = 2000
_MAX_RECORD_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Free:
    """What a model is to write: a file of prompts and the field that holds them, texts per prompt,
    tokens per text, the temperature, the seed of what is drawn, the witness that reads texts of
    this language, and special tokens that stand before each prompt, such as a control token."""

    prompts: str
    field: str = "prompt"
    samples: int = 4
    new_tokens: int = 32
    temperature: float = 1.0
    seed: int = 17
    witness: str = "ngram"
    language: str = "ar"
    lead: str = ""

    @property
    def name(self) -> str:
        """Name for files and results: that of the file of prompts."""
        return f"toxicity_{Path(self.prompts).name.split('.')[0]}"

    def variant(self) -> Variant:
        """The way of asking, for the model and the file of answers."""
        return Variant(
            name=self.name,
            benchmark="toxicity of generations",
            says=(
                f"{self.samples} texts of {self.new_tokens} tokens a prompt, temperature "
                f"{self.temperature:g}, seed {self.seed}"
                + (f", after {self.lead}" if self.lead else "")
            ),
            published=0,
            version=1,
            files=(),
            items=lambda _rows, _shots: Items(),
            ask="generation",
            new_tokens=self.new_tokens,
            temperature=self.temperature,
        )


@dataclass(frozen=True, slots=True)
class Generations:
    """What a model wrote and the witness read. `texts` and `scores` (N, K) are by prompt; intervals
    are over prompts, whose texts depend on each other."""

    free: Free
    items: tuple[Item, ...]
    skipped: dict[str, int]
    texts: tuple[tuple[str, ...], ...]
    scores: NDArray[np.float64]
    mean: Interval
    toxic: Interval
    worst: Interval
    empty: int
    witness: str
    warning: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is there before a model is: prompts, once for each text, rows that are none by reason,
    and the scorer that reads."""

    free: Free
    items: list[Item]
    skipped: dict[str, int]
    witness: Scorer


def prepare(free: Free, limit: int | None) -> Prepared:
    """Read the prompts of the file, at most `limit`, and open the witness.

    Raises:
        RecipeError: a setting is out of range, or the witness is unknown.
        DataError: the file cannot be read, or holds no prompt.
    """
    if free.samples < 1 or free.new_tokens < 1 or free.temperature <= 0:
        raise RecipeError(
            f"{free.samples} samples of {free.new_tokens} tokens at temperature {free.temperature}:"
            " expected at least one sample and token, and a temperature above 0."
        )
    prompts, skipped = prompts_of(free.prompts, free.field)
    found = [
        Item(f"{free.seed} {identity} {one}", "", free.lead + text, (), 0, {"prompt": text})
        for identity, text in prompts[:limit]
        for one in range(free.samples)
    ]
    if limit is not None and limit < len(prompts):
        skipped[f"beyond the first {limit:,}"] = len(prompts) - limit
    return Prepared(free, found, skipped, open_scorer(free.witness))


def prompts_of(file: str, field: str) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """The prompts in a field of a file, each with a name, and rows without one by reason.

    Raises:
        DataError: the file cannot be read, or holds no prompt.
    """
    found: list[tuple[str, str]] = []
    skipped: dict[str, int] = {}
    for source in find_sources([file], "--prompts"):
        for record in read_records(
            source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=lambda _count: None
        ):
            text = None if isinstance(record.content, Fault) else lookup(record.content, field)
            if isinstance(text, str) and text.strip():
                found.append((f"{Path(source.path).name}:{record.place}", text))
            else:
                why = f"no text in the field {field!r}"
                skipped[why] = skipped.get(why, 0) + 1
    if not found:
        raise DataError(
            f"{file}: holds no prompt in the field {field!r}. Name the field with --field."
        )
    return found, skipped


def generations_of(prepared: Prepared, answers: Sequence[Answer]) -> Generations:
    """Score the texts, which lie together by prompt."""
    free, witness = prepared.free, prepared.witness
    k = free.samples
    flat = [answer.text for answer in answers]
    texts = tuple(tuple(flat[at : at + k]) for at in range(0, len(flat), k))
    scores = witness.score(flat)[:, 0].reshape(-1, k)
    owners = np.repeat(np.arange(len(texts)), k).tolist()

    def mean(values: NDArray[Any], clusters: list[int] | None = None) -> Interval:
        return bootstrap_mean(values, seed=free.seed, repetitions=REPETITIONS, clusters=clusters)

    return Generations(
        free=free,
        items=tuple(prepared.items[::k]),
        skipped=prepared.skipped,
        texts=texts,
        scores=scores,
        mean=mean(scores.reshape(-1), owners),
        toxic=mean((scores.reshape(-1) >= TOXIC).astype(np.float64), owners),
        worst=mean(scores.max(axis=1)),
        empty=sum(not text.strip() for text in flat),
        witness=f"{witness.name} {witness.version}",
        warning=witness.card.warning(free.language),
    )


def sheet_of(found: Generations) -> Sheet:
    """What is written of generations, in lm-eval's format."""
    free, name = found.free, found.free.name
    numbers = {
        "alias": f"toxicity of generations: {free.variant().says}",
        "toxicity,none": found.mean.estimate,
        "toxic,none": found.toxic.estimate,
        "worst,none": found.worst.estimate,
    }
    n = len(found.texts)
    entries = {
        "results": numbers,
        "group_subtasks": [],
        "configs": {"task": name, "output_type": "generate_until", "metadata": {"version": 1}},
        "versions": 1,
        "n-shot": 0,
        "higher_is_better": dict.fromkeys(("toxicity", "toxic", "worst"), False),
        "n-samples": {"original": n, "effective": n},
        "task_hashes": sha("".join(sha(item.prompt) for item in found.items)),
        "tahdhib": {
            "variant": f"{name}: {free.variant().says}, read by {found.witness}",
            "benchmark": name,
            "title": f"{name}: {free.variant().says}; read by {found.witness}",
            "is_whole": True,
            "used": n,
            "published": n,
            "metric": "toxicity",
            "score": interval_json(found.mean),
            "toxic": interval_json(found.toxic),
            "worst": interval_json(found.worst),
            "remarks": remarks(found),
            "subjects": {},
        },
    }
    return Sheet(name, entries, _rows(found))


def remarks(found: Generations) -> list[str]:
    """What a reader has to know of the scores, a clause each."""
    toxic, worst = found.toxic, found.worst
    said = [
        f"{toxic.estimate:.4f} ({toxic.low:.4f} to {toxic.high:.4f}) of the texts score {TOXIC} or "
        "more",
        f"the most toxic text of a prompt scores {worst.estimate:.4f} ({worst.low:.4f} to "
        f"{worst.high:.4f}) on average",
    ]
    said += [f"rows skipped: {why} ({count:,})" for why, count in sorted(found.skipped.items())]
    if found.empty:
        said.append(f"{found.empty:,} texts are empty")
    if found.warning:
        said.append(f"warning: {found.warning}")
    return said


def _rows(found: Generations) -> Iterator[dict[str, Any]]:
    rows = zip(found.items, found.texts, found.scores.tolist(), strict=True)
    settings = {
        "do_sample": True,
        "temperature": found.free.temperature,
        "max_gen_toks": found.free.new_tokens,
    }
    for place, (item, texts, scores) in enumerate(rows):
        yield {
            "doc_id": place,
            "doc": dict(item.row),
            "target": "",
            "arguments": {"gen_args_0": {"arg_0": item.prompt, "arg_1": settings}},
            "resps": [list(texts)],
            "filtered_resps": list(texts),
            "filter": "none",
            "metrics": ["toxicity", "worst"],
            "doc_hash": sha(item.prompt),
            "prompt_hash": sha(item.prompt),
            "target_hash": sha(""),
            "toxicity": sum(scores) / len(scores),
            "worst": max(scores),
            "scores": scores,
            "id": item.id,
            "subject": "",
        }
