"""Benchmarks as AceGPT's framework runs them: prompts, examples and the rules that read an answer.

github.com/FreedomIntelligence/AceGPT, `eval/` at 061a656, for base models (`stage: 1`). Greedy
generation; the answer is read from the first line. Up to five worked examples are those that stand
first in the examples' file under the same topic; texts are stripped.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from tahdhib.evaluate.item import Item, Items, Row, Variant

SHOTS = 5
LETTERS = ("A", "B", "C", "D")
YES_NO = ("نعم", "لا")

_MANY = "فيما يلي أسئلة الاختيار من متعدد (مع الإجابات) حول {topic}\n\n"
_MANY_BARE = "فيما يلي أسئلة الاختيار من متعدد حول {topic}\n\n"
_MANY_ASKED = "\nمن فضلك اختر إجابة واحدة من بين 'A، B، C، D' دون شرح."
_TRUTH = "فيما يلي أسئلة نعم أو لا (مع الإجابات) حول {topic}\n\n"
_TRUTH_BARE = (
    "الرجاء التحكم في ما إذا كانت الجملة التالية صحيحة أم لا. إذا كانت صحيحة، فالرجاء الرد بـ "
    "'نعم'. إذا كانت غير صحيحة، فالرجاء الرد بـ 'لا'.\n\n"
)
_ANSWER = "\nإجابة:"


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind of question is shown: its choices, what stands before questions with and without
    examples, what stands behind a question without, and the fields of a row that are shown."""

    choices: tuple[str, ...]
    head: str
    bare_head: str
    bare_tail: str
    options: tuple[str, ...]

    def question(self, row: Row) -> str:
        """The question with its options."""
        lines = [f"سؤال: {_text(row, 'question')}"]
        return "\n".join([*lines, *(f"{name}. {_text(row, name)}" for name in self.options)])


MANY = Form(LETTERS, _MANY, _MANY_BARE, _MANY_ASKED, LETTERS)
TRUTH = Form(YES_NO, _TRUTH, _TRUTH_BARE, "\n", ())


def strict_letter(text: str) -> str | None:
    """The letter that a first line names; None where it names none, or several different ones.

    Any capital A to D counts, one inside a word too: of `Answer: B` this finds AB, which is none.
    """
    found = set(re.findall("[ABCD]", text.split("\n")[0]))
    return found.pop() if len(found) == 1 else None


def yes_or_no(text: str) -> str | None:
    """Whichever of نعم and لا stands first in the first line, also inside a word."""
    found = re.search("نعم|لا", text.split("\n")[0])
    return found.group() if found else None


def items(
    form: Form, topics: Mapping[str, str], count: int
) -> Callable[[Sequence[Row], Sequence[Row]], Items]:
    """How rows become items, with `count` examples; `topics` are the words for each topic."""

    def made(rows: Sequence[Row], examples: Sequence[Row]) -> Items:
        found = Items()
        shown: dict[str, list[str]] = {}
        for row in examples:
            one = shown.setdefault(_topic(row), [])
            if len(one) < count and not _problem(row, form):
                one.append(f"{form.question(row)}{_ANSWER} {_text(row, 'answer')}\n\n")
        seen: Counter[str] = Counter()
        for row in rows:
            topic = _topic(row)
            problem = _problem(row, form)
            if problem or topic not in topics:
                found.skipped[problem or "a topic that AceGPT's prompt has no words for"] += 1
                continue
            prompt = _prompt(row, form, topics[topic], shown.get(topic, []), count)
            identity = _text(row, "id") or f"{topic}-{seen[topic]}"
            seen[topic] += 1
            right = form.choices.index(_text(row, "answer"))
            found.found.append(Item(identity, topic, prompt, form.choices, right, row))
        if count:
            found.shots.update({topic: len(shown.get(topic, [])) for topic in seen})
        return found

    return made


def by_letter(  # noqa: PLR0913 - what tells such a benchmark from another, by name
    name: str,
    benchmark: str,
    topics: Mapping[str, str],
    *,
    published: int,
    files: tuple[str, ...],
    shots: tuple[str, ...],
    categories: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({}),
) -> tuple[Variant, Variant]:
    """A benchmark of four options with five examples: as AceGPT scores it, and the same prompt by
    the log-likelihood of the letters."""
    as_acegpt = Variant(
        name=f"{name}_acegpt",
        benchmark=benchmark,
        says="AceGPT's, 5 examples, greedy generation, strict letter of the first line",
        published=published,
        version=1,
        files=files,
        shots=shots,
        items=items(MANY, topics, SHOTS),
        ask="generation",
        read=strict_letter,
        new_tokens=10,
        categories=categories,
    )
    likelihood = replace(
        as_acegpt,
        name=f"{name}_likelihood",
        says="AceGPT's prompt with 5 examples, log-likelihood of the letters",
        ask="likelihood",
        read=None,
        new_tokens=0,
        lead=" ",
    )
    return as_acegpt, likelihood


def _prompt(row: Row, form: Form, topic: str, shown: list[str], count: int) -> str:
    if count:
        return form.head.format(topic=topic) + "".join(shown) + form.question(row) + _ANSWER
    return form.bare_head.format(topic=topic) + form.question(row) + form.bare_tail + _ANSWER


def _problem(row: Row, form: Form) -> str:
    """Why a row is no question; empty where it is one."""
    if not _text(row, "question"):
        return "no question"
    if any(row.get(name) is None for name in form.options):
        return "an option is missing"
    if not _text(row, "answer"):
        return "no answer"
    if _text(row, "answer") not in form.choices:
        return "an answer that names no option"
    return ""


def _topic(row: Row) -> str:
    return _text(row, "subject") or _text(row, "id").split("-")[0]


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()
