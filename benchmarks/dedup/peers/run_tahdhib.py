"""Tahdhib: its command line from files to the kept documents, ingest and dedup, verification on.

    run_tahdhib.py work|collect CORPUS OUT THRESHOLD BANDS ROWS WORDS PROCESSES [PLAIN]

Bands follow from the threshold and `hashes`. `PLAIN` leaves the boilerplate step out.
"""

import json
import subprocess
import sys
from pathlib import Path

_STAGE = Path("run", "dedup")


def work(corpus: Path, out: Path, settings: list[str]) -> None:
    """Run the stages up to dedup."""
    threshold, bands, rows, words, processes, *variant = settings
    recipe = {
        "name": "planted",
        "processes": int(processes),
        "ingest": {"paths": [str(corpus / "documents")], "id": "id", "metadata": ["url"]},
        "dedup": {
            "threshold": float(threshold),
            "hashes": int(bands) * int(rows),
            "shingle_words": int(words),
            "boilerplate": None if variant else {"site": "url"},
        },
    }
    file = out / "recipe.yaml"
    file.write_text(json.dumps(recipe))  # JSON is YAML
    program = Path(sys.executable).with_name("tahdhib")
    subprocess.run([program, "dedup", "-c", file, "--out", out / "run"], check=True)


def collect(_: Path, out: Path) -> None:
    """Say in the tables of all runners what was found."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def read(folder: Path, columns: list[str]) -> pa.Table:
        shards = sorted(folder.glob("*.parquet"))
        return pa.concat_tables(pq.read_table(shard, columns=columns) for shard in shards)

    stage = out / _STAGE
    drops = read(stage / "drops", ["id", "other"])
    other = dict(zip(drops["id"].to_pylist(), drops["other"].to_pylist(), strict=True))
    kept_of = {name: _last(name, other) for name in other}
    kept = sorted(set(kept_of.values()))
    clusters = {
        "id": [*kept_of, *kept],
        "cluster": [*kept_of.values(), *kept],
        "is_kept": [False] * len(kept_of) + [True] * len(kept),
    }
    pq.write_table(pa.table(clusters), out / "clusters.parquet")
    members = pq.read_table(stage / "members.parquet", columns=["position", "id"])
    ids = dict(zip(members["position"].to_pylist(), members["id"].to_pylist(), strict=True))
    matches = read(stage / "matches", ["left", "right"])
    edges = {side: [ids[at] for at in matches[side].to_pylist()] for side in ("left", "right")}
    pq.write_table(pa.table(edges), out / "edges.parquet")
    performance = json.loads((out / "run" / "performance.json").read_text())
    seconds = {name: stage["seconds"] for name, stage in performance["stages"].items()}
    (out / "stages.json").write_text(json.dumps(seconds))


def _last(name: str, other: dict[str, str]) -> str:
    while name in other:
        name = other[name]
    return name


if __name__ == "__main__":
    verb, corpus, out, *settings = sys.argv[1:]
    if verb == "work":
        work(Path(corpus), Path(out), settings)
    else:
        collect(Path(corpus), Path(out))
