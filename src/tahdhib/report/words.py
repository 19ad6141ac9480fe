"""How numbers, intervals and codes are said to a reader."""

import math

from tahdhib.records import Interval

_MINUS = "\u2212"

LANGUAGES = {
    "ar": "Arabic",
    "arz": "Egyptian Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "id": "Indonesian",
    "tr": "Turkish",
    "und": "an unknown language",
    "ur": "Urdu",
    "zh": "Chinese",
}

DIALECTS = {
    "msa": "Standard Arabic",
    "egy": "Egyptian",
    "glf": "Gulf",
    "lev": "Levantine",
    "mgr": "Maghrebi",
    "und": "undetermined",
}

GROUP_KINDS = {
    "dialect": "dialect",
    "rule": "rule that acted",
    "worker": "worker that rewrote",
    "state": "state",
}

STAGES = {
    "ingest": "Read the files",
    "dedup": "Find duplicates",
    "signals": "Measure the text",
    "clean": "Clean",
    "annotate": "Teacher writes pairs",
    "worker": "Worker learns",
    "rewrite": "Rewrite, then the gate",
    "audit": "Measure",
    "publish": "Publish",
}

WORKERS = {
    "edit": "the edit worker",
    "rules": "the rules",
    "copy": "the copy worker",
    "random": "the random worker",
    "causal": "the causal worker",
    "openai": "a teacher at an endpoint",
}

_REASONS = {
    "added": "Words would have come in",
    "contaminated": "Holds an evaluation item",
    "contaminated_short": "Holds a short evaluation item",
    "dates": "A date would have changed",
    "dialect": "A dialect would have become standard Arabic",
    "dropped": "A sentence or the end would have been gone",
    "duplicate_id": "Another text has its id",
    "empty": "Nothing would be left",
    "empty_text": "No visible text",
    "exact": "Exact duplicate",
    "exact_duplicate": "Exact duplicate",
    "invalid_utf8": "Bytes are not UTF-8",
    "language": "The language would have changed",
    "length": "Too much lost or added",
    "links": "A link lost or invented",
    "malformed_record": "Archive record cannot be read",
    "malformed_row": "Row does not fit the header",
    "missing_id": "No id",
    "missing_text": "No text field",
    "modality": "What must or may be would have changed",
    "names": "A name would have become another",
    "near": "Near-duplicate",
    "near_duplicate": "Near-duplicate",
    "negation": "It would deny what was said",
    "no_main_text": "No main text on the page",
    "not_an_object": "Not a JSON object",
    "not_json": "Not JSON",
    "not_record_wise": "Archive compressed as a whole",
    "not_sampled": "Not drawn for measuring",
    "null_text": "Text is null",
    "other_language": "In a language that is not kept",
    "numbers": "A number would have changed",
    "protected": "A verse, quotation, code or the like would have changed",
    "refusal": "A model declined or spoke of its task",
    "repeated_record": "The same record again",
    "repetition": "The rewrite repeats itself",
    "scaffold": "The instruction leaked in",
    "scaffolding": "The instruction leaked in",
    "summary": "It would only have been told in short",
    "text_not_string": "Text is not a string",
    "too_large": "Larger than allowed",
    "toxicity": "It would be more toxic",
    "truncated": "The end would have been gone",
    "units": "A quantity would have another unit",
}

_FAULTS = {
    "crashed": "crashed",
    "hung": "was silent",
    "rubbish": "answered rubbish",
    "unreadable": "wrote what cannot be read",
}
_RULE_SETS = {"gopher": "Gopher", "c4": "C4", "fineweb": "FineWeb", "repetition": "Repetition"}


def count(number: int) -> str:
    """A whole number with thousands separators."""
    return f"{number:,}".replace("-", _MINUS)


def share(part: float, whole: float) -> str:
    """A percentage that never rounds something to nothing, or nearly all to all."""
    if not whole:
        return "0%"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "less than 0.1%"
    if 99.9 < percent < 100:
        return "more than 99.9%"
    return f"{percent:.1f}".removesuffix(".0") + "%"


def figure(number: float, digits: int = 3) -> str:
    """A measured number with `digits` significant digits and a true minus sign."""
    if not math.isfinite(number):
        return "unknown" if math.isnan(number) else f"{_MINUS if number < 0 else ''}∞"
    if number == 0:
        return "0"
    if abs(number) >= 1000:
        return f"{number:,.0f}".replace("-", _MINUS)
    text = f"{number:.{digits}g}"
    if "e" in text:
        text = f"{number:.6f}".rstrip("0")
    return text.replace("-", _MINUS)


def interval(value: Interval) -> str:
    """An estimate with its bounds, in brackets."""
    return f"{figure(value.estimate)} ({figure(value.low)} to {figure(value.high)}{rough(value)})"


def share_interval(value: Interval) -> str:
    """A share with its bounds, in percent; small ones with as many digits as they need."""
    low, high = _percent(value.low), _percent(value.high)
    return f"{_percent(value.estimate)} ({low} to {high}{rough(value)})"


def rough(value: Interval) -> str:
    """The mark of bounds that cannot be relied on, to stand behind them."""
    return ", rough" if value.rough else ""


def _percent(part: float) -> str:
    percent = 100 * part
    if 0 < percent < 1:
        return f"{figure(percent, 2)}%"
    return f"{percent:.1f}".removesuffix(".0") + "%"


def plural(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun: `1 document`, `1,200 documents`."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def byte_size(number: float) -> str:
    """A size in the largest unit that leaves a figure over one."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"
        number /= 1000
    raise AssertionError("unreachable")


def duration(seconds: float) -> str:
    """A time in the unit that people would use for it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def reason(code: str) -> str:
    """A reason code in words; an unknown one is read as the words it is made of."""
    owner, colon, rest = code.partition(":")
    if colon and owner == "gate":
        return f"Refused: {lower_first(reason(rest))}"
    if colon and owner == "conduct":
        return f"The conduct drops it: {rest}"
    if colon and owner == "worker":
        return f"A worker gave no answer: it {_FAULTS.get(rest, rest)}"
    if colon and owner == "recontextualise":
        return f"Only a generating worker may rewrite it: {rest}"
    if colon and owner == "source":
        return f"The source could not stay: {rest}"
    if colon and owner in _RULE_SETS:
        return f"{_RULE_SETS[owner]}: {rest.replace('_', ' ')}"
    return _REASONS.get(code, upper_first(code.replace("_", " ").replace("-", " ")))


def upper_first(text: str) -> str:
    """`text` with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """`text` with a small first letter, the others as they are."""
    return text[:1].lower() + text[1:]


def language(code: str) -> str:
    """A language's English name; its code where we know none."""
    return LANGUAGES.get(code, code)


def dialect(code: str) -> str:
    """A group of dialects in words; the code where we know none."""
    return DIALECTS.get(code, code)


def group_kind(kind: str) -> str:
    """What documents of a group have in common, in words."""
    return GROUP_KINDS.get(kind, kind)


def worker(kind: str) -> str:
    """A worker's kind as one says it in a sentence."""
    return WORKERS.get(kind, f"the {kind} worker")


def rung(name: str) -> str:
    """Who decided about a document, as one says it in a sentence."""
    if name == "source":
        return "nobody: the source stays"
    kind, stricter, _ = name.partition("_stricter")
    return worker(kind) + (", less the edits at fault" if stricter else "")


def stage(name: str) -> str:
    """What a stage does, in two or three words."""
    return STAGES.get(name, name.capitalize())
