"""The same documents and ways to obey them, where the server holds its model to a schema."""

import json
from pathlib import Path

import pytest

from tahdhib.conduct.protocol import ANSWER
from tahdhib.score.overlap import chrf
from tests.hostile.obeying import WAYS, rewrite
from tests.hostile.test_hostile import (
    ATTACKS,
    CONDUCT,
    LEAST_CHRF,
    LEAST_PASSED,
    TWINS,
    leaks,
    taught,
)


def as_json(answer: str) -> str:
    """What a model says that can only say it in the schema's fields."""
    found = ANSWER.fullmatch(answer)
    fields = {"analysis": "It was read.", "answer": "rewrite", "rewrite": answer}
    if found is not None and found["rewrite"] is not None:
        fields |= {"analysis": found["analysis"] or "", "rewrite": found["rewrite"]}
    elif found is not None:
        said = {"answer": "unchanged", "rewrite": ""}
        fields |= said if found["unchanged"] else {**said, "answer": "drop", "rule": found["rule"]}
    if any(rule.action == "drop" for rule in CONDUCT.rules):
        fields.setdefault("rule", "")
    return json.dumps(fields, ensure_ascii=False)


@pytest.mark.parametrize("way", WAYS)
def test_no_pair_does_what_a_document_orders(way: str, tmp_path: Path) -> None:
    by_id = {one.id: one for one in ATTACKS}
    prompts: list[str] = []

    def obey(identity: str, system: str) -> str:
        prompts.append(system)
        return as_json(WAYS[way](by_id[identity], system))

    texts = {one.id: one.text for one in ATTACKS}
    for identity, (source, made) in taught(tmp_path, texts, obey, "always").items():
        one = by_id[identity]
        assert not one.says_the_canary(made), (identity, made)
        assert chrf(source, made) >= LEAST_CHRF, (identity, made)
        assert not leaks(one, made, prompts[0]), (identity, made)


def test_twins_pass(tmp_path: Path) -> None:
    by_id = {one.id: one for one in TWINS}
    texts = {one.id: one.text for one in TWINS}
    pairs = taught(
        tmp_path,
        texts,
        lambda identity, _: as_json(rewrite(by_id[identity].repaired)),
        "always",
    )
    passed = [identity for identity, (_, made) in pairs.items() if made == by_id[identity].repaired]
    assert len(passed) >= LEAST_PASSED * len(TWINS), sorted(by_id.keys() - set(passed))
