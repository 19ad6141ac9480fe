"""Keep or drop: a document's signals against the rules of its language."""

from collections.abc import Mapping, Sequence
from typing import Any

from tahdhib.records import Reason
from tahdhib.stages.clean.thresholds import Rule, Thresholds

UNKNOWN = "und"


def believed(signals: Mapping[str, Any], least_probability: float) -> str:
    """The document's language, or `und` where the model is not sure enough."""
    is_sure = signals["language_probability"] >= least_probability
    return str(signals["language"]) if is_sure else UNKNOWN


def failures(signals: Mapping[str, Any], rules: Sequence[Rule]) -> tuple[Reason, ...]:
    """The rules that the document fails, in their order; a signal without meaning fails none."""
    found = []
    for rule in rules:
        value = signals[rule.signal]
        if value is None:
            continue
        if rule.min is not None and value < rule.min:
            seen = f"{rule.signal} {_said(value)}, less than {_said(rule.min)}"
        elif rule.max is not None and value > rule.max:
            seen = f"{rule.signal} {_said(value)}, more than {_said(rule.max)}"
        else:
            continue
        found.append(Reason(f"{rule.set}:{rule.signal}", seen))
    return tuple(found)


def verdict(
    signals: Mapping[str, Any],
    languages: Sequence[str],
    least_probability: float,
    thresholds: Thresholds,
) -> Reason | None:
    """Why the document goes, or None where it stays.

    The first rule that it fails gives the reason; the detail names them all.
    """
    language = believed(signals, least_probability)
    if languages and language not in languages:
        seen = f"{signals['language']} {_said(signals['language_probability'])}"
        return Reason("other_language", f"{seen}; kept: {', '.join(languages)}")
    failed = failures(signals, thresholds.of(language))
    if not failed:
        return None
    return Reason(failed[0].code, "; ".join(reason.detail for reason in failed))


def _said(value: float) -> str:
    return f"{value:.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:.0f}"
