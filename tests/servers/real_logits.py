"""What a server says whose answers come from the logits of a tiny model, told by `chat_server`.

It knows what `transformers serve` does not: several answers (`n`), log-probabilities with a cap,
and `response_format`, to which it holds the model by leaving it the tokens that the schema allows.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.llm.chat_server import Answer
from tests.servers.tiny_chat import one_thread

MOST_IN_A_FIELD = 24
"""Tokens of a text in JSON, so that a model without an end comes to one."""


class FullError(Exception):
    """No more tokens may be written."""


@dataclass
class Pen:
    """Writes token after token; `steps` are the tokens and the log-probabilities (V,) of all that
    could have stood there."""

    model: Any
    past: Any
    logits: torch.Tensor
    temperature: float
    dice: torch.Generator
    left: int
    steps: list[tuple[int, torch.Tensor]] = field(default_factory=list)

    def write(self, token: int) -> int:
        """Put a token down."""
        if self.left == 0:
            raise FullError
        self.left -= 1
        self.steps.append((token, self.logits.log_softmax(0)))
        done = self.model(input_ids=torch.tensor([[token]]), past_key_values=self.past)
        self.past, self.logits = done.past_key_values, done.logits[0, -1].double()
        return token

    def pick(self, allowed: Sequence[int] | None = None) -> int:
        """Let the model write one of the `allowed` tokens, or any."""
        logits = self.logits
        if allowed is not None:
            masked = torch.full_like(logits, -torch.inf)
            masked[list(allowed)] = logits[list(allowed)]
            logits = masked
        if self.temperature == 0:
            return self.write(int(logits.argmax()))
        shares = (logits / self.temperature).softmax(0)
        return self.write(int(torch.multinomial(shares, 1, generator=self.dice)))


class RealLogits:
    """A behaviour for a chat server. `most_tops`: the cap of `top_logprobs`, above which a call is
    refused; `holds_schemas`: else `response_format` is taken and nothing is done about it."""

    def __init__(self, folder: Path, *, most_tops: int = 20, holds_schemas: bool = True) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder).eval()
        self.most_tops, self.holds_schemas = most_tops, holds_schemas
        self._lock = threading.Lock()
        self._plain = [token for token in range(len(self.tokenizer)) if self._is_plain(token)]
        [self._quote] = self._ids('"')

    def __call__(self, payload: dict[str, Any], _earlier: int) -> Answer:
        tops = payload.get("top_logprobs", 0)
        if tops > self.most_tops:
            said = f"top_logprobs: {tops} is more than the {self.most_tops} that are allowed"
            return Answer(status=400, body=json.dumps({"error": {"message": said}}).encode())
        with self._lock, one_thread(), torch.no_grad():
            return Answer(body=json.dumps(self._completion(payload)).encode())

    def prompt_ids(self, messages: list[dict[str, str]]) -> list[int]:
        """What the model reads."""
        text = self.tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, tokenize=False
        )
        return self._ids(text)

    def _completion(self, payload: dict[str, Any]) -> dict[str, Any]:
        prompt = self.prompt_ids(payload["messages"])
        choices, written = [], 0
        for number in range(payload.get("n", 1)):
            pen = self._pen(prompt, payload, payload.get("seed", 0) + number)
            finish = self._answer(pen, payload)
            written += len(pen.steps)
            choices.append(self._choice(pen, number, finish, payload))
        usage = {"prompt_tokens": len(prompt), "completion_tokens": written}
        return {"object": "chat.completion", "choices": choices, "usage": usage}

    def _pen(self, prompt: list[int], payload: dict[str, Any], seed: int) -> Pen:
        read = self.model(input_ids=torch.tensor([prompt]), use_cache=True)
        return Pen(
            self.model,
            read.past_key_values,
            read.logits[0, -1].double(),
            payload.get("temperature", 1.0),
            torch.Generator().manual_seed(seed),
            payload.get("max_tokens", 64),
        )

    def _answer(self, pen: Pen, payload: dict[str, Any]) -> str:
        """Write an answer; why it ended."""
        held = payload.get("response_format")
        try:
            if held is not None and self.holds_schemas:
                self._json(pen, held["json_schema"]["schema"])
            else:
                while pen.pick() != self.tokenizer.eos_token_id:
                    pass
        except FullError:
            return "length"
        return "stop"

    def _json(self, pen: Pen, schema: dict[str, Any]) -> None:
        """An object of texts and of choices among texts, as its schema says."""
        mark = "{"
        for name, one in schema["properties"].items():
            for token in self._ids(f'{mark}"{name}": "'):
                pen.write(token)
            if "enum" in one:
                self._one_of(pen, [[*self._ids(each), self._quote] for each in one["enum"]])
            else:
                self._text(pen)
            mark = ", "
        for token in self._ids("}"):
            pen.write(token)

    def _one_of(self, pen: Pen, options: list[list[int]]) -> None:
        at = 0
        while any(len(one) > at for one in options):
            chosen = pen.pick(sorted({one[at] for one in options if len(one) > at}))
            options = [one for one in options if one[at] == chosen]
            at += 1

    def _text(self, pen: Pen) -> None:
        for _ in range(MOST_IN_A_FIELD):
            if pen.pick([self._quote, *self._plain]) == self._quote:
                return
        pen.write(self._quote)

    def _choice(
        self, pen: Pen, number: int, finish: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        ids = [token for token, _ in pen.steps if token != self.tokenizer.eos_token_id]
        message = {"role": "assistant", "content": self.tokenizer.decode(ids)}
        choice = {"index": number, "message": message, "finish_reason": finish}
        if not payload.get("logprobs"):
            return choice
        tops = payload.get("top_logprobs", 0)
        content = [self._step(token, shares, tops) for token, shares in pen.steps]
        return {**choice, "logprobs": {"content": content}}

    def _step(self, token: int, shares: torch.Tensor, tops: int) -> dict[str, Any]:
        best = shares.topk(tops)
        return {
            **self._told(token, shares),
            "top_logprobs": [self._told(one, shares) for one in best.indices.tolist()],
        }

    def _told(self, token: int, shares: torch.Tensor) -> dict[str, Any]:
        return {"token": self.tokenizer.decode([token]), "logprob": float(shares[token])}

    def _ids(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def _is_plain(self, token: int) -> bool:
        """Whether a token is whole characters that JSON needs not escape."""
        if token in self.tokenizer.all_special_ids:
            return False
        text = self.tokenizer.decode([token])
        return bool(text) and text.isprintable() and not set(text) & {'"', "\\", "\ufffd"}
