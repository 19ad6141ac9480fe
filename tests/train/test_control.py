"""Control tokens: who gets one, that nothing else moves, and that a model learns both apart."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

import tahdhib
from tahdhib.errors import DataError, RecipeError
from tahdhib.evaluate.generations import Free
from tahdhib.readers import find_sources
from tahdhib.store.shards import read_json
from tahdhib.train.bits import _stretches
from tahdhib.train.control import Control
from tahdhib.train.preflight import IGNORED
from tahdhib.train.tokens import Names, Texts, pack, train_tokenizer

GOOD, BAD = "<|good|>", "<|bad|>"
CONTROL = Control("metadata.toxicity", 0.5, GOOD, BAD, 0.2, 17)
DOCUMENT = st.fixed_dictionaries(
    {
        "text": st.text("abc نهر", min_size=1, max_size=12).filter(str.strip),
        "score": st.one_of(st.none(), st.floats(0, 1)),
    }
)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    made = train_tokenizer(["a b c نهر"] * 4, 300)
    made.add_special_tokens([GOOD, BAD])
    return made


def documents_of(rows: list[dict[str, Any]], tokenizer: Any, control: Control | None) -> list:
    """The tokens of each document as they are packed."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "rows.jsonl")
        lines = [
            {"id": str(row["id"]), "text": row["text"], "metadata": {"toxicity": row["score"]}}
            for row in rows
        ]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        corpus = Texts(find_sources([str(file)]), Names(), control=control)
        packed = pack(corpus, tokenizer, Path(folder, "out"))
        tokens = np.load(packed.folder / "tokens-00000.npy")
        ends = np.load(packed.folder / "ends-00000.npy")
    return [part.tolist() for part in np.split(tokens, ends[:-1])]


@settings(max_examples=12)
@given(st.lists(DOCUMENT, min_size=1, max_size=6), st.randoms())
def test_tokens_depend_on_the_document_alone_and_move_nothing_else(
    tokenizer: Any, rows: list[dict[str, Any]], luck: Any
) -> None:
    rows = [row | {"id": number} for number, row in enumerate(rows)]
    leads = {tokenizer.token_to_id(token) for token in (GOOD, BAD)}
    with_tokens = documents_of(rows, tokenizer, CONTROL)
    bare = [[one for one in document if one not in leads] for document in with_tokens]
    assert bare == documents_of(rows, tokenizer, None)
    assert all(leads.isdisjoint(document[1:]) for document in with_tokens)
    shuffled = luck.sample(rows, len(rows))
    again = documents_of(shuffled, tokenizer, CONTROL)
    by_id = dict(zip((row["id"] for row in shuffled), again, strict=True))
    assert [by_id[row["id"]] for row in rows] == with_tokens


def test_scores_are_written_into_whole_records(
    write_jsonl: Callable[..., Path], tmp_path: Path
) -> None:
    row = {"id": "7", "text": "نص قصير", "metadata": {"source": "x"}}
    source, out = write_jsonl([row, {"text": None}]), tmp_path / "scored.jsonl"
    counts = tahdhib.score_run("ngram", str(source), out, whole=True)
    (found,) = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert (counts.scored, counts.without_text) == (1, 1)
    assert row.items() <= found.items()
    assert 0 <= found["toxicity"] <= 1
    with pytest.raises(RecipeError, match=r"expected a name that ends in \.jsonl"):
        tahdhib.score_run("ngram", str(source), tmp_path / "scored.parquet", whole=True)


def test_a_score_up_to_the_threshold_is_good_and_a_few_get_no_token() -> None:
    everybody = Control("toxicity", 0.5, GOOD, BAD, 0.0, 17)
    kinds = [everybody.kind_of(score, "0a") for score in (0, 0.5, 0.51, 3)]
    assert kinds == ["good", "good", "bad", "bad"]
    nobody = [everybody.kind_of(score, "0a") for score in (None, True, "0.9", float("nan"))]
    assert nobody == ["unscored"] * 4
    few = Control("toxicity", 0.5, GOOD, BAD, 0.01, 17)
    drawn = Counter(few.kind_of(0.1, f"{number:016x}") for number in range(5000))
    assert 25 <= drawn["without"] <= 80  # 50 expected; the same ones each time
    other = Control("toxicity", 0.5, GOOD, BAD, 0.5, 18)
    same = Control("toxicity", 0.5, GOOD, BAD, 0.5, 17)
    hashes = [f"{number:016x}" for number in range(64)]
    assert [other.kind_of(0, one) for one in hashes] != [same.kind_of(0, one) for one in hashes]


