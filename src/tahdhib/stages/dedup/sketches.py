"""Sketches: the few numbers by which documents are found that may be the same."""

import hashlib
from collections.abc import Sequence

import pyarrow as pa

from tahdhib.match.bands import Bands, band_keys
from tahdhib.match.minhash import signatures
from tahdhib.stages.dedup.tables import Positions, band_columns, sketches_schema
from tahdhib.text.fold import match_form

_KEY_BYTES = 16


def sketch(
    positions: Positions, ids: Sequence[str], texts: Sequence[str], bands: Bands | None, words: int
) -> pa.Table:
    """One row per document; without `bands` only what finds equal texts."""
    columns = {
        "position": pa.array(positions),
        "id": pa.array(ids, pa.string()),
        "text_key": _keys(texts),
    }
    if bands is not None:
        forms = [match_form(text) for text in texts]
        columns["form_key"] = _keys(forms)
        keys = band_keys(signatures(forms, hashes=bands.hashes, words=words), bands)
        columns |= {
            name: pa.array(keys[:, number]) for number, name in enumerate(band_columns(bands))
        }
    return pa.table(columns, schema=sketches_schema(bands))


def _keys(texts: Sequence[str]) -> pa.Array:
    """Cryptographic, so that nobody can write a text that makes another one go as its copy."""
    return pa.array(
        [hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).digest() for text in texts],
        pa.binary(),
    )
