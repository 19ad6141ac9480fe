"""Fields of a record, nested ones too."""

from collections.abc import Mapping
from typing import Any

ABSENT: Any = object()
"""What a record holds where it has no such field: null is a value."""


def lookup(record: Mapping[str, Any], name: str) -> Any:
    """The value of field `name`: a key as it stands, else a dotted way into nested fields."""
    if name in record:
        return record[name]
    value: Any = record
    for key in name.split("."):
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ABSENT
    return value
