"""MinHash signatures, by Daft's kernel, with its two traps closed.

The kernel cuts at single spaces, so that a doubled one makes other shingles: spaces are mended
here. And it gives all empty texts one signature, which would make them duplicates of each other:
they are refused here.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tahdhib.match.engine import daft_quietly

Signatures = NDArray[np.uint32]
"""One row per text, one column per hash."""

_SEED = 1


def signatures(forms: pa.Array | Sequence[str], *, hashes: int, words: int) -> Signatures:
    """Signatures of folded texts over runs of `words` words; runs in the calling thread.

    A text of fewer words is one run. The share of equal columns of two rows estimates the Jaccard
    similarity of the texts.

    Raises:
        ValueError: a text has no word; compare it by `tahdhib.text.fold.match_form`.
    """
    texts = (forms if isinstance(forms, pa.Array) else pa.array(forms)).cast(pa.large_string())
    if not _are_even(texts):
        texts = pa.array([" ".join(text.split()) for text in texts.to_pylist()], pa.large_string())
    if pc.any(pc.equal(texts, "")).as_py():
        raise ValueError("a text without words has no signature; give its match form instead")
    if not len(texts):
        return np.empty((0, hashes), np.uint32)
    hashed = (
        daft_quietly()
        .Series.from_arrow(texts)
        .minhash(num_hashes=hashes, ngram_size=words, seed=_SEED, hash_function="murmurhash3")
    )
    rows: Signatures = hashed.to_arrow().flatten().to_numpy(zero_copy_only=False)
    return rows.reshape(len(texts), hashes)


def _are_even(texts: pa.Array) -> bool:
    """Whether no text has other white space than one space between two words.

    Looks at all of them as one run of bytes, and so may say no where a text ends in a space and
    the next one begins with it.
    """
    starts = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset :][: len(texts) + 1]
    content = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[starts[0] : starts[-1]]
    is_space = content <= ord(" ")
    edges = np.concatenate((starts[:-1], starts[1:] - 1))[np.tile(np.diff(starts) > 0, 2)]
    return not (
        (content < ord(" ")).any()
        or (is_space[1:] & is_space[:-1]).any()
        or is_space[edges - starts[0]].any()
    )


def signatures_work() -> bool:
    """Whether the installed kernel behaves as this module needs it to."""
    made = signatures(["a b c", "a  b c ", "a b d"], hashes=16, words=5)
    return bool(np.array_equal(made[0], made[1]) and not np.array_equal(made[0], made[2]))
