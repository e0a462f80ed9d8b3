"""Why a machine refused something, as a code of the catalogs: the system itself speaks only English."""

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
_PRIMARY: Final = 0xFF  # an extended code of SQLite's has the plain one in its lowest byte


def reason(error: BaseException | None) -> str | None:
    """Return the code of why something failed (`reason.full`), or None where it is none of those with words."""
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
