"""Perplexity as in the native-alignment paper (arXiv 2412.03253, section 3), by any causal model.

    PPL(z) = exp( (1/|z|) sum_j NLL(t_j) ),   NLL(t_j) = -log P(t_j | t_<j)

|z| counts the tokens that are predicted. Where the tokenizer has a token for the beginning (else
one for the end), it stands before the text and is not predicted itself; with neither, the first
token of a text is not predicted, since nothing says how likely it was. Chat templates and other
special tokens are left out.

A text longer than the window is read in windows that overlap: each starts `stride` tokens after the
one before and predicts only the tokens that no window before it did, so that every token is counted
once and has at least `window - stride` tokens before it. (The paper does not say what it did.)

Perplexities of models with different tokenizers cannot be compared; bits per character can:
sum of NLL / ln 2 / characters of the text.

Windows of one length are read together, and nothing is padded, so that a text's score depends on
the texts beside it only through the sums of the matrix library: measured below one part in 100,000.
The same call on one machine and torch build is bit-equal at one number of threads.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.processes.threads import at_threads
from tahdhib.score.card import Card, Score
from tahdhib.score.models import batches, finite, load, printable

SCORES = (
    Score("perplexity", "per token", "how surprising a token is on average; lower is more fluent"),
    Score("bits", "bits per character", "the same in a unit that models share"),
    Score("tokens", "tokens", "predicted tokens: the weight of the text in a mean over tokens"),
)
WINDOW_TOKENS = 1024
"""Longest window, where the model can read so much."""
LARGEST_LOSS = 700.0
"""Mean NLL is cut here, so that its exponential is a number."""


class Window(NamedTuple):
    """A stretch of a text's tokens: whose it is, its ids, and the first that it predicts."""

    owner: int
    ids: tuple[int, ...]
    first: int


class Perplexity:
    """Perplexity of texts under a causal language model: `perplexity:FOLDER_OR_NAME`."""

    name = "perplexity"

    def __init__(self, model: str = "", *, stride: int = 512, threads: int = 1) -> None:
        self._loaded = load(
            self.name,
            model,
            "AutoModelForCausalLM",
            "a causal language model",
            longest=WINDOW_TOKENS,
        )
        self._window = self._loaded.window
        self._stride = min(stride, max(1, self._window // 2))
        self._threads = threads
        self._start = self._loaded.tokenizer.bos_token_id
        if self._start is None:
            self._start = self._loaded.tokenizer.eos_token_id
        self.version = f"{model}, window {self._window}, stride {self._stride}"
        self.card = Card(
            name=self.name,
            version=self.version,
            measures="how surprising a text is to a causal language model",
            scores=SCORES,
            languages=(),
            training=(f"that of {model}: see its own card",),
            measured=(),
            is_evidence={},
            notes=("never measured here: no evidence", f"bit-equal at {threads} thread(s)"),
        )

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 3); 0.0 everywhere where nothing is predicted, as in the empty text."""
        windows = [one for owner, text in enumerate(texts) for one in self._windows(owner, text)]
        losses = np.zeros(len(windows))
        with at_threads(self._threads):
            for batch in batches([len(window.ids) for window in windows]):
                losses[batch] = self._losses([windows[at] for at in batch])
        finite(losses, self.name, self.version)
        totals, counts = np.zeros(len(texts)), np.zeros(len(texts))
        for window, loss in zip(windows, losses, strict=True):
            totals[window.owner] += loss
            counts[window.owner] += len(window.ids) - window.first
        sizes = np.array([max(1, len(text)) for text in texts], dtype=np.float64)
        mean = np.minimum(totals / np.maximum(counts, 1), LARGEST_LOSS)
        perplexity = np.where(counts > 0, np.exp(mean), 0.0)
        return np.column_stack([perplexity, totals / math.log(2) / sizes, counts])

    def _windows(self, owner: int, text: str) -> list[Window]:
        clean = printable(text)
        ids = self._loaded.tokenizer(clean, add_special_tokens=False, verbose=False)["input_ids"]
        if self._start is not None:
            ids = [self._start, *ids]
        return list(windows(owner, ids, window=self._window, stride=self._stride))

    def _losses(self, batch: Sequence[Window]) -> list[float]:
        """Summed NLL of what each window of one length predicts."""
        import torch

        model = self._loaded.model
        ids = torch.tensor([window.ids for window in batch], device=model.device)
        with torch.inference_mode():
            logits_BTV = model(input_ids=ids, use_cache=False).logits[:, :-1].float()
            loss_BT = torch.nn.functional.cross_entropy(
                logits_BTV.transpose(1, 2), ids[:, 1:], reduction="none"
            )
        each = loss_BT.double().cpu()
        return [
            float(row[window.first - 1 :].sum()) for row, window in zip(each, batch, strict=True)
        ]


def windows(owner: int, ids: Sequence[int], *, window: int, stride: int) -> Iterator[Window]:
    """Cut token ids into windows that predict each but the first exactly once."""
    start, predicted = 0, 1
    while predicted < len(ids):
        end = min(start + window, len(ids))
        yield Window(owner, tuple(ids[start:end]), predicted - start)
        start, predicted = start + stride, end
