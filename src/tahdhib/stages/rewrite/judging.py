"""What decides about a rewrite: the gate, the protected spans, the conduct's own word."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.rewrite import recontextualising
from tahdhib.config.recipe import Gate as GateSettings
from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import Shelter
from tahdhib.protect.shield import spare
from tahdhib.records import Edit, Rewrite, Verdict
from tahdhib.score.toxicity.lexicon import LexiconToxicity
from tahdhib.text.edits import apply
from tahdhib.workers.attribute import credited

_APART_LINES = 2


class Judging:
    """The judge of one recipe and conduct: the same answers for the same texts, always."""

    def __init__(self, settings: GateSettings, conduct: Conduct, shelter: Shelter) -> None:
        self._gate = Gate(settings, conduct, shelter.spans)
        self._conduct = conduct
        self._shelter = shelter
        self._lexicon = LexiconToxicity()

    def spared(self, text: str, rewrite: Rewrite, worker: str) -> Rewrite:
        """The rewrite with its edits credited, and without those of protected spans."""
        return spare(text, credited(text, rewrite, worker, self._conduct), self._shelter)

    def verdict(self, text: str, rewrite: Rewrite) -> Verdict:
        """The gate's; it has nothing to say of a text that stays."""
        return self._gate.verdict(text, rewrite) if rewrite.edits else Verdict()

    def stricter(self, text: str, rewrite: Rewrite) -> Rewrite:
        """A refused rewrite without the edits at fault: halves are added to what passes, and halved
        again where they do not, so that one bad edit among n costs about log n verdicts."""
        edits = self._passing(text, (), self._units(text, rewrite.edits), is_refused=True)
        return replace(rewrite, text=apply(text, edits), edits=edits)

    def _units(self, text: str, edits: Sequence[Edit]) -> list[tuple[Edit, ...]]:
        """The edits that only make sense together: what takes stretches out of a line and the next,
        an advertisement say, of which half is worse than all."""
        units: list[tuple[Edit, ...]] = []
        for edit in edits:
            last = units[-1][-1] if units else None
            is_one = last is not None and text.count("\n", last.start, edit.start) < _APART_LINES
            if last is not None and is_one and self._takes_out(last) and self._takes_out(edit):
                units[-1] += (edit,)
            else:
                units.append((edit,))
        return units

    def _takes_out(self, edit: Edit) -> bool:
        rule = self._conduct.rule(edit.by)
        return rule is None or rule.removes

    def _passing(
        self,
        text: str,
        kept: tuple[Edit, ...],
        more: Sequence[tuple[Edit, ...]],
        *,
        is_refused: bool = False,
    ) -> tuple[Edit, ...]:
        both = (*kept, *chain.from_iterable(more))
        if not is_refused and self._gate.verdict(text, Rewrite(apply(text, both), both)).accepted:
            return both
        if len(more) < 2:
            return kept
        half = len(more) // 2
        return self._passing(text, self._passing(text, kept, more[:half]), more[half:])

    def generating_rules(self, text: str) -> tuple[str, ...]:
        """The rules with the action `recontextualise` that find something in `text`."""
        return recontextualising(text, self._conduct)

    def toxicity(self, text: str) -> float:
        """Terms of the lexicon per 100 words."""
        return float(self._lexicon.score([text])[0, 0])
