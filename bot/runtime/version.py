"""Which Hilo this is."""

import tomllib
from pathlib import Path
from typing import Final

from storage.database import HEAD

PROJECT: Final = Path(__file__).parents[2] / "pyproject.toml"


def version() -> str:
    """Return this Hilo's version, with that of its schema: the older of two is the smaller one."""
    with PROJECT.open("rb") as file:
        return f"{tomllib.load(file)['project']['version']} ({HEAD})"
