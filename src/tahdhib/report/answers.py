"""What happened, in sentences: the part of the report that everybody reads."""

import math

from tahdhib.report import words
from tahdhib.report.parts import FLOW, Against, Answer, Audit, Changed, Measure, Refused, StageLine
from tahdhib.score.card import EVIDENCE_AUROC

_ARMS = {
    "copy": "the copy worker, which changes nothing",
    "random": "the random worker, which deletes words at random",
}

_REASONS_SAID = 5
_FACTS = ("numbers", "dates", "links", "units", "names", "negation", "modality")
"""Measures of preservation that are about things said, not about how much text there is."""
_LEARNED = dict.fromkeys(
    ("edit", "causal"), ": learned from people's rewrites, or from the rules too widely"
)


def answers(
    stages: tuple[StageLine, ...],
    changed: Changed | None,
    refused: Refused | None,
    audit: Audit | None,
    worker: str,
) -> tuple[Answer, ...]:
    """How many came in and went out, what was changed, and what the witness says of it."""
    found = (
        Answer("The documents", tuple(_way(stages))),
        Answer("The changes", tuple(_changes(changed, worker))),
        Answer("The gate", tuple(_refusals(changed, refused))),
        Answer("The witness", witness_sentences(audit)),
        Answer("What was kept", tuple(_kept(audit))),
        Answer("The corpus as a whole", tuple(_drift(audit))),
        Answer("People", tuple(_people(audit))),
    )
    return tuple(answer for answer in found if answer.sentences)


def cautions(stages: tuple[StageLine, ...], audit: Audit | None, conduct: str) -> tuple[str, ...]:
    """What a reader must know before believing the rest."""
    return tuple(
        sentence
        for sentence in (
            _unfinished(stages),
            *_no_evidence(audit),
            _far(audit),
            _rough(audit),
            conduct,
        )
        if sentence
    )


def witness_sentences(audit: Audit | None) -> tuple[str, ...]:
    """The audit's claim about all documents: the difference to each null rewriter."""
    if audit is None:
        return ()
    measure = next(
        (m for m in audit.measures if m.measure == audit.score and m.group == "all"), None
    )
    if measure is None:
        return ()
    return (_moved(measure, audit), *(against_sentence(measure, line) for line in measure.against))


def against_sentence(measure: Measure, line: Against) -> str:
    """One comparison with a null rewriter, found or not found, in words."""
    arm = _ARMS.get(line.arm, words.worker(line.arm))
    bounds = f"{words.figure(line.difference.low)} to {words.figure(line.difference.high)}"
    if line.is_found:
        way = "more" if line.difference.estimate > 0 else "less"
        return (
            f"Against {arm}: a difference was found. The worker leaves "
            f"{words.figure(abs(line.difference.estimate))} {way} {measure.measure} "
            f"(difference {words.figure(line.difference.estimate)}, "
            f"{line.difference.level:.0%} interval {bounds}, "
            f"n\u00a0=\u00a0{words.count(line.difference.n)})."
        )
    return f"Against {arm}: {not_found(line)}"


def not_found(line: Against) -> str:
    """That nothing was found, and what would have been."""
    n = f"n\u00a0=\u00a0{words.count(line.difference.n)}"
    if line.difference.rough and line.smallest:
        return f"No difference is claimed: {line.difference.rough} ({n})."
    if math.isinf(line.smallest):
        return f"No difference was found; {n} is too few to have found one."
    if line.smallest == 0:
        return f"No difference was found: all pairs are equal ({n})."
    return (
        "No difference was found. "
        f"A difference of {words.figure(line.smallest)} or more would have been found ({n})."
    )


def _way(stages: tuple[StageLine, ...]) -> list[str]:
    finished = {line.name: line for line in stages if line.is_finished}
    first = finished.get("ingest")
    if first is None:
        return []
    came_in = words.plural(first.came_in, "document")
    last = finished.get("publish")
    if last is None:
        sentences = [f"{came_in} came in; nothing is published yet."]
    else:
        share = words.share(last.went_out, first.came_in)
        sentences = [f"{came_in} came in and {words.count(last.went_out)} went out ({share})."]
    gone = [
        drop
        for line in stages
        if line.is_finished and line.name in FLOW
        for drop in line.drops
        if drop.count
    ]
    if gone:
        gone.sort(key=lambda drop: -drop.count)
        shown = len(gone) if len(gone) <= _REASONS_SAID else _REASONS_SAID - 1
        parts = [
            f"{words.count(drop.count)} ({words.lower_first(drop.words)})" for drop in gone[:shown]
        ]
        rest = sum(drop.count for drop in gone[shown:])
        parts += [f"{words.count(rest)} for rarer reasons"] if rest else []
        sentences.append(f"Left out: {', '.join(parts)}.")
    elif last is not None:
        sentences.append("None was left out.")
    return sentences


def _changes(changed: Changed | None, worker: str) -> list[str]:
    if changed is None:
        return []
    who = words.worker(worker)
    who = words.upper_first(who)
    total = changed.rewritten + changed.untouched + changed.kept
    if not changed.rewritten:
        return [f"{who} changed none of {words.plural(total, 'document')}."]
    touched = words.share(changed.touched_characters, changed.source_characters)
    difference = changed.text_characters - changed.source_characters
    size = words.share(abs(difference), changed.source_characters)
    length = (
        "as long as before"
        if not difference
        else f"{size} {'shorter' if difference < 0 else 'longer'} than before"
    )
    sentences = [
        f"{who} changed {words.count(changed.rewritten)} of {words.plural(total, 'document')} "
        f"({words.share(changed.rewritten, total)}), and left the others as they were.",
        f"The edits remove or replace {touched} of all characters; the text is {length}.",
    ]
    alone = [doer for doer in changed.doers if not doer.is_rule]
    if alone:
        edits = sum(doer.edits for doer in changed.doers)
        own = sum(doer.edits for doer in alone)
        sentences.append(
            f"{words.count(own)} of {words.plural(edits, 'edit')} ({words.share(own, edits)}) "
            f"stand where no rule acts{_LEARNED.get(worker, '')}."
        )
    return sentences


