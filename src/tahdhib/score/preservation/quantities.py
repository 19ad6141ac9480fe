"""The quantities of a text by value: figures, number words and duals, and the units behind them.

`25 ألف`, `خمسة وعشرون ألفا`, `25,000` and `twenty-five thousand` are one value; سنتان is the value
2 and two years. A bare *one* (واحد, one) says nothing, as a rule, and is not read; nor is `second`,
which is also a unit. Vague amounts (مئات, thousands) are values of their own, `~1000`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from tahdhib.score.numbers import figures
from tahdhib.score.preservation.number_words import SIX, NumberWord, number_words, unit_words
from tahdhib.score.preservation.plain import plain
from tahdhib.score.preservation.stems import is_abuse


class Quantity(NamedTuple):
    """A value as `numbers` writes it (`1250`, `3.5`, `20%`, `-4`, `~1000`), and its unit."""

    value: str
    unit: str | None


_PERCENT_AFTER = re.compile(r"\s?(?:%|٪|في الم[ئاي]{1,3}ه\b|بالم[ئاي]{1,3}ه\b|per ?cent\b)")
_MONTHS_BEFORE = re.compile(r"(?:كانون|تشرين|ربيع|جماد[يه]?) $")
"""After these, الثاني is the name of a month."""
_WORD = re.compile(r"[^\W\d_]+")
_NEXT_WORD = re.compile(r"[ \t-]{0,2}(?:من )?([^\W\d_]+|[$€£°])")
_BETWEEN = re.compile(r"\s{0,3}(?:-|and\s|و)?\s{0,2}")
_MINUS = re.compile(r"(?:^|[^\d\s]\s|\()[-−]$")


def quantities(text: str) -> Counter[str]:
    """Multiset of the values of figures, number words and duals, as `numbers` writes them."""
    return Counter(one.value for one in read_quantities(text))


def measures(text: str) -> Counter[str]:
    """Multiset of the quantities that have a unit, as `5 km`."""
    return Counter(f"{one.value} {one.unit}" for one in read_quantities(text) if one.unit)


@lru_cache(maxsize=32)
def read_quantities(text: str) -> tuple[Quantity, ...]:
    """Every quantity of `text`, in order."""
    read = plain(text)
    found: list[Quantity] = []
    number = _Number()
    end = 0
    for piece in _pieces(read):
        is_next = bool(number.pieces) and _BETWEEN.fullmatch(read, end, piece.start) is not None
        gap = read[end : piece.start] if is_next else ""
        has_and = "and" in gap or "و" in gap
        if not (is_next and number.takes(piece, has_and=has_and)):
            found += number.quantities(read)
            number = _Number()
            number.start(piece)
        end = piece.end
    return tuple(found + number.quantities(read))


class _Piece(NamedTuple):
    """A figure or number word at its place. `value`: a number, or the words of a value that goes
    with no other; `kind`: figure, one, ten, hundred, scale, dual or alone."""

    start: int
    end: int
    kind: str
    value: Decimal | str
    joined: bool
    unit: str | None = None


class _Number:
    """A number as it is put together of its pieces: `total` so far, and the group below the last
    multiplier."""

    def __init__(self) -> None:
        self.pieces: list[_Piece] = []
        self._total = self._group = Decimal(0)
        self._least = Decimal("Infinity")

    def start(self, piece: _Piece) -> None:
        self.pieces = [piece]
        if isinstance(piece.value, str):
            return
        if piece.kind == "scale":
            self._total = self._least = piece.value
        else:
            self._group = piece.value

    def takes(self, piece: _Piece, *, has_and: bool) -> bool:
        """Add `piece` if it goes on with this number; else leave both as they are."""
        last, value, group = self.pieces[-1], piece.value, self._group
        if isinstance(last.value, str) or isinstance(value, str) or piece.kind == "dual":
            return False
        joined = piece.joined or has_and
        if piece.kind == "scale" and not joined:
            if not group or value >= self._least:
                return False
            self._total, self._group, self._least = self._total + group * value, Decimal(0), value
        elif piece.kind == "hundred" and value == 100 and not joined and 1 <= group <= 9:
            self._group = group * 100
        elif value == 10 and not joined and last.kind == "one" and 1 <= group % 100 <= 9:
            self._group = group + 10
        elif self._may_add(piece, joined=joined):
            if piece.kind == "scale":
                self._total, self._least = self._total + value, value
            else:
                self._group = group + value
        else:
            return False
        self.pieces.append(piece)
        return True

    def _may_add(self, piece: _Piece, *, joined: bool) -> bool:
        group, value = self._group, piece.value
        assert isinstance(value, Decimal)
        if not group:
            is_below = bool(self._total) and value < self._least
            return is_below and (joined or piece.kind in ("one", "ten", "hundred"))
        if piece.kind not in ("one", "ten") or self.pieces[-1].kind == "figure":
            return False
        if group % 100 == 0:
            return value < 100
        if piece.kind == "ten":  # خمسة وعشرون
            return joined and group % 100 < 10
        return not joined and group % 10 == 0 and group % 100 >= 20 and value < 10

    def quantities(self, read: str) -> list[Quantity]:
        """What was put together; a bare one is nothing."""
        if not self.pieces:
            return []
        first, last = self.pieces[0], self.pieces[-1]
        if isinstance(first.value, str):
            value = first.value
        else:
            number = self._total + self._group
            if number == 1 and first.kind == "one":
                return []
            value = _written(number)
        if first.kind == "figure" and _MINUS.search(read[max(0, first.start - 4) : first.start]):
            value = "-" + value
        if not value.endswith("%") and _PERCENT_AFTER.match(read, last.end):
            value += "%"
        if last.unit:
            return [Quantity(value, last.unit)]
        if first.start and read[first.start - 1] in "$€£":
            return [Quantity(value, unit_words()[read[first.start - 1]])]
        after = _NEXT_WORD.match(read, last.end)
        if after and is_abuse(after[1]):  # 10 f... hours
            after = _NEXT_WORD.match(read, after.end())
        return [Quantity(value, unit_words().get(after[1]) if after else None)]


def _pieces(read: str) -> Iterator[_Piece]:
    found = [
        _Piece(figure.start, figure.end, "figure", _decimal(value), _has_waw(read, figure.start))
        for figure in figures(read)
        for value in figure.values
    ]
    known = number_words()
    for match in _WORD.finditer(read):
        piece = known.get(match.group())
        if piece is None or not _is_meant(piece, match, read):
            continue
        kind, value, joined, unit = piece
        found.append(_Piece(match.start(), match.end(), kind, value, joined, unit))
    found.sort(key=_place)
    return iter(found)


def _place(piece: _Piece) -> int:
    return piece.start


def _is_meant(word: NumberWord, match: re.Match[str], read: str) -> bool:
    """Whether a word that may be a number is one here."""
    if word.value == "2" and word.kind == "alone":  # الثاني
        return not _MONTHS_BEFORE.search(read[max(0, match.start() - 7) : match.start()])
    if match.group().lstrip("وف") != SIX:
        return True
    after = _NEXT_WORD.match(read, match.end())
    return after is not None and (after[1] in unit_words() or after[1] in number_words())


def _has_waw(read: str, start: int) -> bool:
    return start > 0 and read[start - 1] == "و"


def _decimal(value: str) -> Decimal | str:
    return Decimal(value) if re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", value) else value


def _written(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
