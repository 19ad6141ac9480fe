"""The edit worker's sub-tokens: a byte-level BPE trained on the pairs' own units.

Units are never cut apart before the merges, nor joined. A unit of odd shape (stretched,
elongated, invisible ...) is read as a marker of that shape and then the plain word: the marker
stands where the label is decided, so a handful of examples teaches what thousands of spellings
have in common, and the word stays recognisable.
"""

import re
from collections.abc import Iterable, Sequence

from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from tahdhib.workers.edit.windows import CLS_ID

SHAPES: dict[str, re.Pattern[str]] = {
    "[TATWEEL]": re.compile("\u0640"),
    "[RUN_3]": re.compile(r"(\D)\1{2}"),
    "[RUN_4]": re.compile(r"(\D)\1{3}"),
    "[FORMS]": re.compile("[\ufb50-\ufdcf\ufe70-\ufefc]"),
    "[INVISIBLE]": re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"),
    "[LONG_NUMBER]": re.compile(r"\d{7}"),
}
"""Markers, and where in a unit's text they apply."""

SPECIAL_TOKENS = ["[PAD]", "[CLS]", *SHAPES]
_RUN = re.compile(r"(\D)\1{2,}")
_DIGIT = re.compile(r"\d")

LONGEST_UNIT = 256
"""Characters. The worker leaves a longer unit (a base64 blob, a page without a space) as it is."""
_READ_OF_LONG_UNIT = 16
_MOST_PIECES = 8
"""Sub-tokens read of one unit: its beginning says enough, and a window stays for context."""
_REMEMBERED = 200_000


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Learn merges from the texts of units."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A", special_tokens=[("[CLS]", CLS_ID)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((_plain(text[:LONGEST_UNIT]) for text in texts), trainer)
    return tokenizer


class UnitCoder:
    """Turns units into sub-token ids, encoding each distinct one once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {"": []}

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each unit's text, at most a few; none for the empty unit."""
        read = [t if len(t) <= LONGEST_UNIT else t[:_READ_OF_LONG_UNIT] for t in texts]
        if len(self._known) > _REMEMBERED:
            self._known = {"": []}
        fresh = sorted({text for text in read if text not in self._known})
        encoded = self._tokenizer.encode_batch_fast(
            [_plain(text) for text in fresh], add_special_tokens=False
        )
        for text, encoding in zip(fresh, encoded, strict=True):
            self._known[text] = (_markers(text) + encoding.ids)[:_MOST_PIECES]
        return [self._known[text] for text in read]


def _markers(text: str) -> list[int]:
    return [SPECIAL_TOKENS.index(marker) for marker, shape in SHAPES.items() if shape.search(text)]


def _plain(text: str) -> str:
    """The text without what its markers say, and without what numbers say: no edit depends on
    which digit stands somewhere, only on how many, and a year seen once is a year."""
    bare = text.replace("\u0640", "") or text
    return _DIGIT.sub("0", _RUN.sub(r"\1", bare))
