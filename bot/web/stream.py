"""Send news to open pages: server-sent events, read from storage and resumed after the last one received."""

import asyncio
import re
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable
from functools import partial

from bot.runtime.workers import Workers
from bot.services.allowances import Counts, Rate
from bot.web import thread
from bot.web.sessions import ChatContext
from bot.web.thread import ThreadUpdate
from storage.unit import Unit

LIMIT = 6  # open streams of one chat; the newest stay
STRANGERS = 1  # of a chat whose person has agreed to nothing yet
IN_ALL = 500  # of all chats
OPENED = Rate(60, 1800)  # how often a chat may open one: each reads the whole conversation
LATER = 15_000  # milliseconds after which a page tries again whose chat opens too many
HEARTBEAT = 20.0  # quiet seconds before a comment keeps the connection open
RETRY = 2000  # milliseconds a browser waits before it reconnects
LINE_END = re.compile(r"\r\n|\r|\n")


class _Stream:
    """One open page."""

    __slots__ = ("chat", "ended", "stranger", "typing")

    def __init__(self, chat: str, *, stranger: bool) -> None:
        self.chat = chat
        self.stranger = stranger
        self.ended = self.typing = False


class Streams:
    """All open streams of this process: so many of one chat, and so many in all.

    Where there are too many, those of strangers end first, then those of who has several pages open, then the oldest.
    A page whose stream has ended opens another once it is looked at again.
    """

    def __init__(self, workers: Workers, in_all: int = IN_ALL) -> None:
        """Begin with none open."""
        self._workers = workers
        self._most = in_all
        self._open: defaultdict[str, list[_Stream]] = defaultdict(list)
        self._oldest: OrderedDict[_Stream, None] = OrderedDict()  # those that go on, in the order they were opened
        self._opened = Counts(OPENED)
        self._closed = False

    def may_open(self, place: ChatContext) -> bool:
        """Return whether a chat may open another one now, and count it if so."""
        return self._opened.takes(place.chat, self._workers.now())

    def types(self, chat: str) -> None:
        """Tell the open pages of a chat that an answer is on its way."""
        for stream in self._open.get(chat, ()):
            stream.typing = True
        self._workers.watchers.notify(chat)

    def close(self) -> None:
        """End every stream; pages reconnect by themselves when there is a server again."""
        self._closed = True
        for chat, streams in self._open.items():
            for stream in streams:
                stream.ended = True
            self._workers.watchers.notify(chat)

    async def events(
        self, place: ChatContext, after: int, render: Callable[[ThreadUpdate], str], open_for: Callable[[Unit], float]
    ) -> AsyncIterator[str]:
        """Yield what comes in a conversation after a row, as it comes; `render` turns it into events.

        `open_for` returns for how many seconds it may; then the page is told to lock itself, and gets nothing more.
        """
        chat = place.chat
        stream = self._enter(chat, stranger=place.stranger)
        before: frozenset[int] | None = None
        time = asyncio.get_running_loop().time
        left, spoken = 0.0, time()

        def look(unit: Unit) -> ThreadUpdate | bool:
            nonlocal before, left
            left = open_for(unit)
            if left <= 0:
                return False
            if before is None:
                before = thread.shown(unit, chat, after) if after else frozenset()
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
                        yield await self._workers.page(partial(render, news))
                        spoken = time()
                        continue
                    if stream.typing:
                        stream.typing = False
                        yield event("typing", "")
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

    def _enter(self, chat: str, *, stranger: bool) -> _Stream:
        stream = _Stream(chat, stranger=stranger)
        stream.ended = self._closed
        while len(self._open[chat]) >= (STRANGERS if stranger else LIMIT):
            self._end(self._open[chat].pop(0))
        self._open[chat].append(stream)
        self._oldest[stream] = None
        if len(self._oldest) > self._most:
            self._end(self._least_needed())
        return stream

    def _least_needed(self) -> _Stream:
        """Return the stream that makes room for others; the oldest of its kind."""
        strangers = (each for each in self._oldest if each.stranger)
        several = (each for each in self._oldest if len(self._open[each.chat]) > 1)
        return next(strangers, None) or next(several, None) or next(iter(self._oldest))

    def _end(self, stream: _Stream) -> None:
        stream.ended = True
        self._oldest.pop(stream, None)
        self._workers.watchers.notify(stream.chat)

    def _leave(self, chat: str, stream: _Stream) -> None:
        self._oldest.pop(stream, None)
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
