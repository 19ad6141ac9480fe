"""Packing: nothing lost, nothing written by halves, the same bytes however it was stopped."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tahdhib.cli.main import app
from tahdhib.errors import DataError
from tahdhib.readers import find_sources
from tahdhib.train.split import Split
from tahdhib.train.tokens import (
    END,
    Names,
    Texts,
    TokenCorpus,
    held_out_of,
    open_tokenizer,
    pack,
    texts_of,
    train_tokenizer,
)

WORDS = ["the", "river", "رجع", "النهر", "to", "its", "bed", "إلى", "مجراه", "after", "the", "rain"]
TEXTS = [" ".join(WORDS[n % 7 : n % 7 + n % 11 + 1] * (1 + n % 5)) for n in range(2500)]

Write = Callable[..., Path]

_PACK_AND_DIE = """
import os, signal, sys
from pathlib import Path
import numpy as np
from tahdhib.readers import find_sources
from tahdhib.train.tokens import Texts, open_tokenizer, pack

source, vocabulary, out, last = sys.argv[1:]
save, saved = np.save, []

def save_half(handle, array):
    saved.append(handle)
    if len(saved) == int(last):
        save(handle, array[: len(array) // 2])
        handle.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    save(handle, array)

np.save = save_half
pack(Texts(find_sources([source])), open_tokenizer(Path(vocabulary)), Path(out))
"""


def rows(texts: list[str]) -> list[dict[str, str]]:
    return [{"text": text, "language": "mixed"} for text in texts]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_was_packed_can_be_read_back(write_jsonl: Write, tmp_path: Path) -> None:
    tokenizer = train_tokenizer(TEXTS, 300)
    packed = pack(Texts(find_sources([str(write_jsonl(rows(TEXTS)))])), tokenizer, tmp_path / "out")
    shards = sorted(packed.folder.glob("tokens-*.npy"))
    assert len(shards) == 3
    read = []
    for shard in shards:
        ends = np.load(shard.with_name(shard.name.replace("tokens", "ends")))
        documents = np.split(np.load(shard), ends)[:-1]
        assert {int(document[-1]) for document in documents} == {tokenizer.token_to_id(END)}
        read += [tokenizer.decode(document[:-1].tolist()) for document in documents]
    assert read == TEXTS
    found = packed.fertility["mixed"]
    assert found.bytes == sum(len(text.encode()) for text in TEXTS)
    assert found.tokens + len(TEXTS) == TokenCorpus(packed.folder, 16).tokens


def test_windows_cover_the_corpus_and_know_their_documents(
    write_jsonl: Write, tmp_path: Path
) -> None:
    tokenizer = train_tokenizer(TEXTS, 300)
    packed = pack(Texts(find_sources([str(write_jsonl(rows(TEXTS)))])), tokenizer, tmp_path / "out")
    corpus = TokenCorpus(packed.folder, 37)
    whole = np.concatenate([np.load(path) for path in sorted(packed.folder.glob("tokens-*"))])
    windows = [corpus.window(number) for number in range(len(corpus))]
    joined = np.concatenate([tokens for tokens, _ in windows])
    assert np.array_equal(joined, whole[: len(joined)])
    assert len(whole) - len(joined) < 37
    for tokens, numbers in windows:
        is_end = tokens == tokenizer.token_to_id(END)
        assert np.array_equal(numbers, np.cumsum(is_end) - is_end)


def test_a_text_that_spells_the_end_token_does_not_end(write_jsonl: Write, tmp_path: Path) -> None:
    tokenizer = train_tokenizer(TEXTS, 300)
    source = write_jsonl(rows([f"before {END} after"]))
    packed = pack(Texts(find_sources([str(source)])), tokenizer, tmp_path / "out")
    tokens = np.load(packed.folder / "tokens-00000.npy").tolist()
    assert tokens.count(tokenizer.token_to_id(END)) == 1
    assert tokenizer.decode(tokens[:-1]) == f"before {END} after"


@pytest.mark.parametrize("last", [1, 3, 4, 6])
def test_killed_while_it_writes_and_begun_again_it_writes_the_same(
    last: int, write_jsonl: Write, tmp_path: Path
) -> None:
    source, vocabulary = write_jsonl(rows(TEXTS)), tmp_path / "tokenizer.json"
    train_tokenizer(TEXTS, 300).save(str(vocabulary))
    killed, calm = tmp_path / "killed", tmp_path / "calm"
    command = [sys.executable, "-c", _PACK_AND_DIE, str(source), str(vocabulary), str(killed)]
    one_thread = os.environ | {"RAYON_NUM_THREADS": "1"}
    done = subprocess.run([*command, str(last)], env=one_thread)
    assert done.returncode == -signal.SIGKILL
    assert len(list(killed.glob("*/.tmp-*"))) == 1
    assert len(list(killed.glob("*/tokens-*"))) == (last - 1) // 2
    again = pack(Texts(find_sources([str(source)])), open_tokenizer(vocabulary), killed)
    whole = pack(Texts(find_sources([str(source)])), open_tokenizer(vocabulary), calm)
    assert again.folder.name == whole.folder.name
    assert content(again.folder) == content(whole.folder)


def test_records_without_text_are_counted(write_jsonl: Write, tmp_path: Path) -> None:
    lone = '{"text": "half a pair: \\ud800"}'
    source = write_jsonl([{"text": "one"}, {"text": " "}, {"other": 1}, "no json", lone])
    packed = pack(Texts(find_sources([str(source)])), train_tokenizer(TEXTS, 300), tmp_path / "out")
    assert (packed.read, packed.documents) == (5, 1)
    assert packed.dropped == {"no_text": 2, "not_json": 1, "invalid_unicode": 1}


def test_bad_input_is_said_in_a_sentence(write_jsonl: Write, tmp_path: Path) -> None:
    tokenizer = train_tokenizer(TEXTS, 300)
    corpus = Texts(find_sources([str(write_jsonl([{"text": ""}]))]))
    with pytest.raises(DataError, match="none of 1 records holds text"):
        pack(corpus, tokenizer, tmp_path / "empty")
    with pytest.raises(DataError, match="no token '</s>'"):
        pack(replace(corpus, names=Names(end="</s>")), tokenizer, tmp_path / "end")
    with pytest.raises(DataError, match="need 257"):
        train_tokenizer(TEXTS, 200)
    with pytest.raises(DataError, match="no text"):
        train_tokenizer(["", " "], 300)
    with pytest.raises(DataError, match="no such file"):
        open_tokenizer(tmp_path)
    packed = pack(
        Texts(find_sources([str(write_jsonl(rows(TEXTS[:1])))])), tokenizer, tmp_path / "short"
    )
    with pytest.raises(DataError, match="less than one window"):
        TokenCorpus(packed.folder, 100_000)


def test_a_vocabulary_is_the_same_each_time_and_fits_arabic(shared_data: Path) -> None:
    with gzip.open(shared_data / "arcd" / "arcd-train.json.gz", "rt", encoding="utf-8") as handle:
        articles = json.load(handle)["data"]
    texts = [part["context"] for article in articles for part in article["paragraphs"]]
    first, second = train_tokenizer(texts, 2000), train_tokenizer(texts, 2000)
    assert first.to_str() == second.to_str()
    assert first.get_vocab_size() == 2000
    ids = first.encode(texts[0], add_special_tokens=False).ids
    assert first.decode(ids) == texts[0]
    assert len(ids) < len(texts[0].encode("utf-8")) / 3


def test_the_verb_packs_once_and_says_what_it_dropped(
    write_jsonl: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_jsonl([*rows(TEXTS[:50]), {"other": 1}])
    command = ["tokens", str(source), "--out", str(tmp_path / "out"), "--size", "300"]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert "51 records read: 50 packed, 1 no_text" in first.output
    monkeypatch.delattr("tahdhib.train.tokens.train_tokenizer")  # nor does it train again
    second = CliRunner().invoke(app, command)
    assert [path.is_dir() for path in sorted((tmp_path / "out").iterdir())] == [True, False]
    assert second.output.splitlines()[-1] == first.output.splitlines()[-1]


def test_a_source_is_found_in_the_metadata_of_a_run(write_jsonl: Write, tmp_path: Path) -> None:
    records = [
        {"text": "one", "metadata": json.dumps({"source": "wiki"})},
        {"text": "two", "metadata": {"source": "news"}},
        {"text": "six", "metadata": "{cut off"},
    ]
    corpus = Texts(find_sources([str(write_jsonl(records))]), Names(group="metadata.source"))
    packed = pack(corpus, train_tokenizer(TEXTS, 300), tmp_path / "out")
    assert set(packed.fertility) == {"wiki", "news", "unknown"}


def test_what_is_held_out_is_told_by_id_or_text(write_jsonl: Write, tmp_path: Path) -> None:
    some = [{"id": str(number), "text": f"text {number}"} for number in range(200)]
    others = [{"text": f"text {number}"} for number in range(200, 400)]
    sources = find_sources([str(write_jsonl([*some, *others]))])
    quarter, half = (Texts(sources, split=Split(share)) for share in (0.25, 0.5))
    held = {one.hash: one.text for one in held_out_of(quarter)}
    assert 60 < len(held) < 140
    assert held.items() <= {one.hash: one.text for one in held_out_of(half)}.items()
    assert all(
        Split().hash_of(row, row["text"]) in held for row in some if row["text"] in held.values()
    )
    assert Split().hash_of({}, "text 300") == Split().hash_of({"id": None}, "text 300")
    packed = pack(quarter, train_tokenizer(TEXTS, 300), tmp_path / "out")
    assert packed.dropped == {"held_out": len(held)}
    assert set(texts_of(quarter)).isdisjoint(held.values())
