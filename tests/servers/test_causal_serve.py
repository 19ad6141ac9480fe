"""A causal worker with adapters, behind `transformers serve`, a server that others wrote."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")
pytest.importorskip("uvicorn")
pytest.importorskip("fastapi")

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.errors import EndpointError
from tahdhib.records import Document
from tests.servers.test_transformers_serve import free_port, serving
from tests.workers.causal.lessons import opened, pairs, taught

pytestmark = pytest.mark.slow

DOCUMENTS = [Document(pair.id, pair.source) for pair in pairs()]


@pytest.fixture(scope="module")
def conduct() -> Conduct:
    return load_conduct("default")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, conduct: Conduct) -> Path:
    """A worker whose adapters were trained on a model that knew the half of it."""
    root = tmp_path_factory.mktemp("worker")
    taught(root / "base", conduct, epochs=10)
    lora = {"model": str(root / "base"), "instruction": "brief", "method": "lora"}
    taught(root / "lora", conduct, **lora, epochs=10, learning_rate=5e-3)
    return root / "lora"


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder, folder.parent / "log.txt") as found:
        yield found


def test_the_server_s_worker_writes_what_the_one_here_writes(
    folder: Path, url: str, conduct: Conduct
) -> None:
    here = opened(folder, conduct)
    there = opened(folder, conduct, engine="endpoint", base_url=url, in_flight=2)
    made = there.answers(DOCUMENTS)
    assert made == here.answers(DOCUMENTS)
    assert [getattr(one, "text", None) for one in made] == [pair.rewrites[0] for pair in pairs()]
    assert here.hash == there.hash


def test_what_was_answered_is_not_asked_again(folder: Path, url: str, conduct: Conduct) -> None:
    there = {"engine": "endpoint", "base_url": url, "in_flight": 2}
    opened(folder, conduct, **there).answers(DOCUMENTS)
    (answers,) = (folder / "replies").glob("causal-*/answers.jsonl")
    before = answers.read_bytes()
    opened(folder, conduct, **there).answers(DOCUMENTS)
    assert answers.read_bytes() == before


def test_a_server_that_is_not_there_says_so(folder: Path, conduct: Conduct) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    nobody = opened(folder, conduct, engine="endpoint", base_url=url, retries=0)
    with pytest.raises(EndpointError):
        nobody.answers([Document("one", "كتاب عن الصحراء")])
