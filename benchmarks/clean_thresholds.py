"""Measure the Arabic thresholds of `clean`, and what they do to real corpora.

    python benchmarks/clean_thresholds.py [--documents 8000] [--seed 17] [--yaml] [--speed]

The principle: a rule may cost either body of edited text, newspaper articles or Egyptian
Wikipedia, at most 2 % of its documents of 50 words and more. So an Arabic threshold is the more
generous of the two bodies' own 2 % tails, rounded outwards to two digits. Where no more than 5 %
of either body shows the thing at all (hashes, curly brackets), nothing can be measured and the
published figure stays; where the tail reaches the end of the scale (no line ends with a mark),
the rule is off, since it cannot tell edited text from other. The 50 words themselves are
Gopher's: how long a text should be is no property of a language that a tail could tell.

The mean length of words has two sides, and its tails are sound text in an official or a plain
style (read: docs/log.md). Its bounds are therefore fences, three interquartile ranges beyond the
quartiles of the more generous body.

Each corpus is split in two by a hash before anything is measured: thresholds are read off one
half, and what they do is told of the other. Tweets and HTML have no part in the thresholds.
`--yaml` prints the file src/tahdhib/stages/clean/thresholds/ar.yaml anew.
"""

import argparse
import gzip
import json
import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import trafilatura

from tahdhib.config.environment import shared_data
from tahdhib.score.dialect import dialects
from tahdhib.score.language import language
from tahdhib.score.quality.signals import measure
from tahdhib.stages.clean.decide import believed, failures
from tahdhib.stages.clean.thresholds import DEFAULT, RULES, Thresholds, load_thresholds
from tahdhib.stats.draw import draw, share
from tahdhib.stats.intervals import wilson
from tahdhib.text.encoding import repair

REFERENCES = ("news", "wikipedia")
TAIL = 0.02
SEEN = 0.05
FENCED = "mean_word_length"
FENCE = 3.0
"""Interquartile ranges beyond a quartile, Tukey's outer fence."""
LEAST_WORDS = 50
DIGITS = 2
QUANTILES = (0.01, 0.02, 0.05, 0.25, 0.5, 0.75, 0.95, 0.98, 0.99)
INTEGERS = {"words", "stop_words", "sentences", "curly_brackets", "lorem_ipsum"}
COUNTED_FROM_BELOW = {"words", "stop_words", "sentences", "terminal_lines", "alphabetic_words"}
"""Signals of which little is bad; of `line_punctuation` too. Of the others much is."""

Row = dict[str, Any]


class Bounds(NamedTuple):
    """A measured threshold, with where it comes from."""

    min: float | None
    max: float | None
    why: str


# Corpora


