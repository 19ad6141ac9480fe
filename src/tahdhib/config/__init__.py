"""The only reader of recipes and of the environment."""

from tahdhib.config.load import load_recipe, parse_recipe
from tahdhib.config.recipe import Recipe

__all__ = ["Recipe", "load_recipe", "parse_recipe"]
