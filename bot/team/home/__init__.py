"""Where someone of the team begins: the menu, what waits today, and what is still to do."""
