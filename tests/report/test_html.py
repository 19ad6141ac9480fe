import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tahdhib.report.write import write_report
from tahdhib.store.run_folder import RunFolder
from tests.report.folders import audit_summary, build_run

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects the tags of a page and checks that they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(run: RunFolder) -> tuple[str, Page]:
    text = write_report(run).read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert not page.open
    return text, page


def test_nothing_of_the_data_becomes_markup(finished: RunFolder) -> None:
    _, page = page_of(finished)
    assert len(page.named("script")) == 1
    assert not page.named("img")
    assert not page.named("b") or all(not attributes for attributes in page.named("b"))
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]


def test_nothing_of_the_data_acts(finished: RunFolder) -> None:
    text, _ = page_of(finished)
    assert "\u202e" not in text
    assert "\x07" not in text
    assert "⟨U+202E⟩" in text
    assert "{{ 7*7 }}" in text


def test_the_page_needs_nothing_else(finished: RunFolder) -> None:
    text, page = page_of(finished)
    assert not page.named("link")
    assert "@import" not in text
    assert "url(" not in text
    assert all((a.get("href") or "").startswith("#") for a in page.named("a"))
    policy = next(m["content"] for m in page.named("meta") if "http-equiv" in m)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not [tag for tag, attributes in page.tags if "style" in attributes]


def test_the_page_is_accessible(finished: RunFolder) -> None:
    text, page = page_of(finished)
    for landmark in ("main", "nav", "header", "footer"):
        assert page.named(landmark)
    assert len(page.named("h1")) == 1
    assert all("scope" in attributes for attributes in page.named("th"))
    for svg in page.named("svg"):
        assert svg.get("aria-label") or svg.get("aria-hidden") == "true"
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_arabic_stands_from_right_to_left(finished: RunFolder) -> None:
    _, page = page_of(finished)
    passages = [a for a in page.named("div") if "passage" in (a.get("class") or "")]
    arabic = [a for a in passages if a["lang"] == "ar"]
    assert arabic
    assert all(a["dir"] == "rtl" for a in arabic)


def test_the_command_and_the_figures_are_there(finished: RunFolder) -> None:
    text, _ = page_of(finished)
    assert "tahdhib run -c recipes/demo.yaml --out runs/demo" in text
    assert "exact_duplicate" in text
    assert "Too much lost or added" in text
    assert len(text.encode("utf-8")) < 2_000_000


def test_equal_folders_give_equal_reports(finished: RunFolder) -> None:
    first = write_report(finished).read_bytes()
    assert write_report(finished).read_bytes() == first


@pytest.mark.parametrize("until", ["ingest", "dedup", "worker", "rewrite", "audit"])
def test_missing_stages_are_said_in_words(tmp_path: Path, until: str) -> None:
    text, _ = page_of(build_run(tmp_path / "run", documents=40, until=until))
    assert "The run stopped early" in text
    assert ("The run stopped before <b>audit</b>" in text) == (until != "audit")


@pytest.mark.parametrize("kind", ["copy", "rules", "random"])
def test_workers_that_learn_nothing(tmp_path: Path, kind: str) -> None:
    run = build_run(tmp_path / "run", kind=kind, audit=audit_summary(is_found=False))
    text, _ = page_of(run)
    assert "No difference was found." in text
    assert "it learned nothing" in text


def test_an_audit_with_holes(tmp_path: Path) -> None:
    summary = audit_summary()
    summary["witness"] = {}
    summary["measures"] = [
        {"measure": "overlap", "unit": "chrF", "group": "rewritten", "n": 0, "after": {}},
        {"measure": "toxicity", "group": "all", "n": 3, "histogram": {"edges": []}},
    ]
    text, _ = page_of(build_run(tmp_path / "run", documents=40, audit=summary))
    assert "Overlap" in text


def test_groups_drift_and_people_are_shown_and_escaped(tmp_path: Path) -> None:
    text, _ = page_of(build_run(tmp_path / "run", documents=60))
    for said in (
        "By rule that acted",
        "&lt;b&gt;aawsat.example&lt;/b&gt;",
        "numbers that both texts have",
        "Egyptian → Standard Arabic 4",
        "جميييييل&lt;i&gt;",
        "What people say",
        "are unlike the texts on which the witness was measured",
        "240 clusters",
    ):
        assert said in text, said
