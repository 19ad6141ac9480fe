"""Measure how evaluation items are found that were planted in a corpus, and what is found falsely.

    python benchmarks/contamination.py [--peer PYTHON] [--many 1000000]
    python benchmarks/contamination.py --tune

Items are real ones: ArabicMMLU (a part), EXAMS, AraTrust, ACVA, ARCD, and MMLU in Arabic, which is
looked for and not planted. Documents are pieces of newspaper articles, Egyptian Wikipedia, tweets
and web pages. Items are planted between the words of documents, each in each kind of edit in a
document of its own. What is found where nothing was planted is listed, to be read.

`overlap`, the weight of words and the shortest item were chosen by `--tune`: on other documents and
with other items, both split by a hash before anything was looked at.

`--peer` is a Python that has datatrove and spaCy: its `NGramsDecontFilter` then reads the documents
with planted items and some others.
"""

import argparse
import csv
import gzip
import json
import pickle
import platform
import random
import re
import resource
import subprocess
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.config.environment import shared_data
from tahdhib.config.recipe import Decontaminate
from tahdhib.match.contamination import (
    LEAST_WORDS,
    Hit,
    Item,
    find_in_all,
    index_items,
    summarise,
)
from tahdhib.stats.draw import rank, share
from tahdhib.stats.intervals import wilson
from tahdhib.text.fold import Folding, fold

SEED = 20
PIECE_WORDS = 250
REPORTED = 0.6
"""Share of the documents that figures are told of; the rest is there to choose settings by."""
SETS = ("arabicmmlu", "exams", "aratrust", "acva", "arcd")
"""Sets of which items are planted."""
SETTINGS = Decontaminate()


class Document(NamedTuple):
    """A piece of a text: `id` is unique, `source` names the corpus."""

    id: str
    source: str
    text: str


class Planted(NamedTuple):
    """An item that was put into the document `document`, edited in one way."""

    item: Item
    kind: str
    document: str
    start: int
    end: int


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Records of a JSONL or CSV file, plain or gz."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        if ".csv" in path.suffixes:
            yield from csv.DictReader(lines)
        else:
            yield from map(json.loads, lines)


def read_items(data: Path) -> list[Item]:
    """Items of all evaluation sets, in the order of their files."""
    items = list(_arcd(data))
    for row in records(data / "arabicmmlu_subset/ArabicMMLU_subset.csv"):
        items += [
            Item("arabicmmlu", row["ID"], field, row[field])
            for field in ("Question", "Context")
            if row[field]
        ]
    for row in records(data / "exams/exams_test_ar.jsonl"):
        items.append(Item("exams", row["id"], "question.stem", row["question"]["stem"]))
    for row in records(data / "aratrust/aratrust.csv"):
        items.append(Item("aratrust", row["sample_idx"], "question", row["question"]))
    for part, folder, file in (
        ("dev", "acva", "acva_tf_dev.jsonl"),
        ("test", "acva", "acva_tf_test.jsonl"),
        ("test", "mmlu_ar_acegpt", "mmlu_ar_test.csv.gz"),
        ("dev", "mmlu_ar_acegpt", "mmlu_ar_dev.csv"),
    ):
        name = folder.removesuffix("_acegpt")
        for number, row in enumerate(records(data / folder / file)):
            items.append(Item(name, f"{part}/{row.get('id', number)}", "question", row["question"]))
    return items


def _arcd(data: Path) -> Iterator[Item]:
    for part in ("train", "test"):
        with gzip.open(data / f"arcd/arcd-{part}.json.gz", "rt", encoding="utf-8") as file:
            articles = json.load(file)["data"]
        paragraphs = (paragraph for article in articles for paragraph in article["paragraphs"])
        for row in (row for paragraph in paragraphs for row in paragraph["qas"]):
            yield Item("arcd", f"{part}/{row['id']}", "question", row["question"])


