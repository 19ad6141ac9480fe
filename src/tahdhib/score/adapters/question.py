"""What a judge is asked: a chat call whose answer is a few tokens, with their probabilities."""

from dataclasses import dataclass

from tahdhib.llm.chat import key_of
from tahdhib.score.adapters.argument import number

TOPS = 20
"""Tokens that are asked for by default, which is the most that OpenAI allows; others stop at 5."""


def tops_of(scorer: str, option: str) -> int:
    """What the option `logprobs` says: `yes`, `no`, or how many tokens.

    Raises:
        RecipeError: it says something else.
    """
    match option:
        case "yes":
            return TOPS
        case "no":
            return 0
    return int(number(scorer, "logprobs", option, 1, TOPS))


@dataclass(frozen=True, slots=True)
class JudgeQuestion:
    """One thing to be judged. `kind` keeps the answers of one judge apart from another's; `tops`:
    most likely tokens that are asked for at each place of the answer, 0: no probabilities."""

    kind: str
    system: str
    user: str
    model: str
    max_tokens: int
    tops: int

    def payload(self) -> dict[str, object]:
        """The body of the call."""
        body: dict[str, object] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": self.system},
                {"role": "user", "content": self.user},
            ],
            "temperature": 0.0,
            "max_tokens": self.max_tokens,
        }
        return {**body, "logprobs": True, "top_logprobs": self.tops} if self.tops else body

    def key(self, base_url: str) -> str:
        """Hash of all that the answer depends on."""
        return key_of([base_url.rstrip("/"), self.kind, self.payload()])
