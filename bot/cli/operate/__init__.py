"""Setting up, keeping safe and looking after an installation from the console."""
