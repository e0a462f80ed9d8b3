"""People who answer a check-in at a rate, whether or not the bot has answered, or as many as it carries."""

import asyncio
import itertools
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.double import Double, User
from tests.double.world import Update

# What each does in turn: writes this, or presses the button in this place of what was said last.
ACTS: tuple[int | str, ...] = (
    "4",
    "Nos juntamos doce compañeras en la cancha y acordamos pedir el agua por escrito; falta quien lo firme.",
    0,
    0,
)
READING = 0.3  # seconds between seeing a question and answering it, where there is no rate
WARM = 0.2  # of the updates, after which counting begins
PATIENCE = 100.0  # seconds that the last of them wait
LOOK = 0.02  # seconds between two looks at what the bot said
LINES = 20  # to each receiver
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Lines:
    """Brings updates to receivers in turn, as a proxy spreads them: by hand, since a client costs what a turn does."""

    def __init__(self, double: Double, urls: Sequence[str], secret: str) -> None:
        """Bring whatever comes from now on; Telegram's own deliveries are held."""
        self.refused: Counter[str] = Counter()
        self._account = double.account
        self._changed = double.world.changed
        self._secret = secret
        self._loop = asyncio.new_event_loop()
        self._queues: list[asyncio.Queue[Update]] = [asyncio.Queue() for _ in urls]
        self._turn = itertools.cycle(self._queues)
        self._lines = [
            self._loop.create_task(self._line(url, queue))
            for url, queue in zip(urls, self._queues, strict=True)
            for _ in range(LINES)
        ]
        self._account.held = True
        self._arrived, self._account.arrived = self._account.arrived, self._wake
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._account.arrived = self._arrived
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _hang_up(self) -> None:
        for each in self._lines:
            each.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        with self._changed:
            found = list(self._account.updates)
            self._account.updates.clear()
        for update in found:
            next(self._turn).put_nowait(update)

    async def _line(self, url: str, queue: asyncio.Queue[Update]) -> None:
        """Bring one after the other; on a new line where the other side has hung up, as it does after a silence."""
        there, line = urlsplit(url), None
        head = f"POST {there.path} HTTP/1.1\r\nHost: {there.netloc}\r\n{HEADER}: {self._secret}\r\n"
        while True:
            update = await queue.get()
            try:
                if line is None or line[0].at_eof():
                    line = await asyncio.open_connection(there.hostname, there.port)
                status = await _brought(*line, head, json.dumps(update.to_api()).encode())
            except (OSError, asyncio.IncompleteReadError):
                line, status = None, ""
                await asyncio.sleep(LOOK)
            if status != "200":
                self.refused.update([status] if status else [])
                queue.put_nowait(update)


async def _brought(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str, body: bytes) -> str:
    """Bring something on a line; returns the status it was answered with."""
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    length = next((line for line in answer if line.startswith("content-length:")), "content-length: 0")
    await reader.readexactly(int(length.partition(":")[2]))
    return answer[0].split()[1]


@dataclass
class Tally:
    """What came of it: seconds that each reply took, and how many updates were given and messages said.

    Attributes:
        waits: from the moment an update was due until Telegram had the reply.
        doubled: messages beyond one for each update.
        finished: people who answered everything.
    """

    waits: list[float] = field(default_factory=list)
    given: int = 0
    doubled: int = 0
    finished: int = 0


class Crowd:
    """Some people of one double, each with a check-in open at its first question."""

    def __init__(self, double: Double, users: Sequence[User], tell: Callable[[str], object]) -> None:
        """Take the people; `tell` is called with `begun` and `ended`, between which there is nothing but the load."""
        self._double, self._world, self._tell = double, double.world, tell
        self._fresh = deque(users)
        self._acts: dict[int, Iterator[int | str]] = {user.id: iter(ACTS) for user in users}
        self._left = {user.id: len(ACTS) for user in users}
        self._users = {user.id: user for user in users}
        self._due: dict[int, float] = {}
        self._shown: dict[int, int] = {}
        with self._world.changed:
            self._read = len(self._world.ledger)
        self.tally = Tally()

    def at_rate(self, rate: float, updates: int) -> None:
        """Let somebody act every so often, each person again as late as there are people.

        Where all of them wait for a reply the next act comes late, and its wait is counted from when it was due.
        """
        began, ready = time.monotonic() + LOOK, self._fresh
        self._tell("begun")
        for number in range(updates):
            due = began + number / rate
            while (left := due - time.monotonic()) > 0:
                time.sleep(min(left, LOOK))
                ready.extend(self._seen())
            while not ready and time.monotonic() < due + PATIENCE:
                time.sleep(LOOK)
                ready.extend(self._seen())
            self._act(ready.popleft(), due)
        self._rest()
        self._tell("ended")

    def as_many(self, together: int, updates: int) -> None:
        """Let always so many be at it, each acting again soon after the reply, until so many updates were given."""
        reading: deque[tuple[float, User]] = deque()
        warm = int(updates * WARM)
        while (now := time.monotonic()) and self.tally.given < updates:
            for _ in range(together - len(reading) - len(self._due)):
                self._act(self._fresh.popleft(), now)
            while reading and reading[0][0] <= now:
                self._act(reading.popleft()[1], now)
            time.sleep(LOOK / 4)
            reading.extend((time.monotonic() + READING, user) for user in self._seen())
            if warm and len(self.tally.waits) >= warm:
                warm = 0
                self._tell("begun")
        self._tell("ended")
        self._rest()

    def _rest(self) -> None:
        end = time.monotonic() + PATIENCE
        while self._due and time.monotonic() < end:
            time.sleep(LOOK)
            self._seen()

    def _act(self, user: User, due: float) -> None:
        act = next(self._acts[user.id])
        self._due[user.id] = due
        self._left[user.id] -= 1
        self.tally.given += 1
        if isinstance(act, str):
            user.say(act)
            return
        with self._world.changed:
            message = user.said[-1]
        user.press_data(list(itertools.chain.from_iterable(message.buttons))[act]["callback_data"], message.id)

    def _seen(self) -> list[User]:
        """Look at what was said since; return who may act again."""
        with self._world.changed:
            calls = self._world.ledger[self._read :]
        self._read += len(calls)
        ready = []
        for call in calls:
            chat = call.chat
            if call.message is None or chat is None or chat not in self._users:
                continue
            due = self._due.pop(chat, None)
            if due is None:
                self.tally.doubled += 1
                continue
            self.tally.waits.append(call.at - due)
            if self._left[chat]:
                ready.append(self._users[chat])
            else:
                self.tally.finished += 1
        return ready
