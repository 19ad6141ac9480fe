"""Names from a list of the user's, found as whole words."""

import re
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"[^\W_]+")
_CLITICS = ("و", "ف", "ب", "ل", "ك")


class Names:
    """A list of names; longer ones win where one begins with another."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_word: dict[str, list[str]] = {}
        for name in sorted({name.strip() for name in names}, key=lambda name: (-len(name), name)):
            first = _WORD.search(name)
            if first is not None and first.start() == 0:
                self._by_word.setdefault(first.group(), []).append(name)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where names stand, with one of و ف ب ل ك before them at most, which is not theirs."""
        if not self._by_word:
            return
        for word in _WORD.finditer(text):
            found = word.group()
            starts = [word.start()]
            if found.startswith(_CLITICS):
                starts.append(word.start() + 1)
            for start in starts:
                end = self._end(text, start, word.end())
                if end is not None:
                    yield start, end
                    break

    def _end(self, text: str, start: int, word_end: int) -> int | None:
        for name in self._by_word.get(text[start:word_end], ()):
            end = start + len(name)
            if text.startswith(name, start) and not text[end : end + 1].isalnum():
                return end
        return None
