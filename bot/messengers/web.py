"""The web messenger: chat in a browser, whose pages read their messages from the outbox itself.

Pages hand over updates and wait until they are kept. `send` transports nothing, since a page reads its thread from
storage. A file that a page uploads is sealed and put aside before its update is handed over.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from bot.messengers.letterbox import PATIENCE, Letterbox
from bot.messengers.port import (
    WEB,
    Batch,
    Capabilities,
    Commands,
    Descriptions,
    FileExpired,
    Identity,
    Incoming,
    Outgoing,
)

CAPABILITIES: Final = Capabilities(
    WEB,
    kept_here=True,
    rings=False,  # in a browser
    edits=True,
    takes_back=timedelta.max,
    opens=frozenset({"https", "http", "sms"}),
    join_link="{base}/join/{code}",
    lock="/chat/pin",
)


class WebMessenger:
    """The port over the pages of this process."""

    name = WEB
    text_limit = 20_000
    caption_limit = 20_000

    def __init__(self, parked: Callable[[str], bytes] | None = None) -> None:
        """Begin with nothing waiting; `parked` returns what a page put aside (and raises FileExpired)."""
        self.types: Callable[[str], None] = lambda _chat: None
        """Tells a chat's open pages that an answer is on its way; the web side puts its own here."""
        self._parked = parked
        self._letterbox = Letterbox()

    async def hand_over(self, incoming: Incoming, patience: float = PATIENCE) -> None:
        """Give an update to the poll loop, and return once it is kept; raises NotKept after `patience` seconds."""
        await self._letterbox.hand_over(incoming, patience)

    async def identify(self) -> Identity:
        """Return who the bot is here."""
        return Identity(WEB)

    async def prepare(self) -> str | None:
        """Do nothing: handed-over updates wait for `fetch`."""
        return None

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds for updates; an offset confirms every update before it and releases its page."""
        return await self._letterbox.fetch(offset, wait)

    async def send(self, outgoing: Outgoing) -> int:
        """Accept at once: the row is in the outbox, where the page reads it."""
        return outgoing.row

    async def acknowledge(self, callback: str) -> None:
        """Do nothing: the page sees the answer itself."""

    async def typing(self, chat: str) -> None:
        """Tell the open pages of a chat."""
        self.types(chat)

    async def delete(self, chat: str, messages: Sequence[int]) -> Sequence[int]:  # noqa: ARG002  the port's
        """Do nothing: a page shows what the outbox holds, so nothing is left."""
        return ()

    async def download(self, file: str) -> bytes:
        """Return what a page put aside; raises FileExpired once it is gone."""
        if self._parked is None:
            raise FileExpired("nothing is put aside here")
        return await asyncio.to_thread(self._parked, file)

    async def introduce(self, commands: Commands, descriptions: Descriptions, chat: str | None = None) -> None:
        """Do nothing: pages have words of their own."""

    async def close(self) -> None:
        """Tell every waiting page that its update was not kept."""
        self._letterbox.close()
