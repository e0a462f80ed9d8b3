"""Turns of the engine as rows: what is loaded, what is written, and the message that changes in place."""
