"""Cells and tables of Markdown, of text that may come from anywhere."""

from collections.abc import Iterator, Sequence


def code(text: str | None) -> str:
    """Text that comes from elsewhere, so that nothing in it is read as Markdown."""
    plain = " ".join((text or "").replace("`", "'").split())
    return f"`{plain}`" if plain else ""


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: int = 0) -> Iterator[str]:
    """The lines of a table, of which the last `numbers` columns hold numbers."""
    rules = ["---"] * (len(head) - numbers) + ["---:"] * numbers
    for cells in (head, rules, *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
