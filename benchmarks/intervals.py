"""How often the intervals hold the truth, and how often they find a difference that is not there.

    python benchmarks/intervals.py [--repetitions 1000] [--only auroc]

The worlds are those of `tests/stats/simulated.py`, seed 20. Promised: 95 % intervals cover .93 to
.97, differences are found at a rate of .035 to .065 where there is none. With 1,000 repetitions the
rate itself is known to about .014. Prints Markdown; what lies outside is marked.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.stats.simulated import SEED, settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    print(f"{arguments.repetitions:,} repetitions, seed {SEED}\n")
    print("| function | world | asked | rate | |\n|---|---|---|---|---|")
    inside = total = 0
    for setting in settings():
        if arguments.only not in setting.name:
            continue
        rate = setting.rate(arguments.repetitions)
        low, high = setting.band
        is_inside = low <= rate <= high
        inside += is_inside
        total += 1
        mark = "" if is_inside else f"**outside** {setting.outside}"
        print(
            f"| {setting.function} | {setting.world} | {low} to {high} | {rate:.3f} | {mark} |",
            flush=True,
        )
    print(f"\n{inside} of {total} inside.")


if __name__ == "__main__":
    main()
