"""Write settings into the file `.env` without changing its other lines, readable by its owner only."""

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv.parser import parse_stream

from bot.errors import Problem

NAME = ".env"
_PLAIN: Final = re.compile(r"[^\s'\"#][^\s#]*|")  # needs no quotes


class DotenvError(Problem):
    """The settings file cannot be written."""


def write(path: Path, settings: Mapping[str, str]) -> None:
    """Set settings in the file and keep every other line; its mode is 0600 from the first byte on.

    Raises:
        DotenvError: the folder or the file cannot be written.
    """
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        kept = "".join(each.original.string for each in parse_stream(io.StringIO(text)) if each.key not in settings)
        end = "\n" if kept and not kept.endswith("\n") else ""
        text = kept + end + "".join(f"{name}={_quoted(value)}\n" for name, value in settings.items())
        if path.exists() and not os.access(path.parent, os.W_OK):
            _in_place(path, text)
            return
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


def _in_place(path: Path, text: str) -> None:
    """Write a file that is this account's, in a folder that is root's, where no other file can be made."""
    with path.open("r+", encoding="utf-8") as file:
        file.write(text)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _quoted(value: str) -> str:
    """Quote a value so that it is read back unchanged."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
