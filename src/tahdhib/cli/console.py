"""The terminal that verbs print on: what documents, ids and files say is shown, never obeyed."""

from rich.console import Console


def plain_console() -> Console:
    """A console that reads no markup, so that `[red]` in an id and `[train]` in advice stay."""
    return Console(markup=False, highlight=False)
