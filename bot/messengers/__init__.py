"""One adapter for each messenger: it translates to and from the port, stores nothing and decides nothing."""
