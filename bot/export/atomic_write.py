"""Write files whole or not at all: in a hidden folder beside their places, and moved there at the end."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bot import clock
from bot.errors import Problem
from storage.pace import DiskPace

_PREFIX: Final = ".hilo-part-"
_LOCK: Final = "lock"
PRIVATE: Final = 0o600  # the files are no longer encrypted, so only their owner may read them
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class CannotWrite(Problem):
    """The files cannot be written there; what was there before is unchanged."""


class NoRoom(CannotWrite):
    """The disk is full, or a quota is used up; what was there before is unchanged."""


class AtomicFolder:
    """A folder to write in; its files are moved to their places, all of them, when the block ends without error.

    Attributes:
        files: files put here become files of the target folder, by the same names.
        work: a place for a library's temporary files; deleted in any case.
    """

    def __init__(self, out: Path) -> None:
        """Take the target folder; it is made on entry if it does not exist."""
        self._out = out
        self._part = out / f"{_PREFIX}{clock.new_file()[:12]}"
        self.files = self._part / "files"
        self.work = self._part / "work"

    def __enter__(self) -> Self:
        """Make the hidden folder; those that killed processes left are deleted."""
        with writing(self._out):
            self._made = [each for each in (self._out, *self._out.parents) if not each.exists()]
            self._out.mkdir(parents=True, exist_ok=True)
            _sweep(self._out)
            self._part.mkdir(mode=0o700)
            self._lock = (self._part / _LOCK).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.files.mkdir()
            self.work.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Move every file to its place, unless the block raised."""
        published = False
        try:
            if kind is None:
                with writing(self._out):
                    published = self._publish()
        finally:
            self._lock.close()
            shutil.rmtree(self._part, ignore_errors=True)
            if not published:
                with suppress(OSError):  # a folder that existed before stays
                    for each in self._made:
                        each.rmdir()

    def _publish(self) -> bool:
        found = [path for path in sorted(self.files.rglob("*")) if path.is_file()]
        moves = {path: self._out / path.relative_to(self.files) for path in found}
        pace = DiskPace(-1, sync=os.fsync)  # some disks report a lack of room only now
        for path, place in moves.items():
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
            place.parent.mkdir(parents=True, exist_ok=True)
            path.chmod(PRIVATE)
            with path.open("rb") as file:
                pace.descriptor = file.fileno()
                if not pace.wrote(path.stat().st_size):
                    os.fsync(file.fileno())
        for path, place in moves.items():
            path.replace(place)
        for folder in {place.parent for place in moves.values()}:
            _settle(folder)
        return bool(moves)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, also where one that others could read stood there before."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, PRIVATE)
        file.write(data)


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Turn an OSError of a write into CannotWrite, which names the place."""
    try:
        yield
    except OSError as error:
        kind = NoRoom if error.errno in _NO_ROOM else CannotWrite
        code = "cli.export.error.full" if kind is NoRoom else "cli.error.write"
        raise kind(code, path=out, problem=error) from error


def _settle(path: Path) -> None:
    """Make sure that a folder's list of names is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(out: Path) -> None:
    for left in out.glob(f"{_PREFIX}*"):
        with suppress(OSError), (left / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
