"""Where the token, or the key, was left in the open: in what a shell remembers, and in the list of processes.

Nothing of what is found is ever printed but where it lies.
"""

import os
import pwd
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.cli.operate.checks.finding import Finding
from bot.config import Config

HISTORIES: Final = (
    ".bash_history",
    ".zsh_history",
    ".ash_history",
    ".sh_history",
    ".history",
    ".local/share/fish/fish_history",
    ".python_history",
    ".psql_history",
)
PROCESSES: Final = Path("/proc")
LEAST: Final = 16  # letters: a shorter secret is none that could be told apart


def traces(config: Config) -> Iterator[Finding]:
    """Find the token or the key in shells' histories and in processes' command lines."""
    secrets = _secrets(config)
    if not secrets:
        return
    unread = set()
    for home in homes():
        for name in HISTORIES:
            path = home / name
            try:
                if _holds(path.read_bytes(), secrets):
                    yield Finding("token_in_history", "bad", {"path": path})
            except PermissionError:
                unread.add(home)
            except OSError:
                continue  # there is none
    if unread:
        yield Finding("histories_unread", "note", {"homes": ", ".join(map(str, sorted(unread)))})
    yield from _processes(secrets)


def homes() -> list[Path]:
    """List the folders in which accounts of this machine keep what their shells remember."""
    found = [Path(entry.pw_dir) for entry in pwd.getpwall() if entry.pw_dir not in {"", "/", "/nonexistent"}]
    return list(dict.fromkeys([Path.home(), *found]))


def _processes(secrets: list[bytes]) -> Iterator[Finding]:
    listed = [path for path in PROCESSES.glob("[0-9]*") if path.name != str(os.getpid())]
    if not listed:
        yield Finding("processes_unread", "note")
    for path in listed:
        try:
            if _holds((path / "cmdline").read_bytes(), secrets):
                yield Finding("token_in_process", "bad", {"number": path.name})
        except OSError:
            continue  # it ended meanwhile


def _secrets(config: Config) -> list[bytes]:
    """Return what nobody else may read: of the token what comes after the colon, and the key where it is a setting."""
    found = [(config.token or "").rpartition(":")[2], config.master_key or ""]
    return [secret.encode() for secret in found if len(secret) >= LEAST]


def _holds(text: bytes, secrets: list[bytes]) -> bool:
    return any(secret in text for secret in secrets)
