"""Reference text from files of any kind: what a fluency model learns from."""

from collections.abc import Callable, Iterator, Sequence

from tahdhib.errors import DataError
from tahdhib.readers import Fault, SourceFile, read_records
from tahdhib.readers.fields import lookup
from tahdhib.text.encoding import repair

_MAX_RECORD_BYTES = 64_000_000


def reference_texts(
    sources: Sequence[SourceFile], field: str, on_bytes: Callable[[int], None]
) -> Iterator[str]:
    """The texts of all files in order, their encoding repaired; records without one are skipped.

    Raises:
        DataError: a file has records, and none of them holds text in the field.
    """
    for source in sources:
        records = texts = 0
        seen: list[str] = []
        for _, content, _ in read_records(
            source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=on_bytes, fields=[field]
        ):
            if isinstance(content, Fault):
                continue
            records += 1
            text = lookup(content, field)
            if isinstance(text, str) and text.strip():
                texts += 1
                yield repair(text)
            elif not seen:
                seen = [str(name) for name in list(content)[:8]]
        if records and not texts:
            raise DataError(
                f"{source.path}: none of {records:,} records holds text in the field {field!r}; "
                f"the first has: {', '.join(seen) or 'nothing'}. Name the right field with --text "
                "or audit.fluency.text."
            )
