"""One runner per tool, each run by the Python of its own environment: they import nothing here."""
