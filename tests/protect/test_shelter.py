"""What is protected by its marks, kind by kind, and what only looks like it."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tahdhib.config.load import load_recipe
from tahdhib.config.recipe import Protect
from tahdhib.errors import DataError
from tahdhib.protect.shelter import Shelter, files_of, open_shelter

EVERYTHING = open_shelter(Protect())


def protected(text: str, shelter: Shelter = EVERYTHING) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in shelter.spans(text)]


@pytest.mark.parametrize(
    ("kind", "before", "span", "after"),
    [
        ("quotation", "قال الوزير ", "«سنبني مئة مدرسة هذا العام»", " ثم مضى"),
        ("quotation", "He said ", "“we shall build a school”", " and left"),
        ("quotation", "He said ", '"we shall build a school"', " and left"),
        ("code", "اكتب ", "```python\nprint(1)\n```", " ثم شغل"),
        ("code", "run ", "`make test`", " now"),
        ("code", "see ", "<code>a &lt; b</code>", " here"),
        ("formula", "المعادلة ", "$E = mc^2$", " مشهورة"),
        ("formula", "so ", r"\(a_1 + b\)", " holds"),
        ("link", "زوروا ", "https://example.org/a?b=1", "."),
        ("link", "زوروا ", "www.example.com/صفحة", " غدا"),
        ("date", "ولد في ", "12 مارس 1987", " بمصر"),
        ("date", "due ", "2015-07-21", " at noon"),
        ("date", "في ", "٢١/٧/٢٠١٥", " ظهرا"),
        ("quantity", "بلغت ", "25 مليون دولار", " أمس"),
        ("quantity", "نسبة ", "٢٥٪", " من"),
        ("quantity", "run ", "5 km", " daily"),
        ("quantity", "cost ", "$3.50", " each"),
        ("verse", "قال تعالى: ", "﴿ نص بين قوسين مزهرين ﴾", " وبعد"),
        ("verse", "وقال الله تعالى: ", "(نص مقتبس بين قوسين)", " فيها"),
        ("verse", "ورد ", "«نص مقتبس» [البقرة: 255]", " فيها"),
        ("hadith", "قال رسول الله صلى الله عليه وسلم: ", "«نص مقتبس هنا»", " رواه"),
    ],
)
def test_a_span_is_known_by_its_marks(kind: str, before: str, span: str, after: str) -> None:
    assert (kind, span) in protected(before + span + after)


@pytest.mark.parametrize(
    "text",
    [
        "قال «نعم» ثم مضى",
        'a stray " mark\nand another " here',
        "costs $5 or $6 here and $ there",
        "قال تعالى ثم ذكر آية «",
        "في عام 1990 كان 300 منهم هنا",
        "أهلا   وسهلا",
        "⟦phone⟧",
    ],
)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    kinds = {kind for kind, _ in protected(text)} - {"quantity"}
    assert kinds == set()


def test_verses_of_poetry_are_known_by_their_layout(shared_data: Path) -> None:
    lines = gzip.decompress(
        (shared_data / "raw_classical_openiti/classical_sample.jsonl.gz").read_bytes()
    )
    texts = [json.loads(line)["text"] for line in lines.splitlines()]
    halves = [
        match.groups()
        for text in texts
        for match in re.finditer(
            r"^# ([^%#\nA-Z]{20,50}) %~% ([^%#\nA-Z]{20,50})$", text, re.MULTILINE
        )
    ]
    poem = [pair for pair in halves if all(len(half.split()) < 8 for half in pair)][:6]
    assert len(poem) == 6
    for gap in ("     ", " *** ", " ... ", "\t"):
        laid_out = "\n".join(gap.join(half.strip() for half in pair) for pair in poem)
        text = f"ومن شعره:\n{laid_out}\nوهذا آخره."
        assert ("poetry", laid_out) in protected(text)


def test_names_are_whole_words(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("محمد\nمحمد علي\nNew York\n", encoding="utf-8")
    shelter = open_shelter(
        Protect(kinds=("name",), names=str(tmp_path / "names.txt"), fingerprints=())
    )
    text = "زار محمد علي ومحمد أمس New York لا محمدية"
    assert protected(text, shelter) == [
        ("name", "محمد علي"),
        ("name", "محمد"),
        ("name", "New York"),
    ]
    (tmp_path / "names.txt").write_text("أمس\n", encoding="utf-8")
    again = open_shelter(Protect(kinds=("name",), names=str(tmp_path / "names.txt")))
    assert protected(text, again) == [("name", "أمس")]


def test_files_that_are_not_there_are_told_before_a_run_starts(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(
        "ingest: {paths: [a.jsonl]}\nprotect: {names: names.txt, fingerprints: [own.npz]}\n"
    )
    (tmp_path / "a.jsonl").write_text('{"text": "a text"}\n')
    recipe = load_recipe(tmp_path / "recipe.yaml")
    with pytest.raises(DataError, match=r"own\.npz: cannot be read as fingerprints"):
        files_of(recipe.protect)
    named = recipe.protect.model_copy(update={"fingerprints": ()})
    with pytest.raises(DataError, match=r"names\.txt: cannot be read as names"):
        files_of(named)
    (tmp_path / "names.txt").write_text("محمد\n", encoding="utf-8")
    assert files_of(named) == [str(tmp_path / "names.txt")]


def test_spans_that_overlap_are_one() -> None:
    text = "قال تعالى: «انظر https://example.org في 12 مارس 1987 كلها»."
    assert protected(text) == [("verse", text[text.index("«") : -1])]


def test_a_kind_that_is_not_asked_for_is_not_protected() -> None:
    shelter = open_shelter(Protect(kinds=("link",)))
    assert protected("«سنبني مئة مدرسة هذا العام» https://example.org", shelter) == [
        ("link", "https://example.org")
    ]


@pytest.mark.usefixtures("no_hang")
@pytest.mark.parametrize(
    "text",
    [
        "«" * 20_000,
        '"' * 20_001,
        "$" * 20_000,
        "`" * 20_000,
        "قال تعالى: (" * 4_000,
        "\\(" * 10_000,
        "كلمة   " * 5_000,
        "[سورة " * 5_000,
        "<code>" * 5_000,
        "بَۖ" * 10_000,
        "12 " * 10_000,
        "a." * 10_000,
    ],
)
def test_hostile_marks_do_not_take_forever(text: str) -> None:
    spans = EVERYTHING.spans(text)
    assert all(span.start < span.end <= len(text) for span in spans)
