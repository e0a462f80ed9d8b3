"""Parts that the team's screens share."""
