"""The demo: real documents with planted noise, human pairs, and the recipe that runs over them.

The files under `data/` carry licences of their own (see `data/CARD.md`); the licence of the
code does not claim them. `tools/make_demo_data.py` makes them.
"""

from importlib.resources import files
from pathlib import Path


def recipe_path() -> Path:
    """The recipe of `tahdhib demo`."""
    return Path(str(files(__name__).joinpath("recipe.yaml")))
