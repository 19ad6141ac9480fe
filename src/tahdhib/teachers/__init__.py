"""Who writes the reference rewrites, and how their answers are read."""
