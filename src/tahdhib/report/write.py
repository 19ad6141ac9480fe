"""Write reports."""

from pathlib import Path

from tahdhib.compare.compare import Comparison
from tahdhib.errors import DataError
from tahdhib.report.html import render, render_comparison, render_pairs
from tahdhib.report.pairs import read_pairs
from tahdhib.report.view import read_view
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import write_text


def write_report(run: RunFolder) -> Path:
    """Write `run.report` whole or not at all, from what the run folder holds now.

    Raises:
        DataError: the folder holds no run.
    """
    write_text(run.report, render(read_view(run)))
    return run.report


def write_pairs(run: RunFolder) -> Path:
    """Write `run.pairs_report` whole or not at all.

    Raises:
        DataError: the folder holds no run, or no finished pairs.
    """
    write_text(run.pairs_report, render_pairs(read_pairs(run)))
    return run.pairs_report


def write_comparison(path: Path, found: Comparison) -> None:
    """Write a comparison of workers as a page, whole or not at all.

    Raises:
        DataError: nothing can be written there.
    """
    try:
        write_text(path, render_comparison(found))
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written: {error.strerror}. Name another file."
        ) from error
