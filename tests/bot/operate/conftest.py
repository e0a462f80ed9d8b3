"""Fixtures of operating: the same installations and terminals as the bot's core has, and Telegram's double."""

from tests.bot.conftest import bare, console, hilo, shell
from tests.double.fixture import double
from tests.storage.conftest import databases

__all__ = ["bare", "console", "databases", "double", "hilo", "shell"]
