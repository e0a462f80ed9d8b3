"""`hilo WORDS` as `python -m tests.rhythm.process WORDS`: by a shifted clock, and killed at a step that a file names.

Steps are counted from when that file is there: each transaction that wrote something, and each message that Telegram
took. The process is killed between two of them, as by `kill -9`.
"""

import os
import signal
import time
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot import clock
from storage.unit import Storage, Unit
from tests.rhythm.mortal import Died, Life, Step

CLOCK, LAST = "REHEARSED_CLOCK", "REHEARSED_LAST"
"""In the environment: the files with how many seconds the clock is ahead, and after how many steps the process ends."""
READ_EVERY = 0.02  # seconds
LOOKS = 0.5  # seconds until every loop looks by itself: the clock may have been shifted


class RealLife(Life):
    """A process that ends for good."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def before(self) -> None:
        """Begin a step, if the process still lives."""
        self._arm()
        try:
            super().before()
        except Died:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(self) -> None:
        """Note a step, and end if it was the last one."""
        try:
            super().after()
        except Died:
            os.kill(os.getpid(), signal.SIGKILL)

    def _arm(self) -> None:
        if self.last is None and self._file.exists():
            self.end_after(int(self._file.read_text()))


def rehearse() -> None:
    """Replace the clock, and count the steps."""
    from bot.messengers import aiogram, ptb  # noqa: PLC0415  the clock comes first
    from bot.pipeline import lookout  # noqa: PLC0415  the same

    ahead, life = Path(os.environ[CLOCK]), RealLife(Path(os.environ[LAST]))
    real, unit = clock.now, Storage.unit

    known = [float("-inf"), 0.0]  # when the file was read last, and what it said

    def now() -> datetime:
        if time.monotonic() - known[0] > READ_EVERY:
            known[:] = time.monotonic(), float(ahead.read_text())
        return real() + timedelta(seconds=known[1])

    def mortal(self: Storage, now: datetime, *, at_once: bool = False) -> AbstractContextManager[Unit]:
        return Step(unit(self, now, at_once=at_once), life)

    clock.now = now
    Storage.unit = mortal  # type: ignore[method-assign]  # of every storage of this process
    lookout.PATIENT = LOOKS
    for kind in (aiogram.AiogramMessenger, ptb.PtbMessenger):
        kind.send = _counted(kind.send, life)  # type: ignore[attr-defined]  # the same


def _counted(send: Any, life: Life) -> Any:
    async def counted(self: Any, outgoing: Any) -> int:
        life.before()
        order: int = await send(self, outgoing)
        life.after()
        return order

    return counted


if __name__ == "__main__":
    rehearse()
    from bot.__main__ import main

    main()
