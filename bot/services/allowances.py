"""Allowances: how much one conversation may send, and how much room the disk has to have for it.

Nobody who takes part reaches them by hand (60 texts or 30 minutes of voice an hour); a program that floods does. What
calls for help is looked for before any of them. They are counted in memory only.
"""

import shutil
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

HOUR: Final = 3600.0
REMEMBERED: Final = 20_000  # counts; beyond that, the one that changed longest ago is forgotten
MANY: Final = 20  # texts or presses within a short while
LOOKED: Final = 5_000  # letters of a text beyond an allowance that are looked at for a cry
RESERVE: Final = 500_000_000  # bytes that stay free for what people who take part say
LOOK_EVERY: Final = 5.0  # seconds between looks at the disk


@dataclass(frozen=True, slots=True)
class Rate:
    """So much at once, and so much more each hour."""

    at_once: float
    an_hour: float


class Counts:
    """What was taken of one rate, for each name: it comes back hour by hour."""

    def __init__(self, rate: Rate) -> None:
        """Begin with nothing taken."""
        self.rate = rate
        self._taken: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def takes(self, name: str, now: datetime, amount: float = 1) -> bool:
        """Return whether so much more may be taken, and take it if so."""
        whole = self.taken(name, now) + amount
        if whole > self.rate.at_once:
            return False
        counts = self._taken
        counts[name] = (whole, now)
        counts.move_to_end(name)
        if len(counts) > REMEMBERED:
            counts.popitem(last=False)
        return True

    def taken(self, name: str, now: datetime) -> float:
        """Return how much of the rate is taken at a moment."""
        found = self._taken.get(name)
        if found is None:
            return 0.0
        taken, since = found
        return max(0.0, taken - max(0.0, (now - since).total_seconds()) * self.rate.an_hour / HOUR)

    def left(self, name: str, now: datetime) -> float:
        """Return how much of the rate is left at a moment."""
        return self.rate.at_once - self.taken(name, now)


@dataclass(frozen=True, slots=True)
class Rates:
    """What one conversation may send."""

    texts: Rate
    letters: Rate
    presses: Rate
    files: Rate
    file_bytes: Rate
    longest: int  # letters of one text
    waiting: int  # updates not handled yet


KNOWN: Final = Rates(
    texts=Rate(120, 1200),
    letters=Rate(400_000, 100_000),
    presses=Rate(300, 3600),
    files=Rate(120, 120),
    file_bytes=Rate(200_000_000, 200_000_000 / 24),
    longest=20_000,
    waiting=200,
)
STRANGER: Final = Rates(
    texts=Rate(20, 360),
    letters=Rate(20_000, 10_000),
    presses=Rate(40, 720),
    files=Rate(0, 0),
    file_bytes=Rate(0, 0),
    longest=1_000,
    waiting=50,
)
CRIES: Final = Rate(10, 360)


class _Conversations:
    """What conversations of one kind have taken."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._texts, self._letters = Counts(rates.texts), Counts(rates.letters)
        self._presses = Counts(rates.presses)
        self._files, self._bytes = Counts(rates.files), Counts(rates.file_bytes)

    def text(self, chat: str, now: datetime, letters: int) -> bool:
        return self._texts.takes(chat, now) and (not letters or self._letters.takes(chat, now, letters))

    def press(self, chat: str, now: datetime) -> bool:
        return self._presses.takes(chat, now)

    def left(self, chat: str, now: datetime, letters: int, *, press: bool) -> bool:
        if press:
            return self._presses.left(chat, now) >= 1
        return self._texts.left(chat, now) >= 1 and self._letters.left(chat, now) >= letters

    def many(self, chat: str, now: datetime) -> bool:
        return max(self._texts.taken(chat, now), self._presses.taken(chat, now)) > MANY

    def file(self, chat: str, now: datetime, size: int) -> bool:
        return self._bytes.takes(chat, now, size) and self._files.takes(chat, now)

    def file_left(self, chat: str, now: datetime) -> bool:
        return self._files.left(chat, now) >= 1 and self._bytes.left(chat, now) > 0


class Disk:
    """How much room is left where everything is kept: on the fullest of its disks."""

    def __init__(self, *folders: Path, seconds: Callable[[], float] = time.monotonic) -> None:
        """Take the folders, which may lie on several disks; `seconds` is a clock that only goes forward."""
        self._folders = folders
        self._seconds = seconds
        self._looked = float("-inf")
        self.free = RESERVE

    @property
    def low(self) -> bool:
        """Whether less than the reserve is left, looked at a moment ago at most."""
        if self._seconds() - self._looked >= LOOK_EVERY:
            self.free = min(shutil.disk_usage(_there(folder)).free for folder in self._folders)
            self._looked = self._seconds()
        return self.free < RESERVE


def _there(folder: Path) -> Path:
    """Return a folder, or the one in which it will be made."""
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())


class Allowances:
    """All conversations of this process, by messenger and chat."""

    def __init__(self, disk: Disk | None = None) -> None:
        """Begin with nothing taken; without a disk there is always room."""
        self.disk = disk
        self._known, self._strangers = _Conversations(KNOWN), _Conversations(STRANGER)
        self._cries = Counts(CRIES)

    @property
    def low(self) -> bool:
        """Whether only what people who take part say is kept."""
        return self.disk is not None and self.disk.low

    def longest(self, *, known: bool) -> int:
        """Return how many letters one text may have."""
        return (KNOWN if known else STRANGER).longest

    def waiting(self, *, known: bool) -> int:
        """Return how many updates of one conversation may wait."""
        return (KNOWN if known else STRANGER).waiting

    def text(self, chat: str, now: datetime, letters: int, *, known: bool) -> bool:
        """Return whether one more text, or anything that is no press, may be kept."""
        return (known or not self.low) and self._of(known=known).text(chat, now, letters)

    def press(self, chat: str, now: datetime, *, known: bool) -> bool:
        """Return whether one more press may be kept."""
        return (known or not self.low) and self._of(known=known).press(chat, now)

    def left(self, chat: str, now: datetime, letters: int, *, press: bool) -> bool:
        """Return whether one more text or press of a stranger may be kept, without taking it."""
        return not self.low and self._strangers.left(chat, now, letters, press=press)

    def file(self, chat: str, now: datetime, size: int) -> bool:
        """Return whether one more file of somebody known may be kept."""
        return self._known.file(chat, now, size)

    def file_left(self, chat: str, now: datetime) -> bool:
        """Return whether one more file of somebody known may be kept, if it is small."""
        return self._known.file_left(chat, now)

    def many(self, chat: str, now: datetime, *, known: bool) -> bool:
        """Return whether so much was sent lately that it may wait to be handled."""
        return self._of(known=known).many(chat, now)

    def cry(self, chat: str, now: datetime) -> bool:
        """Return whether a cry beyond every allowance is heard: not one after the other in a flood of them."""
        return self._cries.takes(chat, now)

    def _of(self, *, known: bool) -> _Conversations:
        return self._known if known else self._strangers
