"""Answers as one JSON object, which the server holds the model to by a schema.

    {"analysis": "…", "answer": "rewrite" | "unchanged" | "drop", "rewrite": "…", "rule": "…"}

They carry what the tags of `protocol` carry, and are read as strictly: `rewrite` is empty but with
the answer `rewrite`, `rule` but with `drop`, and stands there only where a rule of the conduct
drops documents. Where an answer ends nobody has to guess, since all that it holds is escaped; tags
that a rewrite holds and its document does not are a leak all the same.
"""

import json
from collections.abc import Sequence

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.prompt import droppers_of
from tahdhib.conduct.protocol import (
    TRUNCATED,
    Unusable,
    dropped,
    excerpt,
    foreign_tags,
    rewritten,
)
from tahdhib.records import Rewrite

_BELONGS_TO = {"rewrite": "rewrite", "rule": "drop"}
"""With which answer a field holds something."""


def response_format(conduct: Conduct) -> dict[str, object]:
    """What a request asks the server to hold the answer to.

    Flat and of required strings only, which is what servers agree on (OpenAI's strict mode takes no
    optional field). The analysis comes first, so that it is written before what follows from it.
    """
    fields: dict[str, object] = {
        "analysis": {"type": "string"},
        "answer": {"type": "string", "enum": _answers(conduct)},
        "rewrite": {"type": "string"},
    }
    if droppers := droppers_of(conduct):
        fields["rule"] = {"type": "string", "enum": ["", *droppers]}
    return json_schema("rewrite", fields)


def json_schema(name: str, fields: dict[str, object]) -> dict[str, object]:
    """A response format: an object of exactly these fields."""
    schema = {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
    content = {"name": name, "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": content}


def parse_json(
    answer: str, *, finish_reason: str, source: str, conduct: Conduct, by: str | None
) -> Rewrite | Unusable:
    """What the teacher made of `source`; as `parse_answer` reads it from text between tags."""
    if finish_reason == "length":
        return TRUNCATED
    try:
        content = json.loads(answer, object_pairs_hook=_each_once)
    except _TwiceError as error:
        return Unusable("ambiguous", str(error))
    except (ValueError, RecursionError):
        return Unusable("no_protocol", excerpt(answer))
    fields = _fields(content, conduct)
    if fields is None:
        return Unusable("broken_protocol", excerpt(answer))
    said = fields["answer"]
    held = [
        name
        for name, answer_of in _BELONGS_TO.items()
        if said != answer_of and fields.get(name, "").strip() and fields[name] != source
    ]
    if held:
        return Unusable("ambiguous", f"the answer is {said!r}, but {' and '.join(held)} hold more")
    if said == "unchanged":
        return Rewrite(source, ())
    if said == "drop":
        return dropped(fields["rule"], source, conduct)
    if foreign := foreign_tags(fields["rewrite"], source):
        return Unusable("leaked_tag", f"tags stand inside the rewrite: {' '.join(foreign)}")
    return rewritten(fields["rewrite"], source, by)


def _fields(content: object, conduct: Conduct) -> dict[str, str] | None:
    """The fields of an answer, if it has those that it should and all are texts."""
    expected = {"analysis", "answer", *_BELONGS_TO}
    if not droppers_of(conduct):
        expected.remove("rule")
    if not isinstance(content, dict) or set(content) != expected:
        return None
    if not all(isinstance(value, str) and _is_text(value) for value in content.values()):
        return None
    return content if content["answer"] in _answers(conduct) else None


def _answers(conduct: Conduct) -> list[str]:
    return ["rewrite", "unchanged", *(["drop"] if droppers_of(conduct) else [])]


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8: escapes can spell halves of characters."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


class _TwiceError(ValueError):
    """A key stands twice, and parsers differ on which one counts."""


def _each_once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError(f"keys stand twice: {', '.join(key for key, _ in pairs)}")
    return found
