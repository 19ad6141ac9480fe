"""Sketches: the few numbers by which documents are found that may be the same."""

from typing import NamedTuple

import pyarrow as pa

from tahdhib.match.bands import Bands, band_keys
from tahdhib.match.boilerplate import BoilerplateLines
from tahdhib.match.minhash import signatures
from tahdhib.stages.dedup.forms import text_keys, without_boilerplate
from tahdhib.stages.dedup.tables import Positions, band_columns, sketches_schema


class Sketching(NamedTuple):
    """How sketches are made; without `bands` they hold only what finds equal texts."""

    bands: Bands | None
    words: int
    boilerplate: BoilerplateLines


def sketch(positions: Positions, ids: pa.Array, forms: pa.Table, how: Sketching) -> pa.Table:
    """One row per document of `forms`."""
    columns = {
        "position": pa.array(positions),
        "id": ids,
        "weight": forms["weight"],
        "text_key": forms["text_key"],
    }
    bands = how.bands
    if bands is not None:
        texts, is_cut = without_boilerplate(forms, how.boilerplate)
        keys = band_keys(signatures(texts, hashes=bands.hashes, words=how.words), bands)
        columns |= {"is_cut": pa.array(is_cut), "form_key": text_keys(texts)}
        columns |= {
            name: pa.array(keys[:, number]) for number, name in enumerate(band_columns(bands))
        }
    return pa.table(columns, schema=sketches_schema(bands))
