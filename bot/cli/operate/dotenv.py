"""The file `.env`: settings written into it without disturbing what stands there, for its owner alone."""

import os
from collections.abc import Mapping
from pathlib import Path

from bot.errors import Problem

NAME = ".env"


class DotenvError(Problem):
    """The settings file cannot be written."""


def write(path: Path, settings: Mapping[str, str]) -> None:
    """Set settings in the file, every other line as it was; mode 0600 from its first byte on.

    Raises:
        DotenvError: the folder or the file cannot be written.
    """
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if _name(line) not in settings]
        text = "\n".join([*kept, *(f"{name}={value}" for name, value in settings.items())]) + "\n"
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if path.exists() and os.geteuid() == 0:
                os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise DotenvError("cli.error.write", path=path, problem=error) from error


def _name(line: str) -> str:
    return "" if line.lstrip().startswith("#") else line.partition("=")[0].strip().removeprefix("export ").strip()
