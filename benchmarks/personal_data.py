"""How well personal data are found: precision and recall on labelled spans, rates on a corpus.

    python benchmarks/personal_data.py [--errors]
    python benchmarks/personal_data.py --corpus FILE.jsonl.gz [--field text] [--limit 5000]

The texts of `personal_data/spans.jsonl` were written for this, in Arabic and English, and labelled
before the finder first ran on them; every number in them is made up, reserved for documentation, or
an example that a registry publishes. A hash of a text's id puts it in the half that may be tuned on
or in the half that is only reported. `--errors` lists the errors of the first half and no others.

What is labelled: a mail address, also one spelled out; a phone number that can be dialled as it
stands, without extension, no short code; a public IP address without port or prefix length; a whole
IBAN; a number of a person's identity, residence or social security papers, but none of a passport,
licence, company, account or order. A span counts as found if its bounds and its kind are right.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tahdhib.records import Interval
from tahdhib.stats.draw import rank, share
from tahdhib.stats.intervals import wilson
from tahdhib.text.personal import KINDS, find_personal

SPANS = Path(__file__).parent / "personal_data" / "spans.jsonl"
SEED = 0
_MEGABYTE = 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--errors", action="store_true", help="list errors of the tune half")
    parser.add_argument("--corpus", type=Path, help="JSON lines, .gz or not: rates instead")
    parser.add_argument("--field", default="text")
    parser.add_argument("--limit", type=int, default=5000)
    parser.add_argument("--show", type=int, default=0, help="print so many findings, drawn by hash")
    options = parser.parse_args()
    if options.corpus:
        rates(options.corpus, options.field, options.limit, options.show)
        return
    rows = [json.loads(line) for line in SPANS.open(encoding="utf-8")]
    print(f"{len(rows)} texts, {sum(len(row['spans']) for row in rows)} labelled spans\n")
    table("Test half", [row for row in rows if not is_tuned_on(row)])
    table("All", rows)
    if options.errors:
        for row in filter(is_tuned_on, rows):
            show_errors(row)


def is_tuned_on(row: dict[str, Any]) -> bool:
    return share("personal-data", SEED, row["id"]) < 0.5


def labelled(row: dict[str, Any]) -> set[tuple[int, int, str]]:
    return {(start, end, kind) for start, end, kind in row["spans"]}


def found(row: dict[str, Any]) -> set[tuple[int, int, str]]:
    return {(span.start, span.end, span.kind) for span in find_personal(row["text"])}


def table(title: str, rows: list[dict[str, Any]]) -> None:
    """Print precision and recall by kind and language, as Markdown."""
    print(
        f"{title}: {len(rows)} texts, {sum(not row['spans'] for row in rows)} of them with none\n"
    )
    print("| kind | language | labelled | found | right | precision | recall | overlap recall |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in (*KINDS, "all"):
        for language in ("ar", "en", "both"):
            chosen = [row for row in rows if language in (row["language"], "both")]
            print(line(kind, language, chosen))
    print()


def line(kind: str, language: str, rows: list[dict[str, Any]]) -> str:
    true = marked(rows, kind, labelled)
    seen = marked(rows, kind, found)
    right = true & seen
    touched = sum(
        any(row == other and start < b and a < end and k == which for other, a, b, k in seen)
        for row, start, end, which in true
    )
    cells = (kind, language, len(true), len(seen), len(right))
    intervals = (wilson(len(right), len(seen)), wilson(len(right), len(true)))
    return "| {} | {} | {} | {} | {} |".format(*cells) + "".join(
        f" {words(interval)} |" for interval in (*intervals, wilson(touched, len(true)))
    )


def marked(
    rows: list[dict[str, Any]],
    kind: str,
    how: Callable[[dict[str, Any]], set[tuple[int, int, str]]],
) -> set[tuple[str, int, int, str]]:
    return {(row["id"], *span) for row in rows for span in how(row) if kind in (span[2], "all")}


def words(interval: Interval) -> str:
    return f"{interval.estimate:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def show_errors(row: dict[str, Any]) -> None:
    for name, spans in (
        ("missed", labelled(row) - found(row)),
        ("wrong", found(row) - labelled(row)),
    ):
        for start, end, kind in sorted(spans):
            print(f"{row['id']} {name} {kind}: {row['text'][start:end]!r} in {row['text']!r}")


def documents(path: Path, field: str) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            yield record[field]


def rates(path: Path, field: str, limit: int, show: int) -> None:
    """Print findings per 1,000 documents of the first `limit`, and some of them."""
    texts = list(islice(documents(path, field), limit))
    size = sum(len(text.encode()) for text in texts) / _MEGABYTE
    find_personal("هاتف 0112345678")  # loads the metadata of phone numbers
    start = time.process_time()
    spans = [find_personal(text) for text in texts]
    seconds = time.process_time() - start
    count = Counter(span.kind for these in spans for span in these)
    print(
        f"{path.name}: {len(texts)} documents, {size:.1f} MB, {size / seconds:.1f} MB/s (CPU time)"
    )
    for kind in KINDS:
        share_of = wilson(sum(any(s.kind == kind for s in these) for these in spans), len(texts))
        print(
            f"  {kind}: {count[kind]} findings, {1000 * count[kind] / len(texts):.2f} per 1,000; "
            f"documents with one {words(share_of)}"
        )
    places = [(n, span) for n, these in enumerate(spans) for span in these]
    places.sort(key=lambda place: rank("personal-data-show", SEED, f"{place[0]}:{place[1].start}"))
    for n, span in places[:show]:
        around = texts[n][max(0, span.start - 50) : span.end + 20].replace("\n", "⏎")
        print(f"{span.kind}: {texts[n][span.start : span.end]!r} in …{around}…")


if __name__ == "__main__":
    main()
