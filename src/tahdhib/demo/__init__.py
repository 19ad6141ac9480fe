"""The demo: real documents with planted noise, human pairs, and the recipe that runs over them.

The files under `data/` carry licences of their own (see `data/CARD.md`); the licence of the
code does not claim them. `tools/make_demo_data.py` makes them.
"""

from importlib.resources import files
from pathlib import Path

PAIRS_LICENCES = {"paradetox": "CC0-1.0"}
"""Licence of each set of pairs by people under `data/pairs`, by its name."""


def recipe_path() -> Path:
    """The recipe of `tahdhib demo`."""
    return Path(str(files(__name__).joinpath("recipe.yaml")))
