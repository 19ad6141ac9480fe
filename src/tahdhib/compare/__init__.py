"""The bake-off of workers: what each changes, keeps and breaks, how fast, for what money."""
