"""How often the gate refuses while a corpus is rewritten, and when that is no use any more."""

from collections import deque

from tahdhib.config.recipe import Rewrite as Settings
from tahdhib.errors import TahdhibError
from tahdhib.stages.contract import Counts

WINDOW = 1000
"""So many of the last rewrites are looked at."""


class TooManyRefusedError(TahdhibError):
    """The gate refuses more than the recipe lets it."""


class Watch:
    """Adds up what is ticked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._last: deque[Counts] = deque()
        self._judged = self._refused = 0
        self._in_window = Counts()

    def heed(self, news: Counts, seconds: float) -> str:
        """Take in what is new after `seconds` of work, and say how things stand.

        Raises:
            TooManyRefusedError: too many of the last rewrites were refused.
        """
        self._judged += news.judged
        self._refused += news.refused
        if news.judged:
            self._slide(news)
            self._check()
        share = 100 * self._refused / self._judged if self._judged else 0.0
        price = self._settings.price_per_hour
        cost = f" · cost {price * seconds / 3600:.2f}" if price else ""
        return f"{share:.1f} % of {self._judged:,} rewrites refused{cost}"

    def _slide(self, news: Counts) -> None:
        self._last.append(news)
        judged = self._in_window.judged + news.judged
        refused = self._in_window.refused + news.refused
        while judged - self._last[0].judged >= WINDOW:
            gone = self._last.popleft()
            judged, refused = judged - gone.judged, refused - gone.refused
        self._in_window = Counts(0, judged, refused)

    def _check(self) -> None:
        most, seen = self._settings.max_refused, self._in_window
        if most is not None and seen.judged >= WINDOW and seen.refused > most * seen.judged:
            raise TooManyRefusedError(
                f"rewrite: the gate refused {seen.refused:,} of the last {seen.judged:,} rewrites, "
                f"more than the share of {most:g} in rewrite.max_refused. Look at some with "
                "'tahdhib report' or in rewrite/refusals; to go on where this stopped, run again "
                "with a larger share."
            )
