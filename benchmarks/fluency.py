"""How well the built-in fluency model and the debris signals tell sound text from damaged text, and
how they go with what people say.

    python benchmarks/fluency.py --data ../shared/data [--order 3] [--model perplexity:FOLDER]

Reference, Arabic: news files 1 and 2, four fifths of Egyptian Wikipedia, the labelled tweets.
English: four fifths of the Dolly, Alpaca and LIMA answers. Held out: news file 0, the other fifths,
tweets of the other file; a passage of which more than a fifth of the runs of eight words stand in
the reference is left out. Damage: `corruptions/disfluency.py`. Each passage is compared with its
own damaged self, clusters are passages.

People: TextDetox 2024 `human_eval`, Arabic and English; the sentences are halved by a hash, one
half chooses the column and whether the source is subtracted, the other is reported.
"""

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics import CHRF

from tahdhib.records import Interval
from tahdhib.score.debris import Debris
from tahdhib.score.fluency.builtin import Fluency
from tahdhib.score.fluency.model import load, save, train
from tahdhib.score.table import Scorer, open_scorer
from tahdhib.stats.correlation import correlation, correlation_gap
from tahdhib.stats.draw import rank, share
from tahdhib.stats.intervals import auroc, wilson

sys.path.insert(0, str(Path(__file__).parent / "corruptions"))
from disfluency import DAMAGES, damage

SEED = 17
REPETITIONS = 1000
PASSAGES = 600
PASSAGE_WORDS = 100
SHINGLE = 8
Scores = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--order", type=int, default=3)
    parser.add_argument("--models", type=Path, default=Path("/tmp/fluency-models"))
    parser.add_argument("--model", help="another scorer to measure beside ours, with its argument")
    parser.add_argument("--speed", action="store_true")
    arguments = parser.parse_args()
    others = [open_scorer(arguments.model)] if arguments.model else []
    for language in ("ar", "en"):
        reference = list(references(arguments.data, language))
        path = arguments.models / f"{language}-{arguments.order}.npz"
        if not path.exists():
            start = time.perf_counter()
            model = train(reference, reference=(language,), order=arguments.order)
            print(f"trained {path.name} in {time.perf_counter() - start:.0f} s", file=sys.stderr)
            save(model, path)
        model = load(path)
        print(
            f"\n## {language}: {model.origin.documents:,} documents, {model.origin.words:,} words, "
            f"vocabulary {len(model.vocabulary):,}, order {model.origin.order}, file "
            f"{path.stat().st_size / 1e6:.1f} MB"
        )
        fluency = Fluency.of(model)
        if arguments.speed:
            speed(fluency, arguments.data)
            continue
        for name, texts in held_out(arguments.data, language, reference).items():
            damages(name, texts, [fluency, *others])
        people(arguments.data, language, [fluency, *others])


