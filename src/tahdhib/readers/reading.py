"""What every reader is told besides the file: how much it may hold, and whom it keeps informed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file.

    A record of more than `max_record_bytes` is a fault. `on_bytes` hears how many bytes of the
    file were read. `on_skipped` hears how many parts of the file were passed over that are no
    records by design, such as the requests and pictures in a web archive. `fields`, dotted ways
    among them, are those that the caller looks at: a file by columns is spared the others; None
    is all.
    """

    max_record_bytes: int
    on_bytes: Callable[[int], None]
    on_skipped: Callable[[int], None]
    fields: Collection[str] | None
