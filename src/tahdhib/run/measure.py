"""What a stage costs: seconds, and the peak memory of this process with all its children."""

import platform
import threading
import time
from types import TracebackType

import psutil

from tahdhib.config.environment import cpu_count

_INTERVAL_SECONDS = 0.25
_PAUSES = 50
"""So many times as long as it takes to look at memory we wait before we look again: it means to
walk through all pages of all processes, and holds these up meanwhile."""
_LOOKS = 10
"""A stage is looked at so often at least while it doubles its time: the peak of a short one would
fall between two looks."""


class Meter:
    """Measures the block that it surrounds; memory is sampled, over all processes of the run."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.peak_memory_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Meter":
        self._start = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self.seconds = time.perf_counter() - self._start

    def _watch(self) -> None:
        process = psutil.Process()
        while True:
            began = time.perf_counter()
            self.peak_memory_bytes = max(self.peak_memory_bytes, _memory(process))
            now = time.perf_counter()
            pause = min(_PAUSES * (now - began), (now - self._start) / _LOOKS)
            if self._stop.wait(max(_INTERVAL_SECONDS, pause)):
                return


def _memory(process: psutil.Process) -> int:
    """Memory of `process` and its children: pages that several share are counted once (the
    proportional set size), since each of them has all of torch in its resident set."""
    total = 0
    for member in [process, *process.children(recursive=True)]:
        try:
            memory = member.memory_full_info()
        except psutil.Error:  # it ended while we looked
            continue
        total += getattr(memory, "pss", memory.rss)
    return total


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    return {
        "cpu": _cpu_model(),
        "cores": cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as handle:
            for line in handle:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
