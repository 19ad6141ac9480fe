"""What a candidate made of each measured document, judged; kept on disk by all that it depends on,
so that a comparison that was stopped, or is widened, asks nobody twice."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.compare.bench import Bench
from tahdhib.compare.candidates import Candidate
from tahdhib.conduct.conduct import Conduct
from tahdhib.config.recipe import Gate as GateSettings
from tahdhib.config.recipe import Protect
from tahdhib.config.recipe import Rewrite as RewriteSettings
from tahdhib.polish import ask
from tahdhib.processes.apart import Fault
from tahdhib.progress import Progress
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document, Rewrite
from tahdhib.run.stages import NAMES, STAGES
from tahdhib.score.overlap import chrf
from tahdhib.score.table import Scorer
from tahdhib.stages.rewrite.judging import Judging
from tahdhib.store.shards import read_json, write_json
from tahdhib.workers.edit.examples import TrainingPair
from tahdhib.workers.edit.measure import Tally, tally

PASSAGE_CHARACTERS = RewriteSettings().passage_characters
_FORMAT = 2
_AT_ONCE = 64


class Mark(NamedTuple):
    """What became of one document. `is_unanswered`: no answer could be read, and it stays.
    `reasons`: why the gate refuses the rewrite. `tally`, `chrf` (0 to 100, of the nearest
    reference) and `is_exact` are of the rewrite as it is; `toxicity` and `bits` of what would stand
    in a corpus: the rewrite where the gate lets it through, else the source. `bits` is None where
    fluency is not measured."""

    is_changed: bool
    is_dropped: bool
    is_unanswered: bool
    reasons: tuple[str, ...]
    tally: Tally
    chrf: float
    is_exact: bool
    toxicity: float
    bits: float | None


class Marked(NamedTuple):
    """A mark for each measured pair, and for each clean text whether it stays as it is."""

    marks: tuple[Mark, ...]
    is_kept: tuple[bool, ...]


class Court(NamedTuple):
    """All that judges rewrites: one conduct, gate and protection for all candidates, a scorer of
    toxicity and one of fluency (None: not measured); of each the first score counts."""

    conduct: Conduct
    gate: GateSettings
    protect: Protect
    toxicity: Scorer
    fluency: Scorer | None

    @property
    def hash(self) -> str:
        """Hash of what its judgement depends on, the version of the gate's code among it."""
        rewrite = STAGES[NAMES.index("rewrite")]
        scorers = [self.toxicity, *([self.fluency] if self.fluency else [])]
        return _hash(
            [
                self.conduct.hash,
                self.gate.model_dump(mode="json"),
                self.protect.model_dump(mode="json"),
                f"{rewrite.name} {rewrite.version}",
                *(f"{one.name} {one.version}" for one in scorers),
            ]
        )


def marked(
    candidate: Candidate, bench: Bench, court: Court, cache: Path, progress: Progress
) -> Marked:
    """Ask the candidate about every document and judge what it answers, or read what was found."""
    path = cache / "marks" / f"{_key(candidate, bench, court)}.json"
    if path.exists():
        return _from_json(read_json(path))
    shelter = open_shelter(court.protect)
    judging = Judging(court.gate, court.conduct, shelter)
    answers: list[Rewrite | Fault] = []
    documents = bench.documents
    with progress.task(f"{candidate.name}: rewrite", len(documents), "documents") as task:
        for start in range(0, len(documents), _AT_ONCE):
            asked = documents[start : start + _AT_ONCE]
            told = ask(candidate.worker, asked, shelter, PASSAGE_CHARACTERS)
            answers += [
                answer
                if isinstance(answer, Fault)
                else judging.spared(document.text, answer, candidate.kind)
                for document, answer in zip(asked, told, strict=True)
            ]
            task.advance(len(asked))
    count = len(bench.pairs)
    found = Marked(
        marks=tuple(_marks(bench.pairs, answers[:count], judging, court)),
        is_kept=tuple(map(_is_kept, bench.clean, answers[count:])),
    )
    write_json(path, {"marks": [list(one) for one in found.marks], "is_kept": found.is_kept})
    return found


def _is_kept(document: Document, answer: Rewrite | Fault) -> bool:
    rewrite = _rewrite(document.text, answer)
    return rewrite.drop_reason is None and rewrite.text == document.text


def _rewrite(source: str, answer: Rewrite | Fault) -> Rewrite:
    """What stands in a corpus: where there is no answer, the source."""
    return Rewrite(source, ()) if isinstance(answer, Fault) else answer


def _marks(
    pairs: Sequence[TrainingPair],
    answers: Sequence[Rewrite | Fault],
    judging: Judging,
    court: Court,
) -> list[Mark]:
    rewrites = [_rewrite(pair.source, answer) for pair, answer in zip(pairs, answers, strict=True)]
    verdicts = [
        judging.verdict(pair.source, rewrite) for pair, rewrite in zip(pairs, rewrites, strict=True)
    ]
    left = [
        rewrite.text if verdict.accepted else pair.source
        for pair, rewrite, verdict in zip(pairs, rewrites, verdicts, strict=True)
    ]
    toxicity = first_score(court.toxicity, left)
    bits = first_score(court.fluency, left) if court.fluency else [None] * len(left)
    return [
        Mark(
            is_changed=rewrite.text != pair.source,
            is_dropped=rewrite.drop_reason is not None,
            is_unanswered=isinstance(answer, Fault),
            reasons=tuple(reason.code for reason in verdict.reasons),
            tally=tally(pair.source, rewrite.text, pair.rewrites),
            chrf=max(chrf(reference, rewrite.text) for reference in pair.rewrites),
            is_exact=rewrite.text in pair.rewrites,
            toxicity=toxic,
            bits=bit,
        )
        for pair, answer, rewrite, verdict, toxic, bit in zip(
            pairs, answers, rewrites, verdicts, toxicity, bits, strict=True
        )
    ]


def first_score(scorer: Scorer, texts: Sequence[str]) -> list[float]:
    """A scorer's first score of each text."""
    found: list[float] = scorer.score(texts)[:, 0].tolist()
    return found


def _from_json(content: dict[str, Any]) -> Marked:
    marks = [
        Mark(*one)._replace(reasons=tuple(one[3]), tally=Tally(*one[4])) for one in content["marks"]
    ]
    return Marked(tuple(marks), tuple(content["is_kept"]))


def _key(candidate: Candidate, bench: Bench, court: Court) -> str:
    measured = [[pair.id, pair.source, pair.rewrites] for pair in bench.pairs]
    clean = [asdict(document) for document in bench.clean]
    asked = [_FORMAT, candidate.kind, candidate.worker.hash, measured, clean, court.hash]
    return _hash(asked)[:32]


def _hash(content: object) -> str:
    canonical = json.dumps(content, sort_keys=True, default=list)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
