"""A model measured on benchmarks: each variant of each has a name, and answers are kept by item."""
