"""What the model said before it was tuned, kept by content: DPO's reference.

    REFERENCES/<hash of the weights>/<hash of a part>.parquet    samples and log-probabilities

A number is a function of weights and tokens alone. So another training on the same pairs, or the
same one after a kill, reads it; other weights, another template or another text miss it.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from tahdhib.store.shards import read_rows, write_rows
from tahdhib.train.likelihood import hash_of_sample
from tahdhib.train.preflight import Sample

_PART = 256
_SCHEMA = pa.schema([("sample", pa.string()), ("log_likelihood", pa.float64())])

Likelihoods = Callable[[Sequence[Sample]], list[float]]


class References:
    """The log-probabilities under one model that are known, in a folder."""

    def __init__(self, folder: Path, weights: str) -> None:
        self._folder = folder / weights
        self._known = {
            row["sample"]: float(row["log_likelihood"])
            for file in sorted(self._folder.glob("*.parquet"))
            for row in read_rows(file)
        }

    def of(
        self,
        samples: Sequence[Sample],
        compute: Likelihoods,
        on_done: Callable[[int], None] = lambda _count: None,
    ) -> list[float]:
        """The log-probability of each sample's answer; those that are not known are computed, and
        written part by part."""
        hashes = [hash_of_sample(sample) for sample in samples]
        missing = {
            each: sample
            for each, sample in zip(hashes, samples, strict=True)
            if each not in self._known
        }
        on_done(len(samples) - len(missing))
        for part in _parts(list(missing)):
            found = compute([missing[each] for each in part])
            rows = [
                {"sample": each, "log_likelihood": value}
                for each, value in zip(part, found, strict=True)
            ]
            name = hashlib.blake2b("".join(part).encode("ascii"), digest_size=8).hexdigest()
            write_rows(self._folder / f"{name}.parquet", rows, _SCHEMA)
            self._known |= dict(zip(part, found, strict=True))
            on_done(len(part))
        return [self._known[each] for each in hashes]


def _parts(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(hashes), _PART):
        yield hashes[start : start + _PART]
