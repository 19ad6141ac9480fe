"""What the worker is told, and what it answers: the protocol of teachers without the analysis.

    <rewrite>…</rewrite>  or  <unchanged/>         output `full`
    <edits>…</edits>      or  <unchanged/>         output `diff`, see `quoted.py`

A short answer for a text that stays as it is costs a generating worker as good as nothing.
"""

from typing import Literal

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.prompt import system_prompt
from tahdhib.conduct.protocol import Unusable, parse_answer, rewritten
from tahdhib.conduct.told import language_of, user_prompt
from tahdhib.records import Rewrite
from tahdhib.workers.causal.quoted import CLOSE, OPEN, applied, quoted

NAME = "causal"
UNCHANGED = "<unchanged/>"
TAGS = ("<rewrite>", "</rewrite>", UNCHANGED, OPEN, CLOSE)

Output = Literal["full", "diff"]
Instruction = Literal["conduct", "brief"]

_BRIEF_CHARACTERS = 8


def asked(text: str, conduct: Conduct, instruction: Instruction) -> tuple[str, str]:
    """What the model is told to be, and what it is given: the conduct in the language of `text` and
    the text between tags of its own, or the conduct's mark and the bare text."""
    if instruction == "brief":
        return f"{conduct.name} {conduct.hash[:_BRIEF_CHARACTERS]}", text
    language = language_of(text)
    return system_prompt(conduct, language), user_prompt(text, conduct, language)


def answer_for(source: str, rewrite: str, output: Output) -> str:
    """What the worker is to say."""
    if rewrite == source:
        return UNCHANGED
    return quoted(source, rewrite) if output == "diff" else whole(rewrite)


def whole(text: str) -> str:
    """A text as an answer."""
    return f"<rewrite>\n{text}\n</rewrite>"


def read(
    answer: str, finish_reason: str, source: str, conduct: Conduct, output: Output
) -> Rewrite | Unusable:
    """What the worker made of `source`, its edits read off by comparison."""
    if finish_reason == "length":
        return Unusable("truncated", "the answer was not at its end after rewrite.causal.longest")
    if output == "full" or answer.strip() == UNCHANGED:
        return parse_answer(
            answer, finish_reason=finish_reason, source=source, conduct=conduct, by=NAME
        )
    text = applied(answer, source)
    return text if isinstance(text, Unusable) else rewritten(text, source, NAME)
