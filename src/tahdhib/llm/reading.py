"""Read the bodies of successful calls, and shorten those of the others to what can be shown."""

import json

from tahdhib.llm.chat import Reply, Setback, Usage

EXCERPT_CHARACTERS = 200


def read_reply(body: bytes) -> Reply | Setback:
    """Read the body of a successful call; a missing field or an empty text is a setback."""
    try:
        content = json.loads(body)
        choice = content["choices"][0]
        text, finish_reason = choice["message"]["content"], choice.get("finish_reason") or "stop"
        usage = usage_of(content.get("usage"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        seen = excerpt(body.decode("utf-8", "replace"))
        return Setback("malformed", f"expected a chat completion as JSON, got {seen!r}")
    if text is None or (isinstance(text, str) and not text.strip()):
        spent = Usage(calls=1, failed_calls=1) + usage
        return Setback("empty", f"no text (finish_reason {finish_reason!r})", usage=spent)
    if not isinstance(text, str) or _has_lone_surrogates(text):
        return Setback("malformed", f"expected a text, got {excerpt(ascii(text))}")
    return Reply(text, str(finish_reason), Usage(calls=1) + usage)


def _has_lone_surrogates(text: str) -> bool:
    """Whether the text cannot be written as UTF-8: JSON can escape halves of characters."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def usage_of(usage: object) -> Usage:
    """Tokens as the server counted them; servers that do not count say nothing."""
    if not isinstance(usage, dict):
        return Usage()
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Usage(
        prompt_tokens=prompt if isinstance(prompt, int) else 0,
        completion_tokens=completion if isinstance(completion, int) else 0,
    )


def excerpt(text: str) -> str:
    """The start of a text on one line: bodies of errors can be whole pages."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARACTERS else line[:EXCERPT_CHARACTERS] + "…"
