"""Where long documents are cut for a teacher, and what is lost by teaching them in passages.

    python benchmarks/passages.py

All documents of Egyptian Wikipedia, SaudiNewsNet and classical Arabic books that are longer than a
passage. The rules teacher stands in for a model: it sees a passage as a model does, is the same
every time, and mends what it finds by looking at little more than a line; so what comes out
otherwise than from the whole document comes from the cutting.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.config.environment import shared_data
from tahdhib.config.recipe import Annotate
from tahdhib.records import Interval, Rewrite
from tahdhib.stats.draw import rank
from tahdhib.stats.intervals import wilson
from tahdhib.teachers.passages import Passage, cut, stitch
from tahdhib.text.segment import sentences

CORPORA = {
    "Egyptian Wikipedia": ("raw_arz_wikipedia/*.jsonl.gz", "text"),
    "SaudiNewsNet": ("raw_saudinewsnet/*.jsonl.gz", "content"),
    "classical books": ("raw_classical_openiti/*.jsonl.gz", "text"),
}
KINDS = ("paragraph", "sentence", "word", "letter")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Annotate.model_fields["passage_characters"].default
    parser.add_argument("--most", type=int, default=default, help="characters of a passage")
    parser.add_argument("--documents", type=int, default=2000, help="long ones of each, at most")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    for name, (pattern, field) in CORPORA.items():
        measure(name, list(texts_of(shared_data(), pattern, field)), options)


def texts_of(folder: Path, pattern: str, field: str) -> Iterator[str]:
    for path in sorted(folder.glob(pattern)):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (text for line in lines if isinstance(text := json.loads(line)[field], str))


def measure(name: str, texts: list[str], options: argparse.Namespace) -> None:
    """Print the figures of one corpus."""
    every = sorted(text for text in texts if len(text) > options.most)
    long = sorted(every, key=lambda text: rank("passages", options.seed, text))
    long = long[: options.documents]
    conduct = load_conduct("default")
    borders = Counter[str]()
    passages = same = parted = edits = kept = 0
    for text in long:
        parts = cut(text, options.most)
        passages += len(parts)
        borders.update(border(text, one, two) for one, two in pairwise(parts))
        whole = rewrite(text, conduct)
        found = stitch(text, parts, [rewrite(part.text, conduct) for part in parts])
        if not isinstance(found, Rewrite):
            parted += 1
            continue
        same += found.text == whole.text
        edits += len(whole.edits)
        kept += len(set(whole.edits) & set(found.edits))
    share = len(every) / len(texts)
    print(
        f"{name}: {len(every):,} of {len(texts):,} are longer than {options.most:,} ({share:.1%})"
    )
    print(f"  measured {len(long):,}: {passages / len(long):.2f} passages each")
    total = borders.total()
    print("  cut after a", ", ".join(f"{k} {shown(wilson(borders[k], total))}" for k in KINDS))
    print(f"  the rules' rewrite is that of the whole {shown(wilson(same, len(long)))}")
    print(f"  no lesson, since only some passages would go: {parted}")
    print(f"  of {edits:,} edits the same {shown(wilson(kept, edits))}")


def border(text: str, before: Passage, after: Passage) -> str:
    """After what `before` ends."""
    between = text[before.end : after.start]
    if "\n" in between:
        return "paragraph"
    ends = sentences(text[before.start : after.end])
    if after.start - before.start in {one.end for one in ends}:
        return "sentence"
    return "word" if between else "letter"


def shown(share: Interval) -> str:
    return f"{share.estimate:.4f} ({share.low:.4f}-{share.high:.4f}, n = {share.n:,})"


if __name__ == "__main__":
    main()
