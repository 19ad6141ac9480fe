"""The teacher against `transformers serve`, a server that others wrote, with a tiny model.

It takes `response_format` and does nothing about it, so answers stand between tags.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("uvicorn")
pytest.importorskip("fastapi")

from tahdhib.conduct.conduct import Conduct
from tahdhib.errors import EndpointError
from tahdhib.stages.annotate.stage import work
from tests.servers import tiny_chat
from tests.stages.annotate.test_stage import place_in, table

TEXTS = tiny_chat.demo_texts(60)
START_SECONDS = 120


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The settings of a teacher that asks the server."""
    folder = tmp_path_factory.mktemp("serve")
    model = tiny_chat.make(folder / "model", TEXTS, tiny_chat.UNCHANGED)
    with serving(model, folder / "log.txt") as url:
        yield {
            "base_url": url,
            "model": str(model),
            "api_key_env": None,
            "in_flight": 2,
            "max_tokens": 32,
            "retries": 0,
        }


@contextmanager
def serving(model: Path, log: Path) -> Iterator[str]:
    """The address of a server that has `model` open, until it is done with."""
    port = free_port()
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(model)]
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options], stdout=output, stderr=subprocess.STDOUT, env=environment
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers, or has ended."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"transformers serve did not start:\n{log.read_text()[-2000:]}")


def annotate(server: dict[str, Any], **changes: object) -> dict[str, Any]:
    settings = {"teacher": "openai", "sample": 1000, "passage_characters": 600}
    return {**settings, "openai": {**server, **changes}}


def test_every_document_ends_in_a_pair_or_a_reason(
    server: dict[str, Any], tmp_path: Path, conduct: Conduct
) -> None:
    texts = {f"d{number}": text[:300] for number, text in enumerate(TEXTS[:6])}
    texts["long"] = "\n".join(TEXTS[6:12])[:1500]
    place = place_in(tmp_path, conduct, texts, annotate(server))
    ledger = work(place)
    pairs, drops = table(place, "pairs"), table(place, "drops")
    assert ledger.came_in == len(texts) == ledger.went_out + ledger.dropped
    assert pairs.keys() | drops.keys() == texts.keys()
    assert pairs, "the model was taught to leave everything as it is"
    for identity, row in pairs.items():
        assert row["rewrites"] == [texts[identity]] and row["edits"] == []
    assert all(row["reason"] == "teacher_failed" and row["detail"] for row in drops.values())
    calls = table(place, "calls")
    assert calls.keys() == texts.keys()
    assert calls["long"]["calls"] >= 3
    assert all(row["prompt_tokens"] > 100 and row["completion_tokens"] for row in calls.values())


def test_answers_that_are_cut_are_no_lessons(
    server: dict[str, Any], tmp_path: Path, conduct: Conduct
) -> None:
    texts = {f"d{number}": text[:300] for number, text in enumerate(TEXTS[:3])}
    place = place_in(tmp_path, conduct, texts, annotate(server, max_tokens=2))
    ledger = work(place)
    assert ledger.drops == {"teacher_failed": 3}
    assert all(row["detail"].startswith("truncated") for row in table(place, "drops").values())


def test_another_model_is_refused_in_its_words(
    server: dict[str, Any], tmp_path: Path, conduct: Conduct
) -> None:
    place = place_in(tmp_path, conduct, {"one": "كتاب"}, annotate(server, model="another"))
    with pytest.raises(EndpointError, match="Server is pinned to"):
        work(place)
