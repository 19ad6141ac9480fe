"""Codes of conduct as data, and the rules that need no model."""
