"""The two tables of sentences that words of danger are measured with; they were written before the matching."""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "danger"


class Sentence(NamedTuple):
    """One line of a table: what somebody types, in which language, and in whose voice."""

    language: str
    voice: str
    text: str


def danger() -> list[Sentence]:
    """Return what somebody types who is in danger now."""
    return _table("danger.txt")


def ordinary() -> list[Sentence]:
    """Return what ordinary life types in words that sound like danger."""
    return _table("ordinary.txt")


def _table(name: str) -> list[Sentence]:
    language = voice = ""
    found = []
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line.startswith("## "):
            language, voice = line.removeprefix("## ").split()
        elif line and not line.startswith("#"):
            found.append(Sentence(language, voice, line))
    return found
