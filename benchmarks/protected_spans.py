"""Are verses and hadith found in ordinary text, and is nothing else taken for them?

    python benchmarks/protected_spans.py --data ../shared/data [--articles 3000]

A span of 3 to 12 words of the Qur'an (one of three spellings, with or without diacritics, every
other one without one of its inner words) is copied to a place between two words of a news or
Wikipedia article, one in each; then the fingerprints of the package look for it. A span counts as
found where at least 80 % of its characters are, a find as right where at least half of it is a
planted span. Hadith likewise, 6 to 20 words.

The articles are not edited or chosen: many quote scripture themselves, which counts as a false find
here. So precision stands three times: in all articles, in those without any of a few words of
religion, listed below, and with the finds in articles' own words as they were read one by one
(`protected_spans.tsv`: a hash of the article, where the find starts, and whether a verse stands
there word for word, quoted or woven in; an allusion, an idiom, a formula or a prayer is none). What
nobody has read counts as false.

Negatives: formulas are the sequences of 2 to 5 words with "الله" that at least 20 other news
articles have, with no one word before or behind them in more than half of these (else they are a
piece of something longer); each is planted in an article of the second kind. The fingerprints have
learned their formulas from tweets and story pages, not from any text used here.

Nothing of scripture is written here: it is read from `--data`. Seeded; Wilson's 95 % intervals.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from tahdhib.protect.fingerprint import Fingerprints, load
from tahdhib.protect.passages import read_passages
from tahdhib.protect.shelter import fingerprint_file
from tahdhib.protect.skeleton import read_words
from tahdhib.report.words import share_interval
from tahdhib.stats.intervals import wilson

SEED = 17
COVERED = 0.8
RIGHT = 0.5
LONG = 6
LEAST_ARTICLES = 20
READ = Path(__file__).with_suffix(".tsv")
GOD = ("الله", "لله", "بالله", "والله")
RELIGION = re.compile(
    "[﴿﴾ﷺ]|قرآن|القران|سورة|[آا]ية|تعالى|سبحانه|صلى الله|رسول الله|النبي|حديث|خطيب|خطبة|إمام|مفتي"
    "|الشيخ|شريعة|شرعي|إسلام|اسلام|مسلم|مسجد|دعاء|رمضان|نبي|رضي الله|رحمه الله|المولى|كتاب الله"
)
SIGNS = re.compile("[\u064b-\u065f\u0670\u06d6-\u06ed\u200e\u200f]")


class Planted(NamedTuple):
    text: str
    start: int
    end: int
    words: int
    spelling: str
    signs: bool
    lacks: bool
    is_religious: bool

    def covers(self, low: int, high: int) -> float:
        """Share of a find that is the planted span."""
        return covered([(self.start, self.end)], low, high)

    def own(self, low: int) -> tuple[str, int]:
        """The article by a hash, and where in it, as it was, a find starts."""
        article = self.text[: self.start] + self.text[self.end + 1 :]
        at = low if low < self.start else low - (self.end + 1 - self.start)
        return hashlib.sha256(article.encode()).hexdigest()[:12], at


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def articles(data: Path, count: int) -> list[str]:
    """Half news, half Wikipedia: as much of it in standard Arabic as there is, else Egyptian."""
    news = [row["content"] for row in lines(data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz")]
    arcd = [
        paragraph["context"]
        for part in ("train", "test")
        for article in json.loads(
            gzip.decompress((data / f"arcd/arcd-{part}.json.gz").read_bytes())
        )["data"]
        for paragraph in article["paragraphs"]
    ]
    egyptian = [row["text"] for row in lines(data / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz")]
    luck = Random(SEED)
    news = [text for text in dict.fromkeys(news) if len(text.split()) >= 60]
    wikipedia = list(dict.fromkeys(arcd))
    more = [text for text in dict.fromkeys(egyptian) if len(text.split()) >= 60]
    wikipedia += luck.sample(more, max(0, count // 2 - len(wikipedia)))
    return luck.sample(news, count - count // 2) + wikipedia[: count // 2]


def verses(data: Path) -> dict[str, list[str]]:
    folder = data / "scripture"
    uthmani = json.loads(gzip.decompress((folder / "quran-uthmani.json.gz").read_bytes()))
    clean = (folder / "quran-simple-clean.txt").read_text(encoding="utf-8").splitlines()
    return {
        "simple": list(read_passages(folder / "quran-simple.txt")),
        "clean": [line.split("|")[2] for line in clean if line.count("|") == 2],
        "uthmani": [verse["text"] for chapter in uthmani.values() for verse in chapter],
    }


def hadith(data: Path) -> dict[str, list[str]]:
    names = {"ibn maja": "hadith_ibn_maja.csv.gz", "darimi": "hadith_darimi_vocalised.csv.gz"}
    found = {}
    for name, file in names.items():
        text = gzip.decompress((data / "scripture" / file).read_bytes()).decode("utf-8")
        found[name] = [row[-1] for row in csv.reader(io.StringIO(text)) if row]
    return found


def plant(
    texts: Sequence[str], sources: dict[str, list[str]], least: int, most: int, purpose: str
) -> list[Planted]:
    """One span in each text; every spelling, length and state is as likely as any other."""
    luck = Random(f"{purpose} {SEED}")
    found = []
    for text in texts:
        spelling = luck.choice(sorted(sources))
        lacks, signs = luck.random() < 0.5, luck.random() < 0.5
        count = luck.randint(least, most)
        while True:
            words = luck.choice(sources[spelling]).replace("\u200f", " ").split()
            if len(words) >= count + lacks:
                break
        at = luck.randint(0, len(words) - count - lacks)
        span = words[at : at + count + lacks]
        if lacks:
            del span[luck.randint(1, len(span) - 2)]
        copied = " ".join(span)
        if not signs:
            copied = SIGNS.sub("", copied)
        places = [match.end() for match in re.finditer(r"\s", text)]
        place = luck.choice(places)
        found.append(
            Planted(
                text[:place] + copied + " " + text[place:],
                place,
                place + len(copied),
                len(copied.split()),
                spelling,
                bool(SIGNS.search(copied)),
                lacks,
                RELIGION.search(text) is not None,
            )
        )
    return found


def covered(found: Sequence[tuple[int, int]], start: int, end: int) -> float:
    """Share of `[start, end)` that the finds cover."""
    return sum(max(0, min(end, high) - max(start, low)) for low, high in found) / (end - start)


def share(hits: Sequence[bool]) -> str:
    return f"{share_interval(wilson(sum(hits), len(hits)))} | {len(hits)}"


def verses_read() -> set[tuple[str, int]]:
    """Finds in articles' own words that are verses, as they were read."""
    with READ.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        return {(row["article"], int(row["start"])) for row in rows if row["verse"] == "yes"}