def _refusals(changed: Changed | None, refused: Refused | None) -> list[str]:
    if changed is None or refused is None:
        return []
    if not refused.count and not changed.rewritten:
        return ["There was no rewrite to judge."]
    if not refused.count:
        return ["The gate let every rewrite through."]
    fate = "the sources were kept" if changed.kept else "the documents were dropped"
    return [f"The gate refused {words.plural(refused.count, 'rewrite')}; {fate}."]


def _moved(measure: Measure, audit: Audit) -> str:
    sentence = (
        f"A witness that had no part in choosing the edits ({audit.witness}) measured "
        f"{words.plural(audit.n, 'document')}"
    )
    if measure.before is None or measure.after is None:
        return sentence + "."
    return (
        f"{sentence}: mean {measure.measure} was {words.interval(measure.before)} before "
        f"and {words.interval(measure.after)} after."
    )


def _kept(audit: Audit | None) -> list[str]:
    """What rewrites kept of their sources: the combined measure, and what was lost most often."""
    if audit is None or not audit.kept:
        return []
    first, *parts = audit.kept
    sentences = []
    if first.after is not None:
        sentences.append(
            f"Of {words.plural(first.n, 'rewritten document')} the mean of {first.measure} is "
            f"{words.interval(first.after)} of 1."
        )
    facts = [one for one in parts if one.changed is not None and one.measure in _FACTS]
    said = [f"{one.measure} {words.share_interval(one.changed)}" for one in facts if one.changed]
    if said:
        sentences.append(
            f"Share of rewrites that did not keep all of them: {'; '.join(said)}. What the rules "
            "take out on purpose counts here as well: a masked telephone number, a menu."
        )
    return sentences


def _drift(audit: Audit | None) -> list[str]:
    if audit is None or audit.drift is None:
        return []
    drift = audit.drift
    sentences = []
    if drift.to_standard.n:
        count = round(drift.to_standard.estimate * drift.to_standard.n)
        sentences.append(
            f"{words.count(count)} of {words.plural(drift.to_standard.n, 'document')} in a dialect "
            f"read as Standard Arabic afterwards ({words.share_interval(drift.to_standard)})."
        )
    old, new = drift.kinds
    sentences.append(
        f"The corpus had about {words.count(old)} kinds of words and has {words.count(new)}; "
        f"both sides share {words.share(drift.overlap, 1)} of them."
    )
    if drift.topics.n:
        moved = drift.topics.moved
        count = round(moved.estimate * moved.n)
        sentences.append(
            f"{words.count(count)} of {words.plural(moved.n, 'document')} changed their topic "
            f"({words.share_interval(moved)})."
        )
    return sentences


def _people(audit: Audit | None) -> list[str]:
    if audit is None or audit.human is None:
        return []
    human = audit.human
    sentences = [
        f"{words.plural(human.annotators, 'person', 'people')} gave "
        f"{words.plural(human.answers, 'answer')} to {words.plural(human.tasks, 'blind task')}."
    ]
    for question in human.questions:
        rates = ", ".join(f"{label} {words.share_interval(rate)}" for label, rate in question.rates)
        sentences.append(f"{question.words}: {rates}.")
    return sentences


def _far(audit: Audit | None) -> str:
    if audit is None or audit.domain is None or not audit.domain.is_far:
        return ""
    domain = audit.domain
    return (
        f"{words.share(domain.unlike, 1)} of {words.plural(domain.n, 'document')} drawn from this "
        "corpus are unlike the texts on which the witness was measured: what its card says of its "
        "quality may not hold here."
    )


def _rough(audit: Audit | None) -> str:
    """That the main comparison has too little to go by."""
    for measure in audit.measures if audit else ():
        if audit and (measure.measure, measure.group) == (audit.score, "all"):
            found = [line for line in measure.against if line.difference.rough and line.smallest]
            if found:
                return f"{words.upper_first(found[0].difference.rough)}: no difference is claimed."
    return ""


def _unfinished(stages: tuple[StageLine, ...]) -> str:
    """Stages before the last finished one were not needed (a worker that does not learn)."""
    last = max((i for i, line in enumerate(stages) if line.is_finished), default=-1)
    missing = [line.name for line in stages[last + 1 :]]
    if not missing:
        return ""
    return (
        f"The run stopped early: {', '.join(missing)} did not finish. The report shows how far it "
        "came. The same command on the same folder goes on from there."
    )


def _no_evidence(audit: Audit | None) -> list[str]:
    return [_weakness(audit, code) for code in audit.no_evidence] if audit else []


def _weakness(audit: Audit, code: str) -> str:
    """Why the witness is no evidence for a language: its worst result there."""
    name = words.language(code)
    sets = [one for one in audit.sets if one.language == code]
    natural = [one for one in sets if one.is_natural] or sets
    if not natural:
        return f"The witness was never measured on {name}, so it is no evidence there."
    worst = min(natural, key=lambda one: one.auroc.estimate)
    return (
        f"The witness is no evidence for {name}: it hardly tells toxic from harmless text there "
        f"(AUROC {words.interval(worst.auroc)} on {worst.dataset}; "
        f"we ask for {EVIDENCE_AUROC:.2f}). Its figures for {name} say nothing either way."
    )
