"""How long `tahdhib polish` takes to start with an edit worker, beside `import torch`.

    python benchmarks/start.py RUN       # a run whose worker is `edit`, such as runs/demo

Fresh processes, in turns, so that both meet the same machine; wall time and CPU time, medians.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

TEXT = "خـــــبر سار من المدينـــة"


def seconds(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, sum(after[:2]) - sum(before[:2])


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("-n", type=int, default=5, help="processes of each kind")
    asked = parser.parse_args()
    polish = [sys.executable, "-m", "tahdhib.cli.main", "polish", TEXT, "--run", str(asked.run)]
    ways = {"import torch": [sys.executable, "-c", "import torch"], "tahdhib polish": polish}
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for command in ways.values():
        seconds(command)  # files into the page cache
    for _ in range(asked.n):
        for way, command in ways.items():
            taken[way].append(seconds(command))
    print("| | wall s | CPU s |\n|---|---:|---:|")
    for way, times in taken.items():
        walls, cpus = zip(*times, strict=True)
        print(f"| {way} | {statistics.median(walls):.2f} | {statistics.median(cpus):.2f} |")


if __name__ == "__main__":
    main()
