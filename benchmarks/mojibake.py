"""How much scrambled Arabic the repair mends, and how much healthy text it touches.

    python -m benchmarks.mojibake

Real pairs (`mojibake_ar`) are split in halves by a hash of the broken text: the rules were made on
the first half, the figures of the second are the result. Healthy text is drawn by a hash as well;
every document that the repair changes is printed. Lines of the healthy text, scrambled here, say
what happens beyond the tweets of the real pairs.
"""

import gzip
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tahdhib.config.environment import shared_data
from tahdhib.stats.draw import rank
from tahdhib.stats.intervals import wilson
from tahdhib.text.encoding import repair
from tahdhib.text.mojibake import unscramble_arabic

SEED = 17
HEALTHY = 10_000
ARABIC = (
    ("raw_saudinewsnet/saudinewsnet_0.jsonl.gz", "content"),
    ("raw_arz_wikipedia/arzwiki_20181020.jsonl.gz", "text"),
    ("raw_arabic_tweets/tweets_sentiment_2019.jsonl.gz", "text"),
)
OTHER = (
    ("paradetox_en/paradetox.jsonl.gz", "toxic"),
    ("arabic_chat_prompts/alpaca_eval_ar.jsonl", "query"),
    ("arabic_chat_prompts/vicuna_fr100.jsonl", "query"),
    ("arabic_chat_prompts/vicuna_es100.jsonl", "query"),
    ("arabic_chat_prompts/vicuna_de100.jsonl", "query"),
    ("exams/exams_test_other15.jsonl.gz", "question.stem"),
    ("html_extraction_gold/pages.jsonl.gz", "html"),
)


def main() -> None:
    folder = shared_data()
    pairs = list(rows(folder / "mojibake_ar" / "id16_cp1256_mojibake.jsonl.gz"))
    for name, half in (("first half (tuned on)", 0), ("second half (held out)", 1)):
        chosen = [pair for pair in pairs if half_of(pair["text_mojibake"]) == half]
        report_pairs(name, chosen)
    drawn = healthy(folder, HEALTHY)
    report_healthy("Arabic (news, Egyptian Wikipedia, tweets)", drawn)
    for path, field in OTHER:
        report_healthy(path, [str(value) for value in texts(folder / path, field)])
    report_planted(drawn[:1000])


def report_pairs(name: str, pairs: list[dict[str, Any]]) -> None:
    exact = sum(
        repair(pair["text_mojibake"]) == unicodedata.normalize("NFC", pair["text_repaired"])
        for pair in pairs
    )
    cleaned = sum(repair(pair["text_mojibake"]) == repair(pair["text_repaired"]) for pair in pairs)
    say(f"{name}: exactly the repaired text", exact, len(pairs))
    say(f"{name}: the same after `repair` of both", cleaned, len(pairs))


def report_healthy(name: str, documents: list[str]) -> None:
    changed = [text for text in documents if unscramble_arabic(text) != text]
    say(f"healthy, {name}: changed", len(changed), len(documents))
    for text in changed:
        for before, after in zip(
            text.split("\n"), unscramble_arabic(text).split("\n"), strict=False
        ):
            if before != after:
                print(f"    {before[:100]!r} -> {after[:100]!r}")


def report_planted(documents: list[str]) -> None:
    """Scramble what windows-1256 can hold: whole documents, and single lines of 3 words."""
    ways: dict[str, Callable[[str], str]] = {
        "windows-1256 as windows-1252": lambda text: as_1252(text.encode("cp1256")),
        "windows-1256 as Latin-1": lambda text: text.encode("cp1256").decode("latin-1"),
        "UTF-8 as windows-1256": lambda text: text.encode("utf-8").decode("cp1256"),
    }
    for name, scramble in ways.items():
        whole = [text for text in documents if is_in_1256(text)]
        right = sum(repair(scramble(text)) == repair(text) for text in whole)
        say(f"planted, documents, {name}: repaired", right, len(whole))
        short = [" ".join(text.split()[:3]) for text in whole]
        right = sum(repair(scramble(text)) == repair(text) for text in short)
        say(f"planted, 3 words alone, {name}: repaired", right, len(short))


def is_in_1256(text: str) -> bool:
    try:
        text.encode("cp1256")
    except UnicodeEncodeError:
        return False
    return True


def as_1252(raw: bytes) -> str:
    """As browsers and spreadsheets read it: the five holes of windows-1252 as in Latin-1."""
    return "".join(
        bytes([byte]).decode("cp1252", "ignore") or bytes([byte]).decode("latin-1") for byte in raw
    )


def healthy(folder: Path, count: int) -> list[str]:
    found = [text for path, field in ARABIC for text in texts(folder / path, field)]
    return sorted(found, key=lambda text: rank("healthy text", SEED, text))[:count]


def texts(path: Path, field: str) -> Iterator[str]:
    for row in rows(path):
        value: Any = row
        for key in field.split("."):
            value = value[key]
        if value:
            yield value


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            yield json.loads(line)


def half_of(text: str) -> int:
    return hashlib.sha256(text.encode("utf-8")).digest()[0] % 2


def say(what: str, count: int, total: int) -> None:
    share = wilson(count, total)
    print(
        f"{what}: {count} of {total:,} = {share.estimate:.4f} [{share.low:.4f}, {share.high:.4f}]"
    )


if __name__ == "__main__":
    main()
