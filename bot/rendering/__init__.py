"""How something is said: sentences of the catalogs, buttons, keyboards, lengths, commands."""
