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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError, MissingExtraError, RecipeError
from tahdhib.score.card import Card, Score

SCORES = (
    Score("perplexity", "per token", "how surprising a token is on average; lower is more fluent"),
    Score("bits", "bits per character", "the same in a unit that models share"),
    Score("tokens", "tokens", "predicted tokens: the weight of the text in a mean over tokens"),
)
WINDOW_TOKENS = 1024
"""Longest window, where the model can read so much."""
LARGEST_LOSS = 700.0
"""Mean NLL is cut here, so that its exponential is a number."""
_TOKENS_AT_ONCE = 8192


class Window(NamedTuple):
    """A stretch of a text's tokens: whose it is, its ids, and the first that it predicts."""

    owner: int
    ids: tuple[int, ...]
    first: int


class Perplexity:
    """Perplexity of texts under a causal language model: `perplexity:FOLDER_OR_NAME`."""

    name = "perplexity"

    def __init__(self, model: str = "", *, stride: int = 512, threads: int = 1) -> None:
        if not model:
            raise RecipeError(
                "scorer 'perplexity' needs a causal language model, as perplexity:FOLDER or "
                "perplexity:NAME_ON_THE_HUB, such as perplexity:meta-llama/Meta-Llama-3-8B"
            )
        self._tokenizer, self._model = _loaded(model)
        self._window = _window(self._model.config)
        self._stride = min(stride, max(1, self._window // 2))
        self._threads = threads
        self._start = self._tokenizer.bos_token_id
        if self._start is None:
            self._start = self._tokenizer.eos_token_id
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
        import torch

        windows = [one for owner, text in enumerate(texts) for one in self._windows(owner, text)]
        order = sorted(range(len(windows)), key=lambda at: (len(windows[at].ids), at))
        losses = [0.0] * len(windows)
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            for batch in _batches(windows, order):
                for place, loss in zip(
                    batch, self._losses([windows[at] for at in batch]), strict=True
                ):
                    losses[place] = loss
        finally:
            torch.set_num_threads(before)
        if not np.isfinite(losses).all():
            raise DataError(
                f"perplexity:{self.version}: gives something that is no number; its weights are "
                "damaged. Load them anew, or name another model."
            )
        totals, counts = np.zeros(len(texts)), np.zeros(len(texts))
        for window, loss in zip(windows, losses, strict=True):
            totals[window.owner] += loss
            counts[window.owner] += len(window.ids) - window.first
        sizes = np.array([max(1, len(text)) for text in texts], dtype=np.float64)
        mean = np.minimum(totals / np.maximum(counts, 1), LARGEST_LOSS)
        perplexity = np.where(counts > 0, np.exp(mean), 0.0)
        return np.column_stack([perplexity, totals / math.log(2) / sizes, counts])

    def _windows(self, owner: int, text: str) -> list[Window]:
        clean = text.encode("utf-8", "replace").decode("utf-8")
        ids = self._tokenizer(clean, add_special_tokens=False, verbose=False)["input_ids"]
        if self._start is not None:
            ids = [self._start, *ids]
        return list(windows(owner, ids, window=self._window, stride=self._stride))

    def _losses(self, batch: Sequence[Window]) -> list[float]:
        """Summed NLL of what each window of one length predicts."""
        import torch

        ids = torch.tensor([window.ids for window in batch], device=self._model.device)
        with torch.inference_mode():
            logits_BTV = self._model(input_ids=ids, use_cache=False).logits[:, :-1].float()
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


def _batches(windows: Sequence[Window], order: Sequence[int]) -> Iterator[list[int]]:
    """Places of windows of one length, together at most `_TOKENS_AT_ONCE` tokens."""
    batch: list[int] = []
    for place in order:
        size = len(windows[place].ids)
        is_other = bool(batch) and len(windows[batch[0]].ids) != size
        if batch and (is_other or (len(batch) + 1) * size > _TOKENS_AT_ONCE):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _window(config: Any) -> int:
    longest = getattr(config, "max_position_embeddings", None) or WINDOW_TOKENS
    return max(2, min(WINDOW_TOKENS, int(longest)))


def _loaded(model: str) -> tuple[Any, Any]:
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise MissingExtraError("perplexity under a causal language model", "train") from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(model)
        # In fp32 on every machine: half precision would make figures of two machines differ.
        opened = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    except (OSError, ValueError, KeyError, ImportError) as error:
        seen = " ".join(str(error).split())[:200]
        raise RecipeError(
            f"perplexity:{model}: no causal language model could be loaded ({seen}); expected a "
            "folder that save_pretrained wrote, with its tokenizer, or a name on the hub. Name "
            "such a one."
        ) from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return tokenizer, opened.eval().to(device)
