"""The card of a published model, as model hubs read it: made from its record and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from tahdhib.text.markdown import code, table
from tahdhib.workers.card import CARD, HUB_LICENCES, RECORD, interval_text

__all__ = ["CARD", "RECORD", "readme"]

_Json = Mapping[str, Any]
_OTHER = "other"
_MODEL_LICENCES = frozenset(["llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "gemma"])
_WAYS = """\
```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("FOLDER")
model = AutoModelForCausalLM.from_pretrained("FOLDER")
```
"""
_SERVED = """\
```bash
transformers serve FOLDER    # an OpenAI-compatible endpoint
```
"""
_LIMITS = (
    "What its sources say wrongly or unfairly, it may say too. A code of conduct was asked to "
    "change the texts whose rows carry its hash, and no others; what it changed stands in them.",
    "Scores hold for the variant that is named, and are not comparable with another one's. A part "
    "of a benchmark is not the benchmark.",
    "Nothing here says that it is safe to let it answer people.",
)


def readme(record: _Json, has_template: bool) -> str:
    """The card as Markdown, its front matter as hubs read it."""
    parameters = record["trainings"][-1].get("parameters")
    size = f" of {parameters:,} parameters" if parameters else ""
    sections = (
        ("What it was made of", _sources(record["sources"])),
        ("Licences", _licences(record)),
        ("Evaluation", _evaluation(record["evaluation"])),
        ("Training", _trainings(record["trainings"])),
        ("How to open it", [*_WAYS.splitlines(), *(_SERVED.splitlines() if has_template else ())]),
        ("Files", _files(record["files"])),
        ("Known limits", (f"- {limit}" for limit in _LIMITS)),
    )
    lines = [
        "---",
        yaml.safe_dump(_front(record), sort_keys=False, allow_unicode=True).rstrip(),
        "---",
        "",
        f"# {' '.join(record['name'].split())}",
        "",
        f"A causal language model{size}: {_way(record)}, with Tahdhib {record['version']}.",
    ]
    for title, section in sections:
        lines += ["", f"## {title}", "", *section]
    return "\n".join(lines).rstrip() + "\n"


def _front(record: _Json) -> dict[str, Any]:
    licence = record["licence"]
    is_known = licence in HUB_LICENCES | _MODEL_LICENCES
    named = {"license": licence} if is_known else {"license": _OTHER, "license_name": licence}
    bases = [one["name"] for one in record["sources"] if one["kind"] == "base model"]
    front: dict[str, Any] = {
        **({"language": record["languages"]} if record["languages"] else {}),
        **named,
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        **({"base_model": bases[0]} if bases else {}),
        "tags": ["tahdhib", "native-alignment"],
    }
    if record["evaluation"]:
        results = [_model_index(row) for row in record["evaluation"]]
        front["model-index"] = [{"name": record["name"], "results": results}]
    return front


def _model_index(row: _Json) -> dict[str, Any]:
    """A score as hubs list it; a part of a benchmark has the part's name."""
    return {
        "task": {"type": "text-generation"},
        "dataset": {"type": row["task"], "name": row["title"]},
        "metrics": [
            {
                "type": row["metric"],
                "value": row["score"]["estimate"],
                "name": f"{row['metric']} {interval_text(row['score'])}",
            }
        ],
    }


def _way(record: _Json) -> str:
    """The trainings in words, the first one first."""
    words = []
    for one in reversed(record["trainings"]):
        if one["verb"] == "tune":
            words.append(f"tuned ({one['method'].upper()})")
        else:
            words.append(f"pre-trained on {one['tokens']:,} tokens")
    return ", then ".join(words)


def _sources(sources: Sequence[_Json]) -> Iterator[str]:
    rows = [
        (
            code(one["link"]),
            f"{one['kind']} {code(one['name'])}".strip(),
            code(one["hash"]) or "unknown",
            _rows(one["conducts"]),
            _rows(one["workers"]),
        )
        for one in sources
    ]
    yield from table(("link", "what", "hash", "conduct (rows)", "worker (rows)"), rows)
    yield from ("", "Without a conduct's hash a text went into no rewriting that is known.")
    remarks = [f"- {code(one['link'])}: {one['remark']}." for one in sources if one["remark"]]
    if remarks:
        yield from ("", *remarks)


def _rows(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{code(name)} ({count:,})" for name, count in counts.items()) or "–"


def _licences(record: _Json) -> Iterator[str]:
    rows = [
        (code(link["name"]), " and ".join(map(code, link["licences"])), link["by"])
        for link in record["licences"]
    ]
    yield from table(("link", "licence", "stated by"), rows)
    yield from ("", f"The model: {code(record['licence'])}.", "")
    yield (
        "Every source states a licence, none forbids derivatives, and the model's own reserves "
        "what theirs reserve. Whether weights are derivatives of texts, and what share-alike asks "
        "of them, is for whoever passes them on to judge."
    )


def _evaluation(rows: Sequence[_Json]) -> Iterator[str]:
    if not rows:
        yield "It was published without results."
        return
    cells = [
        (
            code(row["variant"]),
            f"{row['used']:,} of {row['published']:,}",
            row["metric"],
            interval_text(row["score"]),
        )
        for row in rows
    ]
    head = ("variant", "items used of items published", "metric", "score (95 %)")
    yield from table(head, cells, numbers=1)
    for row in rows:
        if row["remarks"]:
            yield from ("", f"{code(row['task'])}:", "", *(f"- {one}" for one in row["remarks"]))


def _trainings(trainings: Sequence[_Json]) -> Iterator[str]:
    for number, one in enumerate(trainings):
        loss = one["loss"]
        yield (
            f"{'The last' if number == 0 else 'Before that'}: `{one['verb']}`, {one['steps']:,} "
            f"steps, seed {one['seed']}, loss {loss['first']:.3f} to {loss['last']:.3f}."
        )
        yield ""
        settings = _flat(one["settings"])
        yield from table(("setting", "value"), [(code(name), code(str(v))) for name, v in settings])
        yield ""
        if bits := one.get("bits_per_byte"):
            yield from _bits(bits)
            yield ""


def _bits(rows: Sequence[_Json]) -> Iterator[str]:
    cells = [
        (
            code(row["corpus"]),
            code(row["group"]),
            f"{row['documents']:,}",
            f"{row['bytes']:,}",
            f"{row['bits_per_byte']:.3f}",
        )
        for row in rows
    ]
    yield from table(
        ("held-out text", "group", "documents", "bytes", "bits per byte"), cells, numbers=3
    )


def _flat(tree: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict) and tree:
        for name, value in tree.items():
            yield from _flat(value, f"{prefix}.{name}" if prefix else name)
    elif tree is not None:
        yield prefix, tree


def _files(files: Mapping[str, _Json]) -> Iterator[str]:
    rows = [(code(name), f"{one['bytes']:,}", code(one["sha256"])) for name, one in files.items()]
    yield from table(("file", "bytes", "SHA-256"), rows)
