"""Voice notes and photos: kept sealed, opened again, and stripped of whatever tells more than they show."""
