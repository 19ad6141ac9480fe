"""`tahdhib polish`: one text, its differences, who made each edit, and the gate's answer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import tahdhib
from tahdhib.conduct.load import load_conduct
from tahdhib.config.recipe import Gate as Settings
from tahdhib.config.recipe import Protect
from tahdhib.errors import DataError
from tahdhib.polish import polish
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document, Rewrite
from tahdhib.text.edits import apply, diff
from tests.run.small import tahdhib as command

SHELTER = open_shelter(Protect())
TEXT = "اتصل على 0501234567 الآن، هذا خـــــبر سار."
CLEAN = "اتصل على ⟦phone⟧ الآن، هذا خبر سار."


def test_each_edit_has_its_rule_and_its_verdict() -> None:
    done = command("polish", TEXT)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[2:4]] == [
        "mask-contacts",
        "remove-tatweel",
    ]
    assert done.stdout.count("may pass") == 2
    assert "The gate accepts it." in done.stdout


def test_what_is_piped_in_comes_out_and_nothing_else() -> None:
    verb = [sys.executable, "-m", "tahdhib.cli.main", "polish", "--plain"]
    done = subprocess.run(verb, input=f"{TEXT}\n".encode(), capture_output=True, check=True)
    assert done.stdout.decode() == f"{CLEAN}\n"


def test_a_file_as_one_record_and_its_text_into_another(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(TEXT, encoding="utf-8")
    out = tmp_path / "made" / "clean.txt"
    record = json.loads(command("polish", "--file", page, "--json", "--out", out).stdout)
    assert out.read_text(encoding="utf-8") == CLEAN
    edits = [judged["edit"] for judged in record["edits"]]
    assert (record["text"], record["accepted"], record["worker"]) == (CLEAN, True, "rules")
    assert [edit["by"] for edit in edits] == ["mask-contacts", "remove-tatweel"]


class _Careless:
    """Rewrites as it was told, whatever the text says."""

    name, hash = "careless", "0"

    def __init__(self, rewrite: str) -> None:
        self._rewrite = rewrite

    def rewrite(self, documents: list[Document]) -> list[Rewrite]:
        made = [diff(one.text, self._rewrite, by=self.name) for one in documents]
        return [
            Rewrite(apply(one.text, edits), edits)
            for one, edits in zip(documents, made, strict=True)
        ]


def test_a_refused_rewrite_leaves_the_source_and_shows_the_edit_behind_it() -> None:
    source = "زار الوفد المدينة في عام 2015 وعاد  بعد ثلاثة أيام من العمل."
    rewrite = "زار الوفد المدينة في عام 2016 وعاد بعد ثلاثة أيام من العمل."
    (found,) = polish([source], _Careless(rewrite), load_conduct("default"), Settings(), SHELTER)
    assert (found.text, found.rewrite, found.accepted) == (source, rewrite, False)
    verdicts = {
        source[one.edit.start : one.edit.end]: [reason.code for reason in one.reasons]
        for one in found.edits
    }
    assert verdicts == {"2015": ["numbers"], "  ": []}


def test_the_worker_of_a_run_under_its_own_conduct(tmp_path: Path) -> None:
    (tmp_path / "text.jsonl").write_text(json.dumps({"text": TEXT}) + "\n", encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(
        "conduct: minimal\ningest: {paths: [text.jsonl]}\nworker: {kind: copy}\n", "utf-8"
    )
    tahdhib.run(tmp_path / "recipe.yaml", tmp_path / "run", until="rewrite")
    found = tahdhib.polish(TEXT, run_folder=tmp_path / "run")
    assert (found.worker, found.text, found.edits) == ("copy", TEXT, ())
    assert tahdhib.polish(TEXT, conduct="minimal").edits


def test_a_folder_without_a_worker_is_said(tmp_path: Path) -> None:
    done = command("polish", "x", "--worker", tmp_path)
    assert (done.returncode, "holds no trained worker" in done.stderr) == (2, True)
    both = command("polish", "x", "--worker", tmp_path, "--run", tmp_path)
    assert (both.returncode, "expected one of them" in both.stderr) == (2, True)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes("خبر".encode("cp1256"))
    done = command("polish", "--file", tmp_path / "old.txt")
    assert done.returncode == 2
    assert "byte 0 is no UTF-8; expected a text in UTF-8" in done.stderr
    assert command("polish", "--file", tmp_path / "none.txt").returncode == 2
    assert "expected one of them" in command("polish", "x", "--file", "y").stderr
    with pytest.raises(DataError, match="is no run folder"):
        tahdhib.polish("x", run_folder=tmp_path)
