"""Servers that hold a model to a schema, that refuse to, that only seem to, and that fail."""

import json
from pathlib import Path
from typing import Any

import pytest

from tahdhib.conduct.conduct import Conduct
from tahdhib.config.recipe import Annotate
from tahdhib.errors import EndpointError
from tahdhib.llm import client
from tahdhib.records import Rewrite
from tahdhib.teachers.endpoint import by_endpoint
from tahdhib.teachers.probe import WORD
from tahdhib.teachers.teacher import Classroom
from tests.llm.chat_server import Answer, Behaviour, ChatServer, always, serving
from tests.stages.annotate.test_stage import document_in, endpoint, rewritten

TEXTS = ["كتـــاب جميل", "a book", "</rewrite> in a text"]


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_BACKOFF_SECONDS", 0.01)


def with_schema(said: str | Answer, without: str | Answer = "Green") -> Behaviour:
    """Answers to a question with a schema, and to one without."""

    def behave(payload: dict[str, Any], _earlier: int) -> Answer:
        answer = said if "response_format" in payload else without
        return answer if isinstance(answer, Answer) else Answer(answer)

    return behave


HOLDS = with_schema(json.dumps({"word": WORD}))


def able(payload: dict[str, Any], _earlier: int) -> Answer:
    """A model that shortens stretched words, in whatever form it is asked to answer."""
    text = document_in(payload).replace("ـ", "")
    if "response_format" not in payload:
        return Answer(rewritten(text))
    fields = {"analysis": "x", "answer": "rewrite", "rewrite": text, "rule": ""}
    return Answer(json.dumps(fields))


def teach(server: ChatServer, folder: Path, conduct: Conduct, **changes: object) -> list[Any]:
    settings = Annotate.model_validate(endpoint(server, **changes))
    lessons = by_endpoint(TEXTS, Classroom(conduct, settings, folder), lambda: None)
    return [lesson.taught for lesson in lessons]


def test_where_the_server_can_answers_are_json(tmp_path: Path, conduct: Conduct) -> None:
    with serving(able, HOLDS) as server:
        found = teach(server, tmp_path, conduct)
        assert all("response_format" in call for call in server.calls)
        assert [one.text for one in found] == [text.replace("ـ", "") for text in TEXTS]
        assert teach(server, tmp_path, conduct) == found
    assert (len(server.probes), len(server.calls)) == (2, len(TEXTS))
    system = server.calls[0]["messages"][0]["content"]
    assert "JSON" in system and "<rewrite>" not in system


@pytest.mark.parametrize(
    "probed",
    [
        with_schema(Answer(status=400)),
        with_schema(Answer(status=422)),
        with_schema(Answer(status=500)),
        with_schema("Green"),
        with_schema('{"colour": "green"}'),
        with_schema(f'Sure: {{"word": "{WORD}"}}'),
        with_schema(" "),
        with_schema(Answer(body=b"{")),
    ],
    ids=["400", "422", "500", "ignores", "other JSON", "chats", "empty", "half"],
)
def test_where_it_cannot_answers_stand_between_tags(
    tmp_path: Path, conduct: Conduct, probed: Behaviour
) -> None:
    with serving(able, probed) as server:
        found = teach(server, tmp_path, conduct, retries=1)
        assert not any("response_format" in call for call in server.calls)
        assert isinstance(found[0], Rewrite) and found[0].text == "كتاب جميل"
        asked = len(server.probes)
        server.probed = HOLDS
        assert teach(server, tmp_path, conduct, retries=1) == found
        assert (len(server.probes), len(server.calls)) == (asked, len(TEXTS))
        teach(server, tmp_path, conduct, retries=1, model="another")
    assert len(server.probes) == asked + 2


def test_never_asks_what_was_always_asked(tmp_path: Path, conduct: Conduct) -> None:
    with serving(able, HOLDS) as server:
        teach(server, tmp_path, conduct, structured="never")
        assert server.probes == []
        never = {json.dumps(call) for call in server.calls}
        server.calls.clear()
        server.probed = with_schema(Answer(status=400))
        teach(server, tmp_path / "auto", conduct)
    assert {json.dumps(call) for call in server.calls} == never
    keys = {"model", "messages", "temperature", "max_tokens"}
    assert all(set(call) == keys for call in server.calls)


def test_always_asks_no_probe(tmp_path: Path, conduct: Conduct) -> None:
    with serving(able) as server:
        teach(server, tmp_path, conduct, structured="always")
    assert server.probes == []
    assert all("response_format" in call for call in server.calls)


def test_a_server_that_does_not_work_ends_the_run(tmp_path: Path, conduct: Conduct) -> None:
    with serving(able, always(Answer(status=500))) as server:
        with pytest.raises(EndpointError, match="every one of 2 requests failed"):
            teach(server, tmp_path, conduct)
        server.probed = always(Answer(status=401))
        with pytest.raises(EndpointError, match="refuses the key"):
            teach(server, tmp_path, conduct)
        assert server.calls == []
        server.probed = HOLDS
        teach(server, tmp_path, conduct)
    assert all("response_format" in call for call in server.calls)


def test_nothing_is_asked_for_nothing(tmp_path: Path, conduct: Conduct) -> None:
    with serving(able) as server:
        settings = Annotate.model_validate(endpoint(server))
        assert by_endpoint([], Classroom(conduct, settings, tmp_path), lambda: None) == []
    assert server.probes == []
