"""Run folders: the only maker of paths, and the only writer of shards."""
