"""Write a run's report."""

from pathlib import Path

from tahdhib.report.html import render
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
