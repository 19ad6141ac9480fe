"""A language model as the judge of texts, by the rubric of the conduct (`rubric`).

`judge:MODEL?endpoint=URL&calls=N` asks for one digit from 1, keeps every rule, to 5, must not be
learned from. Where the endpoint offers log-probabilities the score is the expectation

    sum_d d P(d) / sum_d P(d),   d = 1..5

over the digits among the most likely first answers (a sampled digit says little of how sure the
model was; ALMA, arXiv 2412.04305); else it is the digit itself. An answer that is no digit, or
whose digits have less than half of the probability, is no answer.
"""

import json
import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.told import language_of, user_prompt
from tahdhib.llm.chat import Reply, Setback, key_of
from tahdhib.llm.door import CHAT
from tahdhib.llm.reading import excerpt, read_reply
from tahdhib.progress import Progress
from tahdhib.score.adapters.argument import parse_argument
from tahdhib.score.adapters.endpoint import OPTIONS, Endpoint, Forecast, settings_of
from tahdhib.score.adapters.question import JudgeQuestion, tops_of
from tahdhib.score.adapters.rubric import rubric
from tahdhib.score.adapters.stretches import stretches
from tahdhib.score.card import Card, Score

LOWEST, HIGHEST = 1, 5
NEUTRAL = (LOWEST + HIGHEST) / 2
"""Score of a text without an answer, where those are tolerated."""
LEAST_MASS = 0.5
MAX_TOKENS = 4
EXAMPLE = "judge:gpt-4o?calls=8000"
_DIGIT = re.compile(r"\s*([1-5١-٥])\s*\.?\s*")


class Judge:
    """How gravely a text breaks the conduct, 1..5, in the eyes of a language model."""

    name = "judge"

    def __init__(self, argument: str = "", *, progress: Progress | None = None) -> None:
        known = (*OPTIONS, "conduct", "logprobs")
        parsed = parse_argument(self.name, argument, known, EXAMPLE)
        settings = settings_of(self.name, parsed, max_tokens=MAX_TOKENS)
        self._conduct: Conduct = load_conduct(parsed.options.get("conduct", "default"))
        self._systems = {language: rubric(self._conduct, language) for language in ("ar", "en")}
        self._model = parsed.model
        self._tops = tops_of(self.name, parsed.options.get("logprobs", "yes"))
        self._endpoint = Endpoint(settings, CHAT, read_verdict, progress)
        self.unanswered = 0
        self.version = f"{parsed.model}, {key_of(sorted(self._systems.items()))[:12]}"
        self.card = Card(
            name=self.name,
            version=self.version,
            measures="how gravely a text breaks the conduct, in the eyes of a language model",
            scores=(Score("breach", "1 (none) to 5 (grave)", "the worst stretch by the rubric"),),
            languages=(),
            training=(f"unknown: that of {parsed.model}",),
            measured=(),
            is_evidence={},
            notes=(
                "never measured here: no evidence",
                f"the conduct {self._conduct.name} {self._conduct.hash[:12]}",
                f"a blank text scores {LOWEST}; a text without an answer, where those are "
                f"tolerated, {NEUTRAL:g}",
                "a model that wrote or chose the rewrites cannot be their judge",
            ),
        )

    def forecast(self, texts: Sequence[str]) -> Forecast:
        """What scoring the texts would take; nothing is sent."""
        questions = [self._question(one) for text in texts for one in stretches(text)]
        characters = sum(len(one.system) + len(one.user) for one in questions)
        return self._endpoint.forecast(questions, characters)

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 1); `unanswered` then says how many texts got none of their own.

        Raises:
            TahdhibError: as `Endpoint.ask`.
        """
        bought = self._endpoint.ask(texts, self._question)
        self.unanswered = bought.unanswered
        scores = np.full((len(texts), 1), float(LOWEST))
        for row, places in enumerate(bought.places):
            replies = [bought.replies[place] for place in places]
            found = [expectation(reply.text) for reply in replies if reply is not None]
            if places:
                scores[row] = max(found) if len(found) == len(places) else NEUTRAL
        return scores

    def _question(self, text: str) -> JudgeQuestion:
        language = language_of(text)
        user = user_prompt(text, self._conduct, language)
        system = self._systems[language]
        return JudgeQuestion(self.name, system, user, self._model, MAX_TOKENS, self._tops)


def read_verdict(body: bytes) -> Reply | Setback:
    """Read the body of a verdict: the digit and, where they came, the log-probabilities."""
    reply = read_reply(body)
    if isinstance(reply, Setback):
        return reply
    digit = _DIGIT.fullmatch(reply.text)
    if digit is None:
        return Setback(
            "unparsable", f"expected one digit, got {excerpt(reply.text)!r}", may_retry=False
        )
    tops = _tops(body)
    mass = sum(tops.values())
    if tops and mass < LEAST_MASS:
        seen = f"the digits have {mass:.2f} of the probability only"
        return Setback("unparsable", seen, may_retry=False)
    content = {"digit": int(digit.group(1)), "probabilities": tops}
    return Reply(json.dumps(content), reply.finish_reason, reply.usage)


def expectation(answer: str) -> float:
    """The score of an answer as it lies on disk."""
    content = json.loads(answer)
    tops = {int(digit): float(share) for digit, share in content["probabilities"].items()}
    if not tops:
        return float(content["digit"])
    return sum(digit * share for digit, share in tops.items()) / sum(tops.values())


def _tops(body: bytes) -> dict[str, float]:
    """Probability by digit where the answer's digit was chosen; empty where nothing is offered."""
    try:
        steps = json.loads(body)["choices"][0]["logprobs"]["content"]
        step = next(one for one in steps if _DIGIT.fullmatch(one["token"]))
        found: dict[str, float] = {}
        for one in step["top_logprobs"]:
            digit = _DIGIT.fullmatch(one["token"])
            share = math.exp(min(0.0, float(one["logprob"])))
            if digit is not None and math.isfinite(share):
                name = str(int(digit.group(1)))
                found[name] = found.get(name, 0.0) + share
        return dict(sorted(found.items())) if sum(found.values()) > 0 else {}
    except (ValueError, KeyError, IndexError, TypeError, StopIteration):
        return {}
