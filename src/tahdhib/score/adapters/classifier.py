"""Any Hugging Face text-classification model: `classifier:FOLDER_OR_NAME?windows=max`.

Its labels are the columns. What a column means follows from the model's `problem_type`:
`multi_label_classification`, or a single label: the sigmoid of each logit; `regression`: the output
as it is; else, also where the model does not say: the softmax over all labels.

A text longer than the model reads is cut into windows of tokens that overlap by a quarter; a column
is its highest value over them (`windows=max`, so that shares of a softmax need not sum to 1), or
their mean (`windows=mean`). Windows of one length are read together, without padding.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import RecipeError
from tahdhib.processes.threads import at_threads
from tahdhib.score.adapters.argument import parse_argument
from tahdhib.score.card import Card, Score
from tahdhib.score.models import batches, finite, load, printable

EXAMPLE = "classifier:CAMeL-Lab/bert-base-arabic-camelbert-da-sentiment"
Form = Literal["sigmoid", "softmax", "value"]
UNITS: dict[Form, str] = {
    "sigmoid": "the model's probability of the label, 0..1",
    "softmax": "the model's share of the label among all, 0..1",
    "value": "the model's own unit",
}


class Window(NamedTuple):
    """A stretch of a text's tokens and whose it is."""

    owner: int
    ids: tuple[int, ...]


class Classifier:
    """What a text-classification model says of texts, a column per label."""

    name = "classifier"

    def __init__(self, argument: str = "", *, threads: int = 1) -> None:
        parsed = parse_argument(self.name, argument, ("windows",), EXAMPLE)
        model = parsed.model
        self._how = parsed.options.get("windows", "max")
        if self._how not in ("max", "mean"):
            raise RecipeError(
                f"classifier:{argument}: windows is {self._how!r}; expected max or mean"
            )
        self._loaded = load(
            self.name, model, "AutoModelForSequenceClassification", "a text-classification model"
        )
        if not self._loaded.tokenizer.is_fast:
            raise RecipeError(
                f"classifier:{model}: its tokenizer cannot cut texts into windows; expected one "
                "with a tokenizer.json"
            )
        self._threads = threads
        config = self._loaded.model.config
        self._form = form_of(config.problem_type, config.num_labels)
        labels = [str(config.id2label[number]) for number in range(config.num_labels)]
        self.version = f"{model}, {self._how} over windows of {self._loaded.window}"
        self.card = Card(
            name=self.name,
            version=self.version,
            measures=f"what {model} says of a text",
            scores=tuple(
                Score(label, UNITS[self._form], f"the {self._how} over windows of {label!r}")
                for label in labels
            ),
            languages=(),
            training=(f"that of {model}: see its own card",),
            measured=(),
            is_evidence={},
            notes=("never measured here: no evidence", "a blank text scores 0 everywhere"),
        )

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, labels); 0.0 everywhere for a blank text."""
        windows = [one for owner, text in enumerate(texts) for one in self._windows(owner, text)]
        found = np.zeros((len(windows), len(self.card.scores)))
        with at_threads(self._threads):
            for batch in batches([len(window.ids) for window in windows]):
                found[batch] = self._values([windows[at].ids for at in batch])
        finite(found, self.name, self.version)
        rows: list[list[int]] = [[] for _ in texts]
        for place, window in enumerate(windows):
            rows[window.owner].append(place)
        scores = np.zeros((len(texts), len(self.card.scores)))
        for row, places in enumerate(rows):
            if places:
                each = found[places]
                scores[row] = each.max(axis=0) if self._how == "max" else each.mean(axis=0)
        return scores

    def _windows(self, owner: int, text: str) -> Iterator[Window]:
        clean = printable(text)
        if not clean.strip():
            return
        window = self._loaded.window
        cut = self._loaded.tokenizer(
            clean,
            truncation=True,
            max_length=window,
            stride=max(1, window // 4),
            return_overflowing_tokens=True,
            verbose=False,
        )
        for ids in cut["input_ids"]:
            if ids:
                yield Window(owner, tuple(ids))

    def _values(self, rows: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        import torch

        model = self._loaded.model
        ids = torch.tensor(rows, device=model.device)
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.float()
            if self._form == "sigmoid":
                logits = logits.sigmoid()
            elif self._form == "softmax":
                logits = logits.softmax(dim=-1)
        return np.asarray(logits.double().cpu().numpy(), dtype=np.float64)


def form_of(problem_type: str | None, labels: int) -> Form:
    """How logits become scores.

    Raises:
        RecipeError: the model states a problem that is none.
    """
    if problem_type == "multi_label_classification":
        return "sigmoid"
    if problem_type == "regression":
        return "value"
    if problem_type in (None, "single_label_classification"):
        return "sigmoid" if labels == 1 else "softmax"
    raise RecipeError(
        f"classifier: the model's problem_type is {problem_type!r}; expected "
        "single_label_classification, multi_label_classification or regression"
    )
