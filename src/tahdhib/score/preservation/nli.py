"""Does the source entail the rewrite, and the rewrite the source? By any NLI model: `nli:MODEL`.

An NLI model reads a premise and a hypothesis and gives shares for entailment, neutral and
contradiction. Hypotheses are single sentences; the premise is the sentence of the other text that
shares most words with it, with its neighbours, so that it fits into the model. `entailed`: the
lowest entailment of a sentence of the rewrite by the source, so that one added claim shows; `kept`:
the lowest of a sentence of the source by the rewrite, so that one dropped one does;
`uncontradicted`: 1 less the highest contradiction, both ways.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import RecipeError
from tahdhib.processes.threads import at_threads
from tahdhib.score.card import Card, Score
from tahdhib.score.models import batches, finite, load, printable
from tahdhib.score.preservation.plain import words
from tahdhib.text.segment import sentences

MOST_SENTENCES = 200
"""Sentences of a text that are asked about; the first ones."""
_ENTAILMENT, _CONTRADICTION = "entail", "contradict"


class Nli:
    """Entailment both ways by an NLI model; torch is loaded with the model."""

    name = "nli"

    def __init__(self, model: str = "", *, threads: int = 1) -> None:
        meant = "a text-classification model with the labels entailment, neutral, contradiction"
        self._loaded = load(self.name, model, "AutoModelForSequenceClassification", meant)
        self._columns = columns_of(self._loaded.model.config.id2label, model)
        self._threads = threads
        self.version = f"{model}, sentences in windows of {self._loaded.window}"
        self.card = Card(
            name=self.name,
            version=self.version,
            measures=f"whether source and rewrite entail each other, by {model}",
            scores=(
                Score("entailed", "share", "lowest entailment of a sentence of the rewrite"),
                Score("kept", "share", "lowest entailment of a sentence of the source"),
                Score("uncontradicted", "share", "1 less the highest contradiction, both ways"),
            ),
            languages=(),
            training=(f"that of {model}: see its own card",),
            measured=(),
            is_evidence={},
            notes=("never measured here: no evidence",),
        )

    def compare(self, sources: Sequence[str], rewrites: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 3); sentences that the other text has word by word are not asked about.

        Raises:
            ValueError: there are not as many rewrites as sources.
            DataError: the model's weights give something that is no number.
        """
        if len(sources) != len(rewrites):
            raise ValueError(f"{len(sources)} sources, {len(rewrites)} rewrites: expected as many")
        asked: list[tuple[int, int, str, str]] = []
        for row, (source, rewrite) in enumerate(zip(sources, rewrites, strict=True)):
            asked += [(row, 0, *question) for question in _questions(source, rewrite)]
            asked += [(row, 1, *question) for question in _questions(rewrite, source)]
        shares = self._shares([(premise, hypothesis) for *_, premise, hypothesis in asked])
        scores = np.ones((len(sources), 3))
        for (row, column, _, _), (entailed, contradicted) in zip(asked, shares, strict=True):
            scores[row, column] = min(scores[row, column], entailed)
            scores[row, 2] = min(scores[row, 2], 1 - contradicted)
        return scores

    def _shares(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Shares (N, 2) of entailment and contradiction."""
        import torch

        rows = [
            self._loaded.tokenizer(
                premise, hypothesis, truncation=True, max_length=self._loaded.window, verbose=False
            )
            for premise, hypothesis in pairs
        ]
        found = np.zeros((len(pairs), 2))
        model = self._loaded.model
        with at_threads(self._threads), torch.inference_mode():
            for batch in batches([len(row["input_ids"]) for row in rows]):
                given = {
                    name: torch.tensor([rows[place][name] for place in batch], device=model.device)
                    for name in rows[batch[0]]
                }
                logits = model(**given).logits.double()
                found[batch] = logits.softmax(dim=-1).cpu().numpy()[:, self._columns]
        return finite(found, self.name, self.version)


def columns_of(labels: Mapping[int, str], model: str) -> tuple[int, int]:
    """The columns of entailment and contradiction.

    Raises:
        RecipeError: the model has no label for one of them, or several.
    """
    found = []
    for meant in (_ENTAILMENT, _CONTRADICTION):
        columns = [
            int(column) for column, label in labels.items() if str(label).lower().startswith(meant)
        ]
        if len(columns) != 1:
            raise RecipeError(
                f"nli:{model}: its labels are {', '.join(map(str, labels.values()))}; expected one "
                "that begins with entail and one with contradict. Name a model trained for NLI."
            )
        found += columns
    return found[0], found[1]


def _questions(text: str, about: str) -> Iterator[tuple[str, str]]:
    """(premise, hypothesis) for each sentence of `about` that `text` has not word by word."""
    premises = [sentence.text for sentence in sentences(printable(text))]
    spelt = [frozenset(words(premise)) for premise in premises]
    known = {words(premise) for premise in premises}
    for sentence in sentences(printable(about))[:MOST_SENTENCES]:
        told = words(sentence.text)
        if not told or told in known:
            continue
        if not premises:
            yield "", sentence.text
            continue
        wanted = frozenset(told)
        at = max(range(len(premises)), key=lambda place: (len(wanted & spelt[place]), -place))
        yield "".join(premises[max(0, at - 1) : at + 2]), sentence.text
