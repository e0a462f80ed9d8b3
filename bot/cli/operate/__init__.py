"""Setting up, keeping safe and looking after: what whoever operates Hilo does from the console."""
