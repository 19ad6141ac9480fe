from pathlib import Path

import pytest
import yaml

from tahdhib.errors import DataError
from tahdhib.report import words
from tahdhib.report.view import read_view
from tahdhib.store.run_folder import RunFolder
from tests.report.folders import audit_summary, build_run


def sentences(run: RunFolder) -> str:
    view = read_view(run)
    return " ".join(sentence for answer in view.answers for sentence in answer.sentences)


def test_the_ledger_is_told_stage_by_stage(finished: RunFolder) -> None:
    view = read_view(finished)
    assert [line.name for line in view.stages] == [
        "ingest",
        "dedup",
        "annotate",
        "worker",
        "rewrite",
        "audit",
        "publish",
    ]
    assert [line.name for line in view.flow] == ["ingest", "dedup", "rewrite", "publish"]
    dedup = view.stage("dedup")
    assert dedup is not None
    assert dedup.came_in == dedup.went_out + sum(drop.count for drop in dedup.drops)


def test_rules_and_the_worker_alone_stand_apart(finished: RunFolder) -> None:
    changed = read_view(finished).changed
    assert changed is not None
    assert [doer.id for doer in changed.doers if not doer.is_rule] == ["edit"]
    punctuation = next(doer for doer in changed.doers if doer.id == "fix-punctuation")
    assert punctuation.wording
    assert punctuation.edits > punctuation.documents > 0


def test_answers_come_in_words(finished: RunFolder) -> None:
    said = sentences(finished)
    assert "169 documents came in and 138 went out (81.7%)." in said
    assert "The edit worker changed" in said
    assert "learned from people's rewrites, or from the rules too widely" in said
    assert "The gate refused" in said
    assert "a difference was found" in said


