"""A model that was pre-trained and tuned here, published: what leaves, what the card says, what is
refused."""

import gzip
import hashlib
import json
import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")

import pyarrow as pa
import pyarrow.parquet as pq
import torch
import yaml
from huggingface_hub import ModelCard
from transformers import AutoModelForCausalLM, AutoTokenizer
from typer.testing import CliRunner

from tahdhib import verbs
from tahdhib.cli.main import app
from tahdhib.errors import DataError, EndpointError, RecipeError
from tahdhib.evaluate.model import hash_of_folder
from tahdhib.stages.publish.rows import PUBLISHED
from tahdhib.store.shards import read_json, write_json
from tests.hub.small_hub import serving

DEMO = Path(__file__).parents[2] / "src" / "tahdhib" / "demo" / "data"
SCORE = {"estimate": 0.5, "low": 0.25, "high": 0.75, "n": 12, "rough": ""}
STATED = {"licence": "cc-by-sa-4.0", "source_licences": ["data=own"], "languages": ["ar"]}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two corpora and some answers, each where such things lie."""
    root = tmp_path_factory.mktemp("hub")
    with gzip.open(DEMO / "raw-00.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, 300) if line.startswith('{"id": "arz')]
    corpus = root / "run" / "publish" / "corpus"
    (corpus / "parquet").mkdir(parents=True)
    empty = {name: [] if name in ("edits", "reasons") else name for name in PUBLISHED.names}
    published = [
        {
            **empty,
            "id": row["id"],
            "text": row["text"],
            "conduct_hash": "c0ffee",
            "metadata": json.dumps({"licence": ("CC-BY-SA-4.0", "CC-BY-4.0")[number % 2]}),
        }
        for number, row in enumerate(rows)
    ]
    table = pa.Table.from_pylist(published, schema=PUBLISHED)
    pq.write_table(table, corpus / "parquet" / "part-0.parquet")
    front = {"license": "cc-by-sa-4.0", "language": ["arz"], "pretty_name": "small | `corpus`"}
    (corpus / "README.md").write_text(f"---\n{yaml.safe_dump(front)}---\n# A corpus\n")
    (root / "raw").mkdir()
    (root / "raw" / "raw.jsonl").write_text(
        "".join(json.dumps({"id": row["id"], "text": row["text"]}) + "\n" for row in rows)
    )
    (root / "raw" / "README.md").write_text("---\nlicense: cc-by-sa-4.0\n---\n")
    answers = [{"id": n, "instruction": f"كم عدد {n}؟", "response": "نعم"} for n in range(8)]
    (root / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers))
    return root


@pytest.fixture(scope="module")
def base(root: Path) -> Path:
    """A model pre-trained for two steps."""
    recipe = {
        "corpora": {
            "raw": {"paths": ["raw/*.jsonl"]},
            "native": {"paths": ["run/publish/corpus/parquet"]},
        },
        "phases": [{"name": "both", "mix": {"raw": {}, "native": {}}, "steps": 2}],
        "vocabulary": {"size": 300},
        "held_out": {"documents": 1},
        "training": {"context": 96, "batch": 2, "micro_batch": 2},
    }
    (root / "pretrain.yaml").write_text(yaml.safe_dump(recipe))
    return verbs.pretrain(root / "pretrain.yaml", root / "base").folder


@pytest.fixture(scope="module")
def tuned(root: Path, base: Path) -> Path:
    """The same model after a step of tuning, and a result of its evaluation."""
    recipe = {
        "model": {"path": str(base)},
        "data": {"paths": ["answers.jsonl"]},
        "training": {"context": 96, "batch": 8, "epochs": 1},
    }
    (root / "tune.yaml").write_text(yaml.safe_dump(recipe))
    folder = verbs.tune(root / "tune.yaml", root / "tuned").folder
    about = {
        "variant": "aratrust_lighteval",
        "benchmark": "AraTrust",
        "title": "a part of AraTrust (12 of 522 items published): lighteval's",
        "used": 12,
        "published": 522,
        "metric": "accuracy",
        "score": SCORE,
        "remarks": ["rows skipped: no answer (1)"],
    }
    results = {
        "config": {"model_sha": hash_of_folder(folder)},
        "model_name": "tuned",
        "tahdhib": {"aratrust_part_lighteval": about},
    }
    write_json(root / "eval" / "results.json", results)
    return folder


@pytest.fixture(scope="module")
def published(root: Path, tuned: Path) -> Path:
    out = root / "published"
    command = ["publish", "model", str(tuned), "--out", str(out), "--results", str(root / "eval")]
    stated = ["--licence", "cc-by-sa-4.0", "--source-licence", "data=own", "--language", "ar"]
    done = CliRunner().invoke(app, [*command, *stated])
    assert done.exit_code == 0, done.output
    assert "1 scores on the card" in done.output and "by its card" in done.output
    return out


def again(model: Path, out: Path, **changes: Any) -> dict[str, Any]:
    return verbs.publish_model(model, out, **{**STATED, **changes}).record


def test_what_leaves_opens_and_is_what_was_trained(published: Path, tuned: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(published)
    trained = AutoModelForCausalLM.from_pretrained(tuned)
    weights = trained.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
    tokenizer = AutoTokenizer.from_pretrained(published)
    assert tokenizer.chat_template == AutoTokenizer.from_pretrained(tuned).chat_template
    assert model.generation_config.eos_token_id == [tokenizer.eos_token_id]


def test_nothing_of_this_machine_leaves(published: Path, root: Path) -> None:
    names = {path.name for path in published.iterdir()}
    assert {"README.md", "card.json", "model.safetensors", "chat_template.jinja"} <= names
    assert not names & {"recipe.yaml", "tune.json", "checkpoints", "data.json"}
    for path in published.iterdir():
        assert str(root).encode() not in path.read_bytes(), path.name


def test_the_record_names_files_by_their_hashes(published: Path) -> None:
    files = read_json(published / "card.json")["files"]
    assert {*files, "README.md", "card.json"} == {path.name for path in published.iterdir()}
    for name, about in files.items():
        content = (published / name).read_bytes()
        assert about == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_the_record_goes_back_to_the_first_training(published: Path, base: Path) -> None:
    record = read_json(published / "card.json")
    assert [one["verb"] for one in record["trainings"]] == ["tune", "pretrain"]
    sources = {one["link"]: one for one in record["sources"]}
    assert sources.keys() == {"data", "base.raw", "base.native"}
    corpora = read_json(base / "pretrain.json")["corpora"]
    assert sources["base.native"]["hash"] == corpora["native"]["hash"]
    assert sources["base.native"]["conducts"].keys() == {"c0ffee"}
    assert sources["base.native"]["workers"].keys() == {"worker_hash"}
    assert sources["base.raw"]["conducts"] == {}
    assert record["languages"] == ["ar", "arz"]


def test_the_hub_s_own_client_reads_the_card(published: Path) -> None:
    card = ModelCard.load(published / "README.md")
    assert card.data.license == "cc-by-sa-4.0" and card.data.language == ["ar", "arz"]
    assert card.data.pipeline_tag == "text-generation"
    (result,) = card.data.eval_results
    assert result.metric_value == SCORE["estimate"]
    assert result.dataset_name.startswith("a part of AraTrust")
    assert "| 12 of 522 | accuracy | 0.500 (0.250 to 0.750), n = 12 |" in card.text
    assert "`small \\| 'corpus'`" in card.text


def test_published_again_it_is_the_same(published: Path, tuned: Path, root: Path) -> None:
    before = {path.name: path.read_bytes() for path in published.iterdir()}
    again(tuned, published, results=[root / "eval"])
    assert {path.name: path.read_bytes() for path in published.iterdir()} == before


def test_a_licence_that_nobody_states_is_refused(tuned: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"data \(conversations\): its licence is unknown"):
        again(tuned, tmp_path / "out", source_licences=[])
    assert not (tmp_path / "out").exists()
    with pytest.raises(RecipeError, match=r"has no such source; it has data, base.native"):
        again(tuned, tmp_path / "out", source_licences=["raw=mit"])


def test_where_a_card_leaves_it_to_the_rows_they_state_their_licences(
    base: Path, root: Path, tmp_path: Path
) -> None:
    card = root / "run" / "publish" / "corpus" / "README.md"
    before = card.read_text()
    card.write_text(before.replace("cc-by-sa-4.0", "other"))
    try:
        record = again(base, tmp_path / "out", source_licences=[])
    finally:
        card.write_text(before)
    links = {link["name"]: link for link in record["licences"]}
    assert links["native"]["by"] == "its rows" and links["raw"]["by"] == "its card"
    assert tuple(links["native"]["licences"]) == ("cc-by-4.0", "cc-by-sa-4.0")


def test_a_corpus_that_changed_states_nothing(base: Path, root: Path, tmp_path: Path) -> None:
    file = root / "raw" / "raw.jsonl"
    text = file.read_bytes()
    file.write_bytes(text + b'{"text": "more"}\n')
    try:
        with pytest.raises(RecipeError, match=r"raw \(corpus\): its licence is unknown"):
            again(base, tmp_path / "out", source_licences=[])
        record = again(base, tmp_path / "out", source_licences=["raw=cc0-1.0"])
    finally:
        file.write_bytes(text)
    (raw,) = [one for one in record["sources"] if one["link"] == "raw"]
    assert raw["remark"] and not raw["languages"]


def test_a_base_that_changed_is_told_as_one(tuned: Path, base: Path, tmp_path: Path) -> None:
    weights = base / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        with pytest.raises(RecipeError, match=r"base \(base model base\): its licence is unknown"):
            again(tuned, tmp_path / "out")
        with pytest.raises(DataError, match=r"is not the file that pretrain.json tells of"):
            again(base, tmp_path / "out")
    finally:
        weights.write_bytes(content)


def test_results_of_another_model_are_refused(base: Path, root: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="are of another model"):
        again(base, tmp_path / "out", source_licences=[], results=[root / "eval"])
    with pytest.raises(DataError, match="no such file"):
        again(base, tmp_path / "out", source_licences=[], results=[root])


def test_what_is_no_model_and_what_is_no_place(root: Path, tuned: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no model that was trained to the end"):
        again(root, tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    elsewhere = "holds something else than a model that was published into it"
    with pytest.raises(DataError, match=elsewhere):
        again(tuned, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").exists()
    write_json(tmp_path / "worker" / "card.json", {"kind": "edit"})
    with pytest.raises(DataError, match=elsewhere):
        again(tuned, tmp_path / "worker")
    again(tuned, tmp_path / "clone")
    (tmp_path / "clone" / ".git").mkdir()
    with pytest.raises(DataError, match=elsewhere):
        again(tuned, tmp_path / "clone")
    shutil.copytree(tuned, tmp_path / "half", ignore=shutil.ignore_patterns("tune.json"))
    with pytest.raises(DataError, match="holds no model that was trained to the end"):
        again(tmp_path / "half", tmp_path / "out")
    for record in ("{", "[]", "{}", '{"recipe": {"model": {"path": null}}}'):
        (tmp_path / "half" / "tune.json").write_text(record)
        with pytest.raises(DataError, match=r"tune.json: is not the record that"):
            again(tmp_path / "half", tmp_path / "out")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=f"file: {elsewhere}"):
        again(tuned, tmp_path / "file")


def test_it_goes_to_a_hub_where_asked_for(
    tuned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        stated = {**STATED, "upload": "people/small", "private": True}
        found = verbs.publish_model(tuned, tmp_path / "out", **stated)
    assert found.address == f"{hub.address}/people/small/commit/{'0a' * 20}"
    assert hub.made[0]["name"] == "small" and hub.made[0]["visibility"] == "private"
    assert hub.tokens == {"Bearer hf_secret"}
    assert hub.files["people/small"] == {
        path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()
    }


def test_a_hub_that_refuses_leaves_the_folder(
    tuned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serving(refuses=403) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        with pytest.raises(EndpointError, match=r"people/small: the hub refuses .* HF_TOKEN"):
            again(tuned, tmp_path / "out", upload="people/small")
    assert (tmp_path / "out" / "card.json").exists()
    with pytest.raises(EndpointError, match="the hub refuses or cannot be reached"):
        again(tuned, tmp_path / "out", upload="people/small")


@pytest.mark.slow  # answers are asked of the model
def test_a_real_evaluation_stands_on_the_card(
    tuned: Path, shared_data: Path, tmp_path: Path
) -> None:
    tasks = ["aratrust", "exams_likelihood"]
    verbs.evaluate(tuned, tasks, shared_data, tmp_path / "eval", limit=12)
    record = again(tuned, tmp_path / "out", results=[tmp_path / "eval"])
    assert [row["task"] for row in record["evaluation"]] == [
        "aratrust_part_lighteval",
        "exams_part_likelihood",
    ]
    for row in record["evaluation"]:
        assert row["used"] == row["score"]["n"] == 12 < row["published"]
    names = [
        one.dataset_name for one in ModelCard.load(tmp_path / "out" / "README.md").data.eval_results
    ]
    assert all(name.startswith("a part of ") for name in names)
