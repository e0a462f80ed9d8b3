"""Turns of the engine: what is loaded and written, and screens that change in place."""
