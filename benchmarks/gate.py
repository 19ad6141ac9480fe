"""What the gate finds of planted faults, and what it refuses of rewrites that keep what is said.

    python benchmarks/gate.py --data ../shared/data [--half tune|report|fresh] [--count]
        [--only ar|en|kept] [--missed KIND] [--write FOLDER]

Faults: `corruptions/cases.py` on news, Wikipedia, tweets, Dolly, LIMA, ASSET and JFLEG, as the
rules leave them, and all that were written by hand. Rewrites: what people made of ParaDetox,
TextDetox, ZAEBUC and JFLEG, and news, Wikipedia and English passages as the rules and harmless
noise leave them. Every share has Wilson's interval. A text is in the tuning half or the reported
half by a hash of itself; faults written by hand are reported only. Prints Markdown; `--count` the
number of cases alone, `--missed` the cases of a kind that got through, or, with `kept`, the
rewrites that were refused. `--write` writes the half as files for `tahdhib gate calibrate`:
people.jsonl, passages.jsonl, faults.jsonl.
"""

import argparse
import gzip
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from gate_fresh import APART, Kept, fresh
from gate_fresh import by_people as fresh_by_people
from preservation import CORRUPTIONS, lines, textdetox

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.config.recipe import Gate as Settings
from tahdhib.config.recipe import Protect
from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import open_shelter
from tahdhib.protect.shield import spare
from tahdhib.records import Interval, Rewrite, Verdict
from tahdhib.stats.draw import rank
from tahdhib.stats.intervals import wilson
from tahdhib.text.edits import diff

sys.path.insert(0, str(CORRUPTIONS))
from cases import BANDS, BY_HAND, KINDS, Case, Material, by_hand, case, excerpt
from fault import sentence_spans
from noise import noise
from table import is_tuning

SEED = 17
LANGUAGES = ("ar", "en")
CONDUCT = load_conduct("default")
SHELTER = open_shelter(Protect())
EXCERPTS = 3
"""Short excerpts of one text."""
TRIED = 6_000
"""Texts tried for them."""
PASSAGES = 400
"""Harmlessly changed passages of a source and band."""
GOALS = dict.fromkeys(KINDS, 0.95) | dict.fromkeys((*BY_HAND, "modality", "sentence added"), 0.8)


PEOPLE = ("ParaDetox", "TextDetox", "ZAEBUC", "JFLEG", "WNC", "MADAR CODA")
"""Sets of rewrites that people wrote."""


class Half(NamedTuple):
    """Which texts are looked at, and how many cases of a kind, language and band."""

    name: str
    is_mine: Callable[[str], bool]
    per_band: int


def half_of(name: str) -> Half:
    if name == "fresh":
        return Half(name, lambda text: True, 334)
    return Half(name, lambda text: is_tuning(text) == (name == "tune"), 80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=("tune", "report", "fresh"), default="tune")
    parser.add_argument("--count", action="store_true")
    parser.add_argument("--only", choices=(*LANGUAGES, "kept"))
    parser.add_argument("--missed", metavar="KIND")
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    half = half_of(arguments.half)
    if arguments.missed:
        show_missed(arguments.missed, arguments.data, half)
        return
    if arguments.write:
        write_pairs(arguments.write, arguments.data, half)
        return
    if not arguments.count and arguments.only in (None, "kept"):
        false_refusals(read_kept(arguments.data, half))
    languages = [one for one in LANGUAGES if arguments.only in (None, one)]
    if languages:
        found(arguments.data, half, languages, only_count=arguments.count)


# Faults


def found(data: Path, half: Half, languages: Sequence[str], *, only_count: bool) -> None:
    """The table of faults: per kind and language, all bands and each."""
    print(
        f"\nPlanted faults found, {half.name} half, seed {SEED}; "
        "the lower bound is held to the goal\n"
    )
    header("kind", "language", "n", "found", "goal", *BANDS, "most frequent reasons")
    print_row = print_count if only_count else print_found
    for language in languages:
        for kind, rows in all_cases(data, language, half).items():
            print_row(kind, language, rows)
        if half.name == "report":
            for kind in BY_HAND:
                written = by_hand(kind, language)
                rows = [Case(kind, language, source, faulty) for source, _, faulty in written]
                if rows:
                    print_row(f"{kind}, by hand", language, rows)


def print_count(kind: str, language: str, rows: Sequence[Case]) -> None:
    counts = Counter(band(one.source) for one in rows)
    told = " | ".join(str(counts[name]) for name in BANDS)
    print(f"| {kind} | {language} | {len(rows)} | | | {told} | |", flush=True)


