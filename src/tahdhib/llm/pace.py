"""How many calls may be under way: as many as the server bears, and never more than allowed.

Additive growth and halving, as in TCP (Chiu and Jain 1989): a full round of successes brings a
place back, a server that has had enough takes half of them. Of the calls that were under way
together only the first to be turned away halves, since the others say the same. A server that
falls over takes one place: some texts make a sound server fall, and say nothing of its load.
"""

import asyncio
import time

MAX_HOLD_SECONDS = 600.0


class Pace:
    """Places for calls, taken with `async with`."""

    def __init__(self, most: int) -> None:
        self._most = self._limit = most
        self._places = asyncio.Semaphore(most)
        self._owed = 0
        """Places that are gone as soon as they are left."""
        self._successes = 0
        self._halved_at = 0.0
        self._not_before = 0.0

    @property
    def limit(self) -> int:
        """How many calls may be under way now."""
        return self._limit

    async def __aenter__(self) -> None:
        await self._places.acquire()
        while (left := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(left)

    async def __aexit__(self, *_: object) -> None:
        if self._owed:
            self._owed -= 1
        else:
            self._places.release()

    def succeeded(self) -> None:
        """An answer came."""
        self._successes += 1
        if self._successes >= self._limit:
            self._move_to(self._limit + 1)

    def turned_away(self, began: float) -> None:
        """The server has had enough; the call went out at `began` (`time.monotonic`)."""
        if began >= self._halved_at:
            self._halved_at = time.monotonic()
            self._move_to(self._limit // 2)

    def fell_over(self) -> None:
        """The server failed by itself."""
        self._move_to(self._limit - 1)

    def hold(self, seconds: float) -> None:
        """Let no call begin for so long: a limit is the account's and not a question's."""
        wait = min(seconds, MAX_HOLD_SECONDS)
        self._not_before = max(self._not_before, time.monotonic() + wait)

    def _move_to(self, limit: int) -> None:
        limit = min(max(limit, 1), self._most)
        self._successes = 0
        self._owed += self._limit - limit
        self._limit = limit
        while self._owed < 0:
            self._owed += 1
            self._places.release()
