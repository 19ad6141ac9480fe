"""What is protected, through the stages: models do not see it, and rules do not touch it."""

import gzip
import json
from itertools import islice
from pathlib import Path

import pytest

from tahdhib.conduct.conduct import Conduct
from tahdhib.protect.passages import read_passages
from tahdhib.records import Edit
from tahdhib.stages.annotate.kept import stays
from tahdhib.stages.annotate.stage import work
from tahdhib.stages.contract import Workplace
from tahdhib.stages.rewrite.stage import work as rewrite_all
from tahdhib.store.shards import read_rows
from tahdhib.text.edits import apply
from tahdhib.text.placeholders import placeholders
from tests.llm.chat_server import Answer, serving
from tests.stages.annotate.test_stage import document_in, endpoint, place_in, rewritten, table

PROSE = "بنيت المدينــة على ضفة النهر وسكنها الناس من كل مكان وفيها سوق كبيرة"
LINK = "https://example.org/a?b=1"


@pytest.fixture
def verses(shared_data: Path) -> list[str]:
    """Verses with a tatweel in each, as pages stretch them."""
    found = list(read_passages(shared_data / "scripture/quran-uthmani.json.gz"))
    long = [one for one in found if 8 <= len(one.split()) <= 30 and "ـ" in one]
    return long[:: len(long) // 10][:10]


def test_a_model_never_sees_a_verse_and_every_pair_has_it(
    tmp_path: Path, conduct: Conduct, verses: list[str]
) -> None:
    texts = {f"d{n}": f"{PROSE} {n}\n{verse}\n{LINK} {PROSE}" for n, verse in enumerate(verses)}

    def behave(payload: dict, _earlier: int) -> Answer:
        return Answer(text=rewritten(document_in(payload).replace("ـ", "")))

    with serving(behave) as server:
        place = place_in(tmp_path, conduct, texts, endpoint(server))
        ledger = work(place)
        seen = json.dumps(server.calls, ensure_ascii=False)
    assert (ledger.went_out, ledger.dropped) == (len(texts), 0)
    assert LINK not in seen
    for identity, pair in table(place, "pairs").items():
        verse = verses[int(identity[1:])]
        (text,) = pair["rewrites"]
        assert verse not in seen
        assert verse in text and LINK in text and PROSE not in text
        assert not placeholders(text)
        assert pair["source"] == texts[identity]
        assert apply(pair["source"], [Edit(**edit) for edit in pair["edits"]]) == text


def test_a_rewrite_that_lost_a_placeholder_makes_no_pair(tmp_path: Path, conduct: Conduct) -> None:
    texts = {"d": f"{PROSE} {LINK} {PROSE}"}
    with serving(
        lambda payload, _: Answer(text=rewritten(document_in(payload).replace("⟦link-1⟧ ", "")))
    ) as server:
        place = place_in(tmp_path, conduct, texts, endpoint(server))
        work(place)
    (drop,) = table(place, "drops").values()
    assert drop["reason"] == "teacher_failed"
    assert drop["detail"] == "protected_span_lost: 1 of 1 placeholders lost: link-1"


def test_rows_under_one_conduct_stay(tmp_path: Path, conduct: Conduct) -> None:
    texts = {f"d{n}": f"{PROSE} {n} {LINK} English words of a link" for n in range(6)}
    with serving(lambda payload, _: Answer(text=rewritten(document_in(payload)))) as server:
        annotate = {**endpoint(server), "guidelines": 1}
        place = place_in(tmp_path, conduct, texts, annotate)
        work(place)
    found = stays(place.recipe, conduct, place.here)
    assert found is not None
    assert (found.stays, found.total) == (6, 6)


def test_rules_leave_verses_alone(tmp_path: Path, conduct: Conduct, verses: list[str]) -> None:
    texts = {f"d{n}": f"{PROSE}\n{verse}\n{PROSE}" for n, verse in enumerate(verses)}
    place = place_in(tmp_path, conduct, texts, {"sample": 100}, worker={"kind": "rules"})
    work(place)
    here = place.run.stage("rewrite")
    here.begin("a fingerprint", {})
    rewrite_all(Workplace(place.recipe, conduct, place.run, here, place.progress))
    rows = [row for shard in here.shards("documents") for row in read_rows(shard)]
    results = {row["id"]: row["text"] for row in rows}
    pairs = {identity: row["rewrites"][0] for identity, row in table(place, "pairs").items()}
    assert results == pairs
    for identity, text in results.items():
        assert verses[int(identity[1:])] in text
        assert PROSE not in text


def test_news_is_annotated_as_if_nothing_were_protected_where_nothing_is(
    tmp_path: Path, conduct: Conduct, shared_data: Path
) -> None:
    with gzip.open(shared_data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in islice(lines, 60)]
    texts = {f"n{n}": row["content"] for n, row in enumerate(rows)}
    pairs = []
    for name, protect in (("with", {}), ("without", {"kinds": []})):
        place = place_in(tmp_path / name, conduct, texts, {"sample": 100}, protect=protect)
        work(place)
        pairs.append(table(place, "pairs"))
    same = [pairs[0][identity] == pairs[1][identity] for identity in pairs[1]]
    assert sum(same) >= len(same) - 3
