"""Two models on the same items: counts and p by hand, and what is never compared."""

from pathlib import Path

import pytest

import tahdhib
from tahdhib.errors import DataError
from tahdhib.evaluate.compare import page
from tahdhib.report.trained import read_models
from tahdhib.report.write import write_report
from tests.evaluate.conftest import samples_of
from tests.report.folders import build_run
from tests.score.tiny_models import causal

TASKS = ["arabicmmlu_authors_en", "acva_likelihood"]


@pytest.fixture(scope="module")
def folders(tiny: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("compared")
    other = causal(root / "other", ["نص عربي آخر لا يشبه الأول"], longest=512)
    for name, model in (("a", tiny), ("b", other)):
        tahdhib.evaluate(model, TASKS, shared_data, root / name, limit=70)
    return [root / "a", root / "b"]


def test_the_counts_are_those_of_the_samples(folders: list[Path]) -> None:
    stats = pytest.importorskip("scipy.stats")
    (found,) = tahdhib.compare(folders)
    task = next(one for one in found.tasks if one.name == "arabicmmlu_authors_en")
    a, b = (
        {row["id"]: row["acc"] for row in samples_of(folder, "arabicmmlu_part_authors_en")}
        for folder in folders
    )
    assert task.n == len(a) == 70
    assert task.alone == 0
    only = [sum(a[one] > b[one] for one in a), sum(a[one] < b[one] for one in a)]
    assert [task.only_base, task.only_other] == only
    assert task.difference.interval.estimate == pytest.approx((only[1] - only[0]) / 70)
    p = stats.binomtest(only[0], sum(only), 0.5).pvalue
    by_name = {one.name: one for one in found.tasks}
    f1 = by_name["acva_likelihood"]
    assert task.p == pytest.approx(min(1, 2 * p)) or task.p == pytest.approx(max(p, f1.p))
    assert sum(one.base.n for one in task.subjects) == 70
    assert f1.metric == "macro-F1"
    words = task.words()
    assert words.startswith("no difference") == (task.p >= 0.05)
    if not task.is_found:
        assert f"one of {task.difference.detectable:.4f} or more would have been" in words


def test_a_model_beside_itself_does_not_differ(folders: list[Path]) -> None:
    (found,) = tahdhib.compare([folders[0], folders[0]])
    for task in found.tasks:
        assert task.p == 1
        assert not task.is_found
        assert task.words() == "no difference was found; all 70 items are answered alike"


def test_a_runs_report_tells_scores_and_comparison(folders: list[Path], tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", documents=16)
    run.evaluation.mkdir()
    for folder in folders:
        (run.evaluation / folder.name).symlink_to(folder)
    found = read_models(run)
    assert found is not None
    assert [name for name, _ in found.scores[0].models] == ["a", "b"]
    (told,), (compared,) = found.comparisons, tahdhib.compare(folders)
    assert [task.p for task in told.tasks] == [task.p for task in compared.tasks]
    text = write_report(run).read_text(encoding="utf-8")
    assert "a part of ArabicMMLU (70 of 14,455 items published)" in text


def test_different_variants_are_never_compared(
    tiny: Path, shared_data: Path, folders: list[Path], tmp_path: Path
) -> None:
    tahdhib.evaluate(tiny, ["arabicmmlu_authors_ar"], shared_data, tmp_path, limit=20)
    with pytest.raises(DataError, match="its arabicmmlu_authors_ar is another variant"):
        tahdhib.compare([folders[0], tmp_path])


def test_items_that_one_alone_was_asked_are_left_out_and_counted(
    tiny: Path, shared_data: Path, folders: list[Path], tmp_path: Path
) -> None:
    tahdhib.evaluate(tiny, TASKS[:1], shared_data, tmp_path, limit=30)
    (found,) = tahdhib.compare([folders[0], tmp_path])
    (task,) = found.tasks
    assert (task.n, task.alone) == (30, 40)
    assert task.title == "a part of ArabicMMLU (30 of 14,455 items published)"


def test_the_page_has_every_subject(folders: list[Path]) -> None:
    found = tahdhib.compare([folders[0], folders[1], folders[1]])
    assert len(found) == 2
    written = page(found)
    for task in found[0].tasks:
        for subject in task.subjects:
            assert f"| {subject.name} | {subject.base.n} |" in written


@pytest.mark.parametrize("damage", ["missing", "prose", "other"])
def test_what_is_no_evaluation_is_said(damage: str, folders: list[Path], tmp_path: Path) -> None:
    if damage != "missing":
        content = "not json" if damage == "prose" else '{"results": {}}'
        (tmp_path / "results.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="holds no results"):
        tahdhib.compare([folders[0], tmp_path])
    with pytest.raises(DataError, match="expected two or more"):
        tahdhib.compare([folders[0]])
