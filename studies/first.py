"""The first study: toys that read raw, cleaned or native text of the same documents.

    tahdhib score train --data ../shared/data --out runs/first/weights --set a   # the witness
    tahdhib score train --data ../shared/data --out runs/first/weights --set b   # chooses, teaches
    python studies/first.py corpora --data ../shared/data
    python studies/first.py train --seeds 1 2 3 4          # again: what is there is not made again
    python studies/first.py tables > docs/studies/first-tables.md

Text: posts of sets that were collected for their abuse, tweets as they came, news. All arms hold
the same documents and leave out the same; the vocabulary is one, trained on all arms. A seed
changes the first weights and the order of what is read. Everything lies in runs/first.

`tables` prints Markdown; no text of a model or a corpus is printed.
"""

import argparse
import csv
import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import tahdhib
from tahdhib.evaluate.generations import Free
from tahdhib.records import Interval
from tahdhib.report import charts
from tahdhib.report.words import count, figure, interval
from tahdhib.score.training.sets import read_sets
from tahdhib.stats.draw import draw
from tahdhib.stats.intervals import Difference
from tahdhib.stats.means import LEVEL
from tahdhib.stats.seeds import seeds, seeds_difference
from tahdhib.stats.student import t_quantile
from tahdhib.store.shards import read_json, read_rows, write_text
from tahdhib.train.split import Split

HOME = Path("runs/first")
RECIPES = Path(__file__).parent / "first"
PICTURE = Path("docs/studies/first.svg")
ARMS = ("raw", "cleaned", "native")
SEED = 17
ABUSE = ("alhazmi", "arpufi", "letmi", "thsab", "sohateful", "mpold", "aref", "mlma")
"""Arabic sets of weights `b`; the witness, weights `a`, learned from none of them."""
POSTS, TWEETS, ARTICLES = 1900, 8000, 400
LONGEST = 4000
"""Characters of an article, cut at a line."""
VOCABULARY = 4000
STEPS = 320
HELD_OUT = Split(0.03)
"""As in first/train.yaml."""
PROMPTS, WORDS, LEAST = 200, 3, 8
SAMPLES, TOKENS = 4, 24
_ARABIC = re.compile(r"[\u0621-\u064a]+")