def test_no_difference_is_said_with_what_would_have_been_found(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", audit=audit_summary(is_found=False), kind="copy")
    said = sentences(run)
    assert "No difference was found. A difference of 0.0042 or more would have been found" in said
    assert "The copy worker changed none of" in said


@pytest.mark.parametrize(
    ("smallest", "said"),
    [(float("inf"), "is too few to have found one"), (0, "all pairs are equal")],
)
def test_no_difference_from_too_few_or_equal_pairs(
    tmp_path: Path, smallest: float, said: str
) -> None:
    summary = audit_summary(is_found=False)
    for measure in summary["measures"]:
        for against in measure.get("against", {}).values():
            against["smallest"] = smallest
    assert said in sentences(build_run(tmp_path / "run", audit=summary))


def test_a_rough_difference_is_not_claimed_and_said_first(tmp_path: Path) -> None:
    why = "too few clusters with a change for an interval that can be relied on"
    summary = audit_summary(is_found=False)
    for measure in summary["measures"]:
        for side in [*measure.get("against", {}).values(), *measure.get("arms", {}).values()]:
            side["difference"] = {**side["difference"], "rough": why}
    run = build_run(tmp_path / "run", audit=summary)
    assert f"Against the copy worker, which changes nothing: No difference is claimed: {why}" in (
        sentences(run)
    )
    view = read_view(run)
    assert f"T{why[1:]}: no difference is claimed." in view.cautions
    assert view.audit is not None
    change = view.audit.measures[0].change
    assert change is not None and words.interval(change).endswith(", rough)")


def test_a_witness_that_is_no_evidence_is_named(finished: RunFolder) -> None:
    view = read_view(finished)
    said = next(caution for caution in view.cautions if "no evidence for Arabic" in caution)
    assert "AUROC 0.61 (0.57 to 0.65) on Tweets <b>2022</b>; we ask for 0.70" in said
    assert not any("English" in caution for caution in view.cautions)
    assert view.audit is not None
    weak = [measure.group for measure in view.audit.measures if not measure.is_evidence]
    assert weak == ["language=ar"]


def test_a_language_that_the_witness_never_saw_is_named(tmp_path: Path) -> None:
    summary = audit_summary()
    summary["measures"].append({**summary["measures"][1], "group": "language=fr"})
    view = read_view(build_run(tmp_path / "run", documents=40, audit=summary))
    assert "The witness was never measured on French, so it is no evidence there." in view.cautions


def test_texts_with_insults_are_marked(finished: RunFolder) -> None:
    changed = read_view(finished).changed
    assert changed is not None
    by_rule = [s for s in changed.samples if "remove-insults" in s.excerpt.by]
    by_witness = [s for s in changed.samples if s.toxicity and s.toxicity[0] > 0.5]
    others = [s for s in changed.samples if s.excerpt.by == ("remove-advertising",)]
    assert by_rule and by_witness and others
    assert all(sample.is_sensitive for sample in [*by_rule, *by_witness])
    assert not any(sample.is_sensitive for sample in others)


def test_refusals_carry_their_reasons(finished: RunFolder) -> None:
    refused = read_view(finished).refused
    assert refused is not None
    groups = {group.code: group for group in refused.groups}
    assert groups["length"].count == refused.count
    why = groups["numbers"].samples[0].whys[0]
    assert (why.words, why.detail) == ("A number would have changed", "1906 is gone")


def test_samples_are_few_and_short(finished: RunFolder) -> None:
    view = read_view(finished)
    assert view.changed is not None
    assert 0 < len(view.changed.samples) <= 60
    assert all(len(group.samples) <= 3 for group in view.drops)
    for sample in view.changed.samples:
        shown = sum(len(piece.text) + len(piece.after) for piece in sample.excerpt.pieces)
        assert shown < 1000


def test_the_card_says_how_good_the_worker_is(finished: RunFolder) -> None:
    card = read_view(finished).card
    assert card is not None
    assert [line.group for line in card.figures] == ["all", "rules", "people", "openai:some-model"]
    assert card.figures[0].precision is not None
    assert card.figures[0].precision.estimate == 0.86
    assert card.figures[-1].recall is None
    assert ("pairs: train", "1,800") in card.facts


def test_quarantine_says_where(finished: RunFolder) -> None:
    group = read_view(finished).quarantine[0]
    assert (group.code, group.count) == ("not_json", 5)
    assert group.samples[0].file == "wiki.jsonl"
    assert group.samples[0].line >= 1


@pytest.mark.parametrize("until", ["ingest", "dedup", "annotate", "worker", "rewrite", "audit"])
def test_a_run_that_stopped_early(tmp_path: Path, until: str) -> None:
    view = read_view(build_run(tmp_path / "run", documents=40, until=until))
    assert "The run stopped early" in view.cautions[0]
    assert "publish" in view.cautions[0]
    assert (view.changed is None) == (until in ("ingest", "dedup", "annotate", "worker"))
    assert (view.audit is None) == (until != "audit")


def test_a_run_that_has_only_begun(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", documents=40, until="ingest")
    run.stage("ingest").ledger.unlink()
    run.performance.unlink()
    run.recipe.unlink()
    view = read_view(run)
    assert not view.answers
    assert not view.flow
    assert "ingest" in view.cautions[0]


def test_a_conduct_that_has_changed_is_said(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", documents=20, until="dedup")
    run.manifest.write_text(run.manifest.read_text().replace('"hash": "', '"hash": "x'))
    assert any("has changed since this run" in caution for caution in read_view(run).cautions)


def test_a_conduct_that_is_gone_is_said(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", documents=40)
    run.recipe.write_text("conduct: no/such/file.yaml\n", encoding="utf-8")
    view = read_view(run)
    assert any("not on this machine" in caution for caution in view.cautions)
    assert not view.rules
    assert view.changed is not None
    assert [doer.id for doer in view.changed.doers if not doer.is_rule] == ["edit"]


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no run folder"):
        read_view(RunFolder(tmp_path))


def test_a_reason_cites_how_often_its_check_errs(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run")
    recipe = yaml.safe_load(run.recipe.read_text(encoding="utf-8")) or {}
    shares = {"people": [0.013, 0.008, 0.022, 997], "faults": [0.4, 0.3, 0.5, 90]}
    recipe["gate"] = {"measured": {"checks": {"length": shares}}}
    run.recipe.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    refused = read_view(run).refused
    assert refused is not None
    told = {group.code: group.measured for group in refused.groups}
    assert told["length"] == "1.3% (0.8% to 2.2%) of 997 from people"
    assert not any(told[code] for code in told if code != "length")
