"""How far n-gram speculation would carry: from texts alone, without a GPU.

A rewrite copies most of its source. A server that guesses the next tokens from what followed the
same few tokens earlier (in the prompt, or in what is written so far) checks all of a guess in one
step, and goes on behind the part that was right. How many tokens it writes a step follows from the
prompt and the answer, whoever wrote it; so the documents that are rewritten for the figures on a
worker's card are the pilot.

What is guessed is what vLLM guesses (vllm/v1/spec_decode/ngram_proposer.py): behind the longest run
that matches, at its earliest place.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tahdhib.llm.speaker import LOOKED_UP
from tahdhib.records import Interval
from tahdhib.stats.intervals import bootstrap_mean

WORTH = 1.5
"""Tokens a step from which guessing is turned on. A guess that fails costs the arithmetic of its
tokens, which is free only where steps wait for memory; so a small gain on paper is none."""
GUESSED = 5
"""Tokens guessed at once, where a pilot decides."""
_REPETITIONS = 1000


class Pilot(NamedTuple):
    """What guessing would have done for the answers to some documents."""

    tokens: int
    steps: int
    per_step: Interval | None  # tokens; over documents
    guessed: int

    @property
    def lookup(self) -> int:
        """Tokens to guess ahead; 0 where it is not worth it."""
        is_worth = self.per_step is not None and self.per_step.low >= WORTH
        return self.guessed if is_worth else 0


def pilot(answers: Iterable[tuple[Sequence[int], Sequence[int]]], *, seed: int) -> Pilot:
    """What guessing does for prompts and answers, in tokens, an answer's end among them."""
    counts = [(len(answer), steps(prompt, answer)) for prompt, answer in answers if answer]
    tokens, taken = sum(count for count, _ in counts), sum(step for _, step in counts)
    if not taken:
        return Pilot(0, 0, None, GUESSED)
    ratio = tokens / taken
    # A ratio of sums moves with each document by so much, to the first order.
    each = [ratio + (count - ratio * step) * len(counts) / taken for count, step in counts]
    return Pilot(tokens, taken, bootstrap_mean(each, seed=seed, repetitions=_REPETITIONS), GUESSED)


def steps(prompt: Sequence[int], answer: Sequence[int], guessed: int = GUESSED) -> int:
    """Steps of the model that write `answer` after `prompt`: each checks a guess, and adds one
    token to what was right of it."""
    known = Places(prompt)
    written = count = 0
    while written < len(answer):
        guess = known.guess(min(guessed, len(answer) - written - 1))
        rest = answer[written:]
        right = next((at for at, token in enumerate(guess) if token != rest[at]), len(guess))
        for token in rest[: right + 1]:
            known.append(token)
        written += right + 1
        count += 1
    return count


class Places:
    """Tokens so far, and where each short run of them ended first."""

    def __init__(self, tokens: Iterable[int]) -> None:
        self._tokens: list[int] = []
        self._ends: dict[tuple[int, ...], int] = {}
        for token in tokens:
            self.append(token)

    def append(self, token: int) -> None:
        """The next token. What ends with the last one is no place to guess from yet."""
        for run in self._last_runs():
            self._ends.setdefault(run, len(self._tokens))
        self._tokens.append(token)

    def guess(self, most: int) -> list[int]:
        """At most so many tokens that followed what stands last, where it stood first."""
        for run in self._last_runs():
            if (end := self._ends.get(run)) is not None:
                return self._tokens[end : end + most]
        return []

    def _last_runs(self) -> list[tuple[int, ...]]:
        """The runs that end with the last token, the longest first."""
        shortest, longest = LOOKED_UP
        sizes = range(min(longest, len(self._tokens)), shortest - 1, -1)
        return [tuple(self._tokens[-size:]) for size in sizes]
