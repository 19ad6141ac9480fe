"""The null rewriter that deletes random words: it shows what deletion alone does to a measure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from tahdhib.conduct.conduct import content_hash
from tahdhib.records import Document, Edit, Rewrite
from tahdhib.text.edits import apply
from tahdhib.text.segment import tokens

_DRAW_BYTES = 4
_DRAWS_PER_HASH = 16


@dataclass(frozen=True, slots=True)
class RandomWorker:
    """Deletes each word with probability `rate`, with the space after it.

    What it draws depends on the seed and the document's id alone, so that batches, shards and
    processes change nothing.
    """

    rate: float
    seed: int

    @property
    def name(self) -> str:
        return "random"

    @property
    def hash(self) -> str:
        return content_hash(["random", 1, self.rate, self.seed])

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        return [self._one(document) for document in documents]

    def _one(self, document: Document) -> Rewrite:
        pieces = tokens(document.text)
        words = [position for position, piece in enumerate(pieces) if piece.is_word]
        edits: list[Edit] = []
        for position, draw in zip(words, self._draws(document.id, len(words)), strict=True):
            if draw < self.rate:
                after = pieces[position + 1] if position + 1 < len(pieces) else None
                takes_space = after is not None and after.is_space and after.text != "\n"
                end = after.end if after is not None and takes_space else pieces[position].end
                edits.append(Edit(pieces[position].start, end, "", self.name))
        return Rewrite(apply(document.text, edits), tuple(edits))

    def _draws(self, document_id: str, count: int) -> list[float]:
        """Numbers in [0, 1) from a hash in counter mode."""
        draws: list[float] = []
        for block in range(-(-count // _DRAWS_PER_HASH)):
            key = f"{self.seed}\0{block}\0{document_id}".encode("utf-8", "surrogatepass")
            digest = hashlib.blake2b(key, digest_size=_DRAW_BYTES * _DRAWS_PER_HASH).digest()
            draws += [
                int.from_bytes(digest[at : at + _DRAW_BYTES], "big") / (1 << 8 * _DRAW_BYTES)
                for at in range(0, len(digest), _DRAW_BYTES)
            ]
        return draws[:count]
