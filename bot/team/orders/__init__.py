"""Asking: what, whom, what for and when; the library; and how each order goes."""
