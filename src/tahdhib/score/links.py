"""The links of a text: web addresses with and without a scheme, in one canonical form.

Canonical: no scheme, no `www.`, lower-case host, character references resolved, no mark or bracket
of the sentence around it, no closing slash. An e-mail address is a contact, not a link.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator

from tahdhib.score.numbers import visible

_SUFFIXES = (
    "com|net|org|info|edu|gov|mil|biz|tv|me|io|co|ly|app|dev|online|site|blog|news|uk|us|de|fr|tr|"
    "ae|bh|dz|eg|iq|jo|kw|lb|ma|om|ps|qa|sa|sd|sy|tn|ye|ir"
)
_LINK = re.compile(
    r"(?:https?|ftp)://[^\s<>\"«»]+"
    rf"|(?<![@\w.-])(?:[a-z0-9](?:[a-z0-9-]{{0,62}})\.){{1,6}}(?:{_SUFFIXES})(?![\w-]|\.\w|@)"
    r"(?:[/?#:][^\s<>\"«»]*)?",
    re.IGNORECASE,
)
_AROUND = ".,;:!?'’”*_،؛؟…]}"


def links(text: str) -> Counter[str]:
    """Multiset of the canonical links, such as `example.org/a?b=1`."""
    if "." not in text:
        return Counter()
    found = _LINK.findall(visible(text))
    return Counter(filter(None, (_canonical(match) for match in found)))


def find_links(text: str) -> Iterator[tuple[int, int]]:
    """Where links stand in `text` as it is, without the marks of the sentence behind them."""
    if "." not in text:
        return
    for match in _LINK.finditer(text):
        written = match.group().rstrip(_AROUND)
        while written.endswith(")") and written.count("(") < written.count(")"):
            written = written[:-1].rstrip(_AROUND)
        if written:
            yield match.start(), match.start() + len(written)


def domains(text: str) -> Counter[str]:
    """Multiset of the hosts that the links point to."""
    return Counter(re.split(r"[/?#:]", link, maxsplit=1)[0] for link in links(text).elements())


def _canonical(written: str) -> str:
    link = html.unescape(written).rstrip(_AROUND)
    while link.endswith(")") and link.count("(") < link.count(")"):
        link = link[:-1].rstrip(_AROUND)
    link = re.sub(r"^\w+://", "", link)
    cut = re.search(r"[/?#:]", link)
    host, rest = (link[: cut.start()], link[cut.start() :]) if cut else (link, "")
    return host.lower().removeprefix("www.") + rest.rstrip("/")
