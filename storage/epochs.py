"""Epoch keys: what wraps people's keys, a file an epoch. One destroyed file makes every old copy of a key noise.

A file holds 32 random bytes, sealed with the organisation's key; its name is a number and the key's mark. ADR 0039 says
who may make one and when one goes.
"""

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from storage.connections import Unready
from storage.vault import KEY_BYTES, DataKey, DecryptionError, RingKey, derive, settle

SUFFIX: Final = ".epoch"
LINGERS: Final = 600.0  # seconds that a key stays in memory after its file went, for snapshots older than that
_UNREADY: Final = ".tmp"
_NUMBERED: Final = 8  # digits of a file's number
_AGAIN: Final = 0.05  # seconds between two looks at the folder


class EpochMissing(Unready):
    """The epoch that the database names is not in the folder; what it wrapped does not open without its file.

    Attributes:
        folder: where its file should be, or None where no folder is known.
        name: its name.
    """

    def __init__(self, folder: Path | None, name: str) -> None:
        super().__init__(f"the file of epoch {name} is not there")
        self.folder = folder
        self.name = name


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch: its name, and the key that wraps."""

    name: str
    key: DataKey
    material: bytes

    @property
    def number(self) -> int:
        """Its number; a later epoch has a higher one."""
        return number_of(self.name)

    def __repr__(self) -> str:
        return f"Epoch({self.name})"


def number_of(name: str) -> int:
    """Return the number in an epoch's name."""
    return int(name.partition("-")[0])


def mark_in(name: str) -> bytes:
    """Return the mark of an epoch's key, which is in its name."""
    return bytes.fromhex(name.partition("-")[2])


def mark_of(blob: bytes) -> bytes:
    """Return the mark of the key that sealed something."""
    return blob[1:5]


class Epochs:
    """The epoch keys of one installation, read from their folder whenever it has changed."""

    def __init__(self, folder: Path | None, sealing: RingKey, after: int = 0) -> None:
        """Use a folder, which is made when the first key is.

        Args:
            folder: the folder; None keeps keys in memory alone.
            sealing: the organisation's key that seals the files.
            after: the number that a first one follows.
        """
        self.folder = folder
        self._after = after
        self._sealing = sealing
        self._turn = Lock()
        self._known: dict[bytes, Epoch] = {}
        self._gone: dict[bytes, float] = {}
        self._seen: object = None
        self._newest: Epoch | None = None
        self.refresh()

    def key_of(self, blob: bytes) -> DataKey | None:
        """Return the epoch key that sealed a blob, if it is known; the folder is read again if it has changed."""
        found = self._known.get(blob[1:5])
        if found is None and self._stale():
            self.refresh()
            found = self._known.get(blob[1:5])
        return None if found is None else found.key

    def known(self) -> Iterable[Epoch]:
        """List the epochs whose keys are in memory, the newest first."""
        return sorted(self._known.values(), key=lambda epoch: epoch.number, reverse=True)

    def newest(self) -> Epoch | None:
        """Return the epoch of the newest file, looking whether another process has made one."""
        if self._stale():
            self.refresh()
        return self._newest

    def has_changed(self) -> bool:
        """Return whether another process has changed the folder since it was last read."""
        return self._stale()

    def named(self, name: str) -> Epoch | None:
        """Return an epoch by its name, if its key is known."""
        found = self._by_name(name)
        if found is None:
            self.refresh()
            found = self._by_name(name)
        return found

    def await_named(self, name: str, seconds: float = 5.0) -> Epoch:
        """Return an epoch by its name, waiting for its file; raises EpochMissing."""
        end = time.monotonic() + seconds
        while (found := self.named(name)) is None:
            if time.monotonic() >= end:
                raise EpochMissing(self.folder, name)
            time.sleep(_AGAIN)
        return found

    def files(self) -> list[str]:
        """List the names of the epochs that have a file, the oldest first."""
        if self.folder is None:
            return sorted(epoch.name for epoch in self._known.values())
        return sorted(self.names_in(self.folder))

    def make(self, after: int = 0) -> Epoch:
        """Make the key of a new epoch; its file and the folder are on the disk before this returns.

        Whoever calls this holds the row of `epoch`. The number is higher than `after` and than every file's.
        """
        material = os.urandom(KEY_BYTES)
        number = max([after, self._after, *(number_of(name) for name in self.files())]) + 1
        epoch = _epoch(material, number)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(epoch)
        with self._turn:
            self._known[epoch.key.mark] = epoch
            self._newest = epoch
        self.refresh()
        return epoch

    @staticmethod
    def names_in(folder: Path) -> set[str]:
        """Return the names of the epochs that have a file in a folder."""
        return {path.name.removesuffix(SUFFIX) for path in folder.glob(f"*-*{SUFFIX}")}

    @staticmethod
    def latest(folder: Path) -> int:
        """Return the highest number of a folder's files, 0 where it has none."""
        return max(map(number_of, Epochs.names_in(folder)), default=0)

    def remove(self, names: Iterable[str], step: Callable[[], object] = lambda: None) -> int:
        """Overwrite and delete epochs' files, and files that were never finished; return how many epochs."""
        names = list(names)
        if self.folder is None:
            for mark, epoch in list(self._known.items()):
                if epoch.name in names:
                    del self._known[mark]
            return len(names)
        for path in (*(self.folder / f"{name}{SUFFIX}" for name in names), *self.folder.glob(f"*{_UNREADY}")):
            overwrite(path)
            step()
        if names:
            settle(self.folder)
        self.refresh()
        return len(names)

    def day_key(self, material: bytes) -> "DayKey":
        """Return the key of a day, given what it is made of."""
        return DayKey(material, self)

    def seal_again(self) -> None:
        """Seal every file with the organisation's newest key."""
        for name in self.files():
            epoch = self.named(name)
            if epoch is not None and self.folder is not None:
                self._write(epoch)
        if self.folder is not None and self.folder.is_dir():
            settle(self.folder)

    def refresh(self) -> None:
        """Read the folder: new files are opened, and keys whose files went are forgotten after a while."""
        if self.folder is None:
            return
        with self._turn:
            seen = self._look()
            there = set(self.files())
            known = dict(self._known)
            for name in there - {epoch.name for epoch in known.values()}:
                if (epoch := self._read(name)) is not None:
                    known[epoch.key.mark] = epoch
                else:
                    seen = None  # it is read again next time
            now = time.monotonic()
            for mark, epoch in list(known.items()):
                if epoch.name in there:
                    self._gone.pop(mark, None)
                elif now - self._gone.setdefault(mark, now) > LINGERS:
                    del known[mark], self._gone[mark]
            self._known = known
            self._newest = max((each for each in known.values() if each.name in there), key=_number, default=None)
            self._seen = seen

    def _by_name(self, name: str) -> Epoch | None:
        return next((epoch for epoch in self._known.values() if epoch.name == name), None)

    def _stale(self) -> bool:
        if self.folder is None:
            return False
        return self._seen is None or self._seen != self._look()

    def _look(self) -> object:
        try:
            found = os.stat(self.folder)  # type: ignore[arg-type]  # noqa: PTH116 -- only called with one, and before every seal of a stranger's words
        except OSError:
            return "none"
        return found.st_ino, found.st_mtime_ns

    def _read(self, name: str) -> Epoch | None:
        assert self.folder is not None
        try:
            blob = (self.folder / f"{name}{SUFFIX}").read_bytes()
            material = self._sealing.open(blob, "key", "wrapped", _owner(name))
        except (OSError, DecryptionError):
            return None  # just deleted, or of another organisation: what it wrapped stays shut
        return Epoch(name, _wrapping(material), material)

    def _write(self, epoch: Epoch) -> None:
        assert self.folder is not None
        blob = self._sealing.seal_key(epoch.material, _owner(epoch.name))
        write_synced(self.folder / f"{epoch.name}{SUFFIX}", blob)


