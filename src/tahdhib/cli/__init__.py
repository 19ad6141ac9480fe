"""The command line: parse, read the recipe, one call, print."""
