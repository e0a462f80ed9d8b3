"""Which question a row is about: rows know only keyed hashes of paths."""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from storage.vault import Vault, load_key

PATHS = ("mood", "week", "need", "need_about", "phone", "names", "words", "story", "a", "b")
"""The questions that tests ask about."""


def path_of(vault: Vault, run: str, hashed: str, paths: Iterable[str] = PATHS) -> str:
    """Return which of some paths a hash in a row of a run is of."""
    found = [path for path in paths if vault.path_hash(UUID(run), path) == hashed]
    assert len(found) == 1, f"{hashed} is of none of these questions, or of several"
    return found[0]


def revisions(home: Path, rows: Iterable[tuple[str, str, int]]) -> list[tuple[str, int]]:
    """Return rows of (run, hash of the path, number) by path, sorted."""
    vault = Vault(load_key(home / "hilo.key"))
    return sorted((path_of(vault, run, hashed), number) for run, hashed, number in rows)
