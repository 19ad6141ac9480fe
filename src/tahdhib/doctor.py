"""Is this machine ready? What is installed, what is missing, and what each is for."""

import importlib.metadata
import re
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import psutil

from tahdhib.config.environment import cpu_count, shared_data
from tahdhib.version import VERSION

_NEED = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?[^;]*"
    r"(?:;.*?\bextra == [\"'](?P<extra>[^\"']+)[\"'])?"
)
"""One line of what a package says it needs, such as `torch>=2.6; extra == "train"`."""
_NO_EXTRAS_OF_USERS = ("dev", "all")
_GIB = 1 << 30
_LOW_DISK_BYTES = 5 * _GIB


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `is_needed` is false where only an extra is missing."""

    what: str
    seen: str
    is_well: bool
    is_needed: bool = True
    advice: str = ""


def examine(folder: Path) -> list[Finding]:
    """Look at Python, packages, extras, the machine, and the disk under `folder`."""
    return [*_python(), *_packages(), *_extras(), *_machine(folder), _daft(), _data()]


def _python() -> list[Finding]:
    seen = ".".join(map(str, sys.version_info[:3]))
    return [
        Finding("tahdhib", VERSION, True),
        Finding("Python", seen, sys.version_info >= (3, 11), advice="install Python 3.11 or newer"),
    ]


def _packages() -> list[Finding]:
    return [
        Finding(name, version or "missing", version is not None, advice="pip install tahdhib")
        for name in _needs()[None]
        for version in [_version(name)]
    ]


def _extras() -> list[Finding]:
    findings = []
    for extra, names in _needs().items():
        if extra is None or extra in _NO_EXTRAS_OF_USERS:
            continue
        versions = {name: _version(name) for name in names}
        missing = [name for name, version in versions.items() if version is None]
        there = ", ".join(f"{name} {version}" for name, version in versions.items())
        seen = f"missing {', '.join(missing)}" if missing else there
        advice = f"pip install 'tahdhib[{extra}]'" if missing else ""
        findings.append(Finding(f"extra: {extra}", seen, not missing, False, advice))
    return findings


def _needs() -> dict[str | None, list[str]]:
    """What this package says of itself that it needs, by extra; None: in any case."""
    needs: dict[str | None, list[str]] = defaultdict(list)
    for line in importlib.metadata.requires("tahdhib") or []:
        match = _NEED.match(line)
        if match:
            needs[match["extra"]].append(match["name"])
    return needs


def _machine(folder: Path) -> list[Finding]:
    place = next(path for path in [folder.absolute(), *folder.absolute().parents] if path.exists())
    free = shutil.disk_usage(place).free
    memory = psutil.virtual_memory()
    return [
        Finding("cores", str(cpu_count()), True),
        Finding(
            "memory",
            f"{memory.total / _GIB:.1f} GiB",
            memory.total >= 4 * _GIB,
            advice="4 GiB or more are wanted",
        ),
        Finding(
            "free disk",
            f"{free / _GIB:.1f} GiB at {place}",
            free >= _LOW_DISK_BYTES,
            advice="a run takes about four times its input",
        ),
    ]


def _daft() -> Finding:
    """Run a tiny plan: a broken engine is better found here than in hour three."""
    from tahdhib.match.minhash import signatures_work

    is_well = signatures_work()
    return Finding(
        "daft engine",
        "MinHash works" if is_well else "a tiny MinHash plan failed",
        is_well,
        advice="reinstall daft: pip install --force-reinstall daft",
    )


def _data() -> Finding:
    folder = shared_data()
    seen = f"at {folder}" if folder.is_dir() else f"not at {folder}"
    return Finding(
        "real data for tests",
        seen,
        folder.is_dir(),
        False,
        "set TAHDHIB_SHARED to the folder that holds data/",
    )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
