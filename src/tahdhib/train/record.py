"""What stays of a training besides its weights: a record, the curve of its loss, and bits per byte
of the held-out text. No clock and no host is in it, so that equal trainings give equal files."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from tahdhib.config.pretrain import Pretrain
from tahdhib.store.shards import read_json, read_rows, write_json, write_rows
from tahdhib.train.base_model import opened_base
from tahdhib.train.folder import Log, hash_of, versions, write_curve
from tahdhib.train.order import Order
from tahdhib.train.tokens import Packed, TokenCorpus

RECORD = "pretrain.json"
"""Written last: where it lies, the training is done."""

_BITS = pa.schema(
    [
        ("step", pa.int64()),
        ("corpus", pa.string()),
        ("group", pa.string()),
        ("documents", pa.int64()),
        ("bytes", pa.int64()),
        ("bits_per_byte", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Fed:
    """What a model was fed: corpora, how they were packed, and in which order."""

    packed: Mapping[str, Packed]
    corpora: Mapping[str, TokenCorpus]
    order: Order


def bits_key(corpus: str, group: str) -> str:
    """What the log calls the bits per byte of a group."""
    return f"bits_per_byte/{corpus}/{group}"


def write_record(recipe: Pretrain, tokenizer: Any, fed: Fed, log: Log, out: Path) -> None:
    """Write curve, bits and record beside the model in `out`."""
    curve = write_curve(log, out)
    held_out = read_rows(out / "heldout.parquet")
    bits = list(_bits_rows(log, held_out))
    write_rows(out / "bits.parquet", bits, _BITS)
    order, weights = fed.order, sorted(out.glob("model*.safetensors"))
    write_json(
        out / RECORD,
        {
            "base": recipe.model.path and opened_base(recipe.model.path)._asdict(),
            "bits_per_byte": [row for row in bits if row["step"] == order.steps],
            "corpora": {name: _corpus_row(fed, name) for name in fed.packed},
            "held_out": {
                "documents": dict(Counter(row["corpus"] for row in held_out)),
                "hash": hash_of(out / "heldout.parquet"),
                "share": recipe.held_out.share,
            },
            "loss": {"first": curve[0]["loss"], "last": curve[-1]["loss"]},
            "model": read_json(out / "config.json"),
            "parameters": sum(map(_parameters, weights)),
            "phases": [{"name": phase.name, "steps": phase.steps} for phase in order.phases],
            "recipe": yaml.safe_load((out / "recipe.yaml").read_text("utf-8")),
            "seed": recipe.seed,
            "steps": order.steps,
            "tokens": order.steps * order.batch * recipe.training.context,
            "versions": versions(),
            "vocabulary": {"hash": hash_of(out / "tokenizer.json"), "size": len(tokenizer)},
            "weights": {file.name: hash_of(file) for file in weights},
        },
    )


def _corpus_row(fed: Fed, name: str) -> dict[str, Any]:
    packed, corpus = fed.packed[name], fed.corpora[name]
    card = read_json(packed.folder / "card.json")
    return {
        "control": packed.control,
        "documents": packed.documents,
        "dropped": packed.dropped,
        "hash": card["corpus"],
        "longer_than_context": corpus.longer,
        "read": packed.read,
        "tokens": corpus.tokens,
        "tokens_hash": card["key"],
    }


def _parameters(weights: Path) -> int:
    """Weights in a file; those that two layers share are one."""
    from safetensors import safe_open

    with safe_open(weights, "numpy") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
    return sum(math.prod(shape) for shape in shapes)


def _bits_rows(log: Log, held_out: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    measured = [row for row in held_out if row["text"] is not None]
    documents = Counter((row["corpus"], row["group"]) for row in measured)
    sizes: Counter[tuple[str, str]] = Counter()
    for row in measured:
        sizes[row["corpus"], row["group"]] += row["bytes"]
    for entry in log:
        for corpus, group in sorted(documents):
            if (found := entry.get(bits_key(corpus, group))) is not None:
                yield {
                    "step": int(entry["step"]),
                    "corpus": corpus,
                    "group": group,
                    "documents": documents[corpus, group],
                    "bytes": sizes[corpus, group],
                    "bits_per_byte": found,
                }
