"""The edges and the wiring: messengers, pages, commands, loops."""
