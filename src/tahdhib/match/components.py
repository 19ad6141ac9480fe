"""Which things hang together through pairs; independent of the order of the pairs."""

from collections.abc import Iterable


def components(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Map every number that occurs in `pairs` to the lowest one that it hangs together with."""
    parents: dict[int, int] = {}
    for left, right in pairs:
        low, high = sorted((_root(parents, left), _root(parents, right)))
        parents[high] = low
    return {number: _root(parents, number) for number in sorted(parents)}


def _root(parents: dict[int, int], number: int) -> int:
    """The root of `number`, making it known; halves the way there for whoever asks next."""
    parent = parents.setdefault(number, number)
    while parent != number:
        parents[number] = parents[parent]
        number, parent = parents[number], parents[parents[number]]
    return number
