"""Lines that belong to a site and not to a document: menus, footers, calls to subscribe.

A line is what stands between two ends of line, compared in folded spelling, and told by one number
that it shares with its like on the same site only.

A document that would lose nearly all of its words is left as it is: nothing in it but repeats is
what it says, and left empty, all such documents would be the same.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.records import Span
from tahdhib.text.fold import Folding, fold_lines

KIND = "boilerplate"

LineKeys = NDArray[np.uint64]
"""One number per line; `NO_KEY` where the line is none that could be boilerplate."""

NO_KEY = 0
_KEY_BYTES = 8
_FIRST_BITS = 16
_REST_BITS = np.uint64(8 * _KEY_BYTES - _FIRST_BITS)

LEAST_LEFT = 0.05
"""Share of a document's folded characters that must be left without boilerplate."""

_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]/]*\]|[^/?#:]*)", re.IGNORECASE)

TABLE = pa.schema(
    [
        ("key", pa.uint64()),
        ("site", pa.string()),
        ("documents", pa.int64()),
        ("id", pa.string()),
        ("line", pa.string()),
    ]
)
"""A line that was found, by key: in how many documents of its site it stands, and for people to
read the start of the line in the document with the lowest id."""

_SETTINGS = b"tahdhib"


@dataclass(frozen=True, slots=True)
class BoilerplateLines:
    """The lines of a corpus that belong to its sites."""

    keys: LineKeys
    """Ascending."""
    site: str | None
    """Metadata field that names a document's site."""
    folding: Folding
    least_left: float = LEAST_LEFT
    """Share of a document's folded characters that must be left without these lines."""

    def spares(self, left: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether documents of `total` characters, `left` without these lines, can spare them."""
        enough: NDArray[np.bool_] = (left > 0) & (left >= self.least_left * total)
        return enough

    def holds(self, keys: LineKeys) -> NDArray[np.bool_]:
        """Which of `keys`, in any order, are among these lines."""
        if not len(self.keys):
            return np.zeros(len(keys), np.bool_)
        begins = np.zeros(1 << _FIRST_BITS, np.bool_)  # most lines are told by these bits alone
        begins[self.keys >> _REST_BITS] = True
        found: NDArray[np.bool_] = begins[keys >> _REST_BITS]
        suspects = keys[found]
        places = np.searchsorted(self.keys, suspects)
        places[places == len(self.keys)] = 0
        found[found] = self.keys[places] == suspects
        return found


def site_of(metadata: Mapping[str, Any], field: str | None) -> str:
    """The site that a document is of: the host of a URL, any other value as it stands.

    Empty where `field` is null or the document has no value in it. `www.` is no part of a host.
    """
    value = None if field is None else metadata.get(field)
    if value is None:
        return ""
    said = str(value).strip()
    url = _HOST.match(said)
    return url[1].lower().removeprefix("www.") if url else said


def line_key(site: str, line: str, folding: Folding) -> int | None:
    """The number by which a line of a site is known; None where it has no word."""
    return int(line_keys(line.replace("\n", " "), site, folding)[0]) or None


def line_keys(text: str, site: str, folding: Folding) -> LineKeys:
    """The keys of all lines of a text; `NO_KEY` where one has no word."""
    return _keys(site, fold_lines(text, folding))


def _keys(site: str, folded: Sequence[str]) -> LineKeys:
    keys = digest_keys(line_digests(site, "\n".join(folded).encode("utf-8", "surrogatepass")))
    keys[[not line for line in folded]] = NO_KEY
    return keys


def line_digests(site: str, folded: bytes) -> list[bytes]:
    """Lines that are folded already, end to end in UTF-8, as bytes for `digest_keys`."""
    start = f"{site}\n".encode("utf-8", "surrogatepass")
    return [blake2b(start + line, digest_size=_KEY_BYTES).digest() for line in folded.split(b"\n")]


def digest_keys(digests: Sequence[bytes]) -> LineKeys:
    """The keys of lines: their digests as numbers other than `NO_KEY`."""
    keys = np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)
    return np.maximum(keys, np.uint64(NO_KEY + 1))


def boilerplate_spans(text: str, site: str, known: BoilerplateLines) -> tuple[Span, ...]:
    """Where the boilerplate of `text` stands: whole lines with their ends, runs of them as one.

    Nothing where less than `known.least_left` of the text would be left.
    """
    lines = text.split("\n")
    if not len(known.keys) or len(lines) < 2:
        return ()
    folded = fold_lines(text, known.folding)
    is_known = known.holds(_keys(site, folded))
    sizes = np.array([len(line) for line in folded])
    if not is_known.any() or not known.spares(sizes[~is_known].sum(), sizes.sum()):
        return ()
    spans: list[Span] = []
    start = 0
    for line, found in zip(lines, is_known.tolist(), strict=True):
        end = min(start + len(line) + 1, len(text))
        if found and spans and spans[-1].end == start:
            spans[-1] = Span(spans[-1].start, end, KIND)
        elif found:
            spans.append(Span(start, end, KIND))
        start = end
    return tuple(spans)


def boilerplate_table(found: pa.Table, lines: BoilerplateLines) -> pa.Table:
    """`found`, the rows of TABLE by key, with what a reader must know to look lines up."""
    settings = {
        "site": lines.site,
        "folding": asdict(lines.folding),
        "least_left": lines.least_left,
    }
    said = json.dumps(settings, sort_keys=True).encode()
    return found.cast(TABLE).replace_schema_metadata({_SETTINGS: said})


def read_boilerplate(path: Path) -> BoilerplateLines:
    """Read what the dedup stage found; of a recipe with `dedup.boilerplate: null` it is empty.

    Raises:
        DataError: the file is missing, or not one that the dedup stage wrote.
    """
    try:
        table = pq.read_table(path, columns=["key"])
        settings = json.loads((table.schema.metadata or {})[_SETTINGS])
    except (OSError, KeyError, pa.ArrowException) as error:
        raise DataError(
            f"{path}: cannot be read as the boilerplate that dedup found: {error}. Expected the "
            "file boilerplate.parquet of a run's dedup folder; run dedup again."
        ) from error
    return BoilerplateLines(
        table["key"].to_numpy(),
        settings["site"],
        Folding(**settings["folding"]),
        settings["least_left"],
    )
