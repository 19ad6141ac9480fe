"""What a generating worker is shown of a document: placeholders where it may touch nothing, in
passages that it can take in at once. Its answers are put together and put back."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tahdhib.conduct.protocol import Unusable
from tahdhib.processes.apart import Fault
from tahdhib.protect.shelter import Shelter
from tahdhib.protect.shield import Shielded, restore, shield
from tahdhib.records import Document, Rewrite
from tahdhib.teachers.passages import Passage, cut, stitch

Answers = Callable[[Sequence[Document]], Sequence[Rewrite | Fault]]

_AT_ONCE = 32


def in_passages(answers: Answers, shelter: Shelter, most: int, at_once: int = _AT_ONCE) -> Answers:
    """`answers` about documents of any length, from answers about passages of at most `most`
    characters, `at_once` of them together; a document with one passage without an answer has
    none."""

    def about(documents: Sequence[Document]) -> list[Rewrite | Fault]:
        shown = [shield(one.text, shelter.spans(one.text)) for one in documents]
        cuts = [cut(one.text, most) for one in shown]
        asked = [
            Document(f"{document.id}#{number}", passage.text)
            for document, passages in zip(documents, cuts, strict=True)
            for number, passage in enumerate(passages)
        ]
        told = [
            answer
            for start in range(0, len(asked), at_once)
            for answer in answers(asked[start : start + at_once])
        ]
        found = iter(told)
        return [
            _whole(one, passages, [next(found) for _ in passages])
            for one, passages in zip(shown, cuts, strict=True)
        ]

    return about


def _whole(
    shown: Shielded, passages: Sequence[Passage], told: Sequence[Rewrite | Fault]
) -> Rewrite | Fault:
    fault = next((one for one in told if isinstance(one, Fault)), None)
    if fault is not None:
        return fault
    rewrites = [one for one in told if isinstance(one, Rewrite)]
    whole = stitch(shown.text, passages, rewrites)
    if isinstance(whole, Rewrite):
        whole = restore(shown, whole)
    if isinstance(whole, Unusable):
        return Fault("rubbish", f"{whole.reason}: {whole.detail}")
    return replace(whole, acting=())
