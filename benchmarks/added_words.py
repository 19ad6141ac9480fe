"""How many rewrites by people the gate's checks of a whole text refuse, beyond its older checks.

    python benchmarks/added_words.py --data ../shared/data [--max-added 0 1 2]

A rewrite is refused beyond the older checks when only codes of `WHOLE_CODES` speak against it. All
pairs of each set, with Wilson intervals; no seed, nothing is drawn. `suspect`: sources in which
something may be meant for a model. The sets `rules: …` are what the rules make of real texts.
"""

import argparse
import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite as rewrite_by_rules
from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.gate import Gate
from tahdhib.gate.whole import WHOLE_CODES
from tahdhib.records import Rewrite
from tahdhib.score.orders import first_order
from tahdhib.stats.intervals import wilson
from tahdhib.text.edits import diff

CONDUCT = load_conduct("default")
Case = tuple[str, Rewrite]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--max-added", type=int, nargs="+", default=[Settings().max_added_words])
    parser.add_argument("--sets", default="", help="only sets with this in their names")
    parser.add_argument("--show", nargs=2, metavar=("CODE", "N"), help="print refused rewrites")
    arguments = parser.parse_args()
    print("| set | max_added_words | n | suspect | refused before | beyond | by reason |")
    print("|---|---|---|---|---|---|---|")
    for name, cases in read(arguments.data, arguments.sets).items():
        for most in arguments.max_added:
            print(row(name, cases, most), flush=True)
        if arguments.show:
            show(cases, *arguments.show)


def read(data: Path, only: str) -> dict[str, list[Case]]:
    """Every set of real rewrites, whole, whose name holds `only`."""
    made = {
        "ParaDetox en": lambda: by_people(
            (row["toxic"], row["neutral"][0])
            for row in lines(data / "paradetox_en/paradetox.jsonl.gz")
        ),
        "TextDetox ar": lambda: by_people(textdetox(data, "ar")),
        "TextDetox en": lambda: by_people(textdetox(data, "en")),
        "WNC en": lambda: by_people(
            (row["biased"], row["neutral"])
            for row in lines(data / "wiki_neutrality_sample/wnc_sample.jsonl.gz")
        ),
        "ZAEBUC ar": lambda: by_people(
            (row["raw"], row["corrected"])
            for part in ("train", "dev", "test")
            for row in lines(data / f"zaebuc_gec_ar/{part}.jsonl.gz")
        ),
        "JFLEG en": lambda: by_people(
            (row["src"], row["refs"][0])
            for part in ("dev", "test")
            for row in lines(data / f"jfleg/{part}.jsonl")
        ),
        "rules: news ar": lambda: by_rules(
            row["content"]
            for row in islice(lines(data / "raw_saudinewsnet/saudinewsnet_2.jsonl.gz"), 5000)
        ),
        "rules: Wikipedia arz": lambda: by_rules(
            row["text"] for row in lines(data / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz")
        ),
        "rules: tweets ar": lambda: by_rules(
            row["text"] for row in lines(data / "raw_arabic_tweets/tweets_sentiment_2019.jsonl.gz")
        ),
        "rules: ParaDetox en": lambda: by_rules(
            row["toxic"] for row in lines(data / "paradetox_en/paradetox.jsonl.gz")
        ),
    }
    return {name: make() for name, make in made.items() if only in name}


def by_people(pairs: Iterator[tuple[str, str]]) -> list[Case]:
    return [
        (source, Rewrite(kept, diff(source, kept, "people")))
        for source, kept in pairs
        if kept.strip() and kept != source
    ]


def by_rules(texts: Iterator[str]) -> list[Case]:
    done = ((text, rewrite_by_rules(text, CONDUCT)) for text in texts)
    return [(text, one) for text, one in done if one.edits and one.drop_reason is None]


def textdetox(data: Path, language: str) -> Iterator[tuple[str, str]]:
    with (data / f"textdetox2024/pairs_{language}.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield row["toxic_sentence"], row["neutral_sentence"]


def lines(path: Path) -> Iterator[dict[str, str]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def row(name: str, cases: Sequence[Case], most: int) -> str:
    gate = Gate(Settings(max_added_words=most), CONDUCT)
    found = [{one.code for one in gate.verdict(*case).reasons} for case in cases]
    before = sum(bool(codes - WHOLE_CODES.keys()) for codes in found)
    beyond = [codes for codes in found if codes and codes <= WHOLE_CODES.keys()]
    reasons = Counter(code for codes in beyond for code in codes)
    suspect = sum(first_order(source) is not None for source, _ in cases)
    told = ", ".join(f"{code} {reasons[code]}" for code in WHOLE_CODES if reasons[code])
    share = wilson(len(beyond), len(cases))
    return (
        f"| {name} | {most} | {len(cases)} | {suspect} | {before} | {len(beyond)}: "
        f"{share.estimate:.4f} ({share.low:.4f}–{share.high:.4f}) | {told} |"
    )


def show(cases: Sequence[Case], code: str, most: str) -> None:
    gate = Gate(Settings(), CONDUCT)
    shown = 0
    for source, done in cases:
        reasons = gate.verdict(source, done).reasons
        if {one.code for one in reasons} <= WHOLE_CODES.keys():
            for reason in reasons:
                if reason.code == code and shown < int(most):
                    shown += 1
                    print(f"  {reason.detail}\n    - {source[:300]!r}\n    + {done.text[:300]!r}")


if __name__ == "__main__":
    main()
