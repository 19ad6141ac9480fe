"""The edit worker on an encoder of transformers: a tiny one with random weights, made here with a
tokenizer that was trained on texts like the pairs."""

from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    PreTrainedTokenizerFast,
)

from tahdhib.config import parse_recipe
from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.errors import DataError
from tahdhib.progress import Silence
from tahdhib.records import Document
from tahdhib.run.stages import NAMES, STAGES
from tahdhib.workers.card import readme
from tahdhib.workers.edit.card import kind_of, record
from tahdhib.workers.edit.model import open_tagger, save_tagger
from tahdhib.workers.edit.pretrained import PretrainedEncoder, from_base, windows
from tahdhib.workers.edit.tagger import KEEP_INDEX, folder_hash
from tahdhib.workers.edit.train import Trained, train
from tahdhib.workers.edit.units import units
from tahdhib.workers.edit.worker import EditWorker
from tests.workers.edit.planted import planted_pairs

POSITIONS = 64


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "tiny-bert"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    words.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    texts = [pair.source for pair in planted_pairs(300, seed=9)]
    trainer = trainers.WordPieceTrainer(vocab_size=800, special_tokens=special, show_progress=False)
    words.train_from_iterator(texts, trainer)
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    PreTrainedTokenizerFast(
        tokenizer_object=words, **dict(zip(names, special, strict=True))
    ).save_pretrained(folder)
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=POSITIONS,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    return folder


def _settings(base: Path) -> EditSettings:
    return EditSettings(base=str(base), base_learning_rate=3e-3, epochs=10, batch=256)


def _train(base: Path, pairs: int) -> Trained:
    taught = planted_pairs(pairs, seed=1)
    return train(taught, _settings(base), seed=1, threads=1, progress=Silence())


@pytest.fixture(scope="module")
def trained(base: Path) -> Trained:
    return _train(base, 400)


@pytest.fixture(scope="module")
def folder(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worker")
    save_tagger(folder, trained.tagger)
    return folder


def _rewrites(folder: Path, texts: Sequence[str], batch: int = 512) -> list[str]:
    worker = EditWorker.open(folder, batch=batch, threads=1)
    documents = [Document(str(place), text) for place, text in enumerate(texts)]
    return [one.text for one in worker.rewrite(documents)]


def test_it_learns(trained: Trained) -> None:
    recall = trained.held_out["all"].recall
    assert recall is not None and recall.low > 0.2


def test_the_same_weights_again(base: Path, tmp_path: Path) -> None:
    for name in ("once", "again"):
        save_tagger(tmp_path / name, _train(base, 40).tagger)
    assert folder_hash(tmp_path / "once") == folder_hash(tmp_path / "again")


def test_a_folder_that_was_read_back_rewrites_alike(
    trained: Trained, folder: Path, real_sentences: list[str]
) -> None:
    texts = [pair.source for pair in planted_pairs(40, seed=5)] + real_sentences[:60]
    documents = [Document(str(place), text) for place, text in enumerate(texts)]
    here = EditWorker(trained.tagger, model_hash="", batch=512).rewrite(documents)
    read = EditWorker.open(folder, batch=512, threads=1)
    assert read.rewrite(documents) == here
    assert any(one.edits for one in here)
    assert EditWorker.open_light(folder, batch=512).rewrite(documents[:5]) == here[:5]


def test_batches_do_not_bear_on_the_result(folder: Path) -> None:
    texts = [pair.source for pair in planted_pairs(60, seed=7)]
    texts.append(" ".join(texts[:12]))
    whole = _rewrites(folder, texts)
    assert _rewrites(folder, texts[::-1])[::-1] == whole
    assert [_rewrites(folder, [text])[0] for text in texts[-8:]] == whole[-8:]


def test_plain_transformers_open_it(folder: Path) -> None:
    text = "هذا خـــــبر سار من المدينة"
    tagger = open_tagger(folder)
    encoder = tagger.model
    assert isinstance(encoder, PretrainedEncoder)
    (seen,) = encoder.see([[unit.text for unit in units(text)]], 512)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForTokenClassification.from_pretrained(folder).eval()
    read = tokenizer(text.split(), is_split_into_words=True, return_tensors="pt")
    ids = read["input_ids"]
    ids = torch.cat(
        [torch.tensor([[tokenizer.cls_token_id]]), ids, torch.tensor([[tokenizer.sep_token_id]])], 1
    )
    logits = model(input_ids=ids).logits[0].detach().numpy()
    words = read.word_ids(0)
    firsts = [0, *(1 + words.index(number) for number in range(len(text.split())))]
    np.testing.assert_allclose(seen.sums.keep_N, logits[firsts, KEEP_INDEX], atol=1e-5)
    assert tuple(model.config.id2label[n] for n in range(len(tagger.labels))) == tagger.labels


def test_the_card_says_where_it_started(trained: Trained, base: Path) -> None:
    told = record(trained, _settings(base), {"seed": 1})
    assert told["base"]["name"] == told["settings"]["base"] == "tiny-bert"
    assert told["base"]["revision"].startswith("sha256:")
    card = readme(told, kind_of(told))
    assert "base_model: tiny-bert" in card and "is_split_into_words" in card
    assert str(base.parent) not in card


def test_windows_answer_for_every_unit_once() -> None:
    sizes = [1 + number % 5 for number in range(200)]
    cut = list(windows(sizes, 40, 1000))
    assert [unit for one in cut for unit in range(one.first, one.end)] == list(range(200))
    for one in cut:
        assert one.left <= one.first < one.end <= one.right
        assert sum(sizes[one.left : one.right]) <= 40
    assert all(one.left < one.first for one in cut[1:])
    assert all(one.end < one.right for one in cut[:-1])
    assert list(windows(sizes, 1000, 1000)) == [(0, 200, 0, 200)]
    assert {one.end - one.first for one in windows(sizes, 1000, 50)} == {50}


def test_a_long_text_is_read_in_windows(base: Path) -> None:
    encoder = from_base(str(base), "main", 3).eval()
    texts = [unit.text for unit in units("كلمة " * 300)]
    seen = list(encoder.see([texts], 100_000))
    assert len(seen) > 5
    places = [place for one in seen for place in range(one.where.start, one.where.stop)]
    assert sorted(places) == list(range(len(texts)))


def test_what_is_no_encoder_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be opened as an encoder"):
        from_base(str(tmp_path), "main", 3)


def test_a_run_reads_the_files_of_its_base(base: Path) -> None:
    stage = STAGES[NAMES.index("worker")]
    recipe = {"ingest": {"paths": ["x"]}, "worker": {"edit": {"base": str(base)}}}
    names = {Path(path).name for path in stage.reads(parse_recipe(recipe))}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert stage.reads(parse_recipe({"ingest": {"paths": ["x"]}})) == []
