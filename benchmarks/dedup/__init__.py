"""The deduplication benchmark: planted corpora, the truth about them, the peers, the table."""
