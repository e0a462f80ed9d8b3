"""The loops of a running bot, and their work on rows: receive, fetch, send, and do what is due."""
