"""Pure functions over text: repairing its encoding, cutting it, folding it, editing it."""
