"""The paper's instrument: category scores of an OpenAI-style moderation endpoint.

`moderation:MODEL?endpoint=URL&calls=N` posts each stretch of a text to `/moderations`; a long text
scores in each category as its worst stretch. The scores are the service's own, between 0 and 1,
and not calibrated: the paper compares their means before and after (arXiv 2412.03253, section 3:
sexual, hate, harassment, violence).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tahdhib.llm.chat import Reply, Setback, Usage, key_of
from tahdhib.llm.reading import excerpt
from tahdhib.progress import Progress
from tahdhib.score.adapters.argument import parse_argument
from tahdhib.score.adapters.endpoint import OPTIONS, Endpoint, Forecast, Settings, settings_of
from tahdhib.score.adapters.stretches import stretches
from tahdhib.score.card import Card, Score

PAPER = ("sexual", "hate", "harassment", "violence")
CATEGORIES = (
    *PAPER,
    "sexual/minors",
    "hate/threatening",
    "harassment/threatening",
    "violence/graphic",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
)
"""The columns: the paper's four, then the others that every model of the service has."""
EXAMPLE = "moderation:omni-moderation-latest?calls=8000"
NEUTRAL = 0.0


@dataclass(frozen=True, slots=True)
class Post:
    """One text to be moderated."""

    model: str
    text: str

    def payload(self) -> dict[str, object]:
        """The body of the call."""
        return {"model": self.model, "input": self.text}

    def key(self, base_url: str) -> str:
        """Hash of all that the answer depends on."""
        return key_of([base_url.rstrip("/"), "moderations", self.payload()])


class Moderation:
    """Category scores of texts; see the module for what they mean."""

    name = "moderation"

    def __init__(self, argument: str = "", *, progress: Progress | None = None) -> None:
        parsed = parse_argument(self.name, argument, OPTIONS, EXAMPLE)
        self._open(settings_of(self.name, parsed, max_tokens=1), progress)

    def _open(self, settings: Settings, progress: Progress | None) -> None:
        model = settings.teacher.model
        self._model = model
        self._endpoint = Endpoint(settings, "/moderations", read_scores, progress)
        self.unanswered = 0
        self.version = model
        self.card = Card(
            name=self.name,
            version=model,
            measures="what a moderation service thinks of a text, by category",
            scores=tuple(
                Score(name, "the service's score, 0..1", f"the worst stretch in {name!r}")
                for name in CATEGORIES
            ),
            languages=(),
            training=(f"unknown: {model} is a service, which may change under the same name",),
            measured=(),
            is_evidence={},
            notes=(
                "never measured here: no evidence",
                "a blank text scores 0; so does a text without an answer, where those are "
                "tolerated",
            ),
        )

    def forecast(self, texts: Sequence[str]) -> Forecast:
        """What scoring the texts would take; nothing is sent."""
        flat = [one for text in texts for one in stretches(text)]
        return self._endpoint.forecast(
            [Post(self._model, one) for one in flat], sum(map(len, flat))
        )

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 11); `unanswered` then says how many texts got none of their own.

        Raises:
            TahdhibError: as `Endpoint.ask`.
        """
        bought = self._endpoint.ask(texts, lambda text: Post(self._model, text))
        self.unanswered = bought.unanswered
        scores = np.full((len(texts), len(CATEGORIES)), NEUTRAL)
        for row, places in enumerate(bought.places):
            replies = [bought.replies[place] for place in places]
            found = [_row(reply) for reply in replies if reply is not None]
            if found and len(found) == len(places):
                scores[row] = np.max(found, axis=0)
        return scores


def read_scores(body: bytes) -> Reply | Setback:
    """Read the body of a moderation; a category without a number is a setback."""
    try:
        content = json.loads(body)
        scores = content["results"][0]["category_scores"]
        found = {name: _number(scores[name]) for name in CATEGORIES}
    except (ValueError, KeyError, IndexError, TypeError):
        seen = excerpt(body.decode("utf-8", "replace"))
        return Setback("unparsable", f"expected category_scores from 0 to 1 as JSON, got {seen!r}")
    return Reply(json.dumps(found), "stop", Usage(calls=1))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not math.isfinite(value) or not 0 <= value <= 1:
        raise ValueError(f"{value!r} is outside 0..1")
    return float(value)


def _row(reply: Reply) -> list[float]:
    scores = json.loads(reply.text)
    return [scores[name] for name in CATEGORIES]
