"""Nothing that is protected changes by a character, whatever a rewriter does around it."""

import csv
import gzip
import json
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.conduct.protocol import Unusable
from tahdhib.config.recipe import Protect
from tahdhib.protect.names import Names
from tahdhib.protect.passages import read_passages
from tahdhib.protect.shelter import Shelter, open_shelter
from tahdhib.protect.shield import LOST, numbered, restore, shield, spare
from tahdhib.records import Edit, Rewrite, Span
from tahdhib.text.edits import apply, diff
from tahdhib.text.placeholders import placeholders

SHELTER = open_shelter(Protect())
SEED = 17
FAKES = (
    "⟦verse-1⟧",
    "⟦link-2⟧⟦link-2⟧",
    "⟦phone⟧",
    "⟦masked-1⟧",
    "⟦",
    "⟧",
    "⟦⟦verse-1⟧⟧",
    "⟦verse-",
    "1⟧",
    "⟦VERSE-1⟧",
)
CODE = ("```\nprint('⟦verse-1⟧')\n```", "`x = 1`", "<code>a</code>", "$E = mc^2$", r"\(a_1\)")
WILD = (
    "",
    " ",
    "\n",
    "غير",
    "new words",
    "«",
    "»",
    "```",
    "$",
    "12 مارس 1987",
    "ـ",
    "﴿",
    "﴾",
    "⟦phone⟧",
)


def taught(text: str, rewrite: str) -> Rewrite:
    return Rewrite(rewrite, diff(text, rewrite, "teacher:any"))


def pieces(shared_data: Path) -> dict[str, list[str]]:
    """Real text of every kind, read where it lies."""
    scripture = shared_data / "scripture"
    with gzip.open(shared_data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in islice(lines, 400)]
    with gzip.open(scripture / "hadith_ibn_maja.csv.gz", "rt") as lines:
        hadith = [row[-1].strip() for row in islice(csv.reader(lines), 400)]
    verses = [
        verse
        for file in ("quran-simple.txt", "quran-uthmani.json.gz")
        for verse in list(read_passages(scripture / file))[:2000]
    ]
    return {
        "prose": [
            part for row in rows for part in re.split(r"(?<=[.،])\s", row["content"]) if part
        ],
        "verse": verses,
        "ornate": [f"﴿{verse}﴾" for verse in verses[:500]],
        "hadith": hadith,
        "link": [row["url"] for row in rows],
        "quotation": [f"«{row['title']}»" for row in rows],
        "code": list(CODE),
        "fake": list(FAKES),
    }


def document(kinds: dict[str, list[str]], luck: Random) -> str:
    """Pieces of any kinds in any order: adjacent, spaced, and one inside another's marks."""
    text = ""
    for _ in range(luck.randint(1, 8)):
        kind = "prose" if luck.random() < 0.4 else luck.choice(sorted(kinds))
        piece = luck.choice(kinds[kind])[:600]
        if luck.random() < 0.15:
            other = luck.choice(kinds[luck.choice(sorted(kinds))])[:100]
            piece = f"«{piece} {other}»"
        text += piece + luck.choice(("", " ", " ", "\n", "\n\n", "، "))
    return text


def rewritten(shielded: str, luck: Random) -> str:
    """Anything at all in place of what stands between the placeholders."""
    out, position = [], 0
    for mark in (*placeholders(shielded), Span(len(shielded), len(shielded), "")):
        between = shielded[position : mark.start]
        if luck.random() < 0.6:
            words = re.split(r"(\s+)", between)
            words = [luck.choice(WILD) if luck.random() < 0.4 else word for word in words]
            between = luck.choice(("", luck.choice(WILD))) + "".join(words)
        out += (between, shielded[mark.start : mark.end])
        position = mark.end
    return "".join(out)


def check(text: str, luck: Random) -> bool:
    """Shield, rewrite, restore; whether there was anything to protect."""
    spans = SHELTER.spans(text)
    held = shield(text, spans)
    marks = placeholders(held.text)
    assert len(marks) == len(held.spans) == len({mark.kind for mark in marks})
    assert all(
        any(one.start <= span.start and span.end <= one.end for one in held.spans) for span in spans
    )
    given = rewritten(held.text, luck)
    answer = restore(held, taught(held.text, given))
    if len(numbered(given)) != len(marks):  # what was put in made one by chance
        assert isinstance(answer, Unusable)
        return False
    assert isinstance(answer, Rewrite)
    assert apply(text, answer.edits) == answer.text
    expected = list(given)
    for mark, span in reversed(list(zip(numbered(given), held.spans, strict=True))):
        expected[mark.start : mark.end] = text[span.start : span.end]
    assert answer.text == "".join(expected)
    moved = 0
    edits = list(answer.edits)
    for span in held.spans:
        while edits and edits[0].end <= span.start:
            edit = edits.pop(0)
            moved += len(edit.new) - (edit.end - edit.start)
        assert not edits or edits[0].start >= span.end
        kept = answer.text[span.start + moved : span.end + moved]
        assert kept == text[span.start : span.end]
    return bool(spans)


