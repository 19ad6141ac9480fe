"""Read a teacher's answer by its protocol, and nothing else.

    <analysis>…</analysis>  then one of  <rewrite>…</rewrite>  <unchanged/>  <drop rule="…"/>

One newline after `<rewrite>` and one before `</rewrite>` belong to the tags. Nothing else is
stripped or mended: an answer that does not keep the protocol is unusable, and says why. A document
may hold such tags itself, and then so may its rewrite, no more of them than it has: the outermost
are the answer's. Whether a rewrite is any good is for the gate.
"""

import re
from collections import Counter
from dataclasses import dataclass

from tahdhib.conduct.conduct import Conduct
from tahdhib.records import Rewrite
from tahdhib.text.edits import diff

ANSWER = re.compile(
    r"\s*(?:<analysis>(?P<analysis>.*?)</analysis>\s*)?"
    r"(?:<rewrite>\n?(?P<rewrite>.*?)\n?</rewrite>"
    r"|(?P<unchanged><unchanged ?/>)"
    r"|<drop rule=\"(?P<rule>[^\"<>]*)\" ?/>)\s*",
    re.DOTALL,
)
TAG = re.compile(r"<(?:/?(?:analysis|rewrite)>|unchanged ?/>|drop )")
DOCUMENT_TAG = re.compile(r"</?(?:document|before|after)-[0-9a-f]{24}>")
EXCERPT_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer from which no rewrite can be read, or none at all."""

    reason: str
    detail: str


TRUNCATED = Unusable(
    "truncated", "the answer reached max_tokens; raise it (annotate.openai, annotate.local)"
)


def parse_answer(
    answer: str, *, finish_reason: str, source: str, conduct: Conduct, by: str | None
) -> Rewrite | Unusable:
    """What the teacher made of `source`, its edits read off by comparison and owned by `by`; None:
    nothing is compared, which takes most of the time, and there are no edits."""
    if finish_reason == "length":
        return TRUNCATED
    if not TAG.search(answer):
        return Unusable("no_protocol", excerpt(answer))
    match = ANSWER.fullmatch(answer)
    if match is None:
        return Unusable("broken_protocol", excerpt(answer))
    foreign = foreign_tags(f"{match['analysis'] or ''}\n{match['rewrite'] or ''}", source)
    if foreign:
        return Unusable("ambiguous", f"tags stand inside the answer: {' '.join(foreign)}")
    if match["unchanged"]:
        return Rewrite(source, ())
    if match["rule"] is not None:
        return dropped(match["rule"], source, conduct)
    return rewritten(match["rewrite"], source, by)


def dropped(rule_id: str, source: str, conduct: Conduct) -> Rewrite | Unusable:
    """The document goes, if the rule is one that drops documents."""
    rule = conduct.rule(rule_id)
    if rule is None or rule.action != "drop":
        return Unusable("no_such_drop", f"no rule {rule_id!r} of the conduct drops documents")
    return Rewrite(source, (), drop_reason=rule.id)


def rewritten(text: str, source: str, by: str | None) -> Rewrite | Unusable:
    """The document becomes `text`, if that is a text and holds nothing of the prompt's tags."""
    if not text.strip():
        return Unusable("empty_rewrite", "the rewrite holds no text")
    if set(DOCUMENT_TAG.findall(text)) - set(DOCUMENT_TAG.findall(source)):
        return Unusable("leaked_tag", "the rewrite holds the tags that handed the document over")
    return Rewrite(text, () if by is None else diff(source, text, by))


def foreign_tags(text: str, source: str) -> list[str]:
    """Tags of the protocol of which `text` has more than `source`."""
    return list(Counter(TAG.findall(text)) - Counter(TAG.findall(source)))


def excerpt(text: str) -> str:
    """The start of an answer on one line, to be shown."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARACTERS else line[:EXCERPT_CHARACTERS] + "…"
