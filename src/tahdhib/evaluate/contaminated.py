"""Which items of a benchmark stand in the corpus that a model was trained on, beside its score.

Items are looked for as `clean` looks for them (docs/guides/decontaminate.md): aligned from eight
words on, as a whole from four. Shorter ones are not looked for, since any text holds them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tahdhib.config.recipe import Decontaminate
from tahdhib.evaluate.result import Result
from tahdhib.match.contamination import LEAST_WORDS, Item, find_in_all, index_items
from tahdhib.progress import Progress
from tahdhib.readers import Fault, SourceFile, find_sources, read_records
from tahdhib.readers.fields import lookup

FIELDS = ("Question", "question", "prompt")
"""Fields of benchmarks' rows that hold what is asked."""
_MAX_RECORD_BYTES = 64 << 20


def with_corpus(
    results: Sequence[Result], corpus: Sequence[str], field: str, progress: Progress
) -> list[Result]:
    """The results with what stands of their items in the files of `corpus`.

    Raises:
        DataError: a file cannot be read.
    """
    sources = find_sources(corpus, "--corpus")
    asked = {}  # variants of a benchmark share its items
    for one in results:
        for item in one.items.found:
            asked[one.variant.benchmark, item.id] = _asked(one.variant.benchmark, item.id, item.row)
    settings = Decontaminate()
    index = index_items(
        (item for item in asked.values() if item), words=settings.words, overlap=settings.overlap
    )
    hits = {
        (hit.set, hit.item)
        for found in find_in_all(index, _texts(sources, field, progress))
        for hit in found
    }
    return [
        replace(
            one,
            in_corpus=tuple(
                (one.variant.benchmark, item.id) in hits
                if _is_looked_for(asked[one.variant.benchmark, item.id])
                else None
                for item in one.items.found
            ),
        )
        for one in results
    ]


def _asked(benchmark: str, identity: str, row: object) -> Item | None:
    texts = (lookup(row, name) for name in FIELDS)  # type: ignore[arg-type]
    text = next((text for text in texts if isinstance(text, str) and text.strip()), None)
    return Item(benchmark, identity, "question", text) if text else None


def _is_looked_for(item: Item | None) -> bool:
    return item is not None and len(item.text.split()) >= LEAST_WORDS


def _texts(sources: Sequence[SourceFile], field: str, progress: Progress) -> Iterator[str]:
    size = sum(source.size for source in sources)
    with progress.task("looking for items in the corpus", size, "bytes") as task:
        for source in sources:
            for record in read_records(
                source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=task.advance
            ):
                if not isinstance(record.content, Fault):
                    text = lookup(record.content, field)
                    if isinstance(text, str):
                        yield text