def references(data: Path, language: str) -> Iterator[str]:
    if language == "ar":
        for number in (1, 2):
            yield from field(data / f"raw_saudinewsnet/saudinewsnet_{number}.jsonl.gz", "content")
        for text in field(data / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz", "text"):
            if not is_held_out(text):
                yield text
        yield from field(data / "raw_arabic_tweets/tweets_sentiment_2019.jsonl.gz", "text")
        return
    for text in english(data):
        if not is_held_out(text):
            yield text


def held_out(data: Path, language: str, reference: Iterable[str]) -> dict[str, list[str]]:
    if language == "ar":
        found = {
            "news": field(data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz", "content"),
            "Egyptian Wikipedia": filter(
                is_held_out, field(data / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz", "text")
            ),
            "tweets": field(data / "raw_arabic_tweets/tweets_unlabelled_2018.jsonl.gz", "text"),
        }
    else:
        found = {"Dolly, Alpaca, LIMA": filter(is_held_out, english(data))}
    drawn = {name: draw_passages(texts, name) for name, texts in found.items()}
    seen = seen_shingles(reference, (text for texts in drawn.values() for text in texts))
    kept: dict[str, list[str]] = {}
    for name, texts in drawn.items():
        fresh = [
            text
            for text in texts
            if sum(one in seen for one in shingles(text)) <= 0.2 * max(1, len(shingles(text)))
        ]
        print(f"{name}: {len(texts) - len(fresh)} of {len(texts)} left out", file=sys.stderr)
        kept[name] = fresh[:PASSAGES]
    return kept


def draw_passages(texts: Iterable[str], name: str) -> list[str]:
    """Passages of up to `PASSAGE_WORDS` words from the starts of different texts, at random."""
    least = 8 if name == "tweets" else 30
    passages = {
        passage
        for text in texts
        if len((passage := " ".join(text.split()[:PASSAGE_WORDS])).split()) >= least
    }
    return sorted(passages, key=lambda text: rank("fluency", SEED, text))[: 2 * PASSAGES]


def english(data: Path) -> Iterator[str]:
    for name in (
        "dolly/dolly_train_sdft.json.gz",
        "alpagasus/dolly_3k.json.gz",
        "alpagasus/alpaca_random_9k.json.gz",
    ):
        for row in rows(data / name):
            yield from (row[key] for key in ("input", "output") if row.get(key))
    for row in rows(data / "lima/lima_train.json.gz"):
        turns = row.get("conversations", [])
        yield from (turn if isinstance(turn, str) else turn["value"] for turn in turns[1::2])


def rows(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        text = stream.read()
    if text.lstrip().startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def field(path: Path, name: str) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            text = json.loads(line).get(name)
            if text:
                yield text


def is_held_out(text: str) -> bool:
    return share("fluency-held-out", SEED, text) < 0.2


def shingles(text: str) -> list[int]:
    words = text.split()
    runs = (" ".join(words[place : place + SHINGLE]) for place in range(len(words) - SHINGLE + 1))
    return [int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest()) for run in runs]


def seen_shingles(reference: Iterable[str], held: Iterable[str]) -> set[int]:
    wanted = {one for text in held for one in shingles(text)}
    return {one for text in reference for one in shingles(text) if one in wanted}


def columns(scorer: Scorer, texts: list[str]) -> dict[str, Scores]:
    found = scorer.score(texts)
    shown = {
        f"{scorer.name}.{score.name}": found[:, place]
        for place, score in enumerate(scorer.card.scores)
    }
    return {
        name: -one if name.endswith(".gain") else one
        for name, one in shown.items()
        if not name.endswith(".tokens")
    }


def measured(texts: list[str], scorers: list[Scorer]) -> dict[str, Scores]:
    found: dict[str, Scores] = {}
    for scorer in scorers:
        found |= columns(scorer, texts)
    found["debris.debris"] = Debris().score(texts)[:, 0]
    found["length"] = np.array([float(len(text)) for text in texts])
    return found


def damages(name: str, texts: list[str], scorers: list[Scorer]) -> None:
    clean = measured(texts, scorers)
    clusters = [*range(len(texts)), *range(len(texts))]
    labels = [False] * len(texts) + [True] * len(texts)
    print(f"\n### {name}, n = {len(texts)} passages of up to {PASSAGE_WORDS} words\n")
    print(
        "| damage | "
        + " | ".join(clean)
        + " | changed pairs told by the first |\n|---" * 1
        + "|"
        + "---|" * (len(clean) + 1)
    )
    for kind in DAMAGES:
        damaged = [damage(kind, text) for text in texts]
        is_changed = np.array([one != text for one, text in zip(damaged, texts, strict=True)])
        worse = measured(damaged, scorers)
        cells = []
        for column, before in clean.items():
            after = worse[column]
            area = auroc(
                np.r_[before, after], labels, seed=SEED, repetitions=REPETITIONS, clusters=clusters
            )
            cells.append(shown(area))
        first = next(iter(clean))
        wins = wilson(int((worse[first] > clean[first])[is_changed].sum()), int(is_changed.sum()))
        print(f"| {kind} | {' | '.join(cells)} | {shown(wins)}, n = {wins.n} |")


def people(data: Path, language: str, scorers: list[Scorer]) -> None:
    found = [
        row
        for row in rows(data / "textdetox2024/human_eval.jsonl.gz")
        if row["lang"] == language and row["neutral_sentence"]
    ]
    is_tuning = np.array(
        [share("fluency-people", SEED, row["toxic_sentence"]) < 0.5 for row in found]
    )
    sources = [row["toxic_sentence"] for row in found]
    rewrites = [row["neutral_sentence"] for row in found]
    candidates: dict[str, Scores] = {}
    before, after = measured(sources, scorers), measured(rewrites, scorers)
    for column in after:
        if column != "length":
            candidates[f"-{column}"] = -after[column]
            candidates[f"-{column}, less the source's"] = before[column] - after[column]
    chrf = CHRF()
    baselines = {
        "chrF to the source": np.array(
            [chrf.sentence_score(b, [a]).score for a, b in zip(sources, rewrites, strict=True)]
        ),
        "length": after["length"],
        "length over the source's": after["length"] / np.maximum(before["length"], 1),
    }
    for target_name in ("fluency_score", "neutral_fluency"):
        target = np.array([float(row[target_name]) for row in found])
        tuning = {
            name: correlation(one[is_tuning], target[is_tuning], seed=SEED, repetitions=10).estimate
            for name, one in candidates.items()
        }
        ours = [name for name in tuning if "debris" not in name]
        chosen = max(ours, key=lambda name: tuning[name])
        held = ~is_tuning
        clusters = [row["toxic_sentence"] for row, one in zip(found, held, strict=True) if one]
        print(
            f"\n### People, {target_name}: n = {held.sum()} ratings of {len(set(clusters))} "
            f"sentences (tuned on {is_tuning.sum()}; below the best "
            f"{int((target[held] < 1).sum())})\n"
        )
        print("| measure | tuning rho | rho | less chrF's | AUROC | systems, rho |")
        print("|---|---|---|---|---|---|")
        for name, one in {**candidates, **baselines}.items():
            rho = correlation(
                one[held], target[held], seed=SEED, repetitions=REPETITIONS, clusters=clusters
            )
            gap = correlation_gap(
                one[held],
                baselines["chrF to the source"][held],
                target[held],
                seed=SEED,
                repetitions=REPETITIONS,
                clusters=clusters,
            )
            area = auroc(
                one[held],
                target[held] >= 1,
                seed=SEED,
                repetitions=REPETITIONS,
                clusters=clusters,
            )
            systems = by_system([row["system"] for row in found], one, target, held)
            mark = "**" if name == chosen else ""
            tuned = f"{tuning[name]:.3f}" if name in tuning else "-"
            print(
                f"| {mark}{name}{mark} | {tuned} | {shown(rho)} | {shown(gap)} | {shown(area)} "
                f"| {shown(systems)} |"
            )


def by_system(systems: list[str], one: Scores, target: Scores, held: NDArray[np.bool_]) -> Interval:
    names = sorted(set(systems))
    member = np.array([names.index(name) for name in systems])
    means = [
        (one[held & (member == number)].mean(), target[held & (member == number)].mean())
        for number in range(len(names))
    ]
    return correlation(
        [mean[0] for mean in means],
        [mean[1] for mean in means],
        seed=SEED,
        repetitions=REPETITIONS,
    )


def shown(interval: Interval) -> str:
    return f"{interval.estimate:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def speed(fluency: Fluency, data: Path) -> None:
    tweets = list(field(data / "raw_arabic_tweets/tweets_unlabelled_2018.jsonl.gz", "text"))
    news = list(field(data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz", "content"))[:3000]
    for name, texts in (("tweets", tweets), ("news", news)):
        for scorer in (fluency, Debris()):
            rates = []
            for _ in range(3):
                start = time.perf_counter()
                scorer.score(texts)
                rates.append(len(texts) / (time.perf_counter() - start))
            size = sum(map(len, texts)) / len(texts)
            print(
                f"{scorer.name}, {name} of {size:,.0f} characters, n = {len(texts):,}: "
                f"{', '.join(f'{rate:,.0f}' for rate in rates)} documents/s"
            )


if __name__ == "__main__":
    main()