def test_text_that_spells_a_token_stays_text_and_a_vocabulary_without_it_is_refused(
    tokenizer: Any, write_jsonl: Callable[..., Path], tmp_path: Path
) -> None:
    (document,) = documents_of([{"id": 1, "text": BAD, "score": 0.1}], tokenizer, CONTROL)
    assert document[0] == tokenizer.token_to_id(GOOD)
    assert tokenizer.token_to_id(BAD) not in document
    corpus = Texts(find_sources([str(write_jsonl([{"text": "a"}]))]), control=CONTROL)
    with pytest.raises(DataError, match=r"has no control token '<\|good\|>'"):
        pack(corpus, train_tokenizer(["a"], 300), tmp_path / "out")


def test_held_out_text_is_read_after_both_tokens_and_predicted_once() -> None:
    read = list(_stretches((5, 6, 7, 8), (0, 1), 3))
    assert read == [((0, 1, 5), (IGNORED, 5, 6)), ((6, 7), (7, 8))]
    assert list(_stretches((5, 6), (0,), 3)) == [((0, 5), (5, 6))]


def recipe_in(folder: Path, **changes: Any) -> Path:
    """A training on documents of two words, one of which is called bad."""
    rows = [
        {"id": f"{word} {number}", "text": " ".join(["يوم", *[word] * 6]), "toxicity": score}
        for number in range(200)
        for word, score in (("خير", 0.1), ("شر", 0.9))
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
    tree: dict[str, Any] = {
        "corpora": {"all": {"paths": ["rows.jsonl"]}},
        "phases": [{"name": "all", "mix": {"all": {"repeats": 100}}, "steps": 2}],
        "vocabulary": {"size": 280},
        "held_out": {"share": 0.05, "documents": 4},
        "control": {"without": 0.1},
        "training": {"context": 32, "batch": 4, "micro_batch": 4, "documents_apart": True},
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(tree | changes, allow_unicode=True), encoding="utf-8")
    return path


def test_a_training_adds_the_tokens_and_says_how_many_documents_have_them(tmp_path: Path) -> None:
    made = tahdhib.pretrain(recipe_in(tmp_path), tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(made.folder)
    model = AutoModelForCausalLM.from_pretrained(made.folder)
    numbers = tokenizer.convert_tokens_to_ids([GOOD, BAD])
    assert tokenizer(f"{GOOD}خ").input_ids[0] == numbers[0]
    assert model.config.vocab_size == len(tokenizer)
    assert model.generation_config.suppress_tokens == sorted(numbers)
    told = read_json(made.folder / "pretrain.json")["corpora"]["all"]
    kinds = told["control"]
    assert sum(kinds.values()) == told["documents"]
    assert set(kinds) == {"good", "bad", "without"}
    again = recipe_in(tmp_path, model={"path": str(made.folder)}, control={"bad": "<|worse|>"})
    grown = tahdhib.pretrain(again, tmp_path / "grown")
    assert (
        AutoModelForCausalLM.from_pretrained(grown.folder).config.vocab_size == len(tokenizer) + 1
    )


def test_scores_that_nobody_gave_are_an_error(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path, control={"field": "insult"})
    with pytest.raises(RecipeError, match=r"control\.field is 'insult', and no document"):
        tahdhib.pretrain(recipe, tmp_path / "model")
    with pytest.raises(RecipeError, match=r"good and bad are both"):
        tahdhib.pretrain(recipe_in(tmp_path, control={"good": BAD}), tmp_path / "other")


@pytest.mark.slow
def test_a_model_writes_what_its_control_token_asks_for(
    tmp_path: Path, write_jsonl: Callable[..., Path]
) -> None:
    phases = [{"name": "all", "mix": {"all": {"repeats": 100}}, "steps": 150}]
    made = tahdhib.pretrain(recipe_in(tmp_path, phases=phases), tmp_path / "model")
    prompts = str(write_jsonl([{"prompt": "يوم"}]))
    shares = {}
    for lead in (GOOD, BAD):
        free = Free(prompts, samples=24, new_tokens=8, lead=lead)
        found = tahdhib.evaluate(made.folder, [], ".", tmp_path / f"out{lead[2:-2]}", free=free)
        assert found.generations is not None
        texts = [text for some in found.generations.texts for text in some]
        assert not any(token in text for text in texts for token in (GOOD, BAD))
        shares[lead] = np.mean(["شر" in text for text in texts])
    assert shares[GOOD] < 0.2 < 0.8 < shares[BAD]


def test_what_stands_before_prompts_must_be_a_special_token(
    tmp_path: Path, write_jsonl: Callable[..., Path]
) -> None:
    from tests.score.tiny_models import causal

    model = causal(tmp_path / "model", ["نص قصير"])
    free = Free(str(write_jsonl([{"prompt": "نص"}])), samples=1, new_tokens=2, lead="good: ")
    with pytest.raises(RecipeError, match=r"--lead good: : .* reads it as text"):
        tahdhib.evaluate(model, [], ".", tmp_path / "out", free=free)
