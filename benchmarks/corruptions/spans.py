"""Faults in spans that must stay to the letter: verses, hadith, poems, code, quotations, links.

The spans come from data at the time of the call and stand, untouched, in the source too: between
two of its sentences, in the form in which the web shows them. A touched span has one word lost, two
neighbours swapped, or one word in the place of another; of code, one token.
"""

import random
import re
from collections.abc import Mapping, Sequence

from fault import replace, sentence_spans

_FORMS = {
    "verse": ("قال تعالى: ﴿{}﴾", "﴿{}﴾", "قال الله تعالى: «{}»", "{}"),
    "hadith": ("قال رسول الله صلى الله عليه وسلم: «{}»", "قال النبي ﷺ: «{}»"),
    "poem": ("\n{}\n",),
    "code": ("\n```\n{}\n```\n", "`{}`"),
    "quotation": ("«{}»", '"{}"', "“{}”"),
    "link": ("{}",),
}
_TOKEN = re.compile(r"\w+|[^\w\s]")


def hosted(
    text: str, rng: random.Random, material: Mapping[str, Sequence[str]]
) -> tuple[str, int, int] | None:
    """The text with one span of `material` (kind -> spans) between two of its sentences, and where
    the span stands in it, without its marks."""
    kind = rng.choice(sorted(material))
    span = rng.choice(material[kind])
    form = rng.choice([form for form in _FORMS[kind] if "`{}" not in form or "\n" not in span])
    spans = sentence_spans(text, least_words=3)
    if not spans:
        return None
    place = rng.choice(spans)[1]
    opened = f" {form.split('{}')[0]}"
    closed = f"{form.split('{}')[1]} "
    done = replace(text, place, place, f"{opened}{span}{closed}")
    start = place + len(opened)
    return done, start, start + len(span)


def touched(text: str, start: int, end: int, rng: random.Random) -> str | None:
    """The text with one thing in its span changed; None where the span has not three words."""
    span = text[start:end]
    pattern = _TOKEN if "\n" in span or re.search(r"[;{}()=]", span) else re.compile(r"\S+")
    words = list(pattern.finditer(span))
    if len(words) < 3:
        words = list(_TOKEN.finditer(span))
    if len(words) < 3:
        return None
    at = rng.randrange(len(words) - 1)
    one, next_one = words[at], words[at + 1]
    way = rng.choice(("lost", "swapped", "replaced"))
    if way == "lost":
        new = span[: one.start()] + span[one.end() :].lstrip(" ")
    elif way == "swapped":
        between = span[one.end() : next_one.start()]
        new = (
            span[: one.start()] + next_one.group() + between + one.group() + span[next_one.end() :]
        )
    else:
        other = rng.choice(words).group()
        new = span[: one.start()] + other + span[one.end() :]
    return None if new == span else replace(text, start, end, new)
