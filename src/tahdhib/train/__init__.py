"""What a trainer is fed: tokens of a corpus, and the order in which they come."""
