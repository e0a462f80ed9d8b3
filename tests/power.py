"""Cuts of power: what a process did to its files is recorded, and what a disk would have kept is made of it.

The recorder is `tests/power.c`, loaded before the C library. A disk keeps what was synced: a file's content once the
file was, its name once its folder was. What else it kept is anybody's guess, so each cut is played in three ways.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from pathlib import Path

SHIM = Path(__file__).with_name("power.c")


class Kept(Enum):
    """What the disk kept of what was not synced."""

    NOTHING = "nothing"
    NAMES = "names without their content"
    ALL = "everything: the process was killed, and the power stayed"


@dataclass(eq=False)
class File:
    """A file: what a process sees, and what was synced."""

    now: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


def built(folder: Path) -> Path:
    """Compile the recorder."""
    made = folder / "power.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", made, SHIM, "-ldl", "-lpthread"], check=True)
    return made


def record(shim: Path, folder: Path, log: Path, command: Sequence[str], **settings: str) -> list[str]:
    """Run a command, and return what it did to the files below a folder."""
    environment = {**os.environ, **settings, "LD_PRELOAD": str(shim)}
    environment |= {"POWER_FOLDER": str(folder), "POWER_LOG": str(log), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return log.read_text("ascii", "replace").splitlines()


def _move(names: dict[str, File], one: str, two: str) -> None:
    """Let everything below a folder lie below another one."""
    for path in [path for path in names if path.startswith(f"{one}/")]:
        names[two + path.removeprefix(one)] = names.pop(path)


class Machine:
    """The disk below a folder, as it was when the recording began, and what came after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, File] = {}
        self._nodes: dict[str, File] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                made = self.names[str(path)] = File(bytearray(content), content)
                self._nodes[str(path.stat().st_ino)] = made
        self.synced = dict(self.names)
        self._moved: list[tuple[str, str]] = []

    def play(self, line: str) -> None:
        """Do what one record says."""
        what, _, rest = line.partition(" ")
        if what in {"rename", "unlink", "mkdir"}:
            self._named(what, *rest.partition("\t")[::2])
            return
        node, number, more = rest.split(" ", 2)
        if what == "syncdir":
            self._names_synced(more)
            return
        if what == "open":
            if more not in self.names:
                self.names[more] = self._nodes[node] = File()
            del self.names[more].now[int(number) :]
            return
        file = self._nodes[node]
        match what:
            case "write":
                data, at = bytes.fromhex(more), int(number)
                file.now.extend(bytes(max(0, at - len(file.now))))
                file.now[at : at + len(data)] = data
            case "size":
                size = int(number)
                file.now.extend(bytes(max(0, size - len(file.now))))
                del file.now[size:]
            case "sync":
                file.synced = bytes(file.now)

    def _named(self, what: str, one: str, two: str) -> None:
        if what != "mkdir" and (moved := self.names.pop(one, None)) is not None and what == "rename":
            self.names[two] = moved
        elif what == "rename":
            _move(self.names, one, two)
            self._moved.append((one, two))

    def _names_synced(self, folder: str) -> None:
        for one, two in [each for each in self._moved if os.path.dirname(each[1]) == folder]:  # noqa: PTH120  as below
            _move(self.synced, one, two)
            self._moved.remove((one, two))
        here = [path for path in {*self.names, *self.synced} if os.path.dirname(path) == folder]  # noqa: PTH120  they are strings, and many
        for path in here:
            if path in self.names:
                self.synced[path] = self.names[path]
            else:
                del self.synced[path]

    def state(self, into: Path, kept: Kept) -> None:
        """Write what is on the disk after a cut into another folder."""
        into.mkdir(parents=True)
        for path, content in self._left(kept):
            there = into / Path(path).relative_to(self.folder)
            there.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            there.write_bytes(content)
            there.chmod(0o600)

    def mark(self, kept: Kept) -> bytes:
        """Return a hash of what is on the disk after a cut: many leave the very same."""
        made = sha256()
        for path, content in self._left(kept):
            made.update(f"{path} {len(content)} ".encode() + content)
        return made.digest()

    def _left(self, kept: Kept) -> Iterator[tuple[str, bytes | bytearray]]:
        names = self.synced if kept is Kept.NOTHING else self.names
        for path, file in sorted(names.items()):
            # The index of SQLite's log is made anew by whoever opens it next.
            if not path.endswith("-shm"):
                yield path, file.now if kept is Kept.ALL else file.synced
