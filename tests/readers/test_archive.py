"""Web archives: the real samples, some broken on purpose, and archives written by another tool."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.readers.reading import content_of
from tests.readers.test_whole import ARTICLE, page

Fault = tuple[int, str]


@pytest.mark.parametrize(
    ("name", "documents", "faults", "skipped"),
    [
        ("whirlwind.warc.gz", 1, [], 3),
        ("whirlwind.warc.wet.gz", 1, [], 1),
        ("resiliparse_warcfile.warc.gz", 16, [], 34),
        ("resiliparse_clipped.warc.gz", 0, [(1, "broken_stream")], 0),
        ("warcio_example.warc.gz", 1, [], 5),
        ("warcio_example-trunc.warc", 0, [(3, "malformed_record")], 3),
        ("warcio_example-bad-non-chunked.warc.gz", 1, [(2, "not_record_wise")], 5),
        ("warcio_example-iana.org-chunked.warc", 1, [], 2),
        ("warcio_example.arc.gz", 1, [], 1),
        ("warcio_example-digest.warc", 0, [], 4),
    ],
)
def test_real_archives_whole_and_broken(
    shared_data: Path, name: str, documents: int, faults: list[Fault], skipped: int
) -> None:
    path = shared_data / "warc_samples" / name
    seen = content_of(path)
    assert (len(seen.records), seen.faults, seen.skipped) == (documents, faults, skipped)
    if "broken_stream" not in dict(faults).values():
        assert seen.bytes == path.stat().st_size
    for record in seen.records:
        assert record["text"] and record["url"].startswith("http") and record["date"][:2] == "20"


def test_a_page_of_common_crawl_is_told_apart_from_its_menu(shared_data: Path) -> None:
    (record,) = content_of(shared_data / "warc_samples" / "whirlwind.warc.gz").records
    assert record["title"].startswith("Escopete") and record["content_type"] == "text/html"
    assert "Ir al contenido" not in record["text"]
    (plain,) = content_of(shared_data / "warc_samples" / "whirlwind.warc.wet.gz").records
    assert plain["url"] == record["url"] and plain["content_type"] == "text/plain"


def written(path: Path, *records: tuple[str, bytes, dict[str, str]], packed: bool = True) -> Path:
    """An archive of responses (type, body, HTTP fields) as warcio writes it."""
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=packed)
        for number, (status, body, fields) in enumerate(records):
            head = StatusAndHeaders(status, list(fields.items()), protocol="HTTP/1.1")
            url = f"http://example.org/{number}"
            writer.write_record(
                writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=head)
            )
    return path


MALFORMED = "malformed_record"
HTML = {"Content-Type": "text/html"}
GZIP = {**HTML, "Content-Encoding": "gzip"}
CHUNKED = {**HTML, "Transfer-Encoding": "chunked"}
BODY = page().encode()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (BODY, HTML),
        (page().encode("cp1256"), {"Content-Type": "text/html; charset=windows-1256"}),
        (gzip.compress(BODY), {**HTML, "Content-Encoding": "gzip"}),
        (BODY, {**HTML, "Content-Encoding": "br"}),  # unpacked, and not said
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY), {**HTML, "Transfer-Encoding": "chunked"}),
        (BODY, {**HTML, "Transfer-Encoding": "chunked"}),  # unchunked, and not said
        (ARTICLE.encode(), {"Content-Type": "text/plain"}),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_bodies_as_servers_send_them(
    tmp_path: Path, body: bytes, fields: dict[str, str], packed: bool
) -> None:
    name = "a.warc.gz" if packed else "a.warc"
    seen = content_of(written(tmp_path / name, ("200 OK", body, fields), packed=packed))
    assert not seen.faults
    assert "المشروع مستمر" in seen.records[0]["text"]


@pytest.mark.parametrize(
    ("status", "body", "fields", "reason"),
    [
        (
            "200 OK",
            gzip.compress(BODY)[:-20],
            {**HTML, "Content-Encoding": "gzip"},
            "malformed_record",
        ),
        ("200 OK", b"ffff\r\nshort", CHUNKED, None),
        (
            "200 OK",
            b"5\r\nhello\r\nff\r\nx",
            {**HTML, "Transfer-Encoding": "chunked"},
            "malformed_record",
        ),
        ("200 OK", b"x", {**HTML, "Content-Encoding": "br"}, MALFORMED),
        (
            "200 OK",
            gzip.compress(b"x" * 90_000),
            {**HTML, "Content-Encoding": "gzip"},
            "malformed_record",
        ),
        ("200 OK", b"x" * 90_000, HTML, "too_large"),
        ("200 OK", b"<html></html>", HTML, "no_main_text"),
        ("200 OK", b"\xd4\xff", {"Content-Type": "text/plain"}, "invalid_utf8"),
    ],
)
def test_a_broken_answer_costs_itself_alone(
    tmp_path: Path, status: str, body: bytes, fields: dict[str, str], reason: str | None
) -> None:
    good = ("200 OK", BODY, HTML)
    path = written(tmp_path / "a.warc.gz", good, (status, body, fields), good)
    seen = content_of(path, limit=50_000)
    assert [place for place, _ in seen.faults] == [2]
    assert reason is None or seen.faults[0][1] == reason
    assert [record["url"][-1] for record in seen.records] == ["0", "2"]


@pytest.mark.parametrize("status", ["404 Not Found", "301 Moved", "500 Oops"])
def test_errors_and_redirects_are_no_documents(tmp_path: Path, status: str) -> None:
    picture = ("200 OK", b"\x89PNG", {"Content-Type": "image/png"})
    path = written(tmp_path / "a.warc", (status, BODY, HTML), picture, packed=False)
    seen = content_of(path)
    assert (seen.records, seen.faults, seen.skipped) == ([], [], 2)


def test_after_a_wrong_length_reading_goes_on_with_the_next_record(tmp_path: Path) -> None:
    path = written(tmp_path / "a.warc", *[("200 OK", BODY, HTML)] * 3, packed=False)
    raw = path.read_bytes()
    length = raw.split(b"Content-Length: ")[1].split(b"\r\n")[0]
    path.write_bytes(raw.replace(b"Content-Length: " + length, b"Content-Length: 20", 1))
    seen = content_of(path)
    assert seen.faults == [(1, "malformed_record")]
    assert len(seen.records) == 2


def arc(*pages: bytes) -> bytes:
    first = b"1 0 Archive\nURL IP-address Archive-date Content-type Archive-length\n\n"
    out = b"filedesc://a.arc 0.0.0.0 20140216050221 text/plain %d\n%s" % (len(first), first)
    for number, body in enumerate(pages):
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
        out += b"http://example.org/%d 10.0.0.1 20140216050221 text/html %d\n%s\n" % (
            number,
            len(block),
            block,
        )
    return out


def test_arc_has_the_same_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.arc"
    path.write_bytes(arc(BODY, BODY))
    seen = content_of(path)
    assert (len(seen.records), seen.skipped, seen.faults) == (2, 1, [])
    assert seen.records[1]["url"] == "http://example.org/1"
    assert seen.records[1]["date"] == "2014-02-16T05:02:21Z"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"no archive at all\n" * 9, (1, "malformed_record")),
        (b"\x00" * 9000, (1, "malformed_record")),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\nx", (1, "malformed_record")),
        (b"WARC/1.0\r\nContent-Length: 99999999999999\r\n\r\nx", (1, "broken_stream")),
        (b"WARC/1.0\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nx", (1, MALFORMED)),
        (b"WARC/1.0\r\nContent-Length: -5\r\n\r\nx", (1, "malformed_record")),
        (b"a" * 3_000_000, (1, "malformed_record")),
    ],
    ids=range(7),
)
def test_what_is_no_archive_is_one_fault(tmp_path: Path, content: bytes, fault: Fault) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(content)
    assert content_of(path).faults == [fault]


def test_a_cut_archive_keeps_what_came_before_the_cut(tmp_path: Path) -> None:
    path = written(tmp_path / "a.warc.gz", *[("200 OK", BODY, HTML)] * 3)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) - 100])
    seen = content_of(path)
    assert len(seen.records) == 2
    assert seen.faults == [(3, "broken_stream")]


def test_an_empty_archive_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"")
    assert content_of(path) == ([], [], 0, 0)


def test_real_arabic_pages_in_an_archive(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "raw_arabic_html" / "stories_html.jsonl.gz"
    pages: list[Any] = content_of(source).records[:12]
    bodies = [("200 OK", one["html"].encode(), HTML) for one in pages]
    seen = content_of(written(tmp_path / "a.warc.gz", *bodies))
    assert len(seen.records) + len(seen.faults) == 12
    assert len(seen.records) >= 11
