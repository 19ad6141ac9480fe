"""Likeness of source and rewrite by the vectors of any Hugging Face encoder: `embedding:MODEL`.

A text's vector is the mean of the last hidden states over all its tokens (mean pooling, as in
Reimers and Gurevych 2019), over windows where it is longer than the model reads. The score is the
cosine of the two vectors; what is below 0 counts as 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tahdhib.processes.threads import at_threads
from tahdhib.score.card import Card, Score
from tahdhib.score.models import batches, finite, load, windows


class Embedding:
    """Cosine of the mean-pooled vectors of two texts; torch is loaded with the model."""

    name = "embedding"

    def __init__(self, model: str = "", *, threads: int = 1) -> None:
        self._loaded = load(self.name, model, "AutoModel", "an encoder")
        self._threads = threads
        self.version = f"{model}, mean over windows of {self._loaded.window}"
        self.card = Card(
            name=self.name,
            version=self.version,
            measures=f"how alike {model} finds a rewrite and its source",
            scores=(Score("likeness", "cosine, 0..1", "likeness of the two texts' vectors"),),
            languages=(),
            training=(f"that of {model}: see its own card",),
            measured=(),
            is_evidence={},
            notes=("never measured here: no evidence", "a number or a no weighs little in it"),
        )

    def compare(self, sources: Sequence[str], rewrites: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 1); 1 for two texts that are the same, or both blank; 0 if one is blank.

        Raises:
            ValueError: there are not as many rewrites as sources.
            DataError: the model's weights give something that is no number.
        """
        if len(sources) != len(rewrites):
            raise ValueError(f"{len(sources)} sources, {len(rewrites)} rewrites: expected as many")
        vectors = self._vectors([*sources, *rewrites])
        before, after = vectors[: len(sources)], vectors[len(sources) :]
        cosine = (before * after).sum(axis=1)
        same = [
            one == other or not (one.strip() or other.strip())
            for one, other in zip(sources, rewrites, strict=True)
        ]
        scores = np.where(np.array(same, dtype=bool), 1.0, np.clip(cosine, 0.0, 1.0))
        return np.asarray(scores, dtype=np.float64).reshape(-1, 1)

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Unit vectors (N, D); zeros for a blank text."""
        import torch

        rows = [
            (owner, ids) for owner, text in enumerate(texts) for ids in windows(self._loaded, text)
        ]
        width = int(self._loaded.model.config.hidden_size)
        sums = np.zeros((len(texts), width))
        model = self._loaded.model
        with at_threads(self._threads), torch.inference_mode():
            for batch in batches([len(ids) for _, ids in rows]):
                ids = torch.tensor([rows[place][1] for place in batch], device=model.device)
                read = model(input_ids=ids, attention_mask=torch.ones_like(ids))
                added = read.last_hidden_state.double().sum(dim=1).cpu().numpy()
                np.add.at(sums, [rows[place][0] for place in batch], added)
        finite(sums, self.name, self.version)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.where(norms > 0, norms, 1.0), dtype=np.float64)
