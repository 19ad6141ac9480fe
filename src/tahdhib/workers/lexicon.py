"""The baseline that deletes the words of the lexicon: what a list of words alone can do."""

from collections.abc import Iterator, Sequence

from tahdhib.conduct.conduct import content_hash
from tahdhib.conduct.rules.insults import matches
from tahdhib.conduct.terms import by_first_word, is_suspect, lexicon_hash, words
from tahdhib.records import Document, Edit, Rewrite
from tahdhib.text.edits import apply


class LexiconWorker:
    """Deletes each term of the package's lexicon wherever it stands, with a space beside it."""

    name = "lexicon"
    hash = content_hash(["lexicon", 1, lexicon_hash()])

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        return [self._one(document.text) for document in documents]

    def _one(self, text: str) -> Rewrite:
        edits = tuple(self._edits(text)) if is_suspect(text) else ()
        return Rewrite(apply(text, edits), edits)

    def _edits(self, text: str) -> list[Edit]:
        edits: list[Edit] = []
        for start, end in _terms(text):
            if text[start - 1 : start] == " ":
                start -= 1
            elif text[end : end + 1] == " ":
                end += 1
            if edits and edits[-1].end >= start:
                start = edits.pop().start
            edits.append(Edit(start, end, "", self.name))
        return edits


def _terms(text: str) -> Iterator[tuple[int, int]]:
    """Where terms stand, the longest at each place; they do not overlap."""
    found, index = words(text), by_first_word()
    place = 0
    while place < len(found):
        terms = index.get(found[place].key, ())
        size = next((len(one.key) for one in terms if matches(found, place, one)), 0)
        if size:
            yield found[place].start, found[place + size - 1].end
        place += max(1, size)
