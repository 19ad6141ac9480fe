"""The order of training: which windows a step reads, as a pure function of seed and step.

Nothing is drawn one after the other, so there is nothing to restore: whoever resumes at step 4,711
asks for step 4,711. A phase interleaves its parts in cycles of as many samples as its weights
make together; in each cycle every part has exactly its weight, shuffled. A part is read epoch by
epoch, each in a shuffle of its own: a Feistel network on the window's number, which takes no
memory (Black and Rogaway, Ciphers with arbitrary finite domains, 2002).
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from tahdhib.errors import RecipeError

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A corpus in a mixture.

    `windows` is how many it holds, `weight` how many samples of a cycle are its own, `repeats`
    how many epochs may be read of it in one phase.
    """

    name: str
    windows: int
    weight: int = 1
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Phase:
    """A mixture that is trained on for `steps` steps."""

    name: str
    parts: tuple[Part, ...]
    steps: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A window of a corpus."""

    part: str
    window: int


@dataclass(frozen=True, slots=True)
class Order:
    """Phases one after the other, in steps of `batch` samples over all processes."""

    phases: tuple[Phase, ...]
    batch: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse what the data cannot give.

        Raises:
            RecipeError: a number is not positive, a part is named twice, or a phase reads more of
                a part than its repeats allow.
        """
        if self.batch < 1 or not self.phases:
            raise RecipeError(
                f"an order of {len(self.phases)} phases in batches of {self.batch}: "
                "it needs at least one of each."
            )
        for phase in self.phases:
            _check(phase, self.batch)

    @property
    def steps(self) -> int:
        """Steps of all phases."""
        return sum(phase.steps for phase in self.phases)

    def samples(self, step: int) -> list[Sample]:
        """The `batch` windows of `step`, counted from 0.

        Raises:
            IndexError: there is no such step.
        """
        return [self.sample(step * self.batch + place) for place in range(self.batch)]

    def sample(self, index: int) -> Sample:
        """The window that comes at `index`, counted from 0 over all steps.

        Raises:
            IndexError: no step reads so far.
        """
        if not 0 <= index < self.steps * self.batch:
            raise IndexError(f"sample {index} of {self.steps} steps of {self.batch}")
        number, place = 0, index
        while place >= self.phases[number].steps * self.batch:
            place -= self.phases[number].steps * self.batch
            number += 1
        parts = self.phases[number].parts
        cycle, inside = divmod(place, sum(part.weight for part in parts))
        key = _key(self.seed, "cycle", number, cycle)
        turns = _turns(tuple(part.weight for part in parts), key)
        part = parts[turns[inside]]
        read = cycle * part.weight + turns[:inside].count(turns[inside])
        epoch, position = divmod(read, part.windows)
        shuffle = _key(self.seed, part.name, number, epoch)
        return Sample(part.name, permuted(position, part.windows, shuffle))


def permuted(position: int, size: int, key: bytes) -> int:
    """The number at `position` of a shuffle of `range(size)` that `key` names."""
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    while True:
        position = _feistel(position, half, key)
        if position < size:
            return position


def _feistel(value: int, half: int, key: bytes) -> int:
    """A permutation of the numbers of `2 * half` bits."""
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for turn in range(_ROUNDS):
        drawn = hashlib.blake2b(b"%d %d" % (turn, right), key=key, digest_size=8).digest()
        left, right = right, left ^ (int.from_bytes(drawn, "big") & mask)
    return left << half | right


@lru_cache(maxsize=16)
def _turns(weights: tuple[int, ...], key: bytes) -> tuple[int, ...]:
    """Which part each sample of a cycle comes from."""
    turns = [number for number, weight in enumerate(weights) for _ in range(weight)]
    return tuple(turns[permuted(place, len(turns), key)] for place in range(len(turns)))


def _key(seed: int, *names: object) -> bytes:
    return hashlib.blake2b(repr((seed, *names)).encode("utf-8"), digest_size=32).digest()


def _check(phase: Phase, batch: int) -> None:
    names = [part.name for part in phase.parts]
    if not names or len(set(names)) != len(names) or phase.steps < 1:
        raise RecipeError(
            f"phase {phase.name!r}: {phase.steps} steps over the parts {names}. "
            "It needs a step and a part at least, and each part once."
        )
    total = sum(part.weight for part in phase.parts)
    for part in phase.parts:
        where = f"phase {phase.name!r}, part {part.name!r}"
        for setting in ("windows", "weight", "repeats"):
            if getattr(part, setting) < 1:
                raise RecipeError(f"{where}: {setting} is {getattr(part, setting)}, not positive.")
        read = -(-phase.steps * batch // total) * part.weight
        if read > part.windows * part.repeats:
            raise RecipeError(
                f"{where}: {phase.steps} steps of {batch} read up to {read:,} windows of it, and "
                f"{part.repeats} epochs of {part.windows:,} are allowed. Lower its weight or the "
                "steps, or allow more repeats."
            )
