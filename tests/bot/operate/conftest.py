"""Fixtures of operating: the same installations and terminals as the bot's core has, and Telegram's double."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.conftest import bare, console, hilo, shell
from tests.double.fixture import double
from tests.storage.conftest import databases

__all__ = ["bare", "console", "databases", "double", "hilo", "shell"]


@pytest.fixture
def ajar() -> Iterator[Path]:
    """A folder that any account can get to, which pytest's own are not: each run that starts closes them again."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
