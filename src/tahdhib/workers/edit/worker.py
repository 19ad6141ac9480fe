"""The edit worker: opens a trained folder and rewrites documents."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from tahdhib.conduct.conduct import content_hash
from tahdhib.records import Document, Rewrite
from tahdhib.text.edits import apply
from tahdhib.workers.edit.drafts import Choice, choose
from tahdhib.workers.edit.labels import apply_labels
from tahdhib.workers.edit.predict import Tags, decide, leaning, tag
from tahdhib.workers.edit.tagger import Tagger, folder_hash, read_extras

_CHARACTERS_AT_ONCE = 1_000_000
"""Documents are taken in chunks of about so much text, so that memory does not grow with a list."""


class EditWorker:
    """Rewrites by tagging. Batches are formed inside the list of documents that is given, so equal
    lists give equal edits, whatever the process; another list may differ in a tie at most."""

    name = "edit"

    def __init__(
        self,
        tagger: Tagger,
        *,
        model_hash: str,
        batch: int,
        within: Callable[[], AbstractContextManager[None]] = nullcontext,
        choice: Choice | None = None,
    ) -> None:
        self.hash = content_hash([self.name, model_hash, choice.hash]) if choice else model_hash
        self._tagger = tagger
        self._batch = batch
        self._within = within
        self._choice = choice

    @classmethod
    def open(
        cls, folder: Path, *, batch: int, threads: int, choice: Choice | None = None
    ) -> "EditWorker":
        """Open what training wrote; `batch` counts units.

        Raises:
            DataError: the folder does not hold a whole worker.
        """
        from tahdhib.processes.threads import at_threads
        from tahdhib.workers.edit.model import open_tagger

        return cls(
            open_tagger(folder),
            model_hash=folder_hash(folder),
            batch=batch,
            within=partial(at_threads, threads),
            choice=choice,
        )

    @classmethod
    def open_light(cls, folder: Path, *, batch: int, choice: Choice | None = None) -> "EditWorker":
        """Open it without torch, which takes longer to load than a page to rewrite. Its sums are
        those of `open` but for the last bits, so a tie may fall out otherwise. An encoder of
        transformers needs torch, and is opened with it.

        Raises:
            DataError: the folder does not hold a whole worker.
        """
        from tahdhib.workers.edit.light import open_light

        if read_extras(folder).form is None:
            return cls.open(folder, batch=batch, threads=1, choice=choice)
        opened = open_light(folder)
        return cls(opened, model_hash=folder_hash(folder), batch=batch, choice=choice)

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        """Return one rewrite per document, in order; no edits where nothing would change."""
        with self._within():
            return [rewrite for chunk in _chunks(documents) for rewrite in self._rewrite(chunk)]

    def _rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        texts = [document.text for document in documents]
        tagged = tag(self._tagger, texts, self._batch)

        def at(lean: float, place: int) -> Rewrite:
            return self._read(texts[place], leaning(tagged[place], lean))

        if self._choice is None:
            return [at(0.0, place) for place in range(len(texts))]
        drafts = [partial(at, lean) for lean in (0.0, *self._choice.leans)]
        return choose(texts, drafts, self._choice.chooser)

    def _read(self, text: str, tags: Tags) -> Rewrite:
        labels = decide(tags, self._tagger.labels, self._tagger.keep_bias)
        edits = apply_labels(tags.cut, labels, self.name)
        return Rewrite(apply(text, edits), edits)


def _chunks(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    start, characters = 0, 0
    for index, document in enumerate(documents):
        characters += len(document.text)
        if characters >= _CHARACTERS_AT_ONCE:
            yield documents[start : index + 1]
            start, characters = index + 1, 0
    if start < len(documents):
        yield documents[start:]
