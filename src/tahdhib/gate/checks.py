"""The checks of the gate, each a function of a change that returns a reason or None.

Nothing may be lost that the rules do not remove, and nothing may be added. A check asks for the
spans that rules may remove only when something is missing, since finding them costs more than
everything else here.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.change import AROUND, Change, Stretch
from tahdhib.gate.harsh import SHORT_WORDS, is_harsh
from tahdhib.gate.lost import (
    LOST_CODES,
    check_dialect,
    check_dropped,
    check_modality,
    check_names,
    check_protected,
)
from tahdhib.gate.spacing import in_one_spacing, is_alike
from tahdhib.gate.whole import (
    WHOLE_CODES,
    check_added,
    check_refusal,
    check_summary,
    check_truncated,
)
from tahdhib.records import Edit, Reason
from tahdhib.score.dates import Date, dates
from tahdhib.score.language import language
from tahdhib.score.length import count_letters
from tahdhib.score.links import links
from tahdhib.score.preservation.negation import flips, polarity
from tahdhib.score.preservation.plain import words
from tahdhib.score.preservation.quantities import measures, quantities
from tahdhib.score.repetition import NGRAM_WORDS, repetition
from tahdhib.score.scaffold import scaffolds
from tahdhib.score.toxicity.lexicon import count_terms
from tahdhib.text.placeholders import without_placeholders

CODES = {
    "empty": "Nothing is left of the text.",
    "length": "The rewrite is too short or too long, or a long stretch was cut out of it.",
    "numbers": "A number was lost, added or changed, in figures or in words.",
    "units": "A quantity has another unit.",
    "dates": "A date was lost, added or changed.",
    "links": "A link was lost, added or changed.",
    "negation": "The rewrite denies what the source says, or says what it denies.",
    "scaffold": "A model's own words leaked into the text: a label, a preamble, a refusal.",
    "language": "The language or the script changed.",
    "repetition": "The rewrite repeats itself.",
    "toxicity": "The rewrite has more terms of abuse than its source.",
    **WHOLE_CODES,
    **LOST_CODES,
}
"""Reason code -> what it means, for reports; in the order in which the gate asks."""

GROWN_LETTERS = 24
"""By so many letters a text may always grow: a short one that is told politely soon does."""
POLITE = 0.5
"""Where a text of fewer words is harsh, what is told politely may be shorter by this factor."""
CUT_WORDS = 8
"""From so many words on, a stretch that goes without its like in return is a cut. Deleting one
insult takes fewer; a half sentence has more."""
SWITCHED_LETTERS = 12
"""From so many letters on, a new stretch in another script than the text is a switch."""
SAID_AGAIN = 3
"""So many words in a row that stand there twice are a loop."""
SURE = 0.6
"""Probability from which the language model is believed."""
_INTRODUCES = re.compile(r"^[^:：]{0,120}[:：][\W_]*$|^[\W_]*[{\[]\s*[\"“”'][^:：]{1,40}[:：]")
_SHOWN = 3

Check = Callable[[Change, Settings], Reason | None]
_Fact = TypeVar("_Fact", str, Date)


def check_empty(change: Change, settings: Settings) -> Reason | None:
    """No text where the source had some."""
    if change.rewrite_letters.total or not change.source_letters.total:
        return None
    return Reason("empty", f"source has {change.source_letters.total:,} letters, rewrite none")


def check_length(change: Change, settings: Settings) -> Reason | None:
    """Length in letters and digits as a whole, and each changed stretch by itself."""
    source, rewrite = change.source_letters.total, change.rewrite_letters.total
    least = settings.min_length_ratio
    if rewrite < least * source:
        source = change.owed_letters.total
        least *= (
            POLITE if len(change.source.split()) <= SHORT_WORDS and is_harsh(change.source) else 1
        )
    if rewrite < least * source:
        return _length_reason(rewrite, source, f"least {least:g}")
    if rewrite > settings.max_length_ratio * max(1, change.source_letters.total) + GROWN_LETTERS:
        return _length_reason(
            rewrite, change.source_letters.total, f"most {settings.max_length_ratio:g}"
        )
    for cluster in change.clusters:
        cut = _words_cut(change, cluster, settings)
        if cut:
            return Reason("length", f"a stretch of {cut} words was cut")
    return None


def check_numbers(change: Change, settings: Settings) -> Reason | None:
    """Numbers by value, in any digits and in words."""
    return _compare("numbers", quantities, str, change)


def check_units(change: Change, settings: Settings) -> Reason | None:
    """Quantities with their units; a quantity that lost its number is `numbers`' to tell."""
    before, after = measures(change.before), measures(change.after)
    if before == after or quantities(change.before) != quantities(change.after):
        return None
    return _compare("units", measures, str, change)


