"""A pace for whatever writes at length beside a running bot.

A turn's commit waits for what is on its way to the disk. So a long file is brought there a little at a time, and after
each piece the disk is left alone for a multiple of what the piece took: whatever disk it is, of a hundred commits
ninety-five meet nothing of it.
"""

import os
import time
from collections.abc import Callable
from typing import Final

PIECE: Final = 1_000_000  # bytes that are brought to the disk at once
SHARE: Final = 25  # of so many parts of the time, one is the disk's for this
SNAPSHOT: Final = 60.0  # seconds of pauses at most while a snapshot is read: for as long SQLite's log grows


class DiskPace:
    """Brings a file, or one after the other, to the disk at a pace.

    Attributes:
        descriptor: of the file that is written to now.
    """

    def __init__(
        self,
        descriptor: int,
        most: float = float("inf"),
        *,
        sync: Callable[[int], object] = os.fdatasync,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Begin.

        Args:
            descriptor: of the file that is written to first.
            most: how many seconds all pauses together may take.
            sync: brings a file to the disk.
            seconds: a clock that only goes forward.
            sleep: pauses.
        """
        self.descriptor = descriptor
        self._left = most
        self._sync, self._seconds, self._sleep = sync, seconds, sleep
        self._waiting = 0

    def wrote(self, size: int) -> bool:
        """Note that so many bytes were written, and bring them to the disk if they are enough; return whether."""
        self._waiting += size
        if self._waiting < PIECE:
            return False
        self.settle()
        return True

    def settle(self) -> None:
        """Bring what was written to the disk, and pause."""
        self._waiting = 0
        began = self._seconds()
        self._sync(self.descriptor)
        pause = min((self._seconds() - began) * (SHARE - 1), self._left)
        self._left -= pause
        self._sleep(pause)
