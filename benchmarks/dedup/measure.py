"""What a command costs: seconds, processor seconds, peak memory of all its processes (Linux)."""

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_INTERVAL_SECONDS = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")
_KIB = 1024


class Cost(NamedTuple):
    """What one command took.

    `cpu_seconds` are those of all its processes; `peak_bytes` the highest sum of their proportional
    set sizes, in which a page that several share counts once; `load` is the machine's load average
    when it began, and `others` how many cores other programs kept busy on average meanwhile.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    load: float
    others: float
    status: int


def run(command: list[str], log: Path, cores: int) -> Cost:
    """Run a command to its end on so many cores; what it says goes to `log`."""
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    load, busy = os.getloadavg()[0], _busy_seconds()
    used: dict[int, float] = {}
    peak = 0
    began = time.perf_counter()
    with log.open("wb") as said:
        # A session of its own: whatever it starts can be told by that.
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        os.sched_setaffinity(process.pid, allowed)
        while not _has_ended(process):
            members = _members(process.pid)
            peak = max(peak, sum(map(_memory, members)))
            for member in members:  # one that has just ended keeps its last reading
                used[member] = max(used.get(member, 0.0), _cpu_seconds(member))
    seconds = time.perf_counter() - began
    cpu = sum(used.values())
    others = max(0.0, _busy_seconds() - busy - cpu) / seconds
    return Cost(seconds, cpu, peak, load, others, process.returncode)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process ends before it is looked at again."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(_INTERVAL_SECONDS)
    return process.returncode is not None


def _members(session: int) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.getsid(int(name)) == session:
                    found.append(int(name))
            except OSError:  # it ended while we looked
                continue
    return found


def _memory(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * _KIB
    except OSError:
        pass
    return 0


def _cpu_seconds(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _busy_seconds() -> float:
    """Seconds that all cores together have been at work since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    user, nice, system, _idle, _wait, interrupt, soft = fields[:7]
    return (user + nice + system + interrupt + soft) / _TICKS
