"""The worker without torch: the same tags, and a start that loads nothing heavy."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from tahdhib.records import Document
from tahdhib.workers.edit.light import open_light
from tahdhib.workers.edit.model import open_tagger
from tahdhib.workers.edit.predict import decide, tag
from tahdhib.workers.edit.worker import EditWorker

_FEWEST_CHANGED = 100  # of the sentences, or agreement would say little


def test_the_same_tags_as_torch_on_real_sentences(
    real_folder: Path, real_sentences: list[str]
) -> None:
    heavy, light = open_tagger(real_folder), open_light(real_folder)
    assert (light.labels, light.keep_bias) == (heavy.labels, heavy.keep_bias)
    by_torch = tag(heavy, real_sentences, 512)
    by_numpy = tag(light, real_sentences, 512)
    for one, other in zip(by_torch, by_numpy, strict=True):
        for mine, its in zip(one[1:], other[1:], strict=True):
            np.testing.assert_allclose(mine, its, atol=1e-3)
    labels = [decide(tags, heavy.labels, heavy.keep_bias) for tags in by_torch]
    assert [decide(tags, light.labels, light.keep_bias) for tags in by_numpy] == labels
    assert sum(len(set(one)) > 1 for one in labels) >= _FEWEST_CHANGED


def test_to_rewrite_loads_nothing_heavy(real_folder: Path, real_sentences: list[str]) -> None:
    documents = [Document(str(place), text) for place, text in enumerate(real_sentences)]
    heavy = EditWorker.open(real_folder, batch=512, threads=1).rewrite(documents)
    changed = next(place for place, one in enumerate(heavy) if one.edits and "\n" not in one.text)
    code = f"""
import sys
from pathlib import Path
from tahdhib.records import Document
from tahdhib.workers.edit.worker import EditWorker
worker = EditWorker.open_light(Path({str(real_folder)!r}), batch=512)
print(worker.rewrite([Document("1", {real_sentences[changed]!r})])[0].text)
print([name for name in ("torch", "transformers") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{heavy[changed].text}\n[]\n"
