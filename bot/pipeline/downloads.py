"""Fetch voice notes and photos before the turn they are part of.

While a file is fetched, its update is held back in the inbox, and with it the same person's later updates; turns of
other people go on. If the process dies meanwhile, the update is still there.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from bot.conversation.actions import ARRIVING
from bot.media.store import FetchResult, MediaRefused, MediaStore, StoredMedia
from bot.messengers import registry
from bot.messengers.port import LARGEST_FILE, FileExpired, Incoming, Kind, Messenger, MessengerError, TooLarge
from bot.pipeline.receive import RETRIES, AfterCommit, Receiver
from bot.runtime.workers import Workers
from bot.services.allowances import Allowances
from storage.database import may_be_written
from storage.inbox import InboxRow
from storage.unit import Unit
from storage.vault import DataKey

log = logging.getLogger(__name__)

LONGEST: Final = 100.0  # seconds that one file may take
HELD: Final = timedelta(seconds=120)
AT_ONCE: Final = 3  # each takes up to three times 20 MB of memory
KINDS: Final = frozenset({Kind.VOICE, Kind.PHOTO})


@dataclass(frozen=True, slots=True)
class WantedFile:
    """An update whose voice note or photo is to be fetched, and its person."""

    row: InboxRow
    incoming: Incoming
    person_id: UUID
    key: DataKey


class Downloads:
    """Fetches the files of updates, and then plays their turns."""

    def __init__(
        self,
        workers: Workers,
        receive: Receiver,
        messengers: Mapping[str, Messenger],
        media_store: MediaStore,
        failed: Callable[[InboxRow, BaseException], Awaitable[None]],
        handled: Callable[[AfterCommit], None],
        allowances: Allowances | None = None,
    ) -> None:
        """Build the downloads.

        Args:
            workers: storage.
            receive: handles the update once its file is here.
            messengers: one per name.
            media_store: keeps the files.
            failed: called when a turn fails.
            handled: called after a turn was committed.
            allowances: how many files one chat may send; without them any number.
        """
        self._workers = workers
        self._receive = receive
        self._messengers = messengers
        self._media_store = media_store
        self._failed = failed
        self._handled = handled
        self._allowances = allowances
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def wants(self, unit: Unit, row: InboxRow) -> WantedFile | None:
        """Return what to fetch before this update's turn, and hold its row back; None when there is nothing to fetch.

        Nothing is fetched for a person who has not agreed to take part.
        """
        if row.body is None or b'"file"' not in row.body:
            return None
        incoming = Incoming.from_bytes(row.body)
        if incoming.kind not in KINDS or incoming.file is None or incoming.robot or not incoming.private:
            return None
        person = unit.people.at(incoming.messenger, incoming.chat)
        if person is None or person.participation in ARRIVING:
            return None
        unit.inbox.hold(row.seq, unit.now + HELD, self._workers.name)
        return WantedFile(row, incoming, person.id, person.key)

    def start(self, wanted: WantedFile) -> None:
        """Begin to fetch; a file that is already waiting or under way is only held back for longer."""
        seq = wanted.row.seq
        if seq not in self._under_way:
            task = self._under_way[seq] = asyncio.create_task(self._whole(wanted))
            task.add_done_callback(lambda done: self._ended(seq, done))

    async def settled(self) -> None:
        """Wait until every file under way is fetched and its turn was played."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def close(self) -> None:
        """Cancel the fetches under way, and wait for turns that have begun."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, seq: int, task: asyncio.Task[None]) -> None:
        del self._under_way[seq]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("fetching: %s; its update is tried again in two minutes", type(error).__name__)

    async def _whole(self, wanted: WantedFile) -> None:
        row = wanted.row
        try:
            fetched = await self.fetch(wanted)
        except (MessengerError, OSError) as error:  # a timeout is an OSError
            log.warning("turn %d: not fetched: %s", row.seq, type(error).__name__)
            if row.attempts < len(RETRIES):
                await self._workers.write(lambda unit: self._receive.failed(unit, row, "not_fetched"))
                return
            fetched = FetchResult(wanted.incoming.kind.value, refused="not_fetched")
        except Exception as error:  # noqa: BLE001  counted like a failed turn, so that it ends
            await self._failed(row, error)
            return
        # A turn that has begun is waited for: only then is it known whether the file stays.
        turn = asyncio.ensure_future(self._turn(wanted, fetched))
        try:
            await asyncio.shield(turn)
        except asyncio.CancelledError:
            await turn
            raise

    async def fetch(self, wanted: WantedFile) -> FetchResult:
        """Fetch, strip and seal a file; a file that cannot be kept is reported in the result.

        Raises MessengerError or OSError (a timeout too) where another try may succeed.
        """
        incoming, messenger = wanted.incoming, self._messengers.get(wanted.incoming.messenger)
        kind, file = incoming.kind.value, incoming.file
        if messenger is None or file is None:
            return FetchResult(kind, refused="expired")
        if (incoming.size or 0) > LARGEST_FILE:
            return FetchResult(kind, refused="too_large")
        if not self._allowed(wanted):
            return FetchResult(kind, refused="enough")
        try:
            async with self._room, asyncio.timeout(LONGEST):
                data, _ = await asyncio.gather(messenger.download(file), messenger.typing(incoming.chat))
                shelved = await self._put(wanted, data)
        except TooLarge:
            return FetchResult(kind, refused="too_large")
        except FileExpired:
            return FetchResult(kind, refused="expired")
        except MediaRefused as refused:
            return FetchResult(kind, refused=refused.code)
        return FetchResult(shelved.kind, shelved=shelved)

    def _allowed(self, wanted: WantedFile) -> bool:
        """Return whether the chat may send one more file; a page asks by itself, and what failed was counted before."""
        incoming = wanted.incoming
        if self._allowances is None or wanted.row.attempts or registry.of(incoming.messenger).kept_here:
            return True
        chat = f"{incoming.messenger}\0{incoming.chat}"
        return self._allowances.file(chat, self._workers.now(), incoming.size or LARGEST_FILE)

    async def _put(self, wanted: WantedFile, data: bytes) -> StoredMedia:
        put = asyncio.ensure_future(
            asyncio.to_thread(self._media_store.put, wanted.person_id, wanted.key, data, wanted.incoming.seconds)
        )
        try:
            return await asyncio.shield(put)
        except asyncio.CancelledError:
            with contextlib.suppress(MediaRefused, OSError):
                self._media_store.delete([(await put).file])
            raise

    async def _turn(self, wanted: WantedFile, fetched: FetchResult) -> None:
        row = wanted.row

        def step(unit: Unit) -> AfterCommit | None:
            if not unit.inbox.waits(row.seq):  # another process was quicker
                return None
            person = unit.people.at(wanted.incoming.messenger, wanted.incoming.chat)
            same_person = person is not None and person.id == wanted.person_id
            return self._receive.step(unit, row, fetched if same_person else None)

        stays = False
        try:
            handled = await self._workers.write(step)
            stays = fetched.taken
        except Exception as error:  # noqa: BLE001  a failed turn is recorded and tried again
            stays = may_be_written(error)  # if the turn was not, the file is nobody's, and swept
            if self._workers.is_transient(error):
                return  # not the turn's fault: it is tried again once the update is no longer held back
            await self._failed(row, error)
            return
        finally:
            if fetched.shelved is not None and not stays:
                self._media_store.delete([fetched.shelved.file])
        if handled is not None:
            self._media_store.discard(wanted.incoming.file or "")
            self._handled(handled)
