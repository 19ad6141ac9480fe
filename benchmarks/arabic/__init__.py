"""Real Arabic articles with planted duplicates, and what a deduplicator made of them."""
