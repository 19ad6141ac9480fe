"""Control tokens: a document begins with one that tells whether it is good or bad, so that a model
learns both apart and is asked for the good (conditional training, Korbak et al. 2023,
arXiv 2302.08582).

As in the authors' code (github.com/tomekkorbak/pretraining-with-human-feedback at 22e2ea9) a score
up to the threshold is good, one in a hundred gets no token, and the token is learned like any
other. They part documents into sentences, each with its own; here a document has one.
"""

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tahdhib.errors import DataError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Kind = Literal["good", "bad", "without", "unscored"]
"""`without`: has a score, and by the draw no token. `unscored`: its field holds no number."""


@dataclass(frozen=True, slots=True)
class Control:
    """Which token a document begins with: by the number in `field`, and for the share `without`
    by a draw that depends on `seed` and the document alone."""

    field: str
    threshold: float
    good: str
    bad: str
    without: float
    seed: int

    def kind_of(self, score: object, document_hash: str) -> Kind:
        """What a document with this score is; `document_hash` names it."""
        if isinstance(score, bool) or not isinstance(score, int | float) or math.isnan(score):
            return "unscored"
        drawn = hashlib.blake2b(f"control {self.seed} {document_hash}".encode(), digest_size=8)
        if int.from_bytes(drawn.digest(), "big") < self.without * 2**64:
            return "without"
        return "good" if score <= self.threshold else "bad"

    def leads(self, tokenizer: "Tokenizer") -> dict[Kind, int]:
        """The numbers of the tokens.

        Raises:
            DataError: the vocabulary lacks one.
        """
        found: dict[Kind, int] = {}
        for kind, token in self.tokens.items():
            number = tokenizer.token_to_id(token)
            if number is None:
                raise DataError(
                    f"the vocabulary has no control token {token!r}. Add it, or name one it has."
                )
            found[kind] = number
        return found

    @property
    def tokens(self) -> dict[Kind, str]:
        """The token of each kind that has one."""
        return {"good": self.good, "bad": self.bad}
