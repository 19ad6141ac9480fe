"""A kind of call that an endpoint takes: how it is sent, read and bounded."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tahdhib.llm.chat import Reply, Setback
from tahdhib.llm.reading import read_reply

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class Allowance:
    """How many calls may be sent, tries that fail among them; None: any number."""

    def __init__(self, calls: int | None) -> None:
        self.calls, self.taken = calls, 0

    def take(self) -> bool:
        """Reserve a call before it is sent; False: there is none left."""
        if self.calls is not None and self.taken >= self.calls:
            return False
        self.taken += 1
        return True


class Door(NamedTuple):
    """One kind of call of an endpoint, and how its user can change whom it asks.

    `send` makes the call with a client, `read` turns the body of a success into a reply. `key`,
    `model` and `url` are the words in which an error says how to set these.
    """

    send: Callable[["AsyncOpenAI"], Callable[..., Awaitable[Any]]]
    read: Callable[[bytes], Reply | Setback]
    key: str
    model: str
    url: str
    allowance: Allowance


def chat_door() -> Door:
    """The teacher's: chat completions."""
    return Door(
        lambda client: client.chat.completions.with_raw_response.create,
        read_reply,
        "the environment variable that annotate.openai.api_key_env names",
        "--set annotate.openai.model=NAME",
        "--set annotate.openai.base_url=URL",
        Allowance(None),
    )
