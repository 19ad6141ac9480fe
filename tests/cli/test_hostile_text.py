"""What a corpus says is shown on the terminal, never obeyed."""

import json
from pathlib import Path

from tests.run.small import tahdhib


def test_markup_and_overrides_in_a_document_stay_text(tmp_path: Path) -> None:
    row = {"text": "[bold]كتاب[/bold] ، [red]\u202etxet\u202c[/red] , نص"}
    (tmp_path / "input.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = tahdhib("preview", tmp_path / "input.jsonl", "--unchanged")
    assert done.returncode == 0, done.stderr
    assert "[bold]كتاب[/bold]" in done.stdout
    assert "\u202e" not in done.stdout


def test_an_error_quotes_a_control_character_as_its_code(tmp_path: Path) -> None:
    done = tahdhib("show", tmp_path, "--id", "\x1b]0;title\x07")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


def test_advice_keeps_its_brackets() -> None:
    done = tahdhib("doctor")
    assert "tahdhib[" in done.stdout or "missing" not in done.stdout
