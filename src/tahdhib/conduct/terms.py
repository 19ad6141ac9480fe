"""The lexicon of abuse, and how a word of a text is matched to it.

A text is first asked cheaply, word by word through a cache, whether it holds anything like a
term; nearly all texts end there. Only then is it cut into words with offsets.
"""

import hashlib
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal, NamedTuple

Kind = Literal["insult", "slur", "obscenity"]
Frame = Literal["none", "address", "lineage"]

_FILES = ("arabic.tsv", "english.tsv")
_SUFFIXES = ("ك", "ي", "ه", "ها", "هم", "كم", "نا")
_PREFIXES = (
    "", "و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وب", "ول",
    "ه", "هال", "ع", "عال", "يا", "ويا",
)  # fmt: skip
_MARKS = "".join(map(chr, (*range(0x610, 0x61B), *range(0x64B, 0x660), 0x670))) + "ـ_*’'"
_FOLD = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("ىئیې", "ي"),
        **dict.fromkeys("ةہھ", "ه"),
        **dict.fromkeys("گکڪ", "ك"),
        "ؤ": "و",
        "پ": "ب",
        "چ": "ج",
        "ڤ": "ف",
        **dict.fromkeys(_MARKS),
    }
)
_CHAT_DIGITS = str.maketrans("23567", "اعخطح")
WORD = re.compile(r"[\w\u0610-\u061A\u064B-\u065F\u0670*’']+")
_ARABIC_LETTER = re.compile("[\u0620-\u064a]")
_TRIPLE = re.compile(r"(.)\1\1+")
_RUN = re.compile(r"(.)\1+")
_EVERYDAY = {"الحرام", "الله", "كل", "كلي", "عليك", "امك", "امكم", "ابوك", "mother"}
_SHORTEST_SPELT = 3
_LONGEST_WORD = 60
_LONGEST_PIECE = 80
_SPELT_OUT = re.compile(r"(?<!\S)\w(?:[ ._*-]{1,2}\w){2,}(?!\S)")


@dataclass(frozen=True, slots=True)
class Term:
    """One term of abuse; `key` is its words, folded."""

    key: tuple[str, ...]
    kind: Kind
    frame: Frame
    replacement: str
    language: str


class Word(NamedTuple):
    """A word of a text; `key` is what the lexicon knows it by, `prefix` what was stripped."""

    start: int
    end: int
    key: str
    prefix: str
    folded: str


def fold(word: str) -> str:
    """Return `word` without marks and tatweel, with letters that are confused in writing as one."""
    return word.translate(_FOLD).lower()


@cache
def lexicon() -> tuple[Term, ...]:
    """All terms of the package, suffixed forms written out."""
    return tuple(term for name in _FILES for term in _read(name))


@cache
def lexicon_hash() -> str:
    """Hash of every file of the lexicon, for whoever's output depends on it."""
    folder = resources.files("tahdhib.conduct") / "lexicon"
    digest = hashlib.sha256()
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith((".tsv", ".txt")):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(name: str) -> Iterator[Term]:
    content = (resources.files("tahdhib.conduct") / "lexicon" / name).read_text("utf-8")
    for line in content.splitlines():
        if not line or line.startswith("#"):
            continue
        term, kind, frame, replacement, language = line.split("\t")
        for form in [term] if term[-1] != "+" else [term[:-1] + end for end in ("", *_SUFFIXES)]:
            key = tuple(fold(word) for word in form.split())
            yield Term(key, kind, frame, replacement, language)  # type: ignore[arg-type]


@cache
def by_first_word() -> Mapping[str, Sequence[Term]]:
    """Terms by the first word of their key, longest first."""
    index: dict[str, list[Term]] = {}
    for term in sorted(lexicon(), key=lambda term: -len(term.key)):
        index.setdefault(term.key[0], []).append(term)
    return index


@cache
def _unstretched() -> Mapping[str, str]:
    """Keys by their form with every doubled letter single, to find drawn-out words."""
    return {_RUN.sub(r"\1", key): key for key in reversed(list(by_first_word()))}