def write_synced(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all; file and folder are synced when this returns."""
    unready = path.with_name(f"{path.name}{_UNREADY}")
    descriptor = os.open(unready, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unready.replace(path)
    settle(path.parent)


def overwrite(path: Path) -> None:
    """Overwrite a file with random bytes and delete it; it may be gone already. The caller syncs the folder."""
    with suppress(FileNotFoundError):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(os.urandom(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _owner(name: str) -> str:
    return f"epoch {name}"


def _epoch(material: bytes, number: int) -> Epoch:
    key = _wrapping(material)
    return Epoch(f"{number:0{_NUMBERED}d}-{key.mark.hex()}", key, material)


def _wrapping(material: bytes) -> DataKey:
    return DataKey(derive(material, "epoch"))


def _number(epoch: Epoch) -> int:
    return epoch.number


class DayKey(DataKey):
    """The key of a day: it seals with a key made of it and of the newest epoch's, and opens with any such key."""

    __slots__ = ("_epochs", "_made", "_plain")

    def __init__(self, material: bytes, epochs: Epochs) -> None:
        """Use what a day's own key is made of, and the epochs."""
        super().__init__(material)
        self._plain = DataKey(material)
        self._epochs = epochs
        self._made: dict[str, DataKey] = {}

    def now(self) -> DataKey:
        """Return the key that seals now."""
        newest = self._epochs.newest()
        return self._plain if newest is None else self._with(newest)

    def seals_as(self, blob: bytes) -> bool:
        """Return whether the key that seals now sealed a blob."""
        return mark_of(blob) == self.now().mark

    def seal(self, plain: bytes, table: str, column: str, row: str) -> bytes:
        """Encrypt for one place, as `DataKey.seal` does."""
        return self.now().seal(plain, table, column, row)

    def open(self, blob: bytes, table: str, column: str, row: str) -> bytes:
        """Decrypt what this day's key sealed in any epoch that is known; raises DecryptionError."""
        return self._of(blob).open(blob, table, column, row)

    def opener(self, table: str, column: str) -> Callable[[bytes, str], bytes]:
        """Return a function that opens blobs of one column by row, as `DataKey.opener` does."""
        return lambda blob, row: self.open(blob, table, column, row)

    def _of(self, blob: bytes) -> DataKey:
        mark = mark_of(blob)
        if mark == self._plain.mark:
            return self._plain
        for look in (self._epochs.refresh, None):
            for epoch in self._epochs.known():
                if (key := self._with(epoch)).mark == mark:
                    return key
            if look is not None:
                look()
        return self._plain

    def _with(self, epoch: Epoch) -> DataKey:
        made = self._made.get(epoch.name)
        if made is None:
            made = self._made[epoch.name] = DataKey(derive(epoch.material, "day", self._material))
        return made
