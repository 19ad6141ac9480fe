"""The edit worker's sub-tokens: a byte-level BPE trained on the pairs' own units.

Bytes rather than characters, so that no letter is unknown and the shape of an elongated or
stretched word stays visible; units are never cut apart before the merges, nor joined.
"""

from collections.abc import Iterable, Sequence

from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from tahdhib.workers.edit.windows import CLS_ID

SPECIAL_TOKENS = ["[PAD]", "[CLS]"]

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
    tokenizer.train_from_iterator((text[:LONGEST_UNIT] for text in texts), trainer)
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
        encoded = self._tokenizer.encode_batch_fast(fresh, add_special_tokens=False)
        for text, encoding in zip(fresh, encoded, strict=True):
            self._known[text] = encoding.ids[:_MOST_PIECES]
        return [self._known[text] for text in read]
