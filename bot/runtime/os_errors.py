"""Say why the machine refused something, as a code of the catalogs: the system's own messages are in English only."""

import errno
import socket
import sqlite3
from typing import Final

_SYSTEM: Final = {
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "fixed",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.ENOENT: "missing",
    errno.ENOTDIR: "file",
    errno.EEXIST: "file",
    errno.EISDIR: "folder",
    errno.EADDRINUSE: "taken",
    errno.EADDRNOTAVAIL: "elsewhere",
    errno.EIO: "broken",
}
_SQLITE: Final = {
    sqlite3.SQLITE_PERM: "denied",
    sqlite3.SQLITE_READONLY: "denied",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CANTOPEN: "missing",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_IOERR: "broken",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
_PRIMARY: Final = 0xFF  # SQLite's extended codes hold the primary one in their lowest byte


def reason(error: BaseException | None) -> str | None:
    """Return the code of why something failed (`reason.full`), or None where the catalogs have no words for it."""
    while error is not None:
        found = None
        if isinstance(error, socket.gaierror):
            found = "nameless"
        elif isinstance(error, OSError):
            found = _SYSTEM.get(error.errno or 0)
        elif isinstance(error, sqlite3.Error):
            found = _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
        if found:
            return f"reason.{found}"
        error = error.__cause__
    return None
