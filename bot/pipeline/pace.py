"""Decide how fast the courier may send, and what it may send while a messenger asks for a pause.

Telegram refuses with 429 and a pause, and does not say whether it means one chat (about a message a second) or the
whole bot (about thirty). So a first refusal holds back broadcasts only, and replies go on; a second one, from another
chat and of what was sent after the first, means the whole bot.
"""

import heapq
from collections import deque
from collections.abc import Callable, Collection
from enum import Enum

from bot import clock

SECOND = 1.02  # a little more, since the quickest way there is not always as quick
LATELY = 10.0  # seconds for which the quickest send tells how quick one can be
SHARE, MOST = 25, 40  # of a second; messages
BURST = 5  # messages of one chat that may follow each other at once: more than a turn says
CLOSE = 10.0  # seconds within which refusals of two chats mean the whole bot


def together(rate: float) -> int:
    """Return how many messages of a rate belong together: those of a twenty-fifth of a second, one to forty.

    Where much is sent, each transaction has to mark and claim more of them: a commit waits for the disk.
    """
    return min(max(int(rate) // SHARE, 1), MOST)


class Pace:
    """Allows at most `rate` sends to arrive in any second, wherever that second begins.

    When a send arrived nobody knows, only when it began and when its answer came. One that took longer than the
    quickest may have been late on its way there; so it counts from its answer on, less what the quickest took.
    """

    def __init__(self, rate: float, seconds: Callable[[], float] = clock.seconds) -> None:
        """Begin with nothing sent; `seconds` is a clock that only goes forward."""
        self._seconds = seconds
        self._rate = int(rate)
        self._under_way = 0
        self._taken: deque[float] = deque()  # moments before which others sent
        self._ended: list[float] = []  # a heap of the moments at which sends were over
        self._quickest = self._before = float("inf")
        self._since = float("-inf")

    def free(self) -> int:
        """Return how many sends may begin now."""
        over = self._seconds() - SECOND
        while self._taken and self._taken[0] <= over:
            self._taken.popleft()
        while self._ended and self._ended[0] <= over + self._least:
            heapq.heappop(self._ended)
        return max(self._rate - self._under_way - len(self._ended) - len(self._taken), 0)

    def take(self, number: int) -> None:
        """Count `number` sends that others made by now."""
        self._taken.extend([self._seconds()] * number)

    def begin(self) -> None:
        """Count a send that begins now."""
        self._under_way += 1

    def end(self, begun: float, *, answered: bool) -> None:
        """Say that a send is over that `begun` at a moment of the clock, and whether it was accepted."""
        now = self._seconds()
        took = now - begun
        if answered and now - self._since > LATELY:
            self._before, self._quickest, self._since = self._quickest, took, now
        elif answered:
            self._quickest = min(self._quickest, took)
        self._under_way -= 1
        heapq.heappush(self._ended, max(now, begun + self._least))

    def wait(self) -> float:
        """Return the seconds until one more send may begin, unless it is one under way that has to end first."""
        if self.free():
            return 0.0
        first = [*([self._taken[0]] if self._taken else ()), *(ended - self._least for ended in self._ended[:1])]
        return min(first) + SECOND - self._seconds() if first else 0.0

    @property
    def _least(self) -> float:
        """Seconds that a send takes at least, as far as is known by now: 0 before the first."""
        least = min(self._quickest, self._before)
        return least if least < float("inf") else 0.0


class ChatPace:
    """Lets a few messages of one chat follow each other, and then so many a second; chats that rest are forgotten."""

    def __init__(self, rate: float, seconds: Callable[[], float] = clock.seconds) -> None:
        """Begin with nothing sent; `seconds` is a clock that only goes forward."""
        self._seconds = seconds
        self._gap = 1 / rate
        self._rested: dict[bytes, float] = {}  # when a chat may have its whole burst again, in order of its last
        self._shut: dict[bytes, float] = {}  # when it may have one more

    def __len__(self) -> int:
        return len(self._rested)

    def take(self, chat: bytes, number: int = 1) -> None:
        """Count messages of a chat that were sent by now."""
        now = self._seconds()
        rested = max(self._rested.pop(chat, now), now) + number * self._gap
        self._rested[chat] = min(rested, now + BURST * self._gap)
        opens = self._rested[chat] - (BURST - 1) * self._gap
        if opens > now:
            self._shut[chat] = opens

    def shut(self) -> Collection[bytes]:
        """Return the chats that have to wait now."""
        now = self._seconds()
        while self._rested and self._rested[chat := next(iter(self._rested))] <= now:
            del self._rested[chat]
        for chat in [chat for chat, opens in self._shut.items() if opens <= now]:
            del self._shut[chat]
        return self._shut.keys()

    def wait(self) -> float:
        """Return the seconds until one more chat may be sent something, or 0 where none has to wait."""
        self.shut()
        return min(self._shut.values()) - self._seconds() if self._shut else 0.0


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

    def refused(self, chat: bytes, seconds: float, now: float, begun: float) -> None:
        """Record that a chat was refused, with a pause in seconds; the outbox holds back that chat itself.

        What had `begun` before another one was refused tells nothing new: all that is under way is refused together.
        """
        self._refused = {other: at for other, at in self._refused.items() if now - at <= CLOSE}
        self._held = self._held or any(other != chat and at <= begun for other, at in self._refused.items())
        self._refused[chat] = now
        self._until = max(self._until, now + seconds)

    def passed(self, begun: float) -> None:
        """Record that a send succeeded; one that `begun` before the end of the pause proves nothing."""
        if begun >= self._until:
            self._held = False
