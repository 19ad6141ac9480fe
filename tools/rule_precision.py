"""Draw documents that the rules change and print every edit in its context, to be read by a person.

    python tools/rule_precision.py --seed 17 --documents 150 > edits.tsv
    python tools/rule_precision.py --insults > insults.tsv

The first prints `documents` changed documents each of the news and Wikipedia sets, and as many of
the tweets, one line per edit: set, document, rule, context with [-old-]{+new+}. At most
`--per-rule` edits of one rule in one document are printed, the first of them. The second runs the
insult and obscenity rules over every article of the Egyptian Wikipedia.
"""

import argparse
import gzip
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.records import Edit
from tahdhib.text.encoding import repair

DATA = Path(os.environ.get("TAHDHIB_SHARED", "../shared")) / "data"
SETS = {
    "news": ([f"raw_saudinewsnet/saudinewsnet_{part}.jsonl.gz" for part in range(3)], "content"),
    "wikipedia": (("raw_arz_wikipedia/arzwiki_20181020.jsonl.gz",), "text"),
    "tweets": (("raw_arabic_tweets/tweets_sentiment_2019.jsonl.gz",), "text"),
}
CONTEXT = 45


def records(name: str) -> Iterator[dict[str, str]]:
    paths, field = SETS[name]
    for path in paths:
        with gzip.open(DATA / path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield {"text": repair(record[field]), "title": record.get("title", "")}


def shown(text: str, edit: Edit) -> str:
    before = text[max(0, edit.start - CONTEXT) : edit.start]
    after = text[edit.end : edit.end + CONTEXT]
    marked = f"{before}[-{text[edit.start : edit.end]}-]{{+{edit.new}+}}{after}"
    return marked.replace("\n", "⏎").replace("\t", "⇥").replace("\xa0", "⍽")


def sample(args: argparse.Namespace) -> None:
    conduct = load_conduct("default")
    for name in args.sets.split(","):
        pool = list(records(name))
        order = list(range(len(pool)))
        random.Random(args.seed).shuffle(order)
        left = args.documents
        for index in order:
            result = rewrite(pool[index]["text"], conduct)
            if not result.edits:
                continue
            seen: Counter[str] = Counter()
            for edit in result.edits:
                seen[edit.by] += 1
                if seen[edit.by] <= args.per_rule and (not args.rule or edit.by in args.rule):
                    print(name, index, edit.by, shown(pool[index]["text"], edit), sep="\t")
            left -= 1
            if not left:
                break


def insults() -> None:
    conduct = load_conduct("default")
    total = changed = 0
    for index, record in enumerate(records("wikipedia")):
        total += 1
        edits = [
            e for e in rewrite(record["text"], conduct).edits if "ins" in e.by or "obs" in e.by
        ]
        if edits:
            changed += any(edit.by == "remove-insults" for edit in edits)
            for edit in edits:
                print(index, record["title"], edit.by, shown(record["text"], edit), sep="\t")
    print(f"# {changed} of {total} articles changed by remove-insults")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--documents", type=int, default=150)
    parser.add_argument("--per-rule", type=int, default=3)
    parser.add_argument("--sets", default="news,wikipedia,tweets")
    parser.add_argument("--rule", action="append")
    parser.add_argument("--insults", action="store_true")
    args = parser.parse_args()
    insults() if args.insults else sample(args)


if __name__ == "__main__":
    main()