def check_dates(change: Change, settings: Settings) -> Reason | None:
    """Dates, numeric or with a month's name."""
    return _compare("dates", dates, Date.words, change)


def check_links(change: Change, settings: Settings) -> Reason | None:
    """Web addresses."""
    return _compare("links", links, str, change)


def check_negation(change: Change, settings: Settings) -> Reason | None:
    """Words that one side denies and the other says, where negations came or went."""
    found = flips(change.before, change.after)
    if len(found.stems) <= settings.max_flips or not found.difference:
        return None
    change = change.without(partial(_denies_nothing, change.source))
    found = flips(change.before, change.after)
    if len(found.stems) <= settings.max_flips or not found.difference:
        return None
    owed = flips(change.owed, change.after)
    stems = [stem for stem in found.stems if stem in owed.stems]
    if len(stems) <= settings.max_flips or not owed.difference:
        return None
    shown = ", ".join(repr(stem) for stem in stems[:_SHOWN])
    return Reason("negation", f"denied on one side only: {shown}")


def check_scaffold(change: Change, settings: Settings) -> Reason | None:
    """Labels, preambles, refusals and tags that the source does not have itself."""
    if not change.inserted.strip():
        return None
    leaked = Counter(scaffolds(change.after)) - Counter(scaffolds(change.before))
    if not leaked:
        label = _label(change)
        return Reason("scaffold", f"{label[:80]!r} was put before it") if label else None
    leak = next(iter(leaked))
    return Reason("scaffold", f"{leak.kind} {leak.text[:80]!r} is not in the source")


def check_language(change: Change, settings: Settings) -> Reason | None:
    """The script of the text, and of each new stretch; its language where it is long enough."""
    script, new_script = change.source_letters.script, change.rewrite_letters.script
    if script != new_script and script and new_script:
        script = change.owed_letters.script
        if script and script != new_script:
            return Reason("language", f"source is mostly {script} script, rewrite {new_script}")
    for cluster in change.clusters:
        if len(cluster.inserted) >= SWITCHED_LETTERS:
            reason = _switch(change, cluster, settings)
            if reason:
                return reason
    return None


def check_repetition(change: Change, settings: Settings) -> Reason | None:
    """Growth of the share of repeated word 4-grams."""
    new_words = len(change.inserted.split())
    if not new_words:
        return None
    for edit in change.edits:
        if _is_said_again(change.source, edit):
            return Reason("repetition", f"{edit.new.strip()[:80]!r} is said twice in a row")
    # So many 4-grams at most can be new: too few to matter in most texts.
    new_grams = new_words + (NGRAM_WORDS - 1) * len(change.clusters)
    if new_grams < settings.max_repetition * (change.rewrite.count(" ") - NGRAM_WORDS):
        return None
    before, after = repetition(change.source), repetition(change.rewrite)
    if after - before <= settings.max_repetition:
        return None
    seen = f"repeated word 4-grams: {before:.0%} in source, {after:.0%} in rewrite"
    return Reason("repetition", seen)


def check_toxicity(change: Change, settings: Settings) -> Reason | None:
    """Terms of the lexicon: none may come in."""
    if not change.inserted.strip():
        return None
    after = count_terms(change.after)
    if not after:
        return None
    before = count_terms(change.before)
    if after <= before + settings.toxicity_tolerance:
        return None
    seen = f"terms of abuse around the edits: {before} in source, {after} in rewrite"
    return Reason("toxicity", seen)


CHECKS: tuple[Check, ...] = (
    check_empty,
    check_length,
    check_numbers,
    check_units,
    check_dates,
    check_links,
    check_negation,
    check_scaffold,
    check_language,
    check_repetition,
    check_toxicity,
    check_added,
    check_summary,
    check_truncated,
    check_refusal,
    check_dropped,
    check_protected,
    check_names,
    check_modality,
    check_dialect,
)
"""One check per code, in the order of `CODES`."""


def _length_reason(rewrite: int, source: int, bound: str) -> Reason:
    return Reason(
        "length",
        f"{source:,} letters and digits became {rewrite:,}: "
        f"{rewrite / max(1, source):.2f} times as long, at {bound}",
    )


