"""A worker's folder opens with plain transformers, and gives the tags of the fast path."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers")

from tahdhib.workers.edit.light import open_light
from tahdhib.workers.edit.predict import decide, tag
from tahdhib.workers.edit.tagger import KEEP_INDEX

# In a process that cannot see this package; reads sentences, writes logits by unit.
_ALONE = """
import json, sys
import numpy as np
class Nobody:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "tahdhib":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Nobody())
from transformers import AutoModelForTokenClassification
folder, texts, out = sys.argv[1:]
model = AutoModelForTokenClassification.from_pretrained(folder, trust_remote_code=True).eval()
logits = []
texts = json.load(open(texts))
for start in range(0, len(texts), 50):
    read = model.read(texts[start : start + 50])
    made = model(**read).logits.detach().numpy()
    logits += [row[:size] for row, size in zip(made, read["attention_mask"].sum(1).tolist())]
np.savez(out, *logits)
print(json.dumps(model.tags(texts[:2]), ensure_ascii=False))
"""


def test_plain_transformers_give_the_tags_of_the_fast_path(
    real_folder: Path, real_sentences: list[str], tmp_path: Path
) -> None:
    texts, out = tmp_path / "texts.json", tmp_path / "logits.npz"
    texts.write_text(json.dumps(real_sentences), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, str(real_folder), str(texts), str(out)],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    light = open_light(real_folder)
    with np.load(out) as made:
        logits = [made[f"arr_{place}"] for place in range(len(real_sentences))]
    by_numpy = tag(light, real_sentences, 512)
    by_transformers = [
        tags._replace(
            keep_U=one[:, KEEP_INDEX] - np.float32(light.lean),
            other_U=one[:, 1:].max(axis=1),
            best_U=one[:, 1:].argmax(axis=1) + 1,
            delete_U=one[:, 1],
            rest_U=np.logaddexp.reduce(one[:, 1:], axis=1),
        )
        for tags, one in zip(by_numpy, logits, strict=True)
    ]
    assert [decide(one, light.labels, light.keep_bias) for one in by_transformers] == [
        decide(one, light.labels, light.keep_bias) for one in by_numpy
    ]
    for text, units in zip(real_sentences, json.loads(done.stdout), strict=False):
        assert "".join(unit for unit, _ in units) == text


def test_the_folder_names_its_labels(real_folder: Path) -> None:
    config = json.loads((real_folder / "config.json").read_text(encoding="utf-8"))
    light = open_light(real_folder)
    assert [config["id2label"][str(n)] for n in range(len(light.labels))] == list(light.labels)
    assert config["keep_bias"] == light.keep_bias
