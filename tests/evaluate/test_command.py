"""`tahdhib evaluate` and `tahdhib compare`: what they print."""

from pathlib import Path

from typer.testing import CliRunner

from tahdhib.cli.main import app


def test_a_model_is_evaluated_and_compared_with_itself(
    tiny: Path, shared_data: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    arguments = ["evaluate", str(tiny), "--task", "aratrust", "--data-dir", str(shared_data)]
    done = CliRunner().invoke(app, [*arguments, "--limit", "30", "--out", out])
    assert done.exit_code == 0, done.output
    assert "aratrust_part_lighteval" in done.output
    assert "rows skipped: not drawn, at most 30 wanted (397)" in done.output
    page = tmp_path / "page.md"
    compared = CliRunner().invoke(app, ["compare", out, out, "--out", str(page)])
    assert compared.exit_code == 0, compared.output
    assert "no difference was found; all 30 items are answered alike" in compared.output
    assert "### aratrust_lighteval" in page.read_text(encoding="utf-8")
