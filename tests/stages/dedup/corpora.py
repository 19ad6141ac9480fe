"""Small corpora laid down as the ingest stage would, and what the dedup stage makes of them."""

from tahdhib.stages.dedup.stage import work
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import bucket_of, metadata_json, read_rows, write_rows
from tests.stages.workplaces import workplace


def prepare(root, texts, *, buckets=4, processes=1, metadata=None, carried=(), **dedup):
    """A run whose ingest stage holds `texts` (by id), and the workplace for deduplication."""
    rows = [[] for _ in range(buckets)]
    for key in sorted(texts):
        said = metadata_json(metadata[key] if metadata else {"source": f"of {key}"})
        rows[bucket_of(key, buckets)].append({"id": key, "text": texts[key], "metadata": said})
    ingest = RunFolder(root).stage("ingest")
    for bucket, content in enumerate(rows):
        write_rows(ingest.shard("documents", bucket), content, DOCUMENTS)
    ingest.finish(Ledger("ingest", "documents", len(texts), len(texts)))
    carried = carried or sorted({name for said in (metadata or {}).values() for name in said})
    recipe = {
        "ingest": {"paths": ["-"], "metadata": carried},
        "processes": processes,
        "dedup": dedup,
    }
    return workplace(root, "dedup", recipe)


def rows_of(place, table):
    rows = [row for shard in place.here.shards(table) for row in read_rows(shard)]
    return sorted(rows, key=lambda row: row["id"])


def drops_of(place):
    return {
        row["id"]: (row["reason"], row["other"], row["detail"]) for row in rows_of(place, "drops")
    }


def kept_of(place):
    return [row["id"] for row in rows_of(place, "documents")]


def deduplicate(root, texts, **options):
    place = prepare(root, texts, **options)
    ledger = work(place)
    return place, ledger


def content(place):
    """Every file that the stage leaves behind, by name."""
    root = place.here.root
    files = (path for path in root.rglob("*") if path.is_file() and path != place.here.plan)
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def edited(text, changes, word="جديدة"):
    """`text` with so many words replaced, evenly spread."""
    words = text.split()
    for change in range(changes):
        words[(change + 1) * len(words) // (changes + 1)] = f"{word}{change}"
    return " ".join(words)