def print_found(kind: str, language: str, rows: Sequence[Case]) -> None:
    verdicts = [judge(one.source, one.rewrite) for one in rows]
    goal = GOALS[kind.split(",")[0]]
    every = share(verdicts)
    bands = [
        share([seen for one, seen in zip(rows, verdicts, strict=True) if band(one.source) == name])
        for name in BANDS
    ]
    by_band = " | ".join(f"{one.estimate:.2f} (n = {one.n})" if one.n else "" for one in bands)
    reasons = Counter(reason.code for seen in verdicts for reason in seen.reasons).most_common(3)
    told = ", ".join(f"{code} {count}" for code, count in reasons)
    mark = "" if every.low >= goal else f" short by {goal - every.low:.3f}"
    row = f"{kind} | {language} | {every.n} | {words(every)} | {goal:g}{mark} | {by_band} | {told}"
    print(f"| {row} |", flush=True)


def all_cases(data: Path, language: str, half: Half) -> dict[str, list[Case]]:
    """Up to `per_band` cases per kind and band."""
    pools = {name: pool(data, language, name, half) for name in BANDS}
    others = [text for texts in pools.values() for text in texts[:100]]
    material = Material(others, foreign(data, language), protected(data, language, half))
    made: dict[str, list[Case]] = {}
    for kind in KINDS:
        made[kind] = []
        for name, texts in pools.items():
            cases = (case(kind, text, language, material, SEED) for text in polished(texts))
            here = (one for one in cases if one is not None and band(one.source) == name)
            made[kind] += islice(here, half.per_band)
    return made


def polished(texts: Sequence[str]) -> Iterator[str]:
    """Texts as the rules leave them, where they leave enough."""
    for text in texts:
        done = by_rules(text)
        if done is not None and len(done.split()) >= BANDS["< 30"][0]:
            yield done


@cache
def by_rules(text: str) -> str | None:
    done = rewrite(text, CONDUCT)
    if done.drop_reason is not None:
        return None
    again = rewrite(done.text, CONDUCT)
    return done.text if again.text == done.text else None


def pool(data: Path, language: str, name: str, half: Half) -> list[str]:
    """Texts of a band in an order drawn by hash, each source in equal parts as far as it goes."""
    rng = random.Random(f"{SEED}:{language}:{name}")
    columns = []
    for texts in texts_of(data, language, half).values():
        chosen = sorted(
            filter(half.is_mine, texts), key=lambda text: rank("gate benchmark", SEED, text)
        )
        times = EXCERPTS if name == "< 30" else 1
        cut = dict.fromkeys(excerpt(text, name, rng) for text in chosen for _ in range(times))
        columns.append([text for text in cut if text])
    longest = max(map(len, columns))
    mixed = [column[at] for at in range(longest) for column in columns if at < len(column)]
    return mixed[:TRIED]


def texts_of(data: Path, language: str, half: Half) -> dict[str, list[str]]:
    return fresh_sources(data, language) if half.name == "fresh" else sources(data, language)


@cache
def fresh_sources(data: Path, language: str) -> dict[str, list[str]]:
    return fresh(data, language, sources(data, language))


