"""Make the demo data: real documents, the noise of scraped pages planted in them, human pairs.

    python tools/make_demo_data.py [--out src/tahdhib/demo/data]

Reads the public sets under TAHDHIB_SHARED (default ../shared) and writes the same bytes each
time: every choice comes from a seed and the document's own id. What was planted where lies in
`planted.jsonl.gz`, outside the glob that the demo reads; the card counts it by kind.
"""

import argparse
import csv
import gzip
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo_noise import SEED, Dice, Row, mojibake, near_copy, noisy

from tahdhib.config.environment import shared_data

WIKI_ROWS = 2400
HATECHECK_ROWS = 250
PARADETOX_ROWS = 300
PAIR_ROWS = 2000
COPIES = {"exact": 60, "near": 60}
NOISY_SHARE = 0.6
MOJIBAKE_ROWS = 15
SHARDS = 2
SAME_OPENING_ROWS = 4
LICENCES = {
    "arz_wikipedia": "CC-BY-SA-4.0",
    "hatecheck_arabic": "CC-BY-4.0",
    "paradetox": "CC0-1.0",
    "textdetox": "MIT",
}

Json = dict[str, Any]

# --- choosing documents and pairs ------------------------------------------------------------

HOLY = re.compile(
    r"[﴿﴾ۖۗۚ]|قال تعال|قوله تعال|قال الله|"
    r"سور[ةه] |رسول الله|حديث|انجيل|إنجيل|مزمور|تورا"
)
ADULT = re.compile(r"بورنو|پورنو|إباحي|اباحي|جنسي")