Record = dict[str, str]
T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("corpora", "train", "tables"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    asked = parser.parse_args()
    match asked.part:
        case "corpora":
            corpora(asked.data)
        case "train":
            for arms in (("raw", "native"), ("cleaned",)):
                for seed in asked.seeds:
                    for arm in arms:
                        train(arm, seed)
        case "tables":
            print(tables(asked.seeds))


def corpora(data: Path) -> None:
    """Sources, texts to measure on, the runs of both arms, one vocabulary, prompts."""
    for name, records in sources(data):
        written(HOME / "sources" / f"{name}.jsonl", records)
    for name, records in measured(data):
        written(HOME / "measured" / f"{name}.jsonl", records)
    written(HOME / "pairs.jsonl", people(data, teaches=True))
    for arm in ("native", "cleaned"):
        tahdhib.run(RECIPES / f"{arm}.yaml", HOME / arm)
        print(f"{arm}: {HOME / arm / 'report.html'}", flush=True)
    packed = tahdhib.tokens(map(str, TEXTS.values()), HOME / "tokens", size=VOCABULARY)
    shutil.copyfile(packed.folder / "tokenizer.json", HOME / "tokenizer.json")
    written(HOME / "prompts.jsonl", prompts())


TEXTS = {
    "raw": HOME / "native" / "dedup" / "documents",
    "cleaned": HOME / "cleaned" / "publish" / "corpus" / "parquet",
    "native": HOME / "native" / "publish" / "corpus" / "parquet",
}


def sources(data: Path) -> Iterator[tuple[str, Iterator[Record]]]:
    """The raw text by kind; which records of a file are taken is a function of their ids."""
    for key in ABUSE:
        rows = read_sets(data, [key])
        texts = {f"{key}:{place}": text for place, text in enumerate(rows.texts)}
        yield key, drawn("posts", texts, POSTS)
    posts = lines(data / "raw_arabic_tweets" / "tweets_unlabelled_2018.jsonl.gz", "text")
    yield "tweets", drawn("tweets", posts, TWEETS)
    news = lines(data / "raw_saudinewsnet" / "saudinewsnet_0.jsonl.gz", "content")
    yield "news", drawn("news", {one: shortened(text) for one, text in news.items()}, ARTICLES)


def measured(data: Path) -> Iterator[tuple[str, Iterator[Record]]]:
    """What people wrote or edited, of which nothing near is trained on."""
    wiki = lines(data / "raw_arz_wikipedia" / "arzwiki_20181020.jsonl.gz", "text")
    long = {one: shortened(text, 1500) for one, text in wiki.items() if len(text) >= 400}
    yield "wikipedia", drawn("wikipedia", long, 100)
    yield "arcd", drawn("arcd", passages(data), 150)
    for name, column in (("neutral", "rewrite"), ("abusive", "source")):
        texts = {f"{name}:{one['id']}": one[column] for one in people(data, teaches=False)}
        yield name, drawn(name, texts, len(texts))


def people(data: Path, *, teaches: bool) -> Iterator[Record]:
    """People's neutral rewrites of Arabic abuse: half of them teach the worker, half measure."""
    with (data / "textdetox2024" / "pairs_ar.csv").open(encoding="utf-8", newline="") as file:
        rows = dict(enumerate(csv.DictReader(file)))
    half = draw(map(str, rows), purpose="people teach", seed=SEED, count=len(rows) // 2)
    for place, row in rows.items():
        if half.holds(str(place)) is teaches:
            pair = {"source": row["toxic_sentence"], "rewrite": row["neutral_sentence"]}
            yield {"id": str(place), **pair}


def passages(data: Path) -> dict[str, str]:
    """ARCD's passages of the Arabic Wikipedia, each once."""
    texts: dict[str, str] = {}
    for part in ("train", "test"):
        with gzip.open(data / "arcd" / f"arcd-{part}.json.gz", "rt", encoding="utf-8") as file:
            for article in json.load(file)["data"]:
                texts |= {one["context"]: "" for one in article["paragraphs"]}
    return {f"arcd:{place}": text for place, text in enumerate(texts)}


def lines(path: Path, field: str) -> dict[str, str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return {f"{path.name}:{place}": json.loads(line)[field] for place, line in enumerate(file)}


def shortened(text: str, longest: int = LONGEST) -> str:
    """The lines of a text that fit into so many characters, or its first ones."""
    return text if len(text) <= longest else text[:longest].rpartition("\n")[0] or text[:longest]


def drawn(name: str, texts: dict[str, str], count: int) -> Iterator[Record]:
    """`count` of the texts, drawn by their ids."""
    full = {one: text for one, text in texts.items() if text.strip()}
    chosen = draw(full, purpose=f"study {name}", seed=SEED, count=count)
    for one, text in full.items():
        if chosen.holds(one):
            yield {
                "id": one,
                "text": text,
                "source": one.partition(":")[0] if name == "posts" else name,
            }


def prompts() -> Iterator[Record]:
    """First words of documents that no arm reads, none of which any arm's text changes."""
    texts = {
        arm: {
            row["id"]: row["text"] for file in files(arm) for row in read_rows(file, ["id", "text"])
        }
        for arm in ARMS
    }
    found = {}
    for one, text in texts["raw"].items():
        begins = {tuple(texts[arm].get(one, "").split()[:WORDS]) for arm in ARMS}
        words = text.split()
        is_plain = all(map(_ARABIC.fullmatch, words[:WORDS]))
        if is_plain and len(begins) == 1 and len(words) >= LEAST and held_out(one):
            found[one] = " ".join(words[:WORDS])
    for record in drawn("prompts", found, PROMPTS):
        yield {"id": record["id"], "prompt": record["text"]}


def files(arm: str) -> list[Path]:
    return sorted(TEXTS[arm].glob("*.parquet"))


def held_out(one: str) -> bool:
    return HELD_OUT.holds_out(HELD_OUT.hash_of({"id": one}, ""))


def written(file: Path, records: Iterable[Record]) -> None:
    found = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    write_text(file, "".join(found))
    print(f"{file}: {len(found):,} records", flush=True)


def train(arm: str, seed: int) -> None:
    """One model, and what it writes by itself; both are done once."""
    name = f"{arm}-{seed}"
    phase = f"phases=[{{name: {arm}, mix: {{{arm}: {{repeats: 2}}}}, steps: {STEPS}}}]"
    settings = [phase, f"seed={seed}", f"vocabulary.path={(HOME / 'tokenizer.json').resolve()}"]
    found = tahdhib.pretrain(RECIPES / "train.yaml", HOME / "models" / name, set=settings)
    free = Free(
        str(HOME / "prompts.jsonl"),
        samples=SAMPLES,
        new_tokens=TOKENS,
        witness=f"ngram:{HOME / 'weights' / 'a'}",
    )
    tahdhib.evaluate(found.folder, [], ".", HOME / "evaluations" / name, free=free)
    print(f"{name}: loss {found.record['loss']['last']:.3f}", flush=True)


class Measure(NamedTuple):
    """Something measured of every model; `step` is the least by which two models can differ."""

    name: str
    unit: str
    values: dict[str, list[float]]
    step: float = 0.0


TEXT = {
    "raw": "held-out raw text",
    "wikipedia": "human-edited: Egyptian Wikipedia",
    "arcd": "human-edited: ARCD",
    "neutral": "human-neutral: people's rewrites of abuse",
    "abusive": "the abuse that they rewrote",
}
PAIRS = (("native", "raw"), ("cleaned", "raw"), ("native", "cleaned"))


def tables(seeds_: Sequence[int]) -> str:
    """What was trained on, what each arm reaches, and what lies between arms that are done."""
    found = [*bits(seeds_), *toxicity(seeds_)]
    write_text(PICTURE, picture(found))
    return "\n".join([*corpus_table(), "", *arm_table(found), "", *difference_table(found)])


def bits(seeds_: Sequence[int]) -> Iterator[Measure]:
    """Bits per byte by text, all groups of it together."""
    records = {name: record(*name) for name in models(seeds_)}
    for corpus, words in TEXT.items():
        yield Measure(words, "bits per byte", by_arm(records, partial(per_byte, corpus=corpus)))


def models(seeds_: Sequence[int]) -> list[tuple[str, int]]:
    """The models of the arms of which all seeds are done."""
    return [
        (arm, seed)
        for arm in ARMS
        for seed in seeds_
        if all((evaluated(arm, one) / "results.json").exists() for one in seeds_)
    ]


def evaluated(arm: str, seed: int) -> Path:
    return HOME / "evaluations" / f"{arm}-{seed}"


def record(arm: str, seed: int) -> dict[str, Any]:
    found: dict[str, Any] = read_json(HOME / "models" / f"{arm}-{seed}" / "pretrain.json")
    return found


def per_byte(found: Mapping[str, Any], corpus: str) -> float:
    rows = [row for row in found["bits_per_byte"] if row["corpus"] == corpus]
    bits = sum(row["bits_per_byte"] * row["bytes"] for row in rows)
    return float(bits / sum(row["bytes"] for row in rows))


def toxicity(seeds_: Sequence[int]) -> Iterator[Measure]:
    """What the witness says of the texts that each model wrote to the same prompts."""
    told = {name: read_json(evaluated(*name) / "results.json") for name in models(seeds_)}
    texts = next(iter(told.values()))["tahdhib"]["toxicity_prompts"]["used"] * SAMPLES
    for key, words, step in (
        ("score", "toxicity of what it writes, mean", 0.0),
        ("toxic", "share of what it writes that is toxic (.5 or more)", 1 / texts),
        ("worst", "the most toxic of a prompt's texts, mean", 0.0),
    ):
        yield Measure(words, "toxicity", by_arm(told, partial(written_toxicity, key=key)), step)


def by_arm(
    found: Mapping[tuple[str, int], T], value: Callable[[T], float]
) -> dict[str, list[float]]:
    """A value of each model, by arm in the order of seeds."""
    values: dict[str, list[float]] = {}
    for (arm, _), one in found.items():
        values.setdefault(arm, []).append(value(one))
    return values


def written_toxicity(found: Mapping[str, Any], key: str) -> float:
    return float(found["tahdhib"]["toxicity_prompts"][key]["estimate"])


def corpus_table() -> Iterator[str]:
    """Documents, bytes and tokens of each arm, and what the witness says of its text."""
    yield "| arm | documents | trained on | bytes | tokens | rewritten | toxicity of the text |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for arm in [one for one in ARMS if list((HOME / "models").glob(f"{one}-*/pretrain.json"))]:
        run = HOME / (arm if arm != "raw" else "native")
        rows = [row["text"] for file in files(arm) for row in read_rows(file, ["text"])]
        packed = next(iter((HOME / "models").glob(f"{arm}-*/pretrain.json")))
        tokens = read_json(packed)["corpora"][arm]
        size = sum(len(text.encode()) for text in rows)
        states = [
            row["state"]
            for file in sorted((run / "rewrite" / "documents").glob("*.parquet"))
            for row in read_rows(file, ["state"])
        ]
        changed = "" if arm == "raw" else f"{states.count('rewritten') / len(states):.3f}"
        summary = read_json(run / "audit" / "summary.json")
        measure = next(
            one
            for one in summary["measures"]
            if one["measure"] == "toxicity" and one["group"] == "all"
        )
        told = interval(Interval(**measure["before" if arm == "raw" else "after"]))
        numbers = (len(rows), tokens["documents"], size, tokens["tokens"])
        yield f"| {arm} | {' | '.join(map(count, numbers))} | {changed} | {told} |"


def arm_table(found: Sequence[Measure]) -> Iterator[str]:
    """The mean over seeds of each arm, with the interval for further seeds."""
    arms = list(found[0].values)
    yield f"| measured | {' | '.join(arms)} |"
    yield f"|---|{'---|' * len(arms)}"
    for one in found:
        told = [interval(seeds(one.values[arm], step=one.step)) for arm in arms]
        yield f"| {one.name} | {' | '.join(told)} |"


def difference_table(found: Sequence[Measure]) -> Iterator[str]:
    """What lies between two arms, paired by seed: found by a test alone, and among all of them."""
    rows = [
        (one.name, f"{arm} − {other}", between(one, arm, other))
        for one in found
        for arm, other in pairs_of(one)
    ]
    among_all = found_by_holm([difference.interval for *_, difference in rows])
    heads = ("measured", "arms", "difference, 95 %", "found", f"among {len(rows)}")
    yield f"| {' | '.join(heads)} | would have been found |"
    yield "|---|---|---|---|---|---:|"
    for (name, arms, one), is_among in zip(rows, among_all, strict=True):
        alone, among = ("yes" if each else "no" for each in (one.is_found, is_among))
        told = f"{interval(one.interval)} | {alone} | {among} | {figure(one.detectable)}"
        yield f"| {name} | {arms} | {told} |"


def found_by_holm(differences: Sequence[Interval]) -> list[bool]:
    """Which of several t tests on as many seeds find a difference, by Holm's correction: the
    farthest from zero counts among all, the next among one less, until one does not."""
    degrees = differences[0].n - 1
    usual = t_quantile((1 + LEVEL) / 2, degrees)
    steps = [abs(one.estimate) / ((one.high - one.low) / 2 / usual) for one in differences]
    is_found = [False] * len(steps)
    by_size = sorted(range(len(steps)), key=steps.__getitem__, reverse=True)
    for rank, place in enumerate(by_size):
        if steps[place] <= t_quantile(1 - (1 - LEVEL) / 2 / (len(steps) - rank), degrees):
            break
        is_found[place] = True
    return is_found


def pairs_of(one: Measure) -> list[tuple[str, str]]:
    return [pair for pair in PAIRS if set(pair) <= one.values.keys()]


def between(one: Measure, arm: str, other: str) -> Difference:
    return seeds_difference(one.values[arm], one.values[other], paired=True, step=one.step)


STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1d2326}.faint{fill:#5c676b}"
    ".whisker line{stroke:#0b7a6f;stroke-width:2.5}.whisker circle{fill:#0b7a6f}"
    ".whisker line.zero{stroke:#b9b4a8;stroke-width:1.5}.whisker.null line.range{stroke:#5c676b}"
    ".whisker.null circle{fill:#fff;stroke:#5c676b;stroke-width:2.5}"
    ".axis text{font-size:12px;fill:#5c676b}"
)


def picture(found: Sequence[Measure]) -> str:
    """The differences to raw text, each with its interval, one axis for each unit."""
    parts, y = [], 12
    for unit in dict.fromkeys(one.unit for one in found):
        shown = [(one, against_raw(one)) for one in found if one.unit == unit]
        every = [each.interval for _, arms in shown for each in arms.values()]
        low, high = charts.domain(every)
        parts.append(text(8, y + 14, f"{unit}, less the raw arm's: native ●, cleaned ○", "faint"))
        y += 26
        for one, arms in shown:
            parts.append(text(8, y + 18, one.name, ""))
            for arm, each in arms.items():
                kind = "main" if arm == "native" else "null"
                parts.append(placed(y, charts.whisker(each.interval, low, high, kind)))
                y += 24
            y += 8
        parts.append(placed(y, charts.axis(low, high)))
        y += 44
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {y}" role="img">'
    back = f'<rect width="760" height="{y}" fill="#fff"/>'
    return f"{head}<style>{STYLE}</style>{back}{''.join(parts)}</svg>\n"


def against_raw(one: Measure) -> dict[str, Difference]:
    return {arm: between(one, arm, other) for arm, other in pairs_of(one) if other == "raw"}


def placed(y: int, inner: str) -> str:
    return f'<svg x="400" y="{y}" width="340" height="30" overflow="visible">{inner}</svg>'


def text(x: int, y: int, words: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(words)}</text>'


if __name__ == "__main__":
    main()
