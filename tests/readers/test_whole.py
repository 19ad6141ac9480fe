import gzip
from pathlib import Path
from random import Random

import pytest

from tahdhib.readers.page import Page, decoded, extracted, page_of
from tests.readers.reading import content_of

ARTICLE = "قال الوزير إن العمل في المشروع مستمر، وإن المرحلة الأولى تنتهي قبل نهاية العام. " * 6
NOISE = Random(17).randbytes(4000)
PAGE = """<!DOCTYPE html><html><head>{head}<title>عنوان الخبر</title>
<link rel="canonical" href="https://example.org/news/1"></head>
<body><nav><a href="/">الرئيسية</a> <a href="/x">اتصل بنا</a></nav>
<article><h1>عنوان الخبر</h1><p>{text}</p><p>{text}</p></article>
<footer>جميع الحقوق محفوظة</footer></body></html>"""


def page(head: str = "", text: str = ARTICLE) -> str:
    return PAGE.format(head=head, text=text)


def test_a_text_file_is_one_record_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "كتاب.txt.gz"
    path.write_bytes(gzip.compress("سطر\nسطر آخر\n".encode()))
    assert content_of(path).records == [{"text": "سطر\nسطر آخر\n", "name": "كتاب.txt.gz"}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_of_text_files(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("نص".encode(encoding))
    assert content_of(path).records[0]["text"] == "نص"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\xd4\xff\xe5", "invalid_utf8"), (b"x" * 2000, "too_large")],
)
def test_a_text_file_that_is_none(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert content_of(path, limit=1000).faults == [(1, reason)]


def test_a_page_gives_its_text_and_what_it_says_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    date = '<meta property="article:published_time" content="2019-05-04T10:00:00Z">'
    path.write_text(page(date), encoding="utf-8")
    (record,) = content_of(path).records
    assert "المشروع مستمر" in record["text"] and "اتصل بنا" not in record["text"]
    assert record["title"] == "عنوان الخبر"
    assert record["url"] == "https://example.org/news/1"
    assert record["date"] == "2019-05-04"
    assert record["name"] == "a.html"


@pytest.mark.parametrize(
    ("head", "encoding", "charset"),
    [
        ('<meta charset="windows-1256">', "cp1256", None),
        ("", "cp1256", "windows-1256"),
        ("", "cp1256", None),
        ('<meta charset="iso-8859-1">', "cp1256", None),  # wrong, and common
        ('<meta charset="windows-1256">', "utf-8", None),
        ('<meta charset="no-such-thing">', "utf-8", "utf-16"),
        ('<meta charset="idna">', "cp1256", "base64"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-6">',
            "iso8859-6",
            None,
        ),
        ("", "utf-8-sig", None),
        ("", "utf-16", None),
    ],
)
def test_encodings_declared_or_not(head: str, encoding: str, charset: str | None) -> None:
    found = page_of(page(head).encode(encoding), charset)
    assert isinstance(found, Page)
    assert "المشروع مستمر، وإن المرحلة" in found.text


def test_other_languages_are_not_taken_for_arabic() -> None:
    french = (
        "Le gouvernement a décidé d'élargir l'accès à l'école dès la rentrée, même à Besançon. "
    )
    for charset in (None, "iso-8859-1"):
        assert "décidé d'élargir" in (
            decoded(page(text=french * 9).encode("cp1252", "ignore"), charset) or ""
        )
    russian = "Правительство решило расширить доступ к школе с начала учебного года. " * 9
    assert "Правительство" in (decoded(f"<p>{russian}</p>".encode("cp1251")) or "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        b"\x89PNG\r\n\x1a\n" + NOISE,
        b"%PDF-1.4 \x00\x01" + NOISE,
        b"just a line of text without any tag",
        b'{"text": "json"}',
        b"<html></html>",
        b"<html><body><script>var a = 1;</script></body></html>",
        b"<" * 100_000,
        b"<div>" * 100_000,
        b"<html>" + b"<table><tr><td>" * 20_000,
        b"<?xml version='1.0' encoding='utf-8'?><a/>",
    ],
    ids=lambda content: repr(content[:12]),
)
@pytest.mark.usefixtures("no_hang")
def test_html_that_is_none_goes_to_quarantine(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(content)
    seen = content_of(path)
    assert (seen.records, seen.faults) == ([], [(1, "no_main_text")])


def test_a_page_reads_no_file_of_ours(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret of the house")
    entity = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    found = extracted(f"{entity}<html><body><p>{ARTICLE} &x;</p></body></html>")
    assert isinstance(found, Page) and "secret" not in found.text


def test_a_fragment_is_a_page() -> None:
    found = extracted(f"<p>{ARTICLE}</p>")
    assert isinstance(found, Page) and "المشروع مستمر" in found.text


def test_nothing_is_said_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    extracted("<html></html>")
    page_of(b"\xff\xfe")
    assert capfd.readouterr() == ("", "")
