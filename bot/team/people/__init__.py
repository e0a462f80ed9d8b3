"""Groups and their members, invites, personal links, and who works here."""
