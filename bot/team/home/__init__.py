"""The team's first screens: the menu, what waits today, and the checklist."""
