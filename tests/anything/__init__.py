"""Anything may happen to the whole bot, on both databases: to people, the clock, Telegram and the process."""
