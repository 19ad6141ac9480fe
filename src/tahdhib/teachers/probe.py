"""Does a server hold a model to a schema? Found by asking it, once for each server and model.

Servers that cannot refuse `response_format`, or fail over it, or take it and say nothing: then the
answer is plain text, or JSON only as long as the model follows its prompt. So a question is put
whose schema allows a single word that nothing else in it names. Only a server that holds the model
to the schema, or shows it the schema, can bring that word. The same question without a schema tells
a server that cannot from one that does not work at all, which ends the run as ever.
"""

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tahdhib.config.recipe import OpenAITeacher
from tahdhib.llm.cache import Answers
from tahdhib.llm.chat import Failure, Reply, Setback, key_of
from tahdhib.llm.client import complete_all
from tahdhib.llm.door import chat_door
from tahdhib.llm.reading import read_reply
from tahdhib.teachers.structured import json_schema

MESSAGES = (
    {"role": "system", "content": "Answer in one word."},
    {"role": "user", "content": "What colour is grass?"},
)
WORD = "zafqut"
"""A word of no language."""
MAX_TOKENS = 256
"""Enough for a model that thinks first, and little where one rambles."""
_HELD, _NOT_HELD = "held", "not held"


@dataclass(frozen=True, slots=True)
class Probe:
    """The question, with the schema or without."""

    model: str
    temperature: float
    has_schema: bool

    def payload(self) -> dict[str, object]:
        """The body of the call."""
        body: dict[str, object] = {
            "model": self.model,
            "messages": list(MESSAGES),
            "temperature": self.temperature,
            "max_tokens": MAX_TOKENS,
        }
        if not self.has_schema:
            return body
        word = {"type": "string", "enum": [WORD]}
        return {**body, "response_format": json_schema("probe", {"word": word})}

    def key(self, base_url: str) -> str:
        """Hash of who is asked: what was found holds whatever else is set."""
        return key_of([base_url.rstrip("/"), "schema is held", self.model, self.has_schema])


def holds_schema(settings: OpenAITeacher, replies: Path, api_key: str | None) -> bool:
    """Whether the server of `settings` holds its model to a schema.

    What was found lies in `replies`, a no as well as a yes: were it found otherwise in the middle
    of a run, what is asked would change, and answers would be bought twice.

    Raises:
        EndpointError: nobody can work with the server.
    """
    probe, control = (
        Probe(settings.model, settings.temperature, has_schema) for has_schema in (True, False)
    )
    found, _ = complete_all(
        [probe, control],
        settings=settings,
        cache_folder=replies,
        api_key=api_key,
        on_reply=lambda _: None,
        door=chat_door()._replace(read=read_probe),
    )
    if isinstance(found, Failure) and found.reason != "budget":
        key = probe.key(settings.base_url)
        with closing(Answers(replies)) as answers:
            answers.save(key, Reply(_NOT_HELD, "stop", found.usage))
    return isinstance(found, Reply) and found.text == _HELD


def read_probe(body: bytes) -> Reply | Setback:
    """Read the body of a successful call: is it the word, and nothing but the word?"""
    reply = read_reply(body)
    if isinstance(reply, Setback):
        return reply
    is_held = _content(reply.text) == {"word": WORD}
    return Reply(_HELD if is_held else _NOT_HELD, reply.finish_reason, reply.usage)


def _content(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
