"""What a recipe protects, as spans of a text."""

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from tahdhib.config.recipe import Protect
from tahdhib.errors import DataError
from tahdhib.protect import marks
from tahdhib.protect.fingerprint import Fingerprints, load
from tahdhib.protect.names import Names
from tahdhib.protect.skeleton import read_words
from tahdhib.records import Span
from tahdhib.score.dates import find_dates
from tahdhib.score.links import find_links

BUILTIN = ("quran", "hadith")

_FINDERS: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    "verse": marks.verses,
    "hadith": marks.hadith,
    "poetry": marks.poetry,
    "code": marks.code,
    "formula": marks.formulas,
    "quotation": marks.quotations,
    "link": find_links,
    "date": find_dates,
    "quantity": marks.quantities,
}
"""By kind, the weightiest first: spans that overlap are one, of the kind that comes first here.
Names, which come from a file, are the last."""
_RECENT = 4
"""Answers that are kept: whoever rewrites a text asks, and the gate asks again."""
_ORDER = (*_FINDERS, "name")


class Shelter:
    """Finds what is protected; a pure function of the text."""

    def __init__(
        self, kinds: Collection[str], fingerprints: Collection[Fingerprints], names: Names
    ) -> None:
        self._kinds = frozenset(kinds)
        self._fingerprints = tuple(fingerprints)
        self._names = names
        self._find = lru_cache(_RECENT)(self._look)

    def spans(self, text: str, kinds: Collection[str] | None = None) -> tuple[Span, ...]:
        """Where protected spans stand, those of `kinds` or all: ascending, disjoint, not empty."""
        wanted = self._kinds if kinds is None else self._kinds.intersection(kinds)
        return self._find(text, wanted)

    def _look(self, text: str, wanted: frozenset[str]) -> tuple[Span, ...]:
        found = [
            Span(start, end, kind)
            for kind, finder in _FINDERS.items()
            if kind in wanted
            for start, end in finder(text)
        ]
        known = [one for one in self._fingerprints if one.about.kind in wanted]
        if known:
            words = read_words(text)
            found += [
                Span(start, end, one.about.kind) for one in known for start, end in one.find(words)
            ]
        if "name" in wanted:
            found += [Span(start, end, "name") for start, end in self._names.find(text)]
        return merged(found)


def merged(spans: Collection[Span]) -> tuple[Span, ...]:
    """Spans that overlap as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if found and span.start < found[-1].end:
            last = found[-1]
            kind = min(last.kind, span.kind, key=_rank)
            found[-1] = Span(last.start, max(last.end, span.end), kind)
        elif span.end > span.start:
            found.append(span)
    return tuple(found)


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def open_shelter(settings: Protect) -> Shelter:
    """What `settings` protect, with their files read; again only where one of them changed.

    Raises:
        DataError: a file is missing, broken or of another form.
    """
    return _opened(settings, tuple(map(_state, _named(settings))))


@lru_cache(4)
def _opened(settings: Protect, _states: tuple[tuple[int, int] | None, ...]) -> Shelter:
    prints = [load(fingerprint_file(name)) for name in settings.fingerprints]
    return Shelter(settings.kinds, prints, Names(_lines(settings.names)))


def files_of(settings: Protect) -> list[str]:
    """The files that `settings` name, apart from those in the package.

    Raises:
        DataError: one of them is missing, broken or of another form.
    """
    open_shelter(settings)
    return _named(settings)


def _named(settings: Protect) -> list[str]:
    named = [*settings.fingerprints, *filter(None, [settings.names])]
    return [name for name in named if not name.startswith("builtin:")]


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def fingerprint_file(name: str) -> Path:
    """The file that a recipe calls `name`.

    Raises:
        DataError: `builtin:` and a name that the package has not.
    """
    if not name.startswith("builtin:"):
        return Path(name)
    own = name.removeprefix("builtin:")
    if own not in BUILTIN:
        raise DataError(
            f"protect.fingerprints: no {name!r} in the package; known: "
            f"{', '.join(f'builtin:{one}' for one in BUILTIN)}. Name one of them or a file."
        )
    return Path(str(files("tahdhib.protect").joinpath(f"fingerprints/{own}.npz")))


def _lines(path: str | None) -> list[str]:
    if path is None:
        return []
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: cannot be read as names ({error}); expected UTF-8 text with one name per "
            "line. Correct protect.names."
        ) from None
