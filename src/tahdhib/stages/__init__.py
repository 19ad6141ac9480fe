"""The stages of the way. They never import each other: they meet in shards on disk."""
