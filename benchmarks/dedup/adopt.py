"""A real corpus laid out as a planted one, so that the truth and the tools can read it."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard


def adopt(
    files: list[Path], field: str, site_field: str | None, out: Path, parts: int = 16
) -> None:
    """Write the records of `files` that have text, with ids by file and line.

    Nobody has listed the boilerplate of a real corpus: its truth is that of whole texts, spelt as
    they are. Documents without a site field have an empty `url`.
    """
    (out / "documents").mkdir(parents=True)
    handles = [zstandard.open(out / "documents" / f"{n:03d}.jsonl.zst", "wb") for n in range(parts)]
    count = 0
    with zstandard.open(out / "kinds.jsonl.zst", "wb") as kinds:
        for name, record in _records(files):
            text = record.get(field)
            if not isinstance(text, str) or not text.strip():
                continue
            url = str(record.get(site_field) or "") if site_field else ""
            _write(handles[count % parts], {"id": name, "url": url, "text": text})
            _write(kinds, {"id": name, "kind": "real", "base": ""})
            count += 1
    for handle in handles:
        handle.close()
    with zstandard.open(out / "boilerplate.jsonl.zst", "wb"):
        pass
    plan = {"documents": count, "files": [file.name for file in files], "field": field}
    (out / "plan.json").write_text(json.dumps(plan) + "\n")


def _records(files: list[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(files):
        opened = {".gz": gzip.open, ".zst": zstandard.open}.get(file.suffix, open)
        with opened(file, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                yield f"{file.name}:{number:07d}", json.loads(line)


def _write(handle: Any, record: dict[str, str]) -> None:
    handle.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
