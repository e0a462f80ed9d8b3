"""Decide how fast the courier may send, and what it may send while a messenger asks for a pause.

Telegram refuses with 429 and a pause, and does not say whether it means one chat (about a message a second) or the
whole bot (about thirty). So a first refusal holds back broadcasts only, and replies go on; a second one, from another
chat, means the whole bot.
"""

from collections import deque
from collections.abc import Callable
from enum import Enum

from bot import clock

SECOND = 1.02  # a little more, since a send begins a moment after it was counted
SHARE, MOST = 25, 40  # of a second; messages
CLOSE = 10.0  # seconds within which refusals of two chats mean the whole bot


def together(rate: float) -> int:
    """Return how many messages of a rate belong together: those of a twenty-fifth of a second, one to forty.

    Where much is sent, each transaction has to mark and claim more of them: a commit waits for the disk.
    """
    return min(max(int(rate) // SHARE, 1), MOST)


class Pace:
    """Allows at most `rate` sends in any second, wherever that second begins."""

    def __init__(self, rate: float, seconds: Callable[[], float] = clock.seconds) -> None:
        """Begin with nothing sent; `seconds` is a clock that only goes forward."""
        self._seconds = seconds
        self._rate = int(rate)
        self._begun: deque[float] = deque()

    def free(self) -> int:
        """Return how many sends may begin now."""
        now = self._seconds()
        while self._begun and self._begun[0] <= now - SECOND:
            self._begun.popleft()
        return max(self._rate - len(self._begun), 0)

    def take(self, number: int) -> None:
        """Count `number` sends that begin now."""
        self._begun.extend([self._seconds()] * number)

    def wait(self) -> float:
        """Return the seconds until one more send may begin."""
        if self.free():
            return 0.0
        return self._begun[0] + SECOND - self._seconds()


class Room(Enum):
    """What may be sent now."""

    ALL = "all"
    ONE = "one"  # the first message shows whether the messenger accepts again
    ONE_REPLY = "one reply"
    NONE = "none"


class Flood:
    """The pauses that one messenger asked for; moments are seconds of a clock that only goes forward."""

    def __init__(self) -> None:
        self._until = float("-inf")
        self._held = False
        self._refused: dict[bytes, float] = {}

    def room(self, now: float) -> Room:
        """Return what may be sent now; `ONE` and `ONE_REPLY` mean one message while nothing else is under way."""
        if now < self._until:
            return Room.NONE if self._held else Room.ONE_REPLY
        return Room.ONE if self._held else Room.ALL

    def refused(self, chat: bytes, seconds: float, now: float) -> None:
        """Record that a chat was refused, with a pause in seconds; the outbox holds back that chat itself."""
        self._refused = {other: at for other, at in self._refused.items() if now - at <= CLOSE}
        self._held = self._held or any(other != chat for other in self._refused)
        self._refused[chat] = now
        self._until = max(self._until, now + seconds)

    def passed(self, begun: float) -> None:
        """Record that a send succeeded; one that `begun` before the end of the pause proves nothing."""
        if begun >= self._until:
            self._held = False