@cache
def sources(data: Path, language: str) -> dict[str, list[str]]:
    if language == "ar":
        paragraphs = whole(data / "arcd/arcd-train.json.gz")["data"]
        tweets = lines(data / "raw_arabic_tweets/tweets_unlabelled_2018.jsonl.gz")
        return {
            "news": [
                row["content"] for row in lines(data / "raw_saudinewsnet/saudinewsnet_1.jsonl.gz")
            ],
            "Egyptian Wikipedia": [
                row["text"]
                for row in lines(data / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz")
                if len(row["text"].split()) > 25
            ][:6000],
            "Wikipedia": [p["context"] for article in paragraphs for p in article["paragraphs"]],
            "tweets": [row["text"] for row in tweets if len(row["text"].split()) >= 12][:4000],
        }
    dolly = whole(data / "dolly/dolly_train_sdft.json.gz")
    contexts = sorted({row["input"] for row in dolly if len(row["input"].split()) > 40})
    return {
        "Dolly": contexts,
        "Dolly, two": ["\n".join(pair) for pair in pairwise(contexts)],
        "LIMA": [row["output"] for row in whole(data / "lima/lima_train.json.gz")],
        "ASSET": [row["src"] for row in lines(data / "asset_simplification/valid.jsonl.gz")],
        "JFLEG, mended": [row["refs"][0] for row in lines(data / "jfleg/dev.jsonl")],
    }


def foreign(data: Path, language: str) -> list[list[str]]:
    """Sentences that people wrote, by language, in all languages but one."""
    others = [one for one in ("ar", "de", "en", "es", "hi", "ru", "uk") if one != language]
    return [[pair.kept for pair in textdetox(data, one)][:200] for one in others]


def protected(data: Path, language: str, half: Half) -> dict[str, list[str]]:
    """Spans to protect, by kind, of four words or more; others for the fresh half."""
    rng = random.Random(SEED + 1 if half.name == "fresh" else SEED)
    code = [
        block.strip()
        for row in whole(data / "lima/lima_train.json.gz")
        for block in re.findall(r"```\w*\n(.+?)```", row["output"], re.DOTALL)
        if len(block) < 600
    ]
    quoted = [
        text[low:high].strip()
        for texts in texts_of(data, language, half).values()
        for text in texts[:200]
        for low, high in sentence_spans(text, 5)
        if high - low < 200 and not re.search(r'[«»“”"`\n]', text[low:high].strip())
    ]
    spans = {"code": code, "quotation": quoted}
    if language == "ar":
        spans |= {"verse": verses(data), "hadith": hadith(data), "poem": poems(data)}
    return {kind: rng.sample(found, min(len(found), 400)) for kind, found in spans.items()}


def whole(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return json.load(stream)


def verses(data: Path) -> list[str]:
    found = []
    for name in ("quran-simple", "quran-simple-clean"):
        rows = (data / f"scripture/{name}.txt").read_text("utf-8").splitlines()
        found += [row.split("|")[2] for row in rows if row.count("|") == 2]
    return [verse for verse in found if 5 <= len(verse.split()) <= 25]


def hadith(data: Path) -> list[str]:
    """The beginnings of what is told, as the web quotes it."""
    with gzip.open(data / "scripture/hadith_ibn_maja.csv.gz", "rt", encoding="utf-8") as stream:
        told = re.findall(
            r"قال رسول الله صلى الله عليه وسلم ((?:[\u0621-\u064a]+ ){5,20})", stream.read()
        )
    return [one.strip() for one in told]


def poems(data: Path) -> list[str]:
    """Two lines of two halves, with a gap between them."""
    found = []
    for row in lines(data / "raw_classical_openiti/classical_sample.jsonl.gz"):
        halves = re.findall(r"^# ([^%\n]+?) %~% ([^%\n]+?)$", row["text"], re.MULTILINE)
        clean = [
            (a.strip(), b.strip()) for a, b in halves if re.fullmatch(r"[\u0621-\u0652 ]+", a + b)
        ]
        for one, two in pairwise(clean):
            found.append(f"{one[0]} ... {one[1]}\n{two[0]} ... {two[1]}")
    return found


# Rewrites that keep


def read_kept(data: Path, half: Half) -> list[Kept]:
    passages = [
        one
        for language in LANGUAGES
        for name, texts in texts_of(data, language, half).items()
        for one in harmless(name, language, list(filter(half.is_mine, texts)))
    ]
    if half.name == "fresh":
        hosts = {
            language: [
                one.source
                for one in passages
                if one.language == language and band(one.source) != "< 30"
            ]
            for language in LANGUAGES
        }
        return [*fresh_by_people(data, hosts, SEED, 2 * PASSAGES), *passages]
    rows = [one for one in by_people(data) if half.is_mine(one.source) and one.rewrite.strip()]
    return rows + passages


def by_people(data: Path) -> list[Kept]:
    return [
        *(
            Kept("ParaDetox", "en", row["toxic"], one)
            for row in lines(data / "paradetox_en/paradetox.jsonl.gz")
            for one in row["neutral"][:1]
        ),
        *(
            Kept("TextDetox", one, pair.source, pair.kept)
            for one in LANGUAGES
            for pair in textdetox(data, one)
        ),
        *(
            Kept("ZAEBUC", "ar", row["raw"], row["corrected"])
            for part in ("train", "dev", "test")
            for row in lines(data / f"zaebuc_gec_ar/{part}.jsonl.gz")
        ),
        *(
            Kept("JFLEG", "en", row["src"], row["refs"][0])
            for part in ("dev", "test")
            for row in lines(data / f"jfleg/{part}.jsonl")
        ),
    ]


def harmless(name: str, language: str, texts: Sequence[str]) -> Iterator[Kept]:
    """Passages as the rules and noise leave them, so many of each band."""
    rng = random.Random(SEED)
    for bounds in BANDS:
        count = 0
        for text in sorted(texts, key=lambda text: rank("gate passages", SEED, text)):
            passage = excerpt(text, bounds, rng)
            done = rewrite(passage, CONDUCT) if passage else None
            if passage and done is not None and done.drop_reason is None:
                changed = noise(done.text, language, rng, ()) or done.text
                edits = diff(passage, changed, "benchmark")
                yield Kept(
                    name, language, passage, spare(passage, Rewrite(changed, edits), SHELTER).text
                )
                count += 1
            if count == PASSAGES:
                break


def false_refusals(rows: Sequence[Kept]) -> None:
    """Refused by any check, per source and band; then each check by itself."""
    verdicts = [judge(one.source, one.rewrite) for one in rows]
    print("Rewrites that keep what they should, and are refused by any check\n")
    header("set", "language", "n", "refused", *BANDS, "most frequent reasons")
    keys = list(dict.fromkeys((one.dataset, one.language) for one in rows))
    groups = {key: [(one.dataset, one.language) == key for one in rows] for key in keys}
    groups[("**people**", "all")] = [one.dataset in PEOPLE for one in rows]
    groups[("**passages**", "all")] = [one.dataset not in (*PEOPLE, *APART) for one in rows]
    for (name, language), chosen in groups.items():
        mine = [
            (row, seen) for row, seen, is_in in zip(rows, verdicts, chosen, strict=True) if is_in
        ]
        refused = wilson(sum(not seen.accepted for _, seen in mine), len(mine))
        bands = [share([seen for row, seen in mine if band(row.source) == one]) for one in BANDS]
        told = " | ".join(words(one) + f" n = {one.n}" if one.n else "" for one in bands)
        reasons = Counter(reason.code for _, seen in mine for reason in seen.reasons)
        most = ", ".join(f"{code} {count}" for code, count in reasons.most_common(6))
        print(
            f"| {name} | {language} | {len(mine)} | {words(refused)} | {told} | {most} |",
            flush=True,
        )


# Both


def write_pairs(folder: Path, data: Path, half: Half) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kept = read_kept(data, half)
    made = [
        one
        for language in LANGUAGES
        for rows in all_cases(data, language, half).values()
        for one in rows
    ]
    files: dict[str, list[Kept] | list[Case]] = {
        "people": [one for one in kept if one.dataset in PEOPLE],
        "passages": [one for one in kept if one.dataset not in (*PEOPLE, *APART)],
        "faults": made,
    }
    for name, rows in files.items():
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as stream:
            for one in rows:
                stream.write(json.dumps(one._asdict(), ensure_ascii=False) + "\n")


@cache
def gate() -> Gate:
    return Gate(Settings(), CONDUCT, SHELTER.spans)


def judge(source: str, text: str) -> Verdict:
    return gate().verdict(source, Rewrite(text, diff(source, text, "benchmark")))


def show_missed(kind: str, data: Path, half: Half) -> None:
    if kind == "kept":
        for one in read_kept(data, half):
            seen = judge(one.source, one.rewrite)
            if not seen.accepted:
                told = [f"{reason.code}: {reason.detail}" for reason in seen.reasons]
                print(
                    json.dumps(
                        [one.dataset, told, *changed(one.source, one.rewrite)], ensure_ascii=False
                    )
                )
        return
    for language in LANGUAGES:
        for case_ in all_cases(data, language, half)[kind]:
            if judge(case_.source, case_.rewrite).accepted:
                told = changed(case_.source, case_.rewrite)
                print(json.dumps([language, band(case_.source), *told], ensure_ascii=False))


def changed(source: str, text: str) -> list[str]:
    """Each edit with some of its surroundings."""
    return [
        f"…{source[max(0, one.start - 30) : one.start]}[{source[one.start : one.end]}→{one.new}]"
        f"{source[one.end : one.end + 30]}…"
        for one in diff(source, text, "benchmark")
    ]


def band(text: str) -> str:
    count = len(text.split())
    return next(name for name, (_, most) in BANDS.items() if count <= most or name == "> 200")


def share(verdicts: Sequence[Verdict]) -> Interval:
    return wilson(sum(not seen.accepted for seen in verdicts), len(verdicts))


def words(one: Interval) -> str:
    return f"{one.estimate:.3f} ({one.low:.3f}–{one.high:.3f})"


def header(*columns: str) -> None:
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


if __name__ == "__main__":
    main()