def measure(
    title: str,
    planted: Sequence[Planted],
    prints: Fingerprints,
    least: int,
    read: set[tuple[str, int]] | None = None,
) -> None:
    finds = [list(prints.find(read_words(one.text))) for one in planted]
    print(f"\n### {title}\n\n| planted | found (95 %) | n |\n|---|---:|---:|")
    rows = [
        (one, covered(found, one.start, one.end) >= COVERED)
        for one, found in zip(planted, finds, strict=True)
    ]
    groups = {f"all of {least} words or more": [hit for one, hit in rows if one.words >= least]}
    for one, hit in rows:
        if one.words >= least:
            groups.setdefault(f"spelling {one.spelling}", []).append(hit)
            groups.setdefault(f"{'with' if one.signs else 'without'} diacritics", []).append(hit)
            groups.setdefault("one word missing" if one.lacks else "whole", []).append(hit)
            length = f"{one.words} words" if one.words < least + 2 else "longer"
            groups.setdefault(length, []).append(hit)
        else:
            groups.setdefault(f"fewer than {least} words", []).append(hit)
    for name in sorted(groups):
        print(f"| {name} | {share(groups[name])} |")
    print("\n| finds | right (95 %) | n |\n|---|---:|---:|")
    all_finds = [
        (one, low, one.covers(low, high) >= RIGHT, len(one.text[low:high].split()))
        for one, found in zip(planted, finds, strict=True)
        for low, high in found
    ]
    print(f"| in all articles | {share([right for _, _, right, _ in all_finds])} |")
    plain = [right for one, _, right, _ in all_finds if not one.is_religious]
    print(f"| in articles without religion | {share(plain)} |")
    if read is not None:
        both = [right or one.own(low) in read for one, low, right, _ in all_finds]
        print(f"| in all articles, read one by one | {share(both)} |")
    wrong = [words >= LONG for _, _, right, words in all_finds if not right]
    print(f"\nOf the {len(wrong)} others {sum(wrong)} have {LONG} words or more.")


def formulas(data: Path) -> list[str]:
    """Sequences of words with "الله" that many other articles have, in many surroundings."""
    seen: dict[str, list[tuple[str, str]]] = {}
    for row in lines(data / "raw_saudinewsnet/saudinewsnet_2.jsonl.gz"):
        words = ["", *re.findall(r"\w+", row["content"]), ""]
        here = {}
        for place in (at for at, word in enumerate(words) if word in GOD):
            for low in range(max(1, place - 4), place + 1):
                for high in range(max(place + 1, low + 2), min(len(words) - 1, low + 5) + 1):
                    here[" ".join(words[low:high])] = (words[low - 1], words[high])
        for gram, around in here.items():
            seen.setdefault(gram, []).append(around)
    return sorted(
        gram
        for gram, around in seen.items()
        if len(around) >= LEAST_ARTICLES
        and all(
            2 * Counter(side).most_common(1)[0][1] <= len(around)
            for side in zip(*around, strict=True)
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--articles", type=int, default=3000)
    arguments = parser.parse_args()
    data = arguments.data
    texts = articles(data, arguments.articles)
    quran = load(fingerprint_file("builtin:quran"))
    sunna = load(fingerprint_file("builtin:hadith"))
    plain = [text for text in texts if not RELIGION.search(text)]
    print(f"seed {SEED}, {len(texts):,} articles, {len(plain):,} of them without religion")
    measure("Verses", plant(texts, verses(data), 3, 12, "verse"), quran, 4, verses_read())
    measure("Hadith", plant(texts, hadith(data), 6, 20, "hadith"), sunna, 6)
    print("\n### Formulas\n\n| planted | taken for scripture (95 %) | n |\n|---|---:|---:|")
    known = formulas(data)
    for name, prints in (("verse", quran), ("hadith", sunna)):
        luck = Random(SEED)
        taken = []
        for formula in known:
            text = luck.choice(plain)
            place = luck.choice([match.end() for match in re.finditer(r"\s", text)])
            planted = text[:place] + formula + " " + text[place:]
            finds = list(prints.find(read_words(planted)))
            taken.append(covered(finds, place, place + len(formula)) > 0)
        print(f"| as {name} | {share(taken)} |")


if __name__ == "__main__":
    main()
