"""What a trained worker says about itself, as a record beside its weights."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.records import Interval
from tahdhib.workers.card import Kind, Way
from tahdhib.workers.edit.measure import Figures
from tahdhib.workers.edit.train import Trained

_BY_TAHDHIB = Way(
    "With Tahdhib: the text, each edit with who is behind it, and what the gate says.",
    "bash",
    'tahdhib polish "…" --worker FOLDER',
)
_ONLY_EDITS = (
    "It deletes and puts in what it has seen in its pairs; it cannot say a thing otherwise."
)

KIND = Kind(
    says=(
        "It reads a text and tags each of its words and marks: keep, delete, replace, insert. What "
        "it does not tag stays as it is, to the letter."
    ),
    task="token-classification",
    tags=("edit-worker", "text-editing"),
    ways=(
        _BY_TAHDHIB,
        Way(
            "With numpy alone, which starts at once; `open` in place of `open_light` is torch's.",
            "python",
            "from pathlib import Path\n"
            "from tahdhib.records import Document\n"
            "from tahdhib.workers.edit.worker import EditWorker\n\n"
            'worker = EditWorker.open_light(Path("FOLDER"), batch=8192)\n'
            'print(worker.rewrite([Document("1", "…")])[0].text)',
        ),
        Way(
            "With transformers and without Tahdhib: the most likely label of each unit. Tahdhib "
            "makes an edit only where it is sure enough (`keep_bias` and `lean` of the config).",
            "python",
            "from transformers import AutoModelForTokenClassification\n\n"
            "model = AutoModelForTokenClassification.from_pretrained(\n"
            '    "FOLDER", trust_remote_code=True\n'
            ")\n"
            'print(model.tags(["…"]))',
        ),
    ),
    limits=(
        _ONLY_EDITS,
        "It sees few words to either side, so what an edit far away would ask for it does not do.",
    ),
)

KIND_ON_BASE = KIND._replace(
    ways=(
        _BY_TAHDHIB,
        Way(
            "From Python, with torch and transformers.",
            "python",
            "from pathlib import Path\n"
            "from tahdhib.records import Document\n"
            "from tahdhib.workers.edit.worker import EditWorker\n\n"
            'worker = EditWorker.open(Path("FOLDER"), batch=8192, threads=1)\n'
            'print(worker.rewrite([Document("1", "…")])[0].text)',
        ),
        Way(
            "With transformers and without Tahdhib: a label for each word, that of its first "
            "token. Tahdhib makes an edit only where it is sure enough (`edit_worker.json`).",
            "python",
            "from transformers import AutoModelForTokenClassification, AutoTokenizer\n\n"
            'tokenizer = AutoTokenizer.from_pretrained("FOLDER")\n'
            'model = AutoModelForTokenClassification.from_pretrained("FOLDER")\n'
            'read = tokenizer("…".split(), is_split_into_words=True, return_tensors="pt")\n'
            "print(model(**read).logits.argmax(2))",
        ),
    ),
    limits=(_ONLY_EDITS, "A long text is read in windows, which do not see each other."),
)
"""An edit worker on an encoder of transformers."""


def kind_of(record: Mapping[str, Any]) -> Kind:
    """What is told of a worker beside its record."""
    return KIND_ON_BASE if "base" in record else KIND


def record(trained: Trained, settings: EditSettings, origin: Mapping[str, Any]) -> dict[str, Any]:
    """What `workers.card` reads: no clock and no host, so that a worker trained again has the same
    one. `origin` is what the caller knows: hashes, licences, languages, seed, threads."""
    model = trained.tagger.model
    settled = settings.model_dump(mode="json")
    base = None if settings.base is None else model.base._asdict()
    return {
        "kind": "edit",
        **origin,
        **({} if base is None else {"base": base}),
        "settings": settled if base is None else {**settled, "base": base["name"]},
        "keep_bias": dict(trained.tagger.keep_bias),
        "lean": trained.tagger.lean,
        "parameters": sum(weights.numel() for weights in model.parameters()),
        "pairs": dict(trained.parts),
        "drops": dict(trained.drops),
        "label_counts": dict(trained.label_counts),
        "lost_operations": trained.lost_operations,
        "held_out": {teacher: figures_as_json(one) for teacher, one in trained.held_out.items()},
    }


def figures_as_json(one: Figures) -> dict[str, Any]:
    """Figures of held-out pairs, as a card has them."""
    return {
        "pairs": one.pairs,
        "edits": one.tally._asdict(),
        "precision": _interval(one.precision),
        "recall": _interval(one.recall),
    }


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    return asdict(interval) if interval else None
