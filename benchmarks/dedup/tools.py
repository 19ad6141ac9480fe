"""The tools that are compared, and their environments."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
_PEERS = Path(__file__).with_name("peers")


class Tool(NamedTuple):
    """A way to run one tool: its runner, the environment, and what the runner is told beside the
    common settings."""

    runner: str
    environment: str
    variant: tuple[str, ...] = ()

    def command(self, verb: str, venvs: Path, settings: list[str]) -> list[str]:
        """The command line of one verb of the runner."""
        return [
            str(venvs / self.environment / "bin" / "python"),
            str(_PEERS / self.runner),
            verb,
            *settings,
            *self.variant,
        ]


TOOLS = {
    "tahdhib": Tool("run_tahdhib.py", "tahdhib"),
    "tahdhib-whole-texts": Tool("run_tahdhib.py", "tahdhib", ("whole",)),
    "datatrove": Tool("run_datatrove.py", "datatrove"),
    "datatrove-spacy": Tool("run_datatrove.py", "datatrove", ("en",)),
    "text-dedup": Tool("run_text_dedup.py", "text-dedup"),
    "rensa-polars": Tool("run_rensa.py", "rensa-polars"),
}
"""`tahdhib-whole-texts` leaves the boilerplate step out; `datatrove-spacy` cuts words as the
examples of datatrove do, not at spaces."""

COMPARED = ("tahdhib", "datatrove", "text-dedup", "rensa-polars")
"""What is run where nobody says otherwise."""

_PACKAGES = {
    "tahdhib": ("-c", str(ROOT / "constraints.txt"), "-e", str(ROOT)),
    "datatrove": ("datatrove[io,processing]==0.10.1", "spacy==3.8.18"),
    "text-dedup": ("text-dedup==0.4.0",),
    "rensa-polars": ("rensa==0.5.0", "polars==2.1.0", "numpy==2.4.6"),
}


def make_venvs(folder: Path, names: list[str]) -> None:
    """An environment per tool; one that is there already is left alone, but Tahdhib's is this
    checkout in any case."""
    for name in sorted({TOOLS[tool].environment for tool in names}):
        home = folder / name
        if home.exists():
            continue
        try:
            subprocess.run([sys.executable, "-m", "venv", home], check=True)
            command = [home / "bin" / "python", "-m", "pip", "install", "-q", *_PACKAGES[name]]
            subprocess.run(command, check=True)
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)  # half an environment would pass for a whole
            raise


def versions(folder: Path, names: list[str]) -> dict[str, str]:
    """What is installed for each tool."""
    wanted = {"tahdhib", "daft", "datatrove", "text-dedup", "rensa", "polars"}
    found = {}
    for name in sorted({TOOLS[tool].environment for tool in names}):
        command = [str(folder / name / "bin" / "python"), "-m", "pip", "list", "--format=freeze"]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        found[name] = ", ".join(
            line.partition("#")[0].replace("==", " ")
            for line in lines
            if line.partition("==")[0].lower() in wanted
        )
    return found
