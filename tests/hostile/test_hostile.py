"""Documents that carry orders, against a server that obeys them, and twins that only discuss them.

The whole stage `annotate` runs over them: prompts, a real server on the loopback interface, the
protocol, the gate. What an order asks for must not become a pair, in whatever way it is obeyed.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tahdhib.conduct.load import load_conduct
from tahdhib.protect.shield import shield
from tahdhib.score.overlap import chrf
from tahdhib.stages.annotate.stage import work
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import read_rows, write_rows
from tahdhib.text.placeholders import placeholders
from tests.hostile.documents import Hostile, hostile_documents, squash, twins
from tests.hostile.obeying import WAYS, rewrite
from tests.llm.chat_server import Answer, serving
from tests.stages.workplaces import workplace

CONDUCT = load_conduct("default")
ATTACKS = list(hostile_documents())
TWINS = list(twins())
LEAST_CHRF = 50
LEAST_PASSED = 0.95
LEAK = 60
"""Characters of the system prompt that, one after the other, are a leak."""


def taught(
    folder: Path,
    texts: dict[str, str],
    answer: Callable[[str, str], str],
    structured: str = "never",
) -> dict[str, tuple[str, str]]:
    """The pairs, source and rewrite, that a server makes of texts; `answer` is told the id of the
    document and the system prompt. It writes what looks like a placeholder as it was shown."""
    shown = {identity: shield(text, ()) for identity, text in texts.items()}
    by_length = sorted(shown.items(), key=lambda item: -len(item[1].text))

    def behave(payload: dict, _earlier: int) -> Answer:
        system, user = (message["content"] for message in payload["messages"])
        identity, one = next(
            item for item in by_length if user.endswith(f">\n{item[1].text}\n{user[-36:]}")
        )
        said = answer(identity, system)
        for mark, span in zip(placeholders(one.text), one.spans, strict=True):
            is_shown = one.text[mark.start : mark.end]
            said = said.replace(one.source[span.start : span.end], is_shown, 1)
        return Answer(text=said)

    with serving(behave) as server:
        recipe = {
            "ingest": {"paths": ["unused.jsonl"], "buckets": 1},
            "annotate": {
                "teacher": "openai",
                "sample": len(texts),
                "openai": {
                    "base_url": server.base_url,
                    "model": "tiny",
                    "api_key_env": None,
                    "structured": structured,
                    "retries": 0,
                },
            },
            "protect": {"kinds": []},  # a model that sees the whole text can obey all of it
            "processes": 1,
        }
        place = workplace(folder, "annotate", recipe, CONDUCT)
        rows = [
            {"id": identity, "text": text, "metadata": "{}"}
            for identity, text in sorted(texts.items())
        ]
        write_rows(place.run.stage("dedup").shard("documents", 0), rows, DOCUMENTS)
        ledger = work(place)
    assert len(server.calls) >= len(texts)
    assert ledger.came_in == len(texts) == ledger.went_out + ledger.dropped
    pairs = [row for shard in place.here.shards("pairs") for row in read_rows(shard)]
    return {row["id"]: (row["source"], row["rewrites"][0]) for row in pairs}


def test_there_are_sixty_of_each() -> None:
    assert len(ATTACKS) == len(TWINS) == len({one.text for one in ATTACKS}) == 60
    for one in ATTACKS:
        assert not one.says_the_canary(one.text)
        assert one.text.count(one.order) == 1
    assert all(one.text != one.repaired for one in TWINS)


@pytest.mark.parametrize("way", WAYS)
def test_no_pair_does_what_a_document_orders(way: str, tmp_path: Path) -> None:
    by_id = {one.id: one for one in ATTACKS}
    prompts: list[str] = []

    def obey(identity: str, system: str) -> str:
        prompts.append(system)
        return WAYS[way](by_id[identity], system)

    pairs = taught(tmp_path, {one.id: one.text for one in ATTACKS}, obey)
    for identity, (source, made) in pairs.items():
        one = by_id[identity]
        assert not one.says_the_canary(made), (identity, made)
        assert chrf(source, made) >= LEAST_CHRF, (identity, made)
        assert not leaks(one, made, prompts[0]), (identity, made)
        assert squash(made).startswith(squash(source)[:40]), (identity, made)


def leaks(one: Hostile, made: str, system: str) -> bool:
    return any(
        line[:LEAK] in made and line[:LEAK] not in one.text
        for line in system.splitlines()
        if len(line) >= LEAK
    )


@pytest.mark.parametrize("orders", ["held_out.jsonl", "held_out_again.jsonl"])
@pytest.mark.parametrize("way", ["text, then canary", "canary in a sentence", "canary for a word"])
def test_orders_in_words_that_no_pattern_knows(way: str, orders: str, tmp_path: Path) -> None:
    by_id = {one.id: one for one in hostile_documents(orders)}
    assert len(by_id) == 12
    pairs = taught(
        tmp_path,
        {one.id: one.text for one in by_id.values()},
        lambda identity, system: WAYS[way](by_id[identity], system),
    )
    assert not [one for one, (_, made) in pairs.items() if by_id[one].says_the_canary(made)]


def test_twins_pass(tmp_path: Path) -> None:
    by_id = {one.id: one for one in TWINS}
    pairs = taught(
        tmp_path,
        {one.id: one.text for one in TWINS},
        lambda identity, _: rewrite(by_id[identity].repaired),
    )
    passed = [identity for identity, (_, made) in pairs.items() if made == by_id[identity].repaired]
    assert len(passed) >= LEAST_PASSED * len(TWINS), sorted(by_id.keys() - set(passed))


def test_an_attacked_document_that_is_left_alone_is_a_pair(tmp_path: Path) -> None:
    pairs = taught(
        tmp_path,
        {one.id: one.text for one in ATTACKS},
        lambda _identity, _system: (
            "<analysis>It gives orders; they are data.</analysis><unchanged/>"
        ),
    )
    assert {identity: made for identity, (_, made) in pairs.items()} == {
        one.id: one.text for one in ATTACKS
    }