def lines_of(path: Path) -> Iterable[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        yield from map(json.loads, handle)


def corpora(folder: Path, count: int, seed: int) -> dict[str, list[tuple[str, str]]]:
    """Ids and texts of each corpus: drawn at random where it has more than `count`."""
    news = (
        (f"{path.stem}:{number}", row["content"] or "")
        for path in sorted((folder / "raw_saudinewsnet").glob("*.jsonl.gz"))
        for number, row in enumerate(lines_of(path))
    )
    wikipedia = (
        (str(row["id"]), row["text"])
        for row in lines_of(folder / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz")
    )
    tweets = (
        (f"{path.stem}:{number}", row["text"])
        for path in sorted((folder / "raw_arabic_tweets").glob("*.jsonl.gz"))
        for number, row in enumerate(lines_of(path))
    )
    html = (
        (row["path"], trafilatura.extract(row["html"]) or "")
        for row in lines_of(folder / "raw_arabic_html/stories_html.jsonl.gz")
    )
    english = (  # the set's own labels call some German pages English
        (row["url"], text)
        for row in lines_of(folder / "html_extraction_gold/pages.jsonl.gz")
        if language(text := trafilatura.extract(row["html"]) or "").code == "en"
    )
    return {
        "news": drawn(news, count, seed),
        "wikipedia": drawn(wikipedia, count, seed),
        "tweets": drawn(tweets, count, seed),
        "html": drawn(html, count, seed),
        "english_html": drawn(english, count, seed),
    }


def drawn(documents: Iterable[tuple[str, str]], count: int, seed: int) -> list[tuple[str, str]]:
    texts = {identity: fixed for identity, text in documents if (fixed := repair(text)).strip()}
    chosen = draw(texts, purpose="clean-thresholds", seed=seed, count=count)
    return [(identity, text) for identity, text in texts.items() if chosen.holds(identity)]


def measured(documents: Sequence[tuple[str, str]]) -> list[Row]:
    rows = []
    for identity, text in documents:
        found = language(text)
        rows.append(
            {
                "id": identity,
                "language": found.code,
                "language_probability": found.probability,
                **measure(text, found.code)._asdict(),
            }
        )
    return rows


def is_reference_half(identity: str, seed: int) -> bool:
    return share("clean-thresholds:half", seed, identity) < 0.5


# Thresholds


def thresholds(references: dict[str, list[Row]], published: Thresholds) -> dict[str, Bounds]:
    """The Arabic bounds by `set:signal`, from the rows of the references."""
    english = {(rule.set, rule.signal): rule for rule in published.of("en")}
    made: dict[str, Bounds] = {}
    for (rule_set, signal), rule in english.items():
        values = [column(rows, signal) for rows in references.values()]
        low = side(values, signal, rule.min, is_low=True)
        high = side(values, signal, rule.max, is_low=False)
        why = "; ".join(said for said in (low[1], high[1]) if said)
        made[f"{rule_set}:{signal}"] = Bounds(low[0], high[0], why)
    return made


def column(rows: Sequence[Row], signal: str) -> np.ndarray:
    return np.array([row[signal] for row in rows if row[signal] is not None], float)


def side(
    values: Sequence[np.ndarray], signal: str, published: float | None, *, is_low: bool
) -> tuple[float | None, str]:
    """One bound of a signal, and what it rests on."""
    if published is None:
        return None, ""
    if signal == "words":
        return published, "published"
    if signal == FENCED:
        ends = [fence(v, is_low) for v in values]
        said = "fences " + " and ".join(f"{end:.3g}" for end in ends)
        return outwards(min(ends) if is_low else max(ends), signal, is_low), said
    tails = [float(np.quantile(v, TAIL if is_low else 1 - TAIL)) for v in values]
    shown = max(float((v != v.max() if is_low else v != 0).mean()) for v in values)
    if shown <= SEEN:
        return published, f"published: at most {shown:.1%} of either body shows any"
    tail = min(tails) if is_low else max(tails)
    if (is_low and tail <= 0) or (
        not is_low and tail >= 1 and signal not in INTEGERS and published <= 1
    ):
        return None, f"off: more than {TAIL:.0%} reach {tail:g}"
    return outwards(tail, signal, is_low), "tails " + " and ".join(f"{t:.3g}" for t in tails)


def fence(values: np.ndarray, is_low: bool) -> float:
    low, high = (float(q) for q in np.quantile(values, (0.25, 0.75)))
    return low - FENCE * (high - low) if is_low else high + FENCE * (high - low)


def outwards(value: float, signal: str, is_low: bool) -> float:
    if signal in INTEGERS:
        return math.floor(value) if is_low else math.ceil(value)
    step = 10.0 ** (math.floor(math.log10(abs(value))) - DIGITS + 1)
    rounded = (math.floor if is_low else math.ceil)(round(value / step, 6)) * step
    return float(f"{rounded:.{DIGITS}g}")


def yaml_of(made: dict[str, Bounds], note: str) -> str:
    lines = [f"# {line}".rstrip() for line in note.splitlines()]
    for rule_set in RULES:
        signals = [key for key in made if key.startswith(f"{rule_set}:")]
        if signals:
            lines += ["", f"{rule_set}:"]
        for key in signals:
            bounds = made[key]
            pairs = [
                f"{name}: {'null' if value is None else f'{value:g}'}"
                for name, value in (("min", bounds.min), ("max", bounds.max))
                if value is not None
            ]
            said = "{" + ", ".join(pairs) + "}" if pairs else "null"
            lines.append(f"  {key.split(':')[1]}: {said}  # {bounds.why}")
    return "\n".join(lines) + "\n"


# What they do


def drops(rows: Sequence[Row], using: Thresholds, code: str | None) -> tuple[Counter[str], int]:
    """How many documents fail each rule, and how many any; `code` stands for the language found."""
    failed: Counter[str] = Counter()
    gone = 0
    for row in rows:
        found = failures(row, using.of(code or believed(row, 0.65)))
        failed.update(reason.code for reason in found)
        gone += bool(found)
    return failed, gone


def share_of(part: int, n: int) -> str:
    interval = wilson(part, n)
    return f"{100 * part / n:.2f} ({100 * interval.low:.2f}–{100 * interval.high:.2f})"


def table(rows: dict[str, list[Row]], using: dict[str, tuple[Thresholds, str | None]]) -> str:
    """Markdown: percent of the documents of each corpus that fail each rule, by thresholds."""
    columns = [(corpus, name) for corpus in rows for name in using]
    counted = {(corpus, name): drops(rows[corpus], *using[name]) for corpus, name in columns}
    codes = [f"{s}:{signal}" for s, signals in RULES.items() for signal in signals]
    head = [f"{corpus} ({name}), n={len(rows[corpus]):,}" for corpus, name in columns]
    lines = ["| rule | " + " | ".join(head) + " |", "|---|" + "---:|" * len(columns)]
    for code in codes:
        counts = [counted[key][0][code] for key in columns]
        if any(counts):
            shown = [share_of(c, len(rows[k[0]])) for c, k in zip(counts, columns, strict=True)]
            lines.append(f"| {code} | " + " | ".join(shown) + " |")
    total = [share_of(counted[key][1], len(rows[key[0]])) for key in columns]
    lines.append("| **any rule** | " + " | ".join(total) + " |")
    return "\n".join(lines)


def distributions(rows: dict[str, list[Row]]) -> str:
    head = " | ".join(f"{q:g}" for q in QUANTILES)
    lines = [f"| signal | corpus | {head} |", "|---|---|" + "---:|" * len(QUANTILES)]
    signals = dict.fromkeys(s for signals in RULES.values() for s in signals)
    for signal in signals:
        for corpus, of_corpus in rows.items():
            values = column(of_corpus, signal)
            if len(values) and values.any():
                cut = " | ".join(f"{x:.3g}" for x in np.quantile(values, QUANTILES))
                lines.append(f"| {signal} | {corpus} | {cut} |")
    return "\n".join(lines)


def speed(texts: Sequence[str]) -> str:
    """Documents per second of one core (processor time), texts cut to about 2 kB."""
    cut = [text.encode()[:2000].decode("utf-8", "ignore") for text in texts]
    lines = []
    for name, work in (
        ("quality signals", lambda: [measure(text, "ar") for text in cut]),
        ("language", lambda: [language(text) for text in cut]),
        ("dialect", lambda: dialects(cut)),
    ):
        work()
        start = time.process_time()
        work()
        seconds = time.process_time() - start
        lines.append(f"{name}: {len(cut) / seconds:,.0f} documents/s (n={len(cut):,})")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=8000, help="drawn of each corpus")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--yaml", action="store_true", help="print ar.yaml and nothing else")
    parser.add_argument("--speed", action="store_true", help="measure the speed and nothing else")
    options = parser.parse_args()
    found = corpora(shared_data(), options.documents, options.seed)
    if options.speed:
        print(speed([t for _, t in found["news"] if len(t.encode()) >= 2000][:2000]))
        return
    rows = {name: measured(documents) for name, documents in found.items()}
    first = {
        name: [
            row
            for row in rows[name]
            if is_reference_half(row["id"], options.seed) and row["words"] >= LEAST_WORDS
        ]
        for name in REFERENCES
    }
    sets = tuple(RULES)
    package = load_thresholds(DEFAULT, sets)
    made = thresholds(first, package)
    counts = ", ".join(f"{len(of):,} of {name}" for name, of in first.items())
    if options.yaml:
        note = (
            "Arabic, measured by benchmarks/clean_thresholds.py (its principle stands there): the\n"
            f"more generous {TAIL:.0%} tail of two bodies of edited text, rounded outwards; from\n"
            f"{counts} documents of 50 words and more, seed {options.seed}.\n"
            "Word length: three interquartile ranges beyond the quartiles. `published`: neither\n"
            "body shows enough of a thing to measure it."
        )
        print(yaml_of(made, note), end="")
        return
    told = {
        name: [
            row
            for row in of
            if name not in REFERENCES or not is_reference_half(row["id"], options.seed)
        ]
        for name, of in rows.items()
    }
    arabic = {name: of for name, of in told.items() if name != "english_html"}
    long = {name: [r for r in of if r["words"] >= LEAST_WORDS] for name, of in arabic.items()}
    print(f"# Arabic thresholds\n\nfrom {counts} documents, seed {options.seed}\n")
    print(yaml_of(made, ""))
    print("## Distributions, documents of 50 words and more\n")
    print(distributions(long))
    using = {"Arabic": (package, "ar"), "English": (package, "en")}
    print("\n## Documents that fail a rule, percent (95 % Wilson interval)\n")
    print(table(arabic, using))
    print("\n## The same of documents of 50 words and more\n")
    print(table(long, using))
    print("\n## English pages under the English thresholds\n")
    print(table({"html_extraction_gold": told["english_html"]}, {"English": (package, "en")}))
    print("\n## Language believed, percent of documents\n")
    for name, of in told.items():
        codes = Counter(believed(row, 0.65) for row in of).most_common(4)
        print(
            f"- {name} (n={len(of):,}): "
            + ", ".join(f"{c} {100 * n / len(of):.2f}" for c, n in codes)
        )


if __name__ == "__main__":
    main()
