"""Send news to open pages: server-sent events, read from storage and resumed after the last one received."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable

from bot.web import thread
from bot.web.thread import ThreadUpdate
from bot.workers import Workers
from storage.unit import Unit

LIMIT = 6  # open streams of one chat; the newest stay
HEARTBEAT = 20.0  # quiet seconds before a comment keeps the connection open
RETRY = 2000  # milliseconds a browser waits before it reconnects
LINE_END = re.compile(r"\r\n|\r|\n")


class _Stream:
    """One open page."""

    __slots__ = ("ended",)

    def __init__(self) -> None:
        self.ended = False


class Streams:
    """All open streams of this process."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._open: defaultdict[str, list[_Stream]] = defaultdict(list)
        self._closed = False

    def count(self, chat: str) -> int:
        """Return how many streams of a chat are open."""
        return len(self._open.get(chat, ()))

    def close(self) -> None:
        """End every stream; pages reconnect by themselves when there is a server again."""
        self._closed = True
        for chat, streams in self._open.items():
            for stream in streams:
                stream.ended = True
            self._workers.watchers.notify(chat)

    async def events(
        self, chat: str, after: int, render: Callable[[ThreadUpdate], str], open_for: Callable[[Unit], float]
    ) -> AsyncIterator[str]:
        """Yield what comes after a row, as it comes; `render` turns it into events.

        `open_for` returns for how many seconds it may; then the page is told to lock itself, and gets nothing more.
        """
        stream = self._enter(chat)
        before: frozenset[int] | None = None
        time = asyncio.get_running_loop().time
        left, spoken = 0.0, time()

        def look(unit: Unit) -> ThreadUpdate | bool:
            nonlocal before, left
            left = open_for(unit)
            if left <= 0:
                return False
            if before is None:
                before = thread.shown(unit, chat, after)
            return thread.news(unit, chat, after, before) or True

        try:
            yield f"retry: {RETRY}\n\n"
            while not stream.ended:
                # Take this before the query, so that no notification in between is missed.
                told = asyncio.create_task(self._workers.watchers.wait(chat, self._workers.patience))
                try:
                    news = await self._workers.read(look)
                    if news is False:
                        yield event("lock", "")
                        return
                    if isinstance(news, ThreadUpdate):
                        after, before = news.newest, news.shown
                        yield await asyncio.to_thread(render, news)
                        spoken = time()
                        continue
                    await asyncio.wait({told}, timeout=min(left, self._workers.patience))
                finally:
                    told.cancel()
                if time() - spoken >= HEARTBEAT:
                    spoken = time()
                    yield ": \n\n"
            if not self._closed:
                yield event("rest", "")
        finally:
            self._leave(chat, stream)

    def _enter(self, chat: str) -> _Stream:
        streams = self._open[chat]
        while len(streams) >= LIMIT:
            streams.pop(0).ended = True
            self._workers.watchers.notify(chat)
        stream = _Stream()
        stream.ended = self._closed
        streams.append(stream)
        return stream

    def _leave(self, chat: str, stream: _Stream) -> None:
        streams = self._open[chat]
        if stream in streams:
            streams.remove(stream)
        if not streams:
            del self._open[chat]


def event(kind: str, data: str, seq: int | None = None) -> str:
    """Write one server-sent event."""
    number = "" if seq is None else f"id: {seq}\n"
    lines = "".join(f"data: {line}\n" for line in LINE_END.split(data))
    return f"{number}event: {kind}\n{lines}\n"
