"""Tahdhib: raw web text in, value-aligned pre-training data out, and proof of what changed."""

__version__ = "0.1.0"