def key_of(word: str) -> tuple[str, str] | None:
    """Return (prefix, key) if `word` is the first word of a term, else None."""
    folded = fold(word) if len(word) <= _LONGEST_WORD else ""
    if not folded:
        return None
    is_arabic = bool(_ARABIC_LETTER.search(folded))
    if is_arabic and not folded.isalpha():
        folded = folded.translate(_CHAT_DIGITS)
    keys = by_first_word()
    if folded in keys:
        return "", folded
    # The rule on drawn-out letters leaves two of a Latin letter: fuucking is one term already.
    stretched = bool((_TRIPLE if is_arabic else _RUN).search(folded))
    for prefix in _PREFIXES if is_arabic else ("",):
        if folded.startswith(prefix):
            stem = folded[len(prefix) :]
            if stem in keys:
                return prefix, stem
            if stretched and (key := _unstretched().get(_RUN.sub(r"\1", stem))):
                return prefix, key
    return None


def is_suspect(text: str) -> bool:
    """Whether some word of `text` begins a term, or is spelt out letter by letter."""
    return _is_suspect(text)


@lru_cache(maxsize=2)  # two rules ask about the same text, one after the other
def _is_suspect(text: str) -> bool:
    pieces = text.split()
    if any(map(_holds_term, set(pieces))):
        return True
    singles = list(map(len, pieces)).count(1)
    return singles >= _SHORTEST_SPELT and bool(_SPELT_OUT.search(text))


def _holds_term(piece: str) -> bool:
    if len(piece) <= _LONGEST_PIECE:
        return _short_holds_term(piece)
    return any(map(_is_trigger, WORD.findall(piece)))


def _is_trigger(word: str) -> bool:
    """Whether `word` is a term, or the telling word of a phrase (fuck, not the, in "the fuck")."""
    known = key_of(word)
    return (known is not None and known[1] in _single_words()) or fold(word) in _telling_words()


@cache
def _single_words() -> frozenset[str]:
    return frozenset(term.key[0] for term in lexicon() if len(term.key) == 1)


@cache
def _telling_words() -> frozenset[str]:
    """One word of each phrase that has no term in it: the longest that is not an everyday word."""
    phrases = [term.key for term in lexicon() if not _single_words() & set(term.key)]
    return frozenset(
        max((word for word in key if word not in _EVERYDAY), key=len) for key in phrases
    )


@lru_cache(maxsize=1 << 17)
def _short_holds_term(piece: str) -> bool:
    if any(map(_is_trigger, WORD.findall(piece))):
        return True
    return not piece.isalnum() and bool(_SPELT_OUT.search(piece))


@lru_cache(maxsize=2)
def words(text: str) -> list[Word]:
    """The words of `text`, spelt-out ones (ك ل ب, k.l.b) taken together where they make a term."""
    found: list[Word] = []
    spelt = deque(word for match in _SPELT_OUT.finditer(text) for word in _joined(match))
    for match in WORD.finditer(text):
        while spelt and spelt[0].end <= match.start():
            spelt.popleft()
        if spelt and spelt[0].start <= match.start():
            if found and found[-1] is spelt[0]:
                continue
            found.append(spelt[0])
            continue
        folded = fold(match.group())
        prefix, key = _cached_key(match.group()) or ("", folded)
        found.append(Word(match.start(), match.end(), key, prefix, folded))
    return found


@lru_cache(maxsize=1 << 16)
def _cached_key(word: str) -> tuple[str, str] | None:
    return key_of(word)


def _joined(match: re.Match[str]) -> Iterator[Word]:
    """The spelt-out word, if it is a term that is abuse wherever it stands."""
    folded = fold(re.sub(r"[ ._*-]", "", match.group()))
    known = key_of(folded)
    terms = by_first_word().get(known[1], ()) if known else ()
    if known and any(term.frame == "none" and len(term.key) == 1 for term in terms):
        yield Word(match.start(), match.end(), known[1], known[0], folded)
