"""Asking language models behind OpenAI-compatible endpoints; no answer is bought twice."""
