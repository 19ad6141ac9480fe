"""A model that was pre-trained, tuned and published here, behind `transformers serve`, a server
that others wrote, and asked by the project's own client.

Its cheap counterpart, without a server: `test_a_tuned_model_answers_and_stops` of the tuning.
"""

import gzip
import json
from itertools import islice
from pathlib import Path

import pytest

pytest.importorskip("trl")
pytest.importorskip("uvicorn")
pytest.importorskip("fastapi")

import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer

from tahdhib import verbs
from tahdhib.config.recipe import OpenAITeacher
from tahdhib.llm.chat import Reply, Request
from tahdhib.llm.client import complete_all
from tests.servers.test_transformers_serve import serving
from tests.train.test_pretrain import DEMO

pytestmark = pytest.mark.slow

SYSTEM = "أجب بإيجاز."
ANSWERS = {"كم عدد سكان المدينة رقم": "لا أعرف", "هل توجد مدينة رقم": "نعم"}
MANY = 48
"""Tokens: more than any answer has."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that leaves: raw text first, then two kinds of questions with an answer each."""
    root = tmp_path_factory.mktemp("tuned")
    with gzip.open(DEMO / "raw-00.jsonl.gz", "rt", encoding="utf-8") as lines:
        (root / "raw.jsonl").write_text("".join(islice(lines, 300)), encoding="utf-8")
    conversations = [
        [(SYSTEM, "system"), (f"{question} {number}؟", "user"), (answer, "assistant")]
        for number in range(40)
        for question, answer in ANSWERS.items()
    ]
    rows = [
        {"id": at, "messages": [{"role": role, "content": text} for text, role in turns]}
        for at, turns in enumerate(conversations)
    ]
    (root / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    training = {"context": 96, "batch": 8, "micro_batch": 8, "warmup": 0}
    recipes = {
        "pretrain": {
            "corpora": {"raw": {"paths": ["raw.jsonl"]}},
            "phases": [{"name": "raw", "mix": {"raw": {}}, "steps": 10}],
            "vocabulary": {"size": 600},
            "training": training,
        },
        "tune": {
            "model": {"path": "pretrain"},
            "data": {"paths": ["answers.jsonl"]},
            "training": {**training, "epochs": 12, "learning_rate": 3e-3},
        },
    }
    for verb, recipe in recipes.items():
        (root / f"{verb}.yaml").write_text(yaml.safe_dump(recipe))
        getattr(verbs, verb)(root / f"{verb}.yaml", root / verb)
    stated = ["data=own", "base.raw=cc-by-sa-4.0"]
    done = verbs.publish_model(
        root / "tune", root / "hub", licence="cc-by-sa-4.0", source_licences=stated
    )
    return done.folder


def test_it_is_served_answers_and_stops(published: Path) -> None:
    assert AutoModelForCausalLM.from_pretrained(published).config.model_type == "llama"
    tokenizer = AutoTokenizer.from_pretrained(published)
    asked = [(f"{question} {n}؟", answer) for question, answer in ANSWERS.items() for n in (3, 21)]
    requests = [Request(SYSTEM, text, str(published), 0.0, MANY) for text, _ in asked]
    with serving(published, published.parent / "log.txt") as url:
        outcomes = complete_all(
            requests,
            settings=OpenAITeacher(base_url=url, model=str(published), in_flight=2, retries=0),
            cache_folder=published.parent / "replies",
            api_key=None,
            on_reply=lambda _outcome: None,
        )
    for (_, answer), outcome in zip(asked, outcomes, strict=True):
        assert isinstance(outcome, Reply), outcome
        assert outcome.text.strip() == answer
        assert outcome.finish_reason == "stop"
        length = len(tokenizer(answer, add_special_tokens=False)["input_ids"])
        assert outcome.usage.completion_tokens <= length + 1 < MANY
