"""Main text of web pages: our reader beside trafilatura as it comes.

    python benchmarks/extraction.py

On `html_extraction_gold` (161 pages, most of them English) a page lists snippets that its main
text must hold and others that it must not. Settings were chosen on the half of the pages that a
hash of their address names `first`; the figures of the other half are the result. Precision is
required snippets found over all snippets found; F is its harmonic mean with recall.

`raw_arabic_html` has no such list: there we count the pages without a main text, and how much of
the words that another extractor (newspaper3k) found is among ours.
"""

import gzip
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import trafilatura

from tahdhib.config.environment import shared_data
from tahdhib.readers import Fault
from tahdhib.readers.page import extracted
from tahdhib.stats.intervals import wilson
from tahdhib.text.encoding import repair

Extract = Callable[[str], str]


class Counts(NamedTuple):
    """Snippets found and listed."""

    required: int
    all_required: int
    forbidden: int
    all_forbidden: int

    @property
    def f_score(self) -> float:
        recall = self.required / self.all_required
        precision = self.required / max(1, self.required + self.forbidden)
        return 2 * recall * precision / max(1e-9, recall + precision)


def ours(html: str) -> str:
    page = extracted(html)
    return "" if isinstance(page, Fault) else repair(page.text)


def plain(html: str) -> str:
    return trafilatura.extract(html) or ""


def without_comments(html: str) -> str:
    return trafilatura.extract(html, include_comments=False) or ""


def for_precision(html: str) -> str:
    return trafilatura.extract(html, include_comments=False, favor_precision=True) or ""


def for_recall(html: str) -> str:
    return trafilatura.extract(html, favor_recall=True) or ""


EXTRACTORS: tuple[Extract, ...] = (ours, plain, without_comments, for_precision, for_recall)
"""What a document holds after `ours` is the extracted text as `repair` leaves it."""


def main() -> None:
    folder = shared_data()
    pages = list(rows(folder / "html_extraction_gold" / "pages.jsonl.gz"))
    print("| pages | extractor | required found | forbidden found | F | ms/page |")
    print("|---|---|---|---|---|---|")
    for extract in EXTRACTORS:
        started = time.process_time()
        texts = {page["url"]: extract(page["html"]) for page in pages}
        each = (time.process_time() - started) / len(pages)
        halves = {half: [page for page in pages if half_of(page) == half] for half in (0, 1)}
        for name, half in (("first half", halves[0]), ("second half", halves[1]), ("all", pages)):
            print(line(f"{name}, {len(half)}", extract.__name__, count(half, texts), each))
    arabic(folder / "raw_arabic_html" / "stories_html.jsonl.gz")


def count(pages: list[dict[str, Any]], texts: dict[str, str]) -> Counts:
    found = {
        kind: [snippet in texts[page["url"]] for page in pages for snippet in page[kind]]
        for kind in ("must_contain", "must_not_contain")
    }
    required, forbidden = found["must_contain"], found["must_not_contain"]
    return Counts(sum(required), len(required), sum(forbidden), len(forbidden))


def line(pages: str, name: str, counts: Counts, seconds: float) -> str:
    required = share(counts.required, counts.all_required)
    forbidden = share(counts.forbidden, counts.all_forbidden)
    return (
        f"| {pages} | {name} | {required} | {forbidden} | {counts.f_score:.3f} | "
        f"{1000 * seconds:.0f} |"
    )


def share(found: int, total: int) -> str:
    interval = wilson(found, total)
    return f"{found} of {total} = {interval.estimate:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def arabic(path: Path) -> None:
    pages = list(rows(path))
    for extract in (ours, plain):
        empty, kept, listed = 0, 0, 0
        for page in pages:
            text = extract(page["html"])
            empty += not text
            words = set((page.get("text") or "").split())
            listed += len(words)
            kept += len(words & set(text.split()))
        print(
            f"{path.name}, {extract.__name__}: {empty} of {len(pages)} pages without main text; "
            f"{kept:,} of {listed:,} words of the other extractor's text are in ours "
            f"({kept / max(1, listed):.3f})"
        )


def half_of(page: dict[str, Any]) -> int:
    return hashlib.sha256(page["url"].encode("utf-8")).digest()[0] % 2


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for text in lines:
            yield json.loads(text)


if __name__ == "__main__":
    main()
