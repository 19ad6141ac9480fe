"""Fingerprints of scripture: one verse in every spelling, with a word missing, and nothing else."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tahdhib.cli.main import app
from tahdhib.errors import DataError
from tahdhib.protect.fingerprint import About, Fingerprints, load, make, save
from tahdhib.protect.passages import read_passages
from tahdhib.protect.shelter import fingerprint_file
from tahdhib.protect.skeleton import read_words

POEM = "قفوا هنا قرب النهر القديم نستمع إلى حديث الماء والحجر"  # made up for this test
ORDINARY = "زار الوزير أمس المدينة وافتتح فيها مدرسة جديدة ثم عاد إلى العاصمة مساء"


def fingerprints(*passages: str, ordinary: tuple[str, ...] = (), gaps: bool = True) -> Fingerprints:
    return make(passages, About("verse", ""), ordinary=ordinary, gaps=gaps)


def found(prints: Fingerprints, text: str) -> list[str]:
    return [text[start:end] for start, end in prints.find(read_words(text))]


def command(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["conduct", "fingerprint", *arguments])


@pytest.fixture
def scripture(shared_data: Path) -> Path:
    return shared_data / "scripture"


def test_a_passage_is_found_where_it_stands() -> None:
    assert found(fingerprints(POEM), f"{ORDINARY}، {POEM}. {ORDINARY}") == [POEM]
    assert found(fingerprints(POEM), ORDINARY) == []


def test_a_word_may_be_missing_if_the_fingerprints_were_made_for_it() -> None:
    words = POEM.split()
    for gone in range(1, 5):
        lacking = " ".join(words[:gone] + words[gone + 1 : 5])
        assert found(fingerprints(POEM), f"{ORDINARY} {lacking} {ORDINARY}") in (
            [lacking],
            [" ".join(words[:4])],
        )
        assert (found(fingerprints(POEM, gaps=False), lacking) == []) == (gone < 4)


def test_a_strange_word_does_not_cut_a_passage_in_two() -> None:
    words = POEM.split()
    quoted = " ".join([*words[:5], "حقا", *words[5:]])
    assert found(fingerprints(POEM), f"{ORDINARY} {quoted} {ORDINARY}") == [quoted]


def test_words_far_apart_do_not_follow_each_other() -> None:
    apart = (" " * 40).join(POEM.split())
    assert found(fingerprints(POEM), apart) == []


def test_what_ordinary_texts_use_by_itself_is_a_formula() -> None:
    short = " ".join(POEM.split()[:4])
    usual = tuple(f"{place} {short} {place}" for place in ("هنا", "هناك", "عندنا"))
    prints = fingerprints(POEM, ordinary=usual)
    assert found(prints, short) == []
    assert found(prints, POEM) != []


def test_a_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    made = fingerprints(POEM)
    save(made, tmp_path / "poem.npz")
    read = load(tmp_path / "poem.npz")
    assert read.about == made.about
    assert np.array_equal(read.hashes, made.hashes)


@pytest.mark.parametrize("name", ["builtin:quran", "builtin:hadith"])
def test_the_files_of_the_package_are_small_and_hold_no_text(name: str) -> None:
    file = fingerprint_file(name)
    assert file.stat().st_size <= 1_500_000
    with np.load(file) as content:
        assert set(content.files) == {"planes", "about"}
        assert content["planes"].dtype == np.uint8
        assert set(json.loads(str(content["about"]))) == {
            "kind",
            "credit",
            "least_words",
            "skeleton",
        }


def test_three_spellings_are_one(scripture: Path) -> None:
    simple = list(read_passages(scripture / "quran-simple.txt"))
    uthmani = list(read_passages(scripture / "quran-uthmani.json.gz"))
    assert len(simple) == len(uthmani) == 6236
    same = [
        np.array_equal(read_words(one).hashes[-8:], read_words(other).hashes[-8:])
        for one, other in zip(simple, uthmani, strict=True)
    ]
    assert sum(same) / len(same) > 0.98


def test_verses_of_every_spelling_are_found_in_the_news(shared_data: Path, scripture: Path) -> None:
    prints = load(fingerprint_file("builtin:quran"))
    with gzip.open(shared_data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz", "rt") as lines:
        article = next(
            text for line in lines if not found(prints, text := json.loads(line)["content"])
        )
    for file in ("quran-simple.txt", "quran-uthmani.json.gz"):
        long = [one for one in read_passages(scripture / file) if 8 <= len(one.split()) <= 40]
        some = long[:: len(long) // 50]
        finds = [found(prints, f"{article} {verse} {article}") for verse in some]
        whole = [verse in " ".join(one) for verse, one in zip(some, finds, strict=True)]
        assert sum(whole) / len(whole) > 0.9


def test_the_command_makes_a_file_that_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "poems.txt").write_text(f"# by nobody\n{POEM}\n", encoding="utf-8")
    out = tmp_path / "poems.npz"
    done = command(str(tmp_path / "poems.txt"), "--kind", "poetry", "--out", str(out))
    assert done.exit_code == 0
    assert "fingerprints of poetry" in done.output
    assert load(out).about.kind == "poetry"
    assert found(load(out), POEM) == [POEM]


def test_faults_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "poem.pdf").write_bytes(b"")
    (tmp_path / "latin.txt").write_text("no Arabic here\n")
    (tmp_path / "broken.csv.gz").write_bytes(b"not gzip")
    out = str(tmp_path / "out.npz")
    for arguments, said in (
        (["poem.pdf"], "expected .txt"),
        (["latin.txt"], "no four Arabic words"),
        (["broken.csv.gz"], "is broken"),
        (["absent.txt"], "cannot be read"),
    ):
        done = command(str(tmp_path / arguments[0]), "--out", out)
        assert isinstance(done.exception, DataError)
        assert said in str(done.exception)
    done = command(str(tmp_path / "latin.txt"), "--kind", "joke", "--out", out)
    assert "known: verse" in str(done.exception)
    with pytest.raises(DataError, match="holds no fingerprints"):
        load(_file(tmp_path / "other.npz"))
    with pytest.raises(DataError, match="cannot be read as fingerprints"):
        load(tmp_path / "absent.npz")
    with pytest.raises(DataError, match="no 'builtin:torah'"):
        fingerprint_file("builtin:torah")


def _file(path: Path) -> Path:
    np.savez(path, weights=np.zeros(3))
    return path
