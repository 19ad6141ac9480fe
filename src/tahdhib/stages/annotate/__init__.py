"""A seeded sample of the documents goes to a teacher; what its rewrites teach are pairs."""
