"""Processes that work for a run, and end with it."""
