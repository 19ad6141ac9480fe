"""What lets plain transformers open a worker's folder, without this package: its config, and copies
of the modules that read a text and compute the logits.

Nothing here runs the copies; transformers does, for those who say `trust_remote_code`.
"""

import re
from pathlib import Path

from tahdhib.store.shards import write_json, write_text
from tahdhib.workers.edit.tagger import Extras

CONFIG = "config.json"

_MODEL = "workers/edit/modeling_tahdhib.py"
_MODULES = (
    _MODEL,
    "workers/edit/features.py",
    "workers/edit/units.py",
    "text/segment.py",
    "text/placeholders.py",
    "records.py",
)
_OURS = re.compile(r"^from tahdhib\.(?:\w+\.)*(\w+) import", re.MULTILINE)


def write_opened(folder: Path, extras: Extras) -> None:
    """Write the config and the modules beside the weights."""
    source = Path(__file__).parents[2]
    module = Path(_MODEL).stem
    names = dict(enumerate(extras.labels))
    form = extras.form
    assert form is not None  # an encoder of transformers needs no modules of ours
    write_json(
        folder / CONFIG,
        {
            "model_type": "tahdhib-edit",
            "architectures": ["TahdhibEditForTokenClassification"],
            "auto_map": {
                "AutoConfig": f"{module}.TahdhibEditConfig",
                "AutoModelForTokenClassification": f"{module}.TahdhibEditForTokenClassification",
            },
            "features": form.features,
            "embedding": form.embedding,
            "hidden": form.hidden,
            "dilations": form.dilations,
            "keep_bias": dict(extras.keep_bias),
            "lean": extras.lean,
            "id2label": {str(number): name for number, name in names.items()},
            "label2id": {name: number for number, name in names.items()},
        },
    )
    for path in _MODULES:
        code = (source / path).read_text(encoding="utf-8")
        write_text(folder / Path(path).name, _OURS.sub(r"from .\1 import", code))
