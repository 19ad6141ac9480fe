from pathlib import Path

import pytest

from tahdhib.errors import DataError
from tahdhib.report.show import document_lines, drop_lines, ledger_lines
from tahdhib.store.run_folder import RunFolder
from tests.report.folders import build_run


def test_the_ledger(finished: RunFolder) -> None:
    lines = list(ledger_lines(finished))
    assert lines[1].split() == ["ingest", "169", "160", "9", "documents"]
    assert any(line.split() == ["13", "Exact", "duplicate"] for line in lines)


def test_the_ledger_of_a_run_that_stopped(tmp_path: Path) -> None:
    lines = list(ledger_lines(build_run(tmp_path / "run", documents=40, until="dedup")))
    assert "rewrite    not finished" in lines


def test_the_drops_of_a_stage(finished: RunFolder) -> None:
    lines = list(drop_lines(finished, "dedup", 2))
    assert lines[0] == "dedup dropped 21 of 160 documents."
    assert sum("lost to doc-0000" in line for line in lines) == 2


def test_the_drops_of_ingest_are_its_quarantine(finished: RunFolder) -> None:
    lines = list(drop_lines(finished, "ingest", 3))
    assert "wiki.jsonl:1  not_json" in lines
    assert sum(line.startswith("wiki.jsonl:") for line in lines) == 2


def test_the_drops_of_rewrite_end_with_refusals(finished: RunFolder) -> None:
    lines = list(drop_lines(finished, "rewrite", 5))
    assert any(line.startswith("The gate refused") for line in lines)
    assert "  A number would have changed: 1906 is gone" in lines


def test_no_line_can_drive_a_terminal(finished: RunFolder) -> None:
    lines = [*drop_lines(finished, "ingest", 20), *document_lines(finished, HOSTILE_ID)]
    assert not [line for line in lines if set(line) & set("\x07\x1b\u202e\n\r")]


HOSTILE_ID = "<b onclick=alert(1)>hostile"


def test_the_way_of_a_rewritten_document(finished: RunFolder) -> None:
    lines = list(document_lines(finished, "doc-00001"))
    assert lines[0] == "document   doc-00001"
    assert "dedup      kept; 13 documents lost to it" in lines
    assert "rewrite    rewritten by the edit worker; the gate let it through" in lines
    assert "           “واتساب 0555123456” removed  [mask-contacts]" in lines
    assert "audit      witness: toxicity 0.07 → 0.05" in lines
    assert lines[-1].startswith("publish    published, ")


def test_the_way_of_a_dropped_document(finished: RunFolder) -> None:
    lines = list(document_lines(finished, "doc-00159"))
    assert lines[-1] == "dedup      dropped: exact duplicate, it lost to doc-00001 (same text)"


def test_the_way_of_a_refused_document(finished: RunFolder) -> None:
    lines = list(document_lines(finished, "doc-00005"))
    assert "rewrite    the gate refused what the edit worker made of it" in lines
    assert "           the source was kept" in lines


def test_the_way_of_a_document_with_a_namesake(finished: RunFolder) -> None:
    lines = list(document_lines(finished, "doc-00002"))
    assert lines[1].startswith("ingest     another text with this id was dropped: ")
    assert any(line.startswith("           read, ") for line in lines)
    assert lines[-1].startswith("publish    published, ")


def test_an_unknown_document(finished: RunFolder) -> None:
    with pytest.raises(DataError, match="no document with the id 'nobody'"):
        list(document_lines(finished, "nobody"))


def test_an_unknown_stage(finished: RunFolder) -> None:
    with pytest.raises(DataError, match="polish: is no stage of this run; known: ingest, dedup"):
        list(drop_lines(finished, "polish", 1))


def test_a_stage_that_has_not_finished(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", documents=40, until="dedup")
    with pytest.raises(DataError, match="rewrite has not finished"):
        list(drop_lines(run, "rewrite", 1))
