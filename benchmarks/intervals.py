"""How often the intervals hold the truth, and how often they find a difference that is not there.

    python benchmarks/intervals.py [--repetitions 1000] [--only NAME] [--worlds further]

The worlds are those of `tests/stats/simulated.py`, seed 21. Promised: 95 % intervals cover .93 to
.97, differences are found at a rate of .035 to .065 where there is none, in every world where nine
of ten samples are not rough. A thousand repetitions know such a rate to .007 (one standard error):
a promised world within that of an edge, on either side, or outside is run again with four times as
many under the next seed, and that rate counts. What is rough is listed by itself. Prints Markdown.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.stats.simulated import SEED, Rate, Setting, further, settings, unseen

WORLDS = {"chosen": settings, "further": further, "unseen": unseen}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--only", default="")
    parser.add_argument("--worlds", choices=tuple(WORLDS), default="chosen")
    arguments = parser.parse_args()
    print(f"{arguments.repetitions:,} repetitions, seed {SEED}, worlds: {arguments.worlds}\n")
    promised: list[tuple[Setting, Rate]] = []
    marked: list[tuple[Setting, Rate]] = []
    for setting in WORLDS[arguments.worlds]():
        if arguments.only in setting.name:
            rate = setting.settled(arguments.repetitions)
            (promised if rate.is_promised else marked).append((setting, rate))
            print(".", end="", file=sys.stderr, flush=True)
    inside = sum(setting.holds(rate.relied) for setting, rate in promised)
    print(f"**Promised**: {inside} of {len(promised)} worlds inside.\n")
    print("| function | world | asked | rate | repetitions | |\n|---|---|---|---|---|---|")
    for setting, rate in promised:
        mark = "" if setting.holds(rate.relied) else "**outside**"
        print(
            f"| {setting.function} | {setting.world} | {_asked(setting)} | {rate.relied:.3f} "
            f"| {rate.repetitions:,} | {mark} |"
        )
    print(f"\n**Rough**, nothing promised: {len(marked)} worlds.\n")
    print("| function | world | samples not rough | their rate | rate of the rough |")
    print("|---|---|---|---|---|")
    for setting, rate in marked:
        print(
            f"| {setting.function} | {setting.world} | {rate.share_relied:.3f} "
            f"| {rate.relied:.3f} | {rate.rough:.3f} |"
        )


def _asked(setting: Setting) -> str:
    low, high = setting.band
    return f"{low} to {high}"


if __name__ == "__main__":
    main()
