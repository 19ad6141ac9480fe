"""Imports go down only: the layers of docs/architecture.md, held by the code itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "tahdhib"

LAYERS = (
    ("records", "errors", "progress", "version", "demo"),
    ("config", "store"),
    ("text", "cluster", "processes"),
    ("conduct", "match", "stats", "readers", "llm"),
    ("train",),
    ("workers", "score"),
    ("gate", "teachers"),
    ("protect",),
    ("stages",),
    ("run",),
    ("study", "alma", "estimate", "evaluate", "forecast", "doctor", "pilot", "polish", "calibrate"),
    ("compare", "hub"),
    ("report", "review"),
    ("verbs",),
    ("__init__",),
    ("cli",),
    ("__main__",),
)
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}

HEAVY = (
    "torch",
    "transformers",
    "accelerate",
    "trl",
    "peft",
    "vllm",
    "pandas",
    "fastapi",
    "openai",
    "aiohttp",
    "sklearn",
    "lm_eval",
)


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports_of(path: Path) -> set[str]:
    """Modules of ours that `path` imports, lazily or not, without the package's name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == "tahdhib":
                found |= {alias.name for alias in node.names}
            elif node.module.startswith("tahdhib."):
                found.add(node.module.removeprefix("tahdhib."))
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            found |= {name.removeprefix("tahdhib.") for name in names if "tahdhib." in name}
    return found


def room(module: str) -> str:
    return module.split(".")[0]


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_go_down_only(path: Path) -> None:
    here = name_of(path)
    for target in imports_of(path):
        if room(target) == room(here):
            continue
        assert LEVEL[room(target)] < LEVEL[room(here)], f"{here} imports {target}"


@pytest.mark.parametrize("path", sorted((SOURCE / "stages").rglob("*.py")), ids=name_of)
def test_no_stage_imports_another(path: Path) -> None:
    here = name_of(path).split(".")
    for target in imports_of(path):
        parts = target.split(".")
        if parts[0] == "stages" and len(parts) > 1 and len(here) > 1:
            assert parts[1] in (here[1], "contract"), f"{'.'.join(here)} imports {target}"


def test_no_rooms_without_a_name() -> None:
    banned = {"utils", "util", "helpers", "common", "misc", "base"}
    assert not [path for path in modules() if banned & set(path.with_suffix("").parts)]


def test_every_module_says_what_it_answers() -> None:
    silent = [
        name_of(path)
        for path in modules()
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_the_environment_is_read_in_one_place() -> None:
    readers = [
        name_of(path) for path in modules() if "os.environ" in path.read_text(encoding="utf-8")
    ]
    assert readers == ["config.environment"]


def test_the_command_line_starts_without_heavy_packages() -> None:
    code = f"import sys, tahdhib, tahdhib.cli.main; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_verbs_stay_functions_when_the_packages_of_their_names_are_loaded() -> None:
    code = (
        "import importlib.util as util, importlib, tahdhib\n"
        "named = [n for n in tahdhib.__all__ if not n.startswith('_')]\n"
        "rooms = [n for n in named if util.find_spec(f'tahdhib.{n}')]\n"
        "[importlib.import_module(f'tahdhib.{n}') for n in rooms]\n"
        "print([n for n in named if not callable(getattr(tahdhib, n))], len(rooms) > 3)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] True"
