"""One text through a worker and the gate, with every edit accounted for: what `polish` shows.

The whole rewrite is judged as in a run. Beside it each edit is judged as if it stood alone, so that
where the gate refuses, one sees which edit it would have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tahdhib.conduct.conduct import Conduct
from tahdhib.config.recipe import Gate as Settings
from tahdhib.config.recipe import Rewrite as RewriteSettings
from tahdhib.gate.gate import Gate
from tahdhib.processes.apart import Fault
from tahdhib.protect.shelter import Shelter
from tahdhib.protect.shield import spare
from tahdhib.records import Document, Edit, Reason, Rewrite
from tahdhib.stages.rewrite.asking import checked_answers
from tahdhib.stages.rewrite.passages import Answers, in_passages
from tahdhib.text.edits import apply
from tahdhib.workers.attribute import credited
from tahdhib.workers.worker import Generating, Worker

_PASSAGE = RewriteSettings().passage_characters


@dataclass(frozen=True, slots=True)
class Judged:
    """One edit, and what the gate would say if it were the only one; nothing: it may pass."""

    edit: Edit
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Polished:
    """A text and what became of it. `text` is the source where the gate refused the `rewrite`, or
    where the worker wrote none that can be read; `reasons` say why."""

    source: str
    rewrite: str
    text: str
    worker: str
    edits: tuple[Judged, ...]
    reasons: tuple[Reason, ...]
    drop_reason: str | None

    @property
    def accepted(self) -> bool:
        return not self.reasons


def polish(
    texts: Sequence[str],
    worker: Worker,
    conduct: Conduct,
    settings: Settings,
    shelter: Shelter,
    *,
    passage_characters: int = _PASSAGE,
) -> list[Polished]:
    """Rewrite `texts` and judge them by a gate under `settings`, in their order. A worker that
    generates is shown passages of so many characters, without what it may not touch."""
    gate = Gate(settings, conduct, shelter.spans)
    documents = [Document(str(place), text) for place, text in enumerate(texts)]
    found = ask(worker, documents, shelter, passage_characters)
    return [
        _unanswered(text, one, worker.name)
        if isinstance(one, Fault)
        else _judged(
            text,
            spare(text, credited(text, one, worker.name, conduct), shelter),
            worker.name,
            gate,
        )
        for text, one in zip(texts, found, strict=True)
    ]


def ask(
    worker: Worker, documents: Sequence[Document], shelter: Shelter, passage_characters: int
) -> Sequence[Rewrite | Fault]:
    """A worker's answer about each document, asked as in a run; a Fault where it wrote none that
    can be read."""
    if isinstance(worker, Generating):
        return in_passages(_answers(worker), shelter, passage_characters)(documents)
    return worker.rewrite(documents)


def _answers(worker: Generating) -> Answers:
    def answers(documents: Sequence[Document]) -> list[Rewrite | Fault]:
        found = checked_answers(worker.answers(documents), documents)
        return [found] * len(documents) if isinstance(found, Fault) else found

    return answers


def _unanswered(source: str, fault: Fault, worker: str) -> Polished:
    reasons = (Reason(f"worker:{fault.kind}", fault.detail),)
    return Polished(source, source, source, worker, (), reasons, None)


def _judged(source: str, rewrite: Rewrite, worker: str, gate: Gate) -> Polished:
    verdict = gate.verdict(source, rewrite)
    edits = tuple(
        Judged(edit, gate.verdict(source, Rewrite(apply(source, [edit]), (edit,))).reasons)
        for edit in rewrite.edits
    )
    return Polished(
        source=source,
        rewrite=rewrite.text,
        text=rewrite.text if verdict.accepted else source,
        worker=worker,
        edits=edits,
        reasons=verdict.reasons,
        drop_reason=rewrite.drop_reason,
    )
