"""A text that informs and incites: the default conduct hands it up, and only a worker that writes
can say it otherwise."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tahdhib.conduct.load import load_conduct
from tahdhib.config.recipe import CausalRewriting, Gate, Protect
from tahdhib.config.recipe import Rewrite as Settings
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document, Rewrite
from tahdhib.stages.rewrite.judging import Judging
from tahdhib.stages.rewrite.ladder import Ladder, Rung
from tahdhib.stages.rewrite.outcome import Outcome, outcome_of
from tahdhib.workers.causal.folder import Asked
from tahdhib.workers.causal.worker import CausalWorker, _endpoint
from tahdhib.workers.rules import RulesWorker
from tests.llm.chat_server import Answer, serving

CONDUCT = load_conduct("default")
NEWS = (
    "افتتحت البلدية أمس سوقًا جديدة شرق المدينة، وتضم السوق 120 متجرًا ومواقف للسيارات. وقال رئيس "
    "البلدية إن العمل فيها بدأ عام 2019، وإن كلفتها بلغت 35 مليون دينار. "
)
CALL = "يجب طرد كل اللاجئين من هذه السوق. "
TOLD = "وطالب كاتب المقال بطرد اللاجئين من هذه السوق. "
REST = "وتفتح السوق أبوابها من الثامنة صباحًا ، وتغلق عند منتصف الليل."
SOURCE = NEWS + CALL + REST
MENDED = SOURCE.replace("صباحًا ،", "صباحًا،")


def ended(text: str, *rungs: Rung, **settings: Any) -> Outcome:
    recipe = Settings(ladder=("rules", "causal"), **settings)
    ladder = Ladder(rungs, Judging(Gate(), CONDUCT, open_shelter(Protect())), recipe)
    (climber,) = ladder.climb([{"id": "a", "text": text, "metadata": "{}"}])
    return outcome_of(climber, ladder, recipe)


@pytest.fixture(scope="module")
def rules() -> Rung:
    return Rung("rules", "hash", False, RulesWorker(CONDUCT).rewrite)


def writer(url: str, folder: Path) -> Rung:
    """A causal worker whose model is served at `url`."""
    settings = CausalRewriting(engine="endpoint", base_url=url)
    worker = CausalWorker(
        Asked(instruction="conduct", output="full"),
        _endpoint(folder, settings, folder),
        conduct=CONDUCT,
        model="writer",
        model_hash="0",
        most=len,
    )

    def answers(documents: Sequence[Document]) -> list[Rewrite]:
        return [one for one in worker.answers(documents) if isinstance(one, Rewrite)]

    return Rung("causal", "hash", True, answers)


def test_without_a_worker_that_writes_it_is_mended_and_says_what_is_left(rules: Rung) -> None:
    document = ended(SOURCE, rules).document
    assert document is not None
    assert (document["state"], document["text"]) == ("rewritten", MENDED)
    assert document["reasons"] == ["recontextualise:neutralise-violence"]
    assert document["way"] == ["rules:accepted"]


def test_or_it_goes_where_the_recipe_says_so(rules: Rung) -> None:
    drop = ended(SOURCE, rules, recontextualise="drop").drop
    assert drop is not None
    assert drop["reason"] == "recontextualise:neutralise-violence"


def test_a_sound_text_around_a_call_is_kept_with_the_reason(rules: Rung) -> None:
    document = ended(MENDED, rules, refused="drop").document
    assert document is not None
    assert (document["state"], document["text"]) == ("kept", MENDED)
    assert document["reasons"] == ["recontextualise:neutralise-violence"]


def test_a_worker_that_writes_tells_it_otherwise(rules: Rung, tmp_path: Path) -> None:
    rewrite = MENDED.replace(CALL, TOLD)
    with serving(lambda *_: Answer(text=f"<rewrite>\n{rewrite}\n</rewrite>")) as server:
        outcome = ended(SOURCE, rules, writer(server.base_url, tmp_path))
        untouched = ended(NEWS + TOLD, rules, writer(server.base_url, tmp_path))
    document = outcome.document
    assert document is not None
    assert document["way"] == ["rules:accepted", "causal:accepted"]
    assert (document["state"], document["text"], document["reasons"]) == ("rewritten", rewrite, [])
    assert untouched.document is not None
    assert untouched.document["way"] == ["rules:nothing"]
    assert [SOURCE in call["messages"][-1]["content"] for call in server.calls] == [True]


@pytest.mark.parametrize("answer", ["<rewrite>\nكلام آخر\n</rewrite>", "<unchanged/>"])
def test_where_it_does_no_better_what_was_mended_stays(
    rules: Rung, tmp_path: Path, answer: str
) -> None:
    with serving(lambda *_: Answer(text=answer)) as server:
        document = ended(SOURCE, rules, writer(server.base_url, tmp_path)).document
    assert document is not None
    assert (document["state"], document["text"]) == ("rewritten", MENDED)
