"""A worker's answers about documents, held against what an answer is, whatever the worker does.

A chunk is asked about as a whole, and where that fails a second time: whoever was killed from
outside, or stood still with the machine, then answers as if nothing had been. What fails again is
the chunk's own fault, or that of one of its documents, which asking one by one brings to light: so
a document that no worker survives costs its own try and no other's.

A worker that writes may write what cannot be read. That is its answer, and it would be the same
again.
"""

from collections.abc import Callable, Sequence
from typing import Any

from tahdhib.conduct.protocol import Unusable
from tahdhib.errors import TahdhibError
from tahdhib.processes.apart import Fault
from tahdhib.records import Document, Edit, Rewrite
from tahdhib.text.edits import apply

Ask = Callable[[Sequence[Document]], Any]
"""A worker that may fail: rewrites of these documents if all is well, a Fault where none came, or
anything at all."""

_HOPELESS = 8
"""So many documents without an answer, one after the other, are no fault of theirs: they lie in the
order of their ids, so no two have anything to do with each other."""


class BrokenWorkerError(TahdhibError):
    """A worker that answers nothing."""


class Asking:
    """Worker `name` behind `ask`, made safe."""

    def __init__(self, name: str, ask: Ask) -> None:
        self.name = name
        self._ask = ask
        self._in_a_row = 0

    def answers(self, documents: Sequence[Document]) -> list[Rewrite | Fault]:
        """What the worker makes of each document, in order, or why it made nothing of it.

        Raises:
            BrokenWorkerError: many documents in a row got no answer.
        """
        whole = self._whole(documents)
        found: list[Rewrite | Fault] = []
        for document, one in zip(documents, whole, strict=True):
            is_asked_again = _is_failure(one) and len(documents) > 1
            found.append(_alone(self._ask, document) if is_asked_again else one)
            self._count(document, found[-1])
        return found

    def _whole(self, documents: Sequence[Document]) -> list[Rewrite | Fault]:
        checked = checked_answers(self._ask(documents), documents)
        if isinstance(checked, Fault):
            checked = checked_answers(self._ask(documents), documents)
        return [checked] * len(documents) if isinstance(checked, Fault) else checked

    def _count(self, document: Document, one: Rewrite | Fault) -> None:
        self._in_a_row = self._in_a_row + 1 if _is_failure(one) else 0
        if isinstance(one, Fault) and self._in_a_row == _HOPELESS:
            raise BrokenWorkerError(
                f"worker {self.name!r}: {_HOPELESS} documents in a row got no answer from it, the "
                f"last of them {document.id!r} ({one.kind}: {one.detail}), so the fault is not "
                "theirs. Train it again, or name another in rewrite.ladder; where it is only slow, "
                "raise rewrite.patience_seconds. What is finished stays finished."
            )


def _alone(ask: Ask, document: Document) -> Rewrite | Fault:
    """The answer about one document; one that hung is not waited for again."""
    fault = Fault("crashed", "")
    for _ in range(2):
        checked = checked_answers(ask([document]), [document])
        one = checked if isinstance(checked, Fault) else checked[0]
        if isinstance(one, Rewrite):
            return one
        fault = one
        if fault.kind in ("hung", "unreadable"):
            break
    return fault


def _is_failure(one: Rewrite | Fault) -> bool:
    """Whether there was no answer at all, or one that is none."""
    return isinstance(one, Fault) and one.kind != "unreadable"


def checked_answers(answer: object, documents: Sequence[Document]) -> list[Rewrite | Fault] | Fault:
    """The answer as one rewrite or fault per document; a Fault where it says nothing of any."""
    if isinstance(answer, Fault):
        return answer
    if not isinstance(answer, list) or len(answer) != len(documents):
        what = f"{len(answer)} answers" if isinstance(answer, list) else type(answer).__name__
        return Fault("rubbish", f"{what} for {len(documents)} documents")
    return [_checked(one, document) for one, document in zip(answer, documents, strict=True)]


def _checked(one: object, document: Document) -> Rewrite | Fault:
    if isinstance(one, Unusable):
        return Fault("unreadable", f"{one.reason}: {one.detail}")
    fault = _fault_of(one, document)
    return one if fault is None and isinstance(one, Rewrite) else Fault("rubbish", fault or "")


def _fault_of(one: object, document: Document) -> str | None:
    """What is wrong with a rewrite: it must be what its edits make of the text, in characters that
    can be written down."""
    if not isinstance(one, Rewrite):
        return f"{type(one).__name__} in place of a rewrite"
    if not isinstance(one.text, str) or not isinstance(one.drop_reason, str | None):
        return "a rewrite whose text or reason is no text"
    if not isinstance(one.edits, tuple) or not all(map(_is_edit, one.edits)):
        return "a rewrite with something else among its edits"
    try:
        made = apply(document.text, one.edits)
        "".join([one.text, *(edit.by for edit in one.edits)]).encode()
    except (ValueError, UnicodeEncodeError) as error:
        return str(error)
    if one.drop_reason is None and made != one.text:
        return "a text that its edits do not make of the source"
    return None


def _is_edit(one: object) -> bool:
    return (
        isinstance(one, Edit)
        and isinstance(one.start, int)
        and isinstance(one.end, int)
        and isinstance(one.new, str)
        and isinstance(one.by, str)
    )
