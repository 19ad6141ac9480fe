"""A small whole run: real texts of the demo under a recipe that takes seconds."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tahdhib.demo import recipe_path

DOCUMENTS = 200

WORKER = {
    "kind": "edit",
    "threads": 1,
    "edit": {"layers": 1, "hidden": 32, "features": 2048, "epochs": 2},
}


def demo_records(count: int = DOCUMENTS) -> list[bytes]:
    """Every so-manyeth line of the demo's raw files, as they are, broken ones among them."""
    files = sorted((recipe_path().parent / "data").glob("raw*.jsonl.gz"))
    lines = [line for path in files for line in gzip.decompress(path.read_bytes()).splitlines()]
    return lines[:: max(1, len(lines) // count)][:count]


def write_recipe(folder: Path, *, shards: int = 1, **changes: Any) -> Path:
    """Write the records in `shards` files and a recipe that reads them; `changes` are sections."""
    records = demo_records()
    for index in range(shards):
        content = b"".join(line + b"\n" for line in records[index::shards])
        (folder / f"input-{index}.jsonl").write_bytes(content)
    recipe: dict[str, Any] = {
        "name": "small",
        "processes": 1,
        "ingest": {"paths": ["input-*.jsonl"], "id": "id", "metadata": ["source"], "buckets": 4},
        "clean": {"rules": ["repetition"]},
        "annotate": {"sample": 120},
        "worker": WORKER,
        "audit": {"repetitions": 200},
        **changes,
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    return path


def tahdhib(*arguments: str | Path, module: str = "tahdhib.cli.main") -> Any:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])


def published(run: Path) -> dict[str, bytes]:
    """Every published file of a run, by name."""
    corpus = run / "publish" / "corpus"
    return {
        str(path.relative_to(corpus)): path.read_bytes()
        for path in sorted(corpus.rglob("*"))
        if path.is_file()
    }


def ledgers(run: Path) -> dict[str, Any]:
    """Every ledger of a run, by stage."""
    return {path.parent.name: json.loads(path.read_text()) for path in run.glob("*/ledger.json")}
