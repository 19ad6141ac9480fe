"""All code-made faults by kind, and the control.

The halves: a text is in the tuning half or the reported half by a hash of itself, so that words
can be looked at in one and figures given from the other.
"""

import hashlib
import random
from collections.abc import Sequence

from facts import date, dual, link_added, link_changed, number_value, number_word, unit
from fault import Fault
from noise import noise
from sentences import claim_added, sentence_added, sentence_dropped, truncation
from words import modality, name, negation_added, negation_dropped

FAULTS: dict[str, Fault] = {
    "number": number_value,
    "number word": number_word,
    "dual": dual,
    "date": date,
    "unit": unit,
    "link changed": link_changed,
    "link added": link_added,
    "name": name,
    "negation dropped": negation_dropped,
    "negation added": negation_added,
    "modality": modality,
    "sentence dropped": sentence_dropped,
    "sentence added": sentence_added,
    "claim added": claim_added,
    "truncation": truncation,
}
CONTROL: Fault = noise


def plant(kind: str, text: str, language: str, others: Sequence[str], seed: int = 17) -> str | None:
    """`text` with one fault of a kind, the same on every call; None where it has no place."""
    fault = CONTROL if kind == "control" else FAULTS[kind]
    rng = random.Random(f"{seed}:{kind}:{text}")
    done = fault(text, language, rng, others)
    return None if done is None or done == text or not done.strip() else done


def is_tuning(text: str) -> bool:
    """Whether a text belongs to the half that may be looked at."""
    key = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(key, digest_size=1).digest()[0] % 2 == 0
