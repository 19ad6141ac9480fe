"""How many threads torch computes with."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_threads(count: int) -> Iterator[None]:
    """So many threads of torch inside, as many as before afterwards: bit-equal at one number."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
