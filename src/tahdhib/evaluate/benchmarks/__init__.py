"""One module per benchmark: how rows of its files become items, as its own authors prompt."""
