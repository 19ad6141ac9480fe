"""The demo data are what their card says, and come out the same when they are made again."""

import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tahdhib.config import load_recipe
from tahdhib.demo import recipe_path

DATA = recipe_path().parent / "data"
ROOT = Path(__file__).parents[2]
LICENCES = {"CC-BY-SA-4.0", "CC-BY-4.0", "CC0-1.0", "MIT"}


def lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines()


def parsed(line: bytes) -> dict | None:
    """The document in a line, or None where there is none."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    text = row.get("text") if isinstance(row, dict) else None
    return row if isinstance(text, str) and text.strip() else None


RAW = [line for path in sorted(DATA.glob("raw-*.jsonl.gz")) for line in lines(path)]
ROWS = [row for row in map(parsed, RAW) if row is not None]
TEXTS = {row["id"]: row["text"] for row in ROWS}
PAIRS = [json.loads(line) for line in lines(DATA / "pairs" / "paradetox.jsonl.gz")]
PLANTED = [json.loads(line) for line in lines(DATA / "planted.jsonl.gz")]
CARD = (DATA / "CARD.md").read_text(encoding="utf-8")


def counts_on_card(heading: str) -> dict[str, list[int]]:
    """First cell -> the numbers in a table's row, for the table whose head starts so."""
    table = CARD[CARD.index(f"| {heading}") :].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip(" *`") for cell in line.strip("|").split("|")] for line in table]
    return {row[0]: [int(cell) for cell in row[1:] if cell.isdigit()] for row in cells}


def folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_the_folder_is_small_and_carries_its_licences() -> None:
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) <= 2_000_000
    assert {path.stem for path in (DATA / "LICENSES").iterdir()} == LICENCES


def test_rows_look_as_the_recipe_reads_them() -> None:
    assert len(TEXTS) == len(ROWS), "ids are unique"
    assert {tuple(row) for row in ROWS} == {("id", "text", "source", "licence")}
    assert {row["licence"] for row in ROWS} == LICENCES


def test_sources_on_the_card() -> None:
    card = counts_on_card("source |")
    broken = len(RAW) - len(ROWS)
    assert card.pop("lines in `raw-*.jsonl.gz") == [len(RAW)]
    assert card.pop("broken records") == [broken]
    assert {source: [n] for source, n in Counter(row["source"] for row in ROWS).items()} == card
    assert sum(n for (n,) in counts_on_card("broken records | lines").values()) == broken
    originals = [row for row in ROWS if row["id"].startswith("arz:")]
    assert len(originals) >= 1100
    assert f"of the {len(originals)} articles" in CARD


def test_planted_noise_on_the_card() -> None:
    documents: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    noisy = [entry for entry in PLANTED if "noise" in entry]
    for entry in noisy:
        documents.update(entry["noise"].keys())
        pieces.update(entry["noise"])
        assert TEXTS[entry["id"]] != entry["clean"]
    card = counts_on_card("planted |")
    assert card == {kind: [documents[kind], pieces[kind]] for kind in card}
    assert set(documents) == set(card)
    assert f"planted: {len(noisy)} of the" in CARD


def test_untouched_documents_carry_no_planted_marks() -> None:
    """What the record does not name was left alone: no invented address or shortcode in it."""
    changed = {entry["id"] for entry in PLANTED}
    invented = re.compile(r"example\.com|shop\.example|\[vc_column|\[caption")
    assert not [i for i, text in TEXTS.items() if i not in changed and invented.search(text)]


def test_copies_on_the_card() -> None:
    copies = [entry for entry in PLANTED if "copy" in entry]
    card = counts_on_card("copies of articles")
    assert {kind: [n] for kind, n in Counter(entry["copy"] for entry in copies).items()} == card
    assert {entry["id"] for entry in copies} == {i for i in TEXTS if i.startswith("mirror:")}
    for entry in copies:
        is_equal = TEXTS[entry["id"]] == TEXTS[entry["copy_of"]]
        assert is_equal == (entry["copy"] == "exact")
        assert entry["copy_of"] < entry["id"], "the original has the lower id"


def test_pairs_share_no_sentence_with_documents() -> None:
    references = sum(len(pair["neutral"]) for pair in PAIRS)
    assert f"{len(PAIRS)} pairs of ParaDetox ({references} rewrites" in CARD
    sources = {folded(pair["toxic"]) for pair in PAIRS}
    written = sources | {folded(text) for pair in PAIRS for text in pair["neutral"]}
    assert len(sources) == len(PAIRS)
    assert not written & {folded(text) for text in TEXTS.values()}


def test_the_recipe_finds_the_data() -> None:
    recipe = load_recipe(recipe_path())
    (pattern,) = recipe.ingest.paths
    assert sorted(Path(pattern).parent.glob(Path(pattern).name)) == sorted(DATA.glob("raw-*"))
    assert (recipe.name, recipe.annotate.human_pairs) == ("demo", ("builtin:paradetox",))


def test_made_again_they_are_the_same(tmp_path: Path, shared_data: Path) -> None:
    environment = {**os.environ, "TAHDHIB_SHARED": str(shared_data.parent.absolute())}
    command = [sys.executable, "tools/make_demo_data.py", "--out", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))
    assert len(made) == 5
    for path in made:
        again, shipped = (tmp_path / path).read_bytes(), (DATA / path).read_bytes()
        if path.suffix == ".gz":  # another zlib may pack the same content otherwise
            again, shipped = gzip.decompress(again), gzip.decompress(shipped)
        assert again == shipped, path
