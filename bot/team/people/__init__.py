"""The team's screens about people: cohorts and their members, invites, personal links, roles."""
