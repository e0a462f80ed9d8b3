"""The team's screens for what happens outside dialogs: messages, alerts, unsent messages."""
