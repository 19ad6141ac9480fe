import gzip
from pathlib import Path

import pytest

from tahdhib.errors import DataError
from tahdhib.stages.annotate.stage import BUILTIN_PAIRS, _human_file, read_human_pairs
from tahdhib.teachers.pairs import HumanPair, parse_pair


@pytest.mark.parametrize(
    ("line", "rewrites"),
    [
        (b'{"toxic": "a", "neutral": ["b", "c"]}', ("b", "c")),
        (b'{"source": "a", "rewrite": "b"}', ("b",)),
        (b'{"source": "a", "rewrites": ["b"]}', ("b",)),
    ],
)
def test_three_ways_to_write_a_pair(line: bytes, rewrites: tuple[str, ...]) -> None:
    assert parse_pair(line, "here:1") == HumanPair("a", rewrites)


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (b'{"toxic": "a"', "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[1]", "holds list"),
        (b'{"toxic": "a"}', "has the fields 'toxic'"),
        (b"{}", "has the fields none"),
        (b'{"source": "a", "rewrite": []}', "for a rewrite"),
        (b'{"source": "a", "rewrite": null}', "for a rewrite"),
        (b'{"source": "a", "rewrite": ["b", 3]}', "has 3 for a text"),
        (b'{"source": " ", "rewrite": "b"}', "has ' ' for a text"),
        (b'{"source": "a", "rewrite": "\\ud800"}', "for a text"),
    ],
)
def test_a_broken_line_is_named(line: bytes, seen: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_pair(line, "pairs.jsonl:7")
    assert str(caught.value).startswith(f"pairs.jsonl:7: {seen}") or seen in str(caught.value)
    assert "Correct or remove the line" in str(caught.value)


def test_files_are_read_with_line_numbers(tmp_path: Path) -> None:
    content = b'{"source": "a", "rewrite": "b"}\n\n{"source": "c", "rewrite": "d"}\n'
    (tmp_path / "pairs.jsonl").write_bytes(content)
    (tmp_path / "pairs.jsonl.gz").write_bytes(gzip.compress(content))
    expected = [(1, HumanPair("a", ("b",))), (3, HumanPair("c", ("d",)))]
    assert list(read_human_pairs(tmp_path / "pairs.jsonl")) == expected
    assert list(read_human_pairs(tmp_path / "pairs.jsonl.gz")) == expected


def test_broken_files_are_named(tmp_path: Path) -> None:
    good = b'{"source": "a", "rewrite": "b"}\n'
    cases = {
        "missing.jsonl": (None, "No such file"),
        "pairs.csv": (b"a,b", "expected .jsonl"),
        "cut.jsonl.gz": (gzip.compress(good * 500)[:-12], "the gzip stream is broken"),
        "plain.jsonl.gz": (good, "the gzip stream is broken"),
        "bad.jsonl": (good + b"oops\n", "bad.jsonl:2: is not JSON"),
    }
    for name, (content, seen) in cases.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=seen):
            list(read_human_pairs(tmp_path / name))


def test_an_unknown_builtin_names_the_known() -> None:
    with pytest.raises(DataError, match="builtin:paradetox"):
        _human_file("builtin:nothing")
    assert all(_human_file(name).exists() for name in BUILTIN_PAIRS)
