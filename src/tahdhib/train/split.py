"""Which documents are held out: a hash of the id decides, so that whoever has the id knows.

A rewrite has its source's id. Where the source is held out, so is its rewrite, in every corpus and
every training with the same share; a larger share holds out the same documents and more.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tahdhib.readers.fields import ABSENT, lookup


@dataclass(frozen=True, slots=True)
class Split:
    """Hold out this `share` of the documents by the hash of the field `id`, or of the text where
    a document has none."""

    share: float = 0.0
    id: str = "id"

    def hash_of(self, content: Mapping[str, Any], text: str) -> str:
        """16 hexadecimal digits that are spread evenly."""
        found = lookup(content, self.id)
        name = text if found is ABSENT or found is None else str(found)
        return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).hexdigest()

    def holds_out(self, document_hash: str) -> bool:
        """Whether the document with this hash is held out."""
        return int(document_hash, 16) < self.share * 2**64


ALL = Split()
"""Nothing is held out."""
