"""The edit worker: opens a trained folder and rewrites documents."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from tahdhib.errors import DataError
from tahdhib.records import Document, Rewrite
from tahdhib.text.edits import apply
from tahdhib.workers.edit.labels import apply_labels
from tahdhib.workers.edit.model import OUTPUT_FILES, Tagger, open_tagger
from tahdhib.workers.edit.predict import decide, tag

_CHARACTERS_AT_ONCE = 1_000_000
"""Documents are taken in chunks of about so much text, so that memory does not grow with a list."""


class EditWorker:
    """Rewrites by tagging. Batches are formed inside the list of documents that is given, so equal
    lists give equal edits, whatever the process; another list may differ in a tie at most."""

    name = "edit"

    def __init__(self, tagger: Tagger, *, model_hash: str, batch: int, threads: int) -> None:
        self.hash = model_hash
        self._tagger = tagger
        self._batch = batch
        self._threads = threads

    @classmethod
    def open(cls, folder: Path, *, batch: int, threads: int) -> "EditWorker":
        """Open what training wrote; `batch` counts units.

        Raises:
            DataError: the folder does not hold a whole worker.
        """
        missing = [name for name in OUTPUT_FILES if not (folder / name).is_file()]
        if missing:
            raise DataError(
                f"{folder}: {', '.join(missing)} missing, so this is no trained edit worker. "
                "Train one first: tahdhib worker."
            )
        return cls(
            open_tagger(folder), model_hash=folder_hash(folder), batch=batch, threads=threads
        )

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        """Return one rewrite per document, in order; no edits where nothing would change."""
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            return [rewrite for chunk in _chunks(documents) for rewrite in self._rewrite(chunk)]
        finally:
            torch.set_num_threads(before)

    def _rewrite(self, documents: Sequence[Document]) -> Iterator[Rewrite]:
        texts = [document.text for document in documents]
        for text, tags in zip(texts, tag(self._tagger, texts, self._batch), strict=True):
            labels = decide(tags, self._tagger.labels, self._tagger.keep_bias)
            edits = apply_labels(text, labels, self.name)
            yield Rewrite(apply(text, edits), edits)


def folder_hash(folder: Path) -> str:
    """Hash of the files that the output depends on: not of the card, which only tells about it."""
    digest = hashlib.sha256()
    for name in OUTPUT_FILES:
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def _chunks(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    start, characters = 0, 0
    for index, document in enumerate(documents):
        characters += len(document.text)
        if characters >= _CHARACTERS_AT_ONCE:
            yield documents[start : index + 1]
            start, characters = index + 1, 0
    if start < len(documents):
        yield documents[start:]
