"""The dataset card: what the corpus is, how it was made, and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from tahdhib.conduct.conduct import Conduct
from tahdhib.store.ledger import Ledger
from tahdhib.version import VERSION

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGEST = "n>1M"

_COLUMNS = """\
| column | what it holds |
|---|---|
| `id` | the source's id, or a hash of its text |
| `text` | the text to train on |
| `metadata` | what the source said about it (JSON) |
| `state` | `untouched`, `rewritten`, or `kept` (the gate refused the rewrite; this is the source) |
| `edits` | each edit: its place in the source, old and new text, the rule or worker behind it |
| `worker`, `worker_hash`, `conduct_hash` | what it was made with and under |
| `rules_hash` | hash of the rules in force for this document |
| `reasons` | why the gate refused, where it did |
"""


@dataclass(frozen=True, slots=True)
class Card:
    """What the card says; nothing in it depends on a clock, a host or a path."""

    name: str
    licence: str
    documents: int
    states: Mapping[str, int]
    accounts: tuple[Ledger, ...]
    conduct: Conduct
    worker: str
    worker_hash: str
    seed: int
    formats: tuple[str, ...]
    without: tuple[str, ...] = ()


def dataset_card(card: Card) -> str:
    """The card as Markdown with the front matter that dataset hubs read."""
    return "\n".join(
        [
            _front_matter(card),
            f"# {card.name}",
            "",
            f"{card.documents:,} documents, {_what_was_done(card)} under the code of conduct "
            f"“{card.conduct.name}” (version {card.conduct.version}) with Tahdhib "
            f"{VERSION}.",
            "",
            "## What a row holds",
            "",
            _COLUMNS,
            "The source of a row is its `text` with the `edits` undone: going through them in "
            "order, `old` stands where `new` stands now.",
            "",
            "## What happened to the documents",
            "",
            _ledger_table(card.accounts),
            "",
            "| state | documents |",
            "|---|---:|",
            *(f"| {state} | {count:,} |" for state, count in sorted(card.states.items())),
            *_undone(card.without),
            "",
            "## How it was made",
            "",
            f"- conduct: `{card.conduct.hash}`",
            f"- worker: {card.worker}, `{card.worker_hash}`",
            f"- seed: {card.seed}",
            "",
        ]
    )


def _undone(without: tuple[str, ...]) -> tuple[str, ...]:
    if not without:
        return ()
    names = ", ".join(f"`{name}`" for name in without)
    return (
        "",
        f"Edits by these were undone before publishing: {names}. The run's report measures the "
        "corpus with them.",
    )


def _what_was_done(card: Card) -> str:
    is_cleaned = any(account.stage == "clean" for account in card.accounts)
    return "deduplicated, cleaned and rewritten" if is_cleaned else "deduplicated and rewritten"


def _front_matter(card: Card) -> str:
    files = "\n".join(f"  - config_name: {kind}\n    data_files: {kind}/*" for kind in card.formats)
    return "\n".join(
        [
            "---",
            f"license: {card.licence}",
            "language:",
            *(f"  - {language}" for language in card.conduct.languages),
            f"pretty_name: {card.name}",
            f"size_categories:\n  - {_size(card.documents)}",
            "tags:\n  - tahdhib\n  - native-alignment\n  - pre-training",
            f"configs:\n{files}",
            "---",
            "",
        ]
    )


def _size(documents: int) -> str:
    return next((label for limit, label in _SIZES if documents < limit), _LARGEST)


def _ledger_table(accounts: tuple[Ledger, ...]) -> str:
    rows = ["| stage | in | out | dropped | why |", "|---|---:|---:|---:|---|"]
    for account in accounts:
        why = ", ".join(f"{reason} {count:,}" for reason, count in account.drops.items()) or "–"
        rows.append(
            f"| {account.stage} | {account.came_in:,} | {account.went_out:,} "
            f"| {account.dropped:,} | {why} |"
        )
    return "\n".join(rows)