class _Text(HTMLParser):
    """What a page shows, roughly: all text outside scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style") and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def page_text(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    return "\n".join(line for part in parser.parts if (line := part.strip()))


def read_documents(data: Path) -> Iterator[Document]:
    """Pieces of up to `PIECE_WORDS` words of every text, cut at white space."""
    for source, id, text in _texts(data):
        words = list(re.finditer(r"\S+", text))
        for number, first in enumerate(range(0, len(words), PIECE_WORDS)):
            last = words[min(first + PIECE_WORDS, len(words)) - 1]
            yield Document(f"{id}#{number}", source, text[words[first].start() : last.end()])


def _texts(data: Path) -> Iterator[tuple[str, str, str]]:
    """Corpus, id and text of each document before it is cut."""
    for path in sorted((data / "raw_saudinewsnet").glob("*.jsonl.gz")):
        for number, row in enumerate(records(path)):
            yield "news", f"{path.name}:{number}", row["content"] or ""
    for row in records(data / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz"):
        yield "wikipedia", f"wikipedia:{row['id']}", row["text"]
    for path in sorted((data / "raw_arabic_tweets").glob("*.jsonl.gz")):
        for number, row in enumerate(records(path)):
            yield "tweets", f"{path.name}:{number}", row["text"]
    for row in records(data / "raw_arabic_html/stories_html.jsonl.gz"):
        yield "web", f"{row['site']}:{row['path']}", page_text(row["html"])


def is_reported(document: Document) -> bool:
    """Whether figures are told of a document; pieces of one text are on one side."""
    return share("contamination documents", SEED, document.id.rpartition("#")[0]) < REPORTED


def is_planted(item: Item) -> bool:
    """Whether an item may be planted when figures are told; the others choose the settings."""
    return share("contamination items", SEED, f"{item.set}/{item.id}") < 0.5


# --- edits -------------------------------------------------------------------------------------

MARKS = "ًٌٍَُِّْ"
HAMZA = {"أ": "ا", "إ": "ا", "آ": "ا", "ؤ": "و", "ئ": "ي", "ا": "أ"}
LETTERS = {"ى": "ي", "ي": "ى", "ة": "ه", "ه": "ة"}
EASTERN = str.maketrans("0123456789٠١٢٣٤٥٦٧٨٩", "٠١٢٣٤٥٦٧٨٩0123456789")
OTHER_WORDS = (
    "الجديدة",
    "كبيرة",
    "منذ",
    "وكذلك",
    "عام",
    "أيضا",
    "المدينة",
    "تقريبا",
    "بعد",
    "مثلا",
    "هذا",
    "العلم",
    "الناس",
    "حول",
    "بشكل",
    "قد",
    "دائما",
    "معينة",
    "أحد",
    "البلاد",
)

Edit = Callable[[str, random.Random], str]


def diacritics(text: str, chance: random.Random) -> str:
    return "".join(
        letter + chance.choice(MARKS) if "ء" <= letter <= "ي" and chance.random() < 0.5 else letter
        for letter in text
    )


def tatweel(text: str, chance: random.Random) -> str:
    joined = re.compile(r"(?<=[بتثجحخسشصضطظعغفقكلمنهي])(?=[ء-ي])")
    return joined.sub(lambda _: "ـ" * chance.randint(1, 3) if chance.random() < 0.2 else "", text)


def hamza(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    return " ".join(
        HAMZA[word[0]] + word[1:] if word[:1] in HAMZA and chance.random() < 0.7 else word
        for word in words
    )


def letters(text: str, chance: random.Random) -> str:
    """The last letters that are often written for one another, at three of ten such words."""
    return re.sub(
        r"[ىيةه](?!\w)",
        lambda found: LETTERS[found[0]] if chance.random() < 0.3 else found[0],
        text,
    )


def digits(text: str, chance: random.Random) -> str:
    return text.translate(EASTERN)


def punctuation(text: str, chance: random.Random) -> str:
    """All marks go; others come, each beside a space."""
    words = "".join(" " if unicodedata.category(mark)[0] == "P" else mark for mark in text).split()
    marks = ("", "", "", "،", " -", " «", "...", "؛", "!", " (")
    bare = "".join(f"{word}{chance.choice(marks)} " for word in words[:-1])
    return f"{bare}{words[-1]}{chance.choice(('', '؟', '.', ':', '؟؟'))}"


def _word_edit(count: int, change: Callable[[list[str], int, random.Random], None]) -> Edit:
    def edit(text: str, chance: random.Random) -> str:
        words = text.split()
        for place in sorted(chance.sample(range(len(words)), count), reverse=True):
            change(words, place, chance)
        return " ".join(words)

    return edit


def _substitute(words: list[str], place: int, chance: random.Random) -> None:
    words[place] = chance.choice([word for word in OTHER_WORDS if word != words[place]])


def _delete(words: list[str], place: int, chance: random.Random) -> None:
    del words[place]


def _insert(words: list[str], place: int, chance: random.Random) -> None:
    words.insert(place, chance.choice(OTHER_WORDS))


def mixed(text: str, chance: random.Random) -> str:
    """One or two words changed, left out or added, and two edits of spelling."""
    change = chance.choice((_substitute, _delete, _insert))
    text = _word_edit(chance.randint(1, 2), change)(text, chance)
    for edit in chance.sample((diacritics, tatweel, hamza, letters, digits, punctuation), 2):
        text = edit(text, chance)
    return text


def verbatim(text: str, chance: random.Random) -> str:
    return text


EDITS: dict[str, Edit] = {
    "verbatim": verbatim,
    "diacritics": diacritics,
    "tatweel": tatweel,
    "hamza seats": hamza,
    "ى/ي, ة/ه": letters,
    "digits of another script": digits,
    "punctuation": punctuation,
    "1 word substituted": _word_edit(1, _substitute),
    "2 words substituted": _word_edit(2, _substitute),
    "1 word left out": _word_edit(1, _delete),
    "2 words left out": _word_edit(2, _delete),
    "1 word added": _word_edit(1, _insert),
    "2 words added": _word_edit(2, _insert),
    "mixed": mixed,
}
SPELLING = ("verbatim", "diacritics", "tatweel", "hamza seats", "punctuation")
"""Edits that an item must survive that is found as a whole only."""


def plant(
    items: list[Item], documents: list[Document], kinds: tuple[str, ...], purpose: str
) -> tuple[list[Document], list[Planted]]:
    """Put each item, edited in each way, into a document of its own, between two words.

    An edit that leaves an item as it is (digits, where it has none) is not planted.
    """
    hosts = iter(sorted(documents, key=lambda document: rank(purpose, SEED, document.id)))
    changed: dict[str, Document] = {}
    planted = []
    for item in items:
        for kind in kinds:
            chance = random.Random(f"{purpose}:{SEED}:{kind}:{item.set}/{item.id}")
            text = EDITS[kind](item.text, chance)
            if kind != "verbatim" and text == item.text:
                continue
            host = next(hosts)
            gaps = [0, *(gap.end() for gap in re.finditer(r"\s+", host.text)), len(host.text)]
            at = chance.choice(gaps)
            before = host.text[:at] + (" " if at and not host.text[at - 1].isspace() else "")
            planted.append(Planted(item, kind, host.id, len(before), len(before) + len(text)))
            changed[host.id] = host._replace(text=f"{before}{text} {host.text[at:]}")
    return [changed.get(document.id, document) for document in documents], planted


# --- measuring ---------------------------------------------------------------------------------


def length(item: Item) -> int:
    return len(fold(item.text, Folding("aggressive")).split())


def choose(items: list[Item], count: int, lengths: range) -> list[Item]:
    """`count` items of so many words, of each set as many, no text twice."""
    chosen = []
    for name in SETS:
        texts = {
            fold(item.text): item for item in items if item.set == name and length(item) in lengths
        }
        ordered = sorted(texts.values(), key=lambda item: rank("plant", SEED, f"{item[:3]}"))
        chosen += ordered[: count // len(SETS)]
    return chosen


def in_words(successes: int, n: int) -> str:
    interval = wilson(successes, n)
    return (
        f"{successes} of {n} = {interval.estimate:.3f} ({interval.low:.3f} to {interval.high:.3f})"
    )


class Outcome(NamedTuple):
    """What was found: planted items by kind of edit, and what stands elsewhere."""

    found: dict[str, list[bool]]
    """Whether each planted item was found at its place."""
    place_found: dict[str, list[bool]]
    """Whether that item or any other was, so that the document would go."""
    others: list[tuple[Document, Hit]]
    """Hits where nothing was planted."""
    seconds: float


def search(
    items: list[Item], documents: list[Document], planted: list[Planted], overlap: float
) -> Outcome:
    index = index_items(items, words=SETTINGS.words, overlap=overlap)
    places = {one.document: one for one in planted}
    found: dict[str, list[bool]] = {}
    place_found: dict[str, list[bool]] = {}
    others = []
    began = time.process_time()
    all_hits = list(find_in_all(index, (document.text for document in documents)))
    seconds = time.process_time() - began
    for document, hits in zip(documents, all_hits, strict=True):
        one = places.get(document.id)
        here = [hit for hit in hits if one and hit.start < one.end and one.start < hit.end]
        others += [(document, hit) for hit in hits if hit not in here]
        if one:
            is_found = any(hit[:3] == one.item[:3] for hit in here)
            found.setdefault(one.kind, []).append(is_found)
            place_found.setdefault(one.kind, []).append(bool(here))
    return Outcome(found, place_found, others, seconds)


def is_edited(kind: str) -> bool:
    return kind != "verbatim"


def pooled(found: dict[str, list[bool]], keep: Callable[[str], bool]) -> list[bool]:
    return [one for kind, kinds in found.items() if keep(kind) for one in kinds]


def report(items: list[Item], documents: list[Document], count: int) -> list[Planted]:
    """Plant, search and print; returns what was planted, documents changed in place."""
    open_items = [item for item in items if is_planted(item)]
    long = choose(open_items, count, range(SETTINGS.words, 10**6))
    short = choose(open_items, count, range(LEAST_WORDS, SETTINGS.words))
    hosts = [document for document in documents if share("host", SEED, document.id) < 0.5]
    changed, planted = plant(long, hosts, tuple(EDITS), "long")
    rest = [document for document in documents if share("host", SEED, document.id) >= 0.5]
    changed_short, planted_short = plant(short, rest, SPELLING, "short")
    documents[:] = changed + changed_short
    size = sum(len(document.text.encode()) for document in documents)

    everything = search(items, documents, planted + planted_short, SETTINGS.overlap)
    print(
        f"{len(documents)} documents, {size / 1e6:.1f} MB, {len(items)} items: "
        f"{everything.seconds:.1f} s of one core, {size / 1e6 / everything.seconds:.1f} MB/s"
    )
    alone = search(items, changed, planted, SETTINGS.overlap)
    print(f"\n### Items of {SETTINGS.words} words and more ({len(long)} items)\n")
    print("| edit | found | share | 95 % | place found |\n|---|---|---|---|---|")
    for kind in filter(alone.found.__contains__, EDITS):
        print(row(kind, alone.found[kind], alone.place_found[kind]))
    edited = pooled(alone.found, is_edited)
    print(row("**all edits**", edited, pooled(alone.place_found, is_edited)))

    alone = search(items, changed_short, planted_short, SETTINGS.overlap)
    print(f"\n### Items of {LEAST_WORDS} to {SETTINGS.words - 1} words ({len(short)} items)\n")
    print("| edit | found | share | 95 % | place found |\n|---|---|---|---|---|")
    for kind in filter(alone.found.__contains__, EDITS):
        print(row(kind, alone.found[kind], alone.place_found[kind]))

    print("\n### Found where nothing was planted\n")
    texts = {item[:3]: item.text for item in items}
    for is_whole, name in ((False, "aligned"), (True, "as a whole")):
        others = [
            (document, hit) for document, hit in everything.others if hit.is_whole == is_whole
        ]
        touched = len({document.id for document, _ in others})
        interval = wilson(touched, len(documents))
        print(
            f"{name}: {touched} of {len(documents)} documents, {interval.estimate * 1e4:.2f} in "
            f"10,000 ({interval.low * 1e4:.2f} to {interval.high * 1e4:.2f})\n"
        )
        for document, hit in others:
            there = " ".join(document.text[hit.start : hit.end].split())
            asked = " ".join(texts[hit[:3]].split())
            print(f"- {hit.overlap:.2f} {hit.set} {hit.item}, {document.source}: {asked} | {there}")
        print()
    return planted


def row(kind: str, found: list[bool], place: list[bool]) -> str:
    interval = wilson(sum(found), len(found))
    return (
        f"| {kind} | {sum(found)} of {len(found)} | {interval.estimate:.3f} | "
        f"{interval.low:.3f} to {interval.high:.3f} | {sum(place) / len(place):.3f} |"
    )


def tune(items: list[Item], documents: list[Document]) -> None:
    """What each `overlap` finds and finds falsely, where settings may be chosen."""
    items = [item for item in items if not is_planted(item)]
    long = choose(items, 200, range(SETTINGS.words, 10**6))
    documents, planted = plant(long, documents, tuple(EDITS), "tune")
    print(f"{len(items)} items, {len(documents)} documents, {len(planted)} of them with an item\n")
    print("| overlap | edited items found | aligned elsewhere | as a whole elsewhere |")
    print("|---|---|---|---|")
    for overlap in (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9):
        outcome = search(items, documents, planted, overlap)
        edited = pooled(outcome.found, is_edited)
        elsewhere = [
            len({document.id for document, hit in outcome.others if hit.is_whole == is_whole})
            for is_whole in (False, True)
        ]
        print(
            f"| {overlap} | {in_words(sum(edited), len(edited))} | {elsewhere[0]} documents | "
            f"{elsewhere[1]} documents |"
        )


def scripture(items: list[Item], data: Path) -> None:
    """Say how many items stand in the Qur'an: any text that quotes it holds them."""
    suras: dict[str, list[str]] = {}
    for line in (data / "scripture/quran-simple-clean.txt").read_text("utf-8").splitlines():
        sura, bar, verse = line.partition("|")
        if bar and sura.isdigit():
            suras.setdefault(sura, []).append(verse.partition("|")[2])
    index = index_items(items, words=SETTINGS.words, overlap=SETTINGS.overlap)
    hits = [hit for found in find_in_all(index, map(" ".join, suras.values())) for hit in found]
    print("\n### Items that are scripture\n")
    print(f"{len({hit[:2] for hit in hits})} items stand in the Qur'an:\n")
    for one in summarise(index, hits):
        print(
            f"- {one.set}: {one.aligned_hit} of {one.aligned} aligned, {one.whole_hit} of "
            f"{one.whole} as a whole, {one.too_short} too short to be looked for"
        )


