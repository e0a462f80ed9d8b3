"""Pages in a browser: the chat, practice, and health."""
