"""Voice notes and photos: kept sealed, opened again, and stripped of all that reveals more than sound and picture."""