def folded(text: str) -> str:
    """Casefolded words without marks: two texts that agree here count as the same."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def read_rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        if path.name.endswith(".csv.gz"):
            return list(csv.DictReader(lines))
        return [json.loads(line) for line in lines]


def is_verse(text: str) -> bool:
    """Whether the text is mostly short lines, as the words of songs and poems are."""
    lengths = sorted(len(line) for line in text.split("\n") if line.strip())
    return len(lengths) >= 6 and lengths[len(lengths) // 2] < 60


def row_of(identity: str, text: str, source: str) -> Row:
    return {"id": identity, "text": text, "source": source, "licence": LICENCES[source]}


def wiki_rows(data: Path) -> list[Row]:
    articles = read_rows(data / "raw_arz_wikipedia" / "arzwiki_20181020.jsonl.gz")
    openings: Counter[str] = Counter()
    chosen: list[Row] = []
    for article in Dice("wiki").shuffled(articles):
        text = article["text"].strip()
        body = text.partition("\n")[2].split()
        opening = " ".join(body[2:5])  # after the subject's name: what a template begins with
        is_fit = 150 <= len(text) <= 1500 and not ADULT.search(text) and not is_verse(text)
        if not is_fit or openings[opening] == SAME_OPENING_ROWS:
            continue
        openings[opening] += 1
        chosen.append(row_of(f"arz:{article['id']}", text, "arz_wikipedia"))
        if len(chosen) == WIKI_ROWS:
            break
    return chosen


def toxic_rows(data: Path) -> list[Row]:
    cases = read_rows(data / "hatecheck" / "mhc_arabic.csv.gz")
    rows = [
        row_of(f"mhc:{case['mhc_case_id']}", case["test_case"], "hatecheck_arabic")
        for case in Dice("hatecheck").sample(cases, HATECHECK_ROWS)
    ]
    numbers: Counter[str] = Counter()
    for entry in read_rows(data / "textdetox_inputs" / "toxic_inputs.jsonl.gz"):
        language = entry["lang"]
        if language in ("ar", "en") and entry["origin"].startswith("clef24"):
            numbers[language] += 1
            name = f"textdetox:{language}:{numbers[language]:04d}"
            rows.append(row_of(name, entry["toxic_sentence"], "textdetox"))
    return rows


def paradetox_rows(data: Path, taken: set[str]) -> tuple[list[Row], list[Json]]:
    """Documents from one part of ParaDetox, pairs from another; no sentence stands in both."""
    entries = read_rows(data / "paradetox_en" / "paradetox.jsonl.gz")
    seen = set(taken)
    rows: list[Row] = []
    pairs: list[Json] = []
    order = Dice("paradetox").shuffled(enumerate(entries))
    for number, entry in order:
        key = folded(entry["toxic"])
        if key in seen or len(rows) == PARADETOX_ROWS:
            continue
        seen.add(key)
        rows.append(row_of(f"paradetox:{number:05d}", entry["toxic"], "paradetox"))
    for _, entry in reversed(order):
        keys = {folded(entry["toxic"]), *map(folded, entry["neutral"])}
        if keys & seen or len(pairs) == PAIR_ROWS:
            continue
        seen |= {folded(entry["toxic"])}
        pairs.append({"toxic": entry["toxic"], "neutral": list(entry["neutral"])})
    return rows, pairs


# --- putting it together ---------------------------------------------------------------------


@dataclass
class Demo:
    """All that the card reports on."""

    rows: list[Row] = field(default_factory=list)
    pairs: list[Json] = field(default_factory=list)
    planted: list[Json] = field(default_factory=list)
    broken: list[tuple[str, bytes]] = field(default_factory=list)


def make(data: Path) -> Demo:
    """Choose, plant, copy, break."""
    wiki = wiki_rows(data)
    toxic = toxic_rows(data)
    held_apart, pairs = paradetox_rows(data, {folded(row["text"]) for row in [*wiki, *toxic]})
    demo = Demo(pairs=pairs)
    titles = [row["text"].partition("\n")[0] for row in wiki if "\n" in row["text"]]
    garbled = {row["id"] for row in Dice("mojibake").sample(wiki, MOJIBAKE_ROWS)}
    for row in wiki:
        clean = row["text"]
        is_holy = HOLY.search(clean) is not None
        if is_holy or not (row["id"] in garbled or Dice("share", row["id"]).chance(NOISY_SHARE)):
            demo.rows.append(row)
            continue
        if row["id"] in garbled:
            changed, counts = mojibake(row), Counter(mojibake=1)
        else:
            changed, counts = noisy(row, titles)
        demo.rows.append(changed)
        if counts:
            demo.planted.append({"id": row["id"], "noise": dict(counts), "clean": clean})
    _add_copies(demo)
    demo.rows += [*toxic, *held_apart]
    demo.broken = broken_records(Dice("broken"))
    return demo


def _add_copies(demo: Demo) -> None:
    whole = [row for row in demo.rows if len(row["text"].split()) >= 60]
    whole = [row for row in whole if not HOLY.search(row["text"]) and "Ø" not in row["text"]]
    originals = Dice("copies").sample(whole, sum(COPIES.values()))
    for number, original in enumerate(originals):
        dice = Dice("copy", original["id"])
        kind, text = "exact", original["text"]
        if number >= COPIES["exact"]:
            text, variant = near_copy(text, dice)
            kind = f"near_{variant}"
        copy = original | {"id": f"mirror:{original['id'].partition(':')[2]}", "text": text}
        demo.rows.append(copy)
        demo.planted.append({"id": copy["id"], "copy_of": original["id"], "copy": kind})


def broken_records(dice: Dice) -> list[tuple[str, bytes]]:
    """Lines that are no document, each with why."""
    line = json.dumps(row_of("broken:1", "نص مقطوع في نصف السطر", "arz_wikipedia"))
    return [
        ("cut-off JSON", line[: dice.number(20, 60)].encode()),
        ("cut-off JSON", line[:-2].encode()),
        ("no JSON", b"<html><body>502 Bad Gateway</body></html>"),
        ("a list, not an object", '["نص", "بلا", "حقول"]'.encode()),
        ("no text field", b'{"id": "broken:5", "source": "arz_wikipedia"}'),
        ("null text", b'{"id": "broken:6", "text": null}'),
        ("null text", b'{"id": "broken:7", "text": null}'),
        ("text is a number", b'{"id": "broken:8", "text": 404}'),
        ("empty text", b'{"id": "broken:9", "text": ""}'),
        ("empty text", b'{"id": "broken:10", "text": "   \\n"}'),
        ("invalid UTF-8", b'{"id": "broken:11", "text": "\xe3\xd1\xcd\xc8\xc7 \xff\xfe"}'),
    ]


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8")


def write_gzip(path: Path, lines: Iterable[bytes]) -> None:
    """Write gzip without name and time, so that equal content gives equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as stream:
        for line in lines:
            stream.write(line + b"\n")
    path.write_bytes(buffer.getvalue())


def write(demo: Demo, out: Path, manifest: list[Json]) -> None:
    """Write shards, pairs, the record of what was planted, and the card."""
    lines = [compact(row) for row in demo.rows] + [line for _, line in demo.broken]
    lines = Dice("order").shuffled(lines)
    for shard in range(SHARDS):
        write_gzip(out / f"raw-{shard:02d}.jsonl.gz", lines[shard::SHARDS])
    write_gzip(out / "pairs" / "paradetox.jsonl.gz", map(compact, demo.pairs))
    write_gzip(out / "planted.jsonl.gz", map(compact, demo.planted))
    (out / "CARD.md").write_text(card(demo, manifest), encoding="utf-8")


# --- the card ---------------------------------------------------------------------------------

