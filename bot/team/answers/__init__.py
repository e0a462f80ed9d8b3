"""Reading what was answered: one by one, in the week's digest, and as files."""
