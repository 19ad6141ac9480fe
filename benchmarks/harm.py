"""Which texts are handed up under the default conduct: built contrasts, and corpora as they are.

    python benchmarks/harm.py            # counts, with Wilson intervals
    python benchmarks/harm.py --show 20  # and what was found in the corpora, to be read

HateCheck (English, Arabic) says of each text whether it is hateful; of news, Wikipedia and tweets
nothing is known, and few may be found. Nothing is drawn: all texts are read.
"""

import argparse
import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import recontextualising
from tahdhib.stats.intervals import wilson

CONDUCT = load_conduct("default")
CONTRASTS = ("hatecheck_en.csv.gz", "mhc_arabic.csv.gz")
CORPORA = {
    "news": ("raw_saudinewsnet", "content"),
    "Egyptian Wikipedia": ("raw_arz_wikipedia", "text"),
    "tweets": ("raw_arabic_tweets", "text"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--show", type=int, default=0)
    args = parser.parse_args()
    data = args.data
    for name in CONTRASTS:
        with gzip.open(data / "hatecheck" / name, "rt", encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        for label in ("hateful", "non-hateful"):
            told = [row for row in rows if row["label_gold"] == label]
            report(f"{name} {label}", [row["test_case"] for row in told])
            threats = [row for row in told if row["functionality"].startswith("threat")]
            report(f"{name} {label}, threats", [row["test_case"] for row in threats])
    for name, (folder, field) in CORPORA.items():
        found = report(name, list(texts(data / folder, field)))
        for text in found[: args.show]:
            print("  ", " ".join(text.split())[:300])


def report(name: str, given: list[str]) -> list[str]:
    """Print the share of texts that are handed up, and return these."""
    found = [text for text in given if recontextualising(text, CONDUCT)]
    if given:
        share = wilson(len(found), len(given))
        print(f"{name}: {len(found)} of {len(given)} ({share.low:.5f} to {share.high:.5f})")
    return found


def texts(folder: Path, field: str) -> Iterator[str]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line).get(field) or ""


if __name__ == "__main__":
    main()
