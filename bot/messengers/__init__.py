"""One adapter a messenger: each translates to and from the port, stores nothing and decides nothing."""
