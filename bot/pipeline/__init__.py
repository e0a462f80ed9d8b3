"""The loops of a running bot, and what they do with rows: receive, fetch, send, and what is due."""
