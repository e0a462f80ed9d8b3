"""What the team's screens are made of."""