def many(count: int, sources: list[Document], documents: list[Document]) -> None:
    """Index `count` items, runs of 12 words of other documents, and look for them."""
    runs = (
        Item("runs", f"{document.id}:{first}", "text", " ".join(words[first : first + 12]))
        for document in sources
        for words in (document.text.split(),)
        for first in range(0, len(words) - 11, 4)
    )
    items = [item for _, item in zip(range(count), runs, strict=False)]
    began = time.process_time()
    index = index_items(items, words=SETTINGS.words, overlap=SETTINGS.overlap)
    made = time.process_time() - began
    texts = [document.text for document in documents[:20_000]]
    began = time.process_time()
    touched = sum(map(bool, find_in_all(index, texts)))
    seconds = time.process_time() - began
    size = sum(len(text.encode()) for text in texts)
    print(
        f"\n{len(items)} items: indexed in {made:.0f} s, {len(pickle.dumps(index)) / 1e6:.0f} MB "
        f"pickled, {size / 1e6 / seconds:.1f} MB/s; {touched} of {len(texts)} documents hit"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def beside(
    python: Path, items: list[Item], documents: list[Document], planted: list[Planted], others: int
) -> None:
    """What datatrove's n-gram decontamination finds in the same documents."""
    places = {one.document: one for one in planted}
    clean = [document for document in documents if document.id not in places][:others]
    held = [document for document in documents if document.id in places]
    size = sum(len(document.text.encode()) for document in clean + held)
    print("\n### datatrove\n")
    print("| n-grams | verbatim | all edits | other documents hit | MB/s |\n|---|---|---|---|---|")
    for words in (SETTINGS.words, 12):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "items.jsonl").write_text(
                "".join(json.dumps([item.set, item.text]) + "\n" for item in items), "utf-8"
            )
            Path(folder, "documents.jsonl").write_text(
                "".join(json.dumps([one.id, one.text]) + "\n" for one in clean + held), "utf-8"
            )
            program = Path(__file__).with_name("contamination_datatrove.py")
            done = subprocess.run(
                [python, program, folder, str(words)], capture_output=True, text=True, check=False
            )
        if done.returncode:
            print(f"left out: {done.stderr.strip().splitlines()[-1:]}")
            return
        answer = json.loads(done.stdout.splitlines()[-1])
        hit = set(answer["hit"])
        by_kind = {
            kind: [one.document in hit for one in planted if one.kind == kind] for kind in EDITS
        }
        edited = pooled(by_kind, is_edited)
        false = sum(document.id in hit for document in clean)
        print(
            f"| {words} | {in_words(sum(by_kind['verbatim']), len(by_kind['verbatim']))} | "
            f"{in_words(sum(edited), len(edited))} | {false} of {len(clean)} | "
            f"{size / 1e6 / answer['seconds']:.2f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--planted", type=int, default=200)
    parser.add_argument("--tune", action="store_true", help="choose settings on other data")
    parser.add_argument("--many", type=int, help="also index so many items")
    parser.add_argument("--peer", type=Path, help="a Python with datatrove and spaCy")
    parser.add_argument("--peer-documents", type=int, default=10_000)
    options = parser.parse_args()

    data = shared_data()
    items, documents = read_items(data), list(read_documents(data))
    print(f"machine: {platform.machine()}, Python {platform.python_version()}; seed {SEED}")
    print(f"items: {dict(Counter(item.set for item in items))}")
    others = [document for document in documents if not is_reported(document)]
    if options.tune:
        tune(items, others)
        return
    chosen = [document for document in documents if is_reported(document)]
    chosen.sort(key=lambda document: rank("documents", SEED, document.id))
    del chosen[options.documents :]
    print(f"documents: {dict(Counter(document.source for document in chosen))}")
    planted = report(items, chosen, options.planted)
    scripture(items, data)
    if options.peer:
        beside(options.peer, items, chosen, planted, options.peer_documents)
    if options.many:
        many(options.many, others, chosen)


if __name__ == "__main__":
    main()