def _is_said_again(source: str, edit: Edit) -> bool:
    """Whether an edit only puts in, of three words and signs or more, what stands right before or
    right behind it, once or over and over."""
    new = edit.new.split()
    if len(new) < SAID_AGAIN or source[edit.start : edit.end].strip():
        return False
    reach = len(edit.new) + AROUND
    before = source[max(0, edit.start - reach) : edit.start].split()
    after = source[edit.end : edit.end + reach].split()
    return any(
        new == (new[:size] * len(new))[: len(new)] and new[:size] in (before[-size:], after[:size])
        for size in range(SAID_AGAIN, len(new) + 1)
    )


def _denies_nothing(source: str, edit: Edit) -> bool:
    """Whether an edit mends a spelling, or says something harsh in other words: "not clever"."""
    return _is_spelling(source, edit) or is_harsh(source[edit.start : edit.end])


def _is_spelling(source: str, edit: Edit) -> bool:
    """Whether an edit parts words, joins them, or spells each in another way, and denies nothing:
    a misspelt word that is denied is no other word than the right one."""
    before = source[edit.start : edit.end]
    old: Sequence[str] = words(before)
    new: Sequence[str] = words(edit.new)
    if "".join(old) == "".join(new):
        return bool(old)
    old, new = in_one_spacing(old, new)
    if len(old) != len(new) or polarity(before).negations != polarity(edit.new).negations:
        return False
    pairs = list(zip(old, new, strict=True))
    return all(is_alike(*pair) and (pair[0][0] == pair[1][0]) for pair in pairs)


def _label(change: Change) -> str:
    """What was put before the text and introduces it, by a colon or as the name of a field."""
    first = change.edits[0]
    head = change.source[: first.start].strip()
    new = first.new.strip()
    if head or not new or words(change.source[first.start : first.end]):
        return ""
    return new if _INTRODUCES.search(new) else ""


def _words_cut(change: Change, cluster: Stretch, settings: Settings) -> int:
    """Words of the source that a stretch lost, if that is a cut; else 0."""
    if cluster.end - cluster.start < 2 * CUT_WORDS:
        return 0
    if len(change.source[cluster.start : cluster.end].split()) < CUT_WORDS:
        return 0
    new = count_letters(change.rewrite[cluster.new_start : cluster.new_end]).total
    old = count_letters(change.source[cluster.start : cluster.end]).total
    if new >= settings.min_length_ratio * old:
        return 0
    owed = change.blanked[cluster.start : cluster.end]
    if new >= settings.min_length_ratio * count_letters(owed).total:
        return 0
    left = Counter(words(change.rewrite[cluster.new_start : cluster.new_end]))
    cut = (Counter(words(owed)) - left).total()
    if cut < CUT_WORDS or (cut < SHORT_WORDS / 2 and is_harsh(owed)):
        return 0
    return cut


def _compare(
    code: str,
    read: Callable[[str], Counter[_Fact]],
    show: Callable[[_Fact], str],
    change: Change,
) -> Reason | None:
    """Compare what `read` finds on both sides; what may go does not count as lost."""
    before, after = read(change.before), read(change.after)
    if before == after:
        return None
    added = after - before
    lost = before - after
    if lost:
        lost = read(change.owed) - after
    if not added and not lost:
        return None
    seen = [
        f"source has {show(fact)} {_times(before[fact])}, rewrite {_times(after[fact])}"
        for fact in list(lost) + list(added)
    ]
    more = f"; and {len(seen) - _SHOWN} more" if len(seen) > _SHOWN else ""
    return Reason(code, "; ".join(seen[:_SHOWN]) + more)


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _switch(change: Change, cluster: Stretch, settings: Settings) -> Reason | None:
    inserted = count_letters(without_placeholders(cluster.inserted))
    if inserted.letters < SWITCHED_LETTERS:
        return None
    old = change.source[cluster.start : cluster.end]
    new = without_placeholders(change.rewrite[cluster.new_start : cluster.new_end])
    old_letters = count_letters(old)
    script = (
        old_letters if old_letters.letters >= SWITCHED_LETTERS else change.source_letters
    ).script
    if script and inserted.script != script and _share(change, inserted.script) < 0.5:
        return Reason("language", f"new text is in {inserted.script} script, not in {script}")
    if inserted.letters < settings.language_min_letters:
        return None
    if old_letters.letters < settings.language_min_letters:
        old = change.source
    told, came = language(old), language(new)
    if told.code == came.code or min(told.probability, came.probability) < SURE:
        return None
    return Reason("language", f"a stretch in {told.code!r} became {came.code!r}")


def _share(change: Change, script: str | None) -> float:
    """Share of the source's letters in a script: in a bilingual text either may come."""
    letters = change.source_letters
    return getattr(letters, script) / letters.letters if script and letters.letters else 0.0