def run(shared_data: Path, count: int) -> None:
    kinds = pieces(shared_data)
    luck = Random(SEED)
    protected = sum(check(document(kinds, luck), luck) for _ in range(count))
    assert protected > 0.8 * count


def test_protected_spans_stay_bit_for_bit(shared_data: Path) -> None:
    run(shared_data, 500)


@pytest.mark.slow
def test_protected_spans_stay_bit_for_bit_in_ten_thousand(shared_data: Path) -> None:
    run(shared_data, 10_000)


SOURCE = "زوروا https://example.org و https://example.com اليوم ⟦phone⟧."


def test_a_model_sees_numbered_placeholders_only() -> None:
    held = shield(SOURCE, SHELTER.spans(SOURCE))
    assert held.text == "زوروا ⟦link-1⟧ و ⟦link-2⟧ اليوم ⟦masked-3⟧."


def test_edits_are_of_the_source_and_keep_their_owner() -> None:
    held = shield(SOURCE, SHELTER.spans(SOURCE))
    answer = restore(held, taught(held.text, held.text.replace("اليوم", "غدا")))
    at = SOURCE.index("اليوم")
    assert isinstance(answer, Rewrite)
    assert answer.text == SOURCE.replace("اليوم", "غدا")
    assert answer.edits == (Edit(at, at + len("اليوم"), "غدا", "teacher:any"),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("⟦link-1⟧", "", "1 of 3 placeholders lost: link-1"),
        ("⟦link-1⟧", "⟦link-1⟧⟦link-1⟧", "1 of 3 placeholders doubled: link-1"),
        ("⟦link-1⟧", "⟦link-9⟧", "1 of 3 placeholders lost: link-1"),
        ("⟦link-1⟧", "⟦ link-1 ⟧", "1 of 3 placeholders lost: link-1"),
        ("اليوم", "⟦verse-7⟧", "1 of 3 placeholders made up: verse-7"),
        ("⟦link-1⟧ و ⟦link-2⟧", "⟦link-2⟧ و ⟦link-1⟧", "another order"),
        ("⟦masked-3⟧", "⟦phone⟧", "1 of 3 placeholders lost: masked-3"),
    ],
)
def test_a_rewrite_that_touched_a_placeholder_is_refused(old: str, new: str, said: str) -> None:
    held = shield(SOURCE, SHELTER.spans(SOURCE))
    answer = restore(held, taught(held.text, held.text.replace(old, new)))
    assert isinstance(answer, Unusable)
    assert answer.reason == LOST
    assert said in answer.detail


def test_a_mask_that_the_conduct_asks_for_is_text() -> None:
    held = shield(SOURCE, SHELTER.spans(SOURCE))
    answer = restore(held, taught(held.text, held.text.replace("اليوم", "⟦email⟧")))
    assert isinstance(answer, Rewrite)
    assert answer.text == SOURCE.replace("اليوم", "⟦email⟧")


def test_unchanged_and_dropped_are_answers() -> None:
    held = shield(SOURCE, SHELTER.spans(SOURCE))
    assert restore(held, Rewrite(held.text, ())) == Rewrite(SOURCE, ())
    drop = restore(held, replace(Rewrite(held.text, ()), drop_reason="spam"))
    assert drop == Rewrite(SOURCE, (), "spam")


def test_rules_leave_what_is_held_and_mend_the_rest() -> None:
    text = "ممتــــاز\n```\nx ــــ y\n```\nhttps://example.org/ــــ"
    edits = tuple(
        Edit(match.start(), match.end(), "", "tatweel") for match in re.finditer("ـ+", text)
    )
    spared = spare(text, Rewrite(apply(text, edits), edits), SHELTER)
    assert spared.text == "ممتاز\n```\nx ــــ y\n```\nhttps://example.org/"
    assert apply(text, spared.edits) == spared.text
    assert len(spared.edits) == 2


@given(st.lists(st.sampled_from(["ab", "x", " ", "-"]), max_size=30), st.data())
def test_an_edit_is_spared_where_it_meets_a_held_span(
    parts: list[str], data: st.DataObject
) -> None:
    """Against the definition: every edit held against every span."""
    source = "".join(parts)
    shelter = Shelter(["name"], [], Names(["ab", "x"]))
    places = data.draw(st.lists(st.integers(0, len(source)), unique=True, max_size=8).map(sorted))
    edits = tuple(
        Edit(start, end, "!", "rule") for start, end in zip(places[::2], places[1::2], strict=False)
    )
    found = spare(source, Rewrite(apply(source, edits), edits), shelter)
    spans = shelter.spans(source)
    wanted = [
        edit
        for edit in edits
        if not any(edit.start < one.end and one.start < edit.end for one in spans)
    ]
    assert list(found.edits) == wanted
    assert found.text == apply(source, wanted)
