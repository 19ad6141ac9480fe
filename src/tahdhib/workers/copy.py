"""The null rewriter that changes nothing: what a claim must beat to be one."""

from collections.abc import Sequence

from tahdhib.conduct.conduct import content_hash
from tahdhib.records import Document, Rewrite


class CopyWorker:
    """Returns every document as it is."""

    name = "copy"
    hash = content_hash(["copy", 1])

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        return [Rewrite(document.text, ()) for document in documents]