ORIGINS = {
    "arz_wikipedia": ("raw_arz_wikipedia", "arzwiki_20181020.jsonl.gz"),
    "hatecheck_arabic": ("hatecheck", "mhc_arabic.csv.gz"),
    "paradetox": ("paradetox_en", "paradetox.jsonl.gz"),
    "textdetox": ("textdetox_inputs", "toxic_inputs.jsonl.gz"),
}
ATTRIBUTION = {
    "arz_wikipedia": "articles of the Egyptian Arabic Wikipedia, by its editors; row `arz:N` is "
    "https://arz.wikipedia.org/?curid=N with its history",
    "hatecheck_arabic": "Multilingual HateCheck (Arabic), by Paul Röttger and co-authors",
    "paradetox": "ParaDetox, by Varvara Logacheva and co-authors",
    "textdetox": "inputs of the TextDetox shared task at CLEF 2024, by the PAN Shared Task Series",
}
KIND_HELP = {
    "markup": "HTML tags, entities and shortcodes left over",
    "tatweel": "words stretched with ـ",
    "elongation": "a letter three times or more",
    "spacing": "spaces before a mark",
    "punctuation": "repeated marks",
    "invisible": "stray invisible characters and no-break spaces",
    "navigation_line": "navigation, sharing and page furniture",
    "advertising_line": "advertising",
    "contact_line": "invented phone numbers, addresses, example e-mail domains",
    "mojibake": "the whole text read in a wrong encoding",
}
CARD = """# Demo data

Made by `tools/make_demo_data.py` (seed {seed}); do not edit by hand. **The licence of the code
does not claim this folder**: each row names its own in `licence`, and the texts of the licences
lie in `LICENSES/`. Content warning: part of the sentences are hateful, sexual or violent.

## Sources

| source | rows | licence | from | credit |
|---|---:|---|---|---|
{sources}
| broken records | {broken_total} | CC0-1.0 | written for the demo | |
| **lines in `raw-*.jsonl.gz`** | **{total}** | | | |

`pairs/paradetox.jsonl.gz`: {pairs} pairs of ParaDetox ({references} rewrites by people), CC0-1.0,
of the same file; none shares a sentence with a document above, also when letter case and marks are
ignored.

## How documents were chosen

At random, by the seed. Wikipedia: articles of 150 to 1,500 characters, at most {same_opening} that
begin alike (templates), without articles on adult films and without words of songs and poems. All
inputs of the TextDetox development set 2024 in Arabic and English. No other text was written or
generated, except what the next section counts.

## What was changed

Wikipedia extracts have no debris, web pages do, so it was planted: {noisy} of the {wiki} articles
carry one to three kinds. Articles that quote scripture were left as they are.

| planted | documents | pieces | what |
|---|---:|---:|---|
{noise}

| copies of articles, their ids begin with `mirror:` | documents |
|---|---:|
{copies}

| broken records | lines |
|---|---:|
{broken}

`planted.jsonl.gz` says for each changed row what was planted (and its text before), and for each
copy what it copies. No run reads it; it is there to measure against. Names of sites, people and
numbers in planted lines are invented; `example` domains lead nowhere.

The changed articles are adaptations under CC BY-SA 4.0, the licence of their originals.
"""


def card(demo: Demo, manifest: list[Json]) -> str:
    """The card, every number counted from what was written."""
    rows = Counter(row["source"] for row in demo.rows)
    documents: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    copies: defaultdict[str, int] = defaultdict(int)
    for entry in demo.planted:
        if "copy" in entry:
            copies[str(entry["copy"])] += 1
            continue
        counts = entry["noise"]
        documents.update(counts.keys())
        pieces.update(counts)
    broken = Counter(why for why, _ in demo.broken)
    return CARD.format(
        seed=SEED,
        sources="\n".join(_source_line(name, rows[name], manifest) for name in ORIGINS),
        total=len(demo.rows) + len(demo.broken),
        broken_total=len(demo.broken),
        pairs=len(demo.pairs),
        references=sum(len(pair["neutral"]) for pair in demo.pairs),
        same_opening=SAME_OPENING_ROWS,
        noisy=len(demo.planted) - sum(copies.values()),
        wiki=WIKI_ROWS,
        noise="\n".join(
            f"| {kind} | {documents[kind]} | {pieces[kind]} | {what} |"
            for kind, what in KIND_HELP.items()
        ),
        copies="\n".join(f"| {kind} | {count} |" for kind, count in sorted(copies.items())),
        broken="\n".join(f"| {why} | {count} |" for why, count in sorted(broken.items())),
    )


def _source_line(source: str, count: int, manifest: list[Json]) -> str:
    name, file = ORIGINS[source]
    entry = next(entry for entry in manifest if (entry["name"], entry["file"]) == (name, file))
    origin = f"{entry['repo']} @ `{str(entry['commit'])[:12]}`: {entry['path']}"
    return f"| {source} | {count} | {LICENCES[source]} | {origin} | {ATTRIBUTION[source]} |"


def main() -> None:
    """Read the sets, write the folder, say how large it is."""
    parser = argparse.ArgumentParser(description="Make the demo data.")
    parser.add_argument("--out", type=Path, default=Path("src/tahdhib/demo/data"))
    out = parser.parse_args().out
    data = shared_data()
    write(make(data), out, json.loads((data / "MANIFEST.json").read_text(encoding="utf-8")))
    for path in sorted(out.rglob("*.*")):
        print(f"{path.stat().st_size:>9,}  {path}")


if __name__ == "__main__":
    main()
