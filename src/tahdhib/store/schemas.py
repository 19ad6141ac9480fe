"""The columns of every table that a stage leaves behind."""

import pyarrow as pa

EDIT = pa.struct(
    [("start", pa.int64()), ("end", pa.int64()), ("new", pa.string()), ("by", pa.string())]
)

DOCUMENTS = pa.schema([("id", pa.string()), ("text", pa.string()), ("metadata", pa.string())])
"""`metadata` is a JSON object with sorted keys: its fields differ from source to source."""

DROPS = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("metadata", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("other", pa.string()),
    ]
)
"""A document that left, why, and the id of the document it lost to (or null)."""

EDITS = pa.schema([("id", pa.string()), ("edits", pa.list_(EDIT))])
"""What `clean` changed in a document, as edits of the text that dedup left."""

HITS = pa.schema(
    [
        ("id", pa.string()),
        ("set", pa.string()),
        ("item", pa.string()),
        ("field", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("overlap", pa.float64()),
        ("is_whole", pa.bool_()),
        ("passage", pa.string()),
    ]
)
"""An evaluation item that stands in the document `id`, at these places of the text that dedup
left; `is_whole` marks a short one, which is looked for as a whole only."""

QUARANTINE = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("excerpt", pa.string()),
    ]
)
"""A record that never became a document; `line` counts from 1 (rows, for Parquet)."""

PAIRS = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("rewrites", pa.list_(pa.string())),
        ("edits", pa.list_(EDIT)),
        ("teacher", pa.string()),
        ("conduct_hash", pa.string()),
        ("rules_hash", pa.string()),
    ]
)
"""`rewrites` are the references (people may give several); `edits` lead to the first. A row
has the hash of the conduct as a whole, and of the rules in force for it; none is for what people
wrote."""

IN_FORCE = pa.schema(
    [
        ("id", pa.string()),
        ("told", pa.list_(pa.string())),
        ("acting", pa.list_(pa.string())),
        ("rules_hash", pa.string()),
    ]
)
"""Which rules a document's row depends on, by id: those that a model was told, and those with a
matcher that found something in the text."""

REWRITES = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("text", pa.string()),
        ("metadata", pa.string()),
        ("state", pa.string()),
        ("edits", pa.list_(EDIT)),
        ("worker", pa.string()),
        ("worker_hash", pa.string()),
        ("conduct_hash", pa.string()),
        ("rules_hash", pa.string()),
        ("reasons", pa.list_(pa.string())),
        ("rung", pa.string()),
        ("way", pa.list_(pa.string())),
    ]
)
"""`text` is what goes on; `source` what came in; `reasons` why no worker bettered it, if none did.
`rung` is the try that decided (`edit`, `edit_stricter`), or `source`; `way` says what became of
each (`edit:refused`)."""

REFUSALS = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("rewrite", pa.string()),
        ("edits", pa.list_(EDIT)),
        ("reasons", pa.list_(pa.string())),
        ("details", pa.list_(pa.string())),
        ("worker", pa.string()),
    ]
)
"""What the gate refused, so that anyone can read it and disagree."""

FAULTS = pa.schema(
    [
        ("id", pa.string()),
        ("worker", pa.string()),
        ("kind", pa.string()),
        ("detail", pa.string()),
    ]
)
"""A worker that gave no answer about a document: it `crashed`, it `hung`, or it answered
`rubbish`."""
