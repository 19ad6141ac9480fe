"""Up the ladder: which worker is asked about which document, and when a document is done.

The first rung is the cheapest worker and sees every document; one in which it changes nothing is
clean and ends there. Where the gate refuses, what is left of the same rewrite without the edits at
fault is tried once more. Then the next rung is asked, which is given the source like the first;
after the last one the source stays, or the document goes. What only a generating worker may rewrite
is handed up to it, with what the workers that edit have mended laid by in case it does no better.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tahdhib.config.recipe import Rewrite as Settings
from tahdhib.processes.apart import Fault
from tahdhib.records import Document, Rewrite, Verdict

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rung:
    """A worker of the ladder, and how it is asked."""

    name: str
    hash: str
    is_generating: bool
    answers: Callable[[Sequence[Document]], Sequence[Rewrite | Fault]]


class Judge(Protocol):
    """What decides about rewrites of a text."""

    def spared(self, text: str, rewrite: Rewrite, worker: str) -> Rewrite:
        """The rewrite with its edits credited, and without those of protected spans."""

    def verdict(self, text: str, rewrite: Rewrite) -> Verdict:
        """The gate's."""

    def stricter(self, text: str, rewrite: Rewrite) -> Rewrite:
        """What of a refused rewrite passes the gate; no edits where nothing does."""

    def generating_rules(self, text: str) -> tuple[str, ...]:
        """The rules by which only a generating worker may rewrite `text`."""

    def toxicity(self, text: str) -> float:
        """Terms of the lexicon per 100 words."""


@dataclass(frozen=True, slots=True)
class Try:
    """What one rung made of a document, and the gate's verdict; a fault in place of both."""

    rung: Rung
    name: str
    rewrite: Rewrite | None = None
    verdict: Verdict = field(default_factory=Verdict)
    fault: Fault | None = None


@dataclass(slots=True)
class Climber:
    """A document on its way up: `way` says what became of it at each rung."""

    row: Row
    rules: tuple[str, ...] = ()
    is_handed_up: bool = False
    way: list[str] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    end: Try | None = None
    """The try that decides, once there is one."""
    best: Try | None = None
    """The one that decides if no worker further up does better."""

    @property
    def refused(self) -> Try | None:
        """The last try that the gate refused."""
        return next((one for one in reversed(self.tries) if not one.verdict.accepted), None)

    @property
    def needs_generating(self) -> bool:
        """Whether only a generating worker may end it, all others mend it at best."""
        return self.is_handed_up or bool(self.rules)

    @property
    def faults(self) -> list[Try]:
        """The tries without an answer."""
        return [one for one in self.tries if one.fault is not None]


class Ladder:
    """The rungs, the cheapest first; a document's way depends on its chunk alone."""

    def __init__(self, rungs: Sequence[Rung], judge: Judge, settings: Settings) -> None:
        self.rungs = tuple(rungs)
        self.judge = judge
        self._settings = settings

    def climb(self, rows: Sequence[Row]) -> list[Climber]:
        """Send the documents in `rows` (columns of DOCUMENTS) up, and return them in order."""
        climbers = [self._starting(row) for row in rows]
        for rung in self.rungs:
            waiting = [one for one in climbers if one.end is None]
            handed_up = [one for one in waiting if one.is_handed_up and not rung.is_generating]
            for one in handed_up:
                one.way.append(f"{rung.name}:handed_up")
            asked = [one for one in waiting if rung.is_generating or not one.is_handed_up]
            documents = [Document(one.row["id"], one.row["text"]) for one in asked]
            answers = rung.answers(documents) if documents else ()
            for one, answer in zip(asked, answers, strict=True):
                self._take(one, rung, answer)
        return climbers

    def _starting(self, row: Row) -> Climber:
        return Climber(row, self.judge.generating_rules(row["text"]))

    def _take(self, one: Climber, rung: Rung, answer: Rewrite | Fault) -> None:
        text = one.row["text"]
        if isinstance(answer, Fault):
            self._note(one, Try(rung, rung.name, fault=answer), answer.kind)
            return
        rewrite = self.judge.spared(text, answer, rung.name)
        if rewrite.drop_reason is not None:
            one.end = self._note(one, Try(rung, rung.name, rewrite), "dropped")
        elif not rewrite.edits:
            what = "protected" if answer.edits else "nothing"
            tried = self._note(one, Try(rung, rung.name, rewrite), what)
            self._settle(one, tried)
        else:
            self._take_edits(one, rung, rewrite)

    def _take_edits(self, one: Climber, rung: Rung, rewrite: Rewrite) -> None:
        text = one.row["text"]
        verdict = self.judge.verdict(text, rewrite)
        what = "accepted" if verdict.accepted else "refused"
        tried = self._note(one, Try(rung, rung.name, rewrite, verdict), what)
        if verdict.accepted:
            self._settle(one, tried)
        elif self._is_retried(rung):
            rest = self.judge.stricter(text, rewrite)
            name = f"{rung.name}_stricter"
            tried = self._note(one, Try(rung, name, rest), "accepted" if rest.edits else "nothing")
            if rest.edits:
                self._settle(one, tried)

    def _is_retried(self, rung: Rung) -> bool:
        """The edits of a generating worker are read off its text and do not stand alone."""
        settings = self._settings
        return bool(settings.ladder) and settings.stricter == "edits" and not rung.is_generating

    def _settle(self, one: Climber, tried: Try) -> None:
        """The document ends here, unless what is left is not for a worker that only edits."""
        text = tried.rewrite.text if tried.rewrite is not None else one.row["text"]
        if tried.rung.is_generating:
            one.end = one.best if _has_edits(one.best) and not _has_edits(tried) else tried
        elif not self._is_for_generating(one, text):
            one.end = tried
        else:
            one.best, one.is_handed_up = tried, True

    def _is_for_generating(self, one: Climber, text: str) -> bool:
        """Whether a rule that found something in the source still finds it, or too many terms are
        left."""
        if one.rules and set(one.rules).intersection(self.judge.generating_rules(text)):
            return True
        most = self._settings.hand_up_from
        return most is not None and self.judge.toxicity(text) >= most

    def _note(self, one: Climber, tried: Try, what: str) -> Try:
        one.way.append(f"{tried.name}:{what}")
        one.tries.append(tried)
        return tried


def _has_edits(tried: Try | None) -> bool:
    return tried is not None and tried.rewrite is not None and bool(tried.rewrite.edits)
