"""Rendering: sentences of the catalogs, buttons, keyboards, lengths, commands."""
