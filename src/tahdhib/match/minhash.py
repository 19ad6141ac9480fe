"""MinHash signatures, by Daft's kernel, with its two traps closed.

The kernel cuts at single spaces, so that a doubled one makes other shingles: spaces are mended
here. And it gives all empty texts one signature, which would make them duplicates of each other:
they are refused here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tahdhib.match.engine import daft_quietly

Signatures = NDArray[np.uint32]
"""One row per text, one column per hash."""

_SEED = 1


def signatures(forms: Sequence[str], *, hashes: int, words: int) -> Signatures:
    """Signatures of folded texts over runs of `words` words; runs in the calling thread.

    A text of fewer words is one run. The share of equal columns of two rows estimates the Jaccard
    similarity of the texts.

    Raises:
        ValueError: a text has no word; compare it by `tahdhib.text.fold.match_form`.
    """
    spaced = [" ".join(form.split()) for form in forms]
    if not all(spaced):
        raise ValueError("a text without words has no signature; give its match form instead")
    if not spaced:
        return np.empty((0, hashes), np.uint32)
    hashed = (
        daft_quietly()
        .Series.from_pylist(spaced)
        .minhash(num_hashes=hashes, ngram_size=words, seed=_SEED, hash_function="murmurhash3")
    )
    rows: Signatures = hashed.to_arrow().flatten().to_numpy(zero_copy_only=False)
    return rows.reshape(len(spaced), hashes)


def signatures_work() -> bool:
    """Whether the installed kernel behaves as this module needs it to."""
    made = signatures(["a b c", "a  b c ", "a b d"], hashes=16, words=5)
    return bool(np.array_equal(made[0], made[1]) and not np.array_equal(made[0], made[2]))
