"""What a judge is asked: a chat call whose answer is a few tokens, with their probabilities."""

from dataclasses import dataclass

from tahdhib.llm.chat import key_of

TOP = 20
"""Most likely tokens that are asked for at each place of the answer."""


@dataclass(frozen=True, slots=True)
class JudgeQuestion:
    """One thing to be judged. `kind` keeps the answers of one judge apart from another's."""

    kind: str
    system: str
    user: str
    model: str
    max_tokens: int
    logprobs: bool

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
        return {**body, "logprobs": True, "top_logprobs": TOP} if self.logprobs else body

    def key(self, base_url: str) -> str:
        """Hash of all that the answer depends on."""
        return key_of([base_url.rstrip("/"), self.kind, self.payload()])
