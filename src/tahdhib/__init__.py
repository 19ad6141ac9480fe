"""Tahdhib."""
