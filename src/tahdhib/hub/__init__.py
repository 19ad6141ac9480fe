"""Models as they leave: a folder for model hubs, its card, and what its licence hangs on."""
