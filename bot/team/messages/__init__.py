"""What passes between the team and a leader outside any dialog: messages, alerts, what could not be sent."""
