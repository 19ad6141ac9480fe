"""Scores that are bought from an endpoint: said before, bounded, on disk before they count.

Nothing is sent before the number of calls is allowed: the option `calls` says how many may be sent
at most, by all processes and runs that share the folder of answers, tries that fail among them; a
file there counts them. Where it is missing or too small the error says how many would be sent.
Answers lie in that folder under the hash of what was asked, whoever asks again, so that nothing is
bought twice. A text that gets no usable answer is never given a made-up score, unless the recipe
tolerates a share of such texts: they then get the scale's neutral value, and are counted.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tahdhib.config.environment import answers_folder, openai_address, secret
from tahdhib.config.recipe import OpenAITeacher
from tahdhib.errors import EndpointError, RecipeError
from tahdhib.llm.cache import Answers
from tahdhib.llm.chat import Failure, Question, Reply, Setback, key_of
from tahdhib.llm.client import complete_all
from tahdhib.llm.door import Allowance, Door
from tahdhib.progress import Progress, Silence
from tahdhib.score.adapters.argument import Argument, number
from tahdhib.score.adapters.stretches import LONGEST_CHARACTERS, stretches

OPTIONS = ("endpoint", "key", "calls", "answers", "tolerate", "in_flight", "retries", "timeout")
"""`endpoint`: where the server listens. `key`: environment variable with the key, or `none`.
`calls`: most calls that may be sent in all. `answers`: folder of bought answers. `tolerate`: share
of texts that may stay without an answer. `in_flight`: calls of a process under way at once.
`retries`: further tries of a call that failed. `timeout`: seconds to wait for an answer."""
_MOST_CALLS = 10**9
_CHARACTERS_PER_TOKEN = (2.0, 5.0)
"""Few of Arabic under an English tokenizer, many of English: a forecast names both."""


class Forecast(NamedTuple):
    """What scoring texts would take: calls to send, answers that are on disk already, characters
    to be read by the model."""

    calls: int
    known: int
    characters: int

    def words(self) -> str:
        """The forecast as one clause."""
        low, high = (round(self.characters / one) for one in reversed(_CHARACTERS_PER_TOKEN))
        return (
            f"{self.calls:,} calls, which read some {low:,} to {high:,} tokens "
            f"({self.known:,} answers are on disk already)"
        )


class Settings(NamedTuple):
    """How an endpoint is asked."""

    scorer: str
    teacher: OpenAITeacher
    calls: int | None
    folder: Path
    tolerate: float


class Bought(NamedTuple):
    """Replies by stretch, and by text the places of its own; None: no usable answer."""

    replies: list[Reply | None]
    places: list[list[int]]
    unanswered: int


class Endpoint:
    """Asks about texts in stretches; the scorers of endpoints share it."""

    def __init__(
        self,
        settings: Settings,
        path: str,
        read: Callable[[bytes], Reply | Setback],
        progress: Progress | None = None,
    ) -> None:
        self.settings = settings
        self._path, self._read = path, read
        self._progress = progress or Silence()
        account = key_of([settings.scorer, settings.teacher.base_url])[:16]
        self._allowance = Allowance(settings.calls or 0, settings.folder / "sent" / account)

    def forecast(self, questions: Sequence[Question], characters: int) -> Forecast:
        """What asking would take; nothing is sent."""
        base_url = self.settings.teacher.base_url
        keys = {question.key(base_url) for question in questions}
        with closing(Answers(self.settings.folder)) as answers:
            known = sum(answers.load(key) is not None for key in keys)
        share = (len(keys) - known) / max(1, len(keys))
        return Forecast(len(keys) - known, known, round(characters * share))

    def ask(self, texts: Sequence[str], question: Callable[[str], Question]) -> Bought:
        """Ask about each stretch of each text; see `buy`."""
        cut = [stretches(text) for text in texts]
        places, start = [], 0
        for each in cut:
            places.append(list(range(start, start + len(each))))
            start += len(each)
        return self.buy([question(one) for each in cut for one in each], places)

    def buy(self, questions: Sequence[Question], places: list[list[int]]) -> Bought:
        """Buy what is not on disk; `places` are by text those of its own questions.

        Raises:
            RecipeError: more calls would be sent than are allowed; none was.
            EndpointError: the endpoint cannot be used, or more texts stay without a usable answer
                than are tolerated; what came is on disk.
        """
        if not questions:
            return Bought([], places, 0)
        asked = [len(str(one.payload())) for one in questions]
        forecast = self.forecast(questions, sum(asked))
        self._check_allowed(forecast)
        with self._progress.task(self.settings.scorer, len(questions), "answers") as task:
            outcomes = complete_all(
                questions,
                settings=self.settings.teacher,
                cache_folder=self.settings.folder,
                api_key=self._key() if forecast.calls else None,
                on_reply=lambda _: task.advance(),
                door=self._door(),
            )
        failures = {at: one for at, one in enumerate(outcomes) if isinstance(one, Failure)}
        without = sum(any(at in failures for at in mine) for mine in places)
        self._check(without, len(places), list(failures.values()))
        replies = [one if isinstance(one, Reply) else None for one in outcomes]
        return Bought(replies, places, without)

    def _check_allowed(self, forecast: Forecast) -> None:
        if forecast.calls == 0:
            return
        allowed, sent = self.settings.calls, self._allowance.taken
        if allowed is None or sent + forecast.calls > allowed:
            seen = (
                "no number of calls is allowed"
                if allowed is None
                else f"{sent:,} of the {allowed:,} that are allowed were sent before"
            )
            raise RecipeError(
                f"{self.settings.scorer}: for the texts at hand alone would send "
                f"{forecast.words()} to {self.settings.teacher.base_url}, and {seen}; none was "
                f"sent now. Allow them with the option calls={sent + forecast.calls}; a corpus "
                f"takes a call per text, one more per {LONGEST_CHARACTERS:,} further characters, "
                "and some for tries that fail."
            )
        self._progress.say(f"{self.settings.scorer}: {forecast.words()}")

    def _key(self) -> str | None:
        name = self.settings.teacher.api_key_env
        return None if name is None else secret(name, "the option key=NAME, or key=none")

    def _door(self) -> Door:
        return Door(
            self._path,
            self._read,
            "the environment variable that the option key names",
            f"{self.settings.scorer.partition(':')[0]}:NAME",
            "the option endpoint=URL",
            self._allowance,
        )

    def _check(self, without: int, texts: int, failures: Sequence[Failure]) -> None:
        if without <= self.settings.tolerate * texts:
            return
        reasons = Counter(failure.reason for failure in failures)
        listed = ", ".join(f"{reason}: {n:,}" for reason, n in sorted(reasons.items()))
        raise EndpointError(
            f"{self.settings.scorer}: {without:,} of {texts:,} texts got no usable answer "
            f"({listed}; the first: {failures[0].detail}). The answers that came are on disk: the "
            "same command asks only for the others. Or let some go without a score of their own, "
            "with the option tolerate=SHARE."
        )


def settings_of(scorer: str, argument: Argument, *, max_tokens: int) -> Settings:
    """The settings that an argument and the environment name.

    Raises:
        RecipeError: an option is not what it should be.
    """
    options: Mapping[str, str] = argument.options
    key = options.get("key", "OPENAI_API_KEY")

    def whole(name: str, default: int, low: int, high: int) -> int:
        return int(number(scorer, name, options[name], low, high)) if name in options else default

    timeout = number(scorer, "timeout", options.get("timeout", "120"), 0.001, 86_400)
    teacher = OpenAITeacher(
        base_url=options.get("endpoint") or openai_address(),
        model=argument.model,
        api_key_env=None if key == "none" else key,
        temperature=0.0,
        max_tokens=max_tokens,
        in_flight=whole("in_flight", 16, 1, 1024),
        retries=whole("retries", 3, 0, 100),
        timeout_seconds=timeout,
    )
    return Settings(
        f"{scorer}:{argument.model}",
        teacher,
        whole("calls", 0, 0, _MOST_CALLS) if "calls" in options else None,
        Path(options["answers"]) if options.get("answers") else answers_folder(),
        number(scorer, "tolerate", options.get("tolerate", "0"), 0.0, 1.0),
    )
