"""The terminal: the command `hilo`, and what it does about people, orders and the organisation's record."""
