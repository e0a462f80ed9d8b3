"""Make files that were ordered in chat: beside the bot's turns; they are put aside sealed, and sent like any message.

An order waits in the outbox like a message, to a messenger called `workshop`: it outlives a restart, holds up no chat,
and is done once. The result is an outbox row with the file, or with the reason why there is none.
"""

import asyncio
import base64
import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot import clock
from bot.export.archive import MOST, FinishedExport, QueuedExport, prepare, sweep
from bot.export.request import ExportedFile, ExportRequest
from bot.media.store import MediaStore, number_of
from bot.messengers.port import Keyboard, Outgoing
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import REPLY, Speech, rows
from bot.rendering.texts import Texts
from bot.runtime import opening, processes
from bot.runtime.processes import ProcessFailed
from bot.runtime.workers import Workers
from bot.services import exports
from dialogs import wording
from storage.claims import OutboxRow
from storage.people import Person
from storage.unit import Storage, Unit

log = logging.getLogger(__name__)

WORKSHOP: Final = "workshop"
TELL_AGAIN: Final = 5.0  # seconds between two words on how far a file is
NAMED: Final = 4  # names of dialogs in a caption
AT_ONCE: Final = max(1, min(2, (os.cpu_count() or 1) - 1))  # files made at once: each takes a processor, and memory


def ask(unit: Unit, person: Person, order: ExportRequest, shown: int | None = None) -> None:
    """Order a file for a person's chat, and record it in the audit trail; raises NotAllowed.

    `shown` is the row of the message that says that it is being made: there it is told how far it is.
    """
    exports.begin(unit, person, order.cohort_id, order.dialogs, order.audit_facts())
    body = {
        **Outgoing("", None).to_dict(),
        "order": order.to_dict(),
        "to": [person.messenger, person.chat],
        "shown": shown,
    }
    unit.outbox.put(clock.new_id(), person, WORKSHOP, person.id.hex, "message", REPLY, body)


class Telling:
    """Tells whoever ordered a file how far it is, in the message that said that it is being made; not too often."""

    def __init__(self, texts: Texts, workers: Workers, row: OutboxRow) -> None:
        """Begin to count the time from now on: a file that is made at once needs no such word."""
        self._texts, self._workers, self._row = texts, workers, row
        self._last = time.monotonic()
        self._saying: set[asyncio.Task[None]] = set()

    def heard(self, line: bytes) -> None:
        """Take a line of the process: how many runs are done, of how many."""
        done, total = map(int, line.split())
        if self._row.body.get("shown") is None or time.monotonic() - self._last < TELL_AGAIN:
            return
        self._last = time.monotonic()
        saying = asyncio.create_task(self._say(100 * done // max(1, total)))
        self._saying.add(saying)
        saying.add_done_callback(self._saying.discard)

    async def ended(self) -> None:
        """Wait until what was begun to be said is in the outbox: the file comes after it."""
        await asyncio.gather(*self._saying, return_exceptions=True)

    async def _say(self, percent: int) -> None:
        await self._workers.write_with_retry(lambda unit: self._write(unit, percent))

    def _write(self, unit: Unit, percent: int) -> None:
        person = unit.people.get(self._row.person_id) if self._row.person_id else None
        if person is None:
            return
        messenger, chat = self._row.body["to"]
        speech = Speech(unit, self._texts, person, messenger, chat, language_of(person))
        number = speech.texts.number(percent, speech.language)
        said = speech.words("export.making.percent", percent=number)
        speech.edit(self._row.body["shown"], making_ways(speech), said)


def making_ways(speech: Speech) -> Keyboard:
    """Return the buttons below the word that a file is being made: they leave that message as it is."""
    return rows(speech.button("button.menu", targets.HOME))


class ExportWorker:
    """Makes the ordered files, a few at a time and in the order they were asked for."""

    def __init__(
        self,
        texts: Texts,
        media_store: MediaStore,
        home: Path,
        *,
        apart: bool = False,
        alone: bool = True,
        most: int = MOST,
    ) -> None:
        """Build the worker, and delete unsealed files that an earlier process left in `home`.

        `apart`: each file is made in a process of its own; otherwise in this one. `alone`: nobody else makes any.
        `most`: megabytes of a file.
        """
        self._texts = texts
        self._media_store = media_store
        self.home = home
        self._apart = apart
        self.most = most
        self._under_way: dict[asyncio.Task[None], int] = {}
        if alone:
            sweep(home)

    @property
    def room(self) -> int:
        """How many more files may be begun now."""
        return AT_ONCE - len(self._under_way)

    @property
    def rows(self) -> set[int]:
        """The orders that are being made."""
        return set(self._under_way.values())

    def begin(self, workers: Workers, row: OutboxRow) -> None:
        """Begin to make an order's file; the courier is woken when it ends, to send it and to begin the next."""
        task = asyncio.create_task(self.make(workers, row))
        self._under_way[task] = row.seq
        task.add_done_callback(partial(self._ended, workers))

    async def ended(self) -> None:
        """Wait until nothing is being made."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def close(self, seconds: float) -> None:
        """Wait `seconds` at most for files being made; those not done by then are begun again after the next start."""
        under_way = set(self._under_way)
        if under_way:
            await asyncio.wait(under_way, timeout=seconds)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def _ended(self, workers: Workers, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        workers.outbox.notify()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("export: %s; it is begun again after the next start", type(error).__name__)

    async def make(self, workers: Workers, row: OutboxRow, waits: Callable[[Unit], bool] = lambda _unit: True) -> None:
        """Make an order's file and deliver it, if it is still waited for then: another may have made it meanwhile."""
        begun = await workers.read(lambda unit: unit.audit.number())
        try:
            made = await self._made(workers, row)
        except ProcessFailed as failed:
            log.error("export: %s", failed)  # noqa: TRY400  the process has logged where

            def again(unit: Unit) -> None:
                if waits(unit):
                    unit.outbox.retry(row.seq, unit.now, "process")

            await workers.write_with_retry(again)
            return

        def deliver(unit: Unit) -> None:
            if waits(unit):
                self.deliver(unit, row, made, begun)
            elif isinstance(made, FinishedExport):
                exports.fetched(unit, made.held)

        await workers.write_with_retry(deliver)

    async def _made(self, workers: Workers, row: OutboxRow) -> FinishedExport | str:
        """Make an order's file in a process of its own: it is minutes of plain Python, for which turns would wait."""
        storage, telling = workers.storage, Telling(self._texts, workers, row)
        if not self._apart:
            return await asyncio.to_thread(self.build, storage, row)
        task = {
            **opening.told(storage),
            "home": str(self.home),
            "now": clock.now().isoformat(),
            "asked": self._asked(row).to_dict(),
        }
        try:
            told = json.loads(await processes.run("bot.export", task, telling.heard))
        finally:
            await telling.ended()
            sweep(self.home, row.id.hex)  # however it ended, nothing unsealed stays
        return told if isinstance(told, str) else FinishedExport.from_dict(told)

    def build(self, storage: Storage, row: OutboxRow) -> FinishedExport | str:
        """Make an order's file in this process; return it, or the code of why there is none."""
        return prepare(storage, clock.now(), self._asked(row), self._texts, self._media_store, self.home)

    def deliver(self, unit: Unit, row: OutboxRow, made: FinishedExport | str, begun: int) -> None:
        """Send an order's result to the chat it came from; the order is done in the same transaction.

        A file that may hold what was erased since it was `begun`, when the audit had so many entries, is deleted and
        made anew; one that its admin may not have any more is deleted.
        """
        person = unit.people.get(row.person_id) if row.person_id else None
        if isinstance(made, FinishedExport):
            if exports.erased_after(unit, begun):
                exports.fetched(unit, made.held)
                unit.outbox.retry(row.seq, unit.now, "erased")
                return
            if not exports.still_allowed(unit, person, made.held):
                exports.fetched(unit, made.held)
                made = "staff.not_allowed"
        unit.outbox.sent(row.seq, None, unit.now)
        if person is None:
            return
        messenger, chat = row.body["to"]
        speech = Speech(unit, self._texts, person, messenger, chat, language_of(person))
        order = ExportRequest.from_dict(row.body["order"])
        menu = speech.button("button.menu", targets.HOME)
        if isinstance(made, FinishedExport):
            file = bytes.fromhex(number_of(str(made.held["parked"])))
            written = base64.urlsafe_b64encode(file).decode().rstrip("=")  # a button has no room for more
            take_back = speech.button("button.export_take_back", targets.EXPORT_TAKE_BACK, written)
            speech.document(made.held, caption(speech, order, made.written), rows(take_back, menu))
        else:
            most = speech.texts.number(self.most, speech.language)
            said = speech.words(made, **({"most": most} if made.startswith("export.too_much") else {}))
            speech.send(said, rows(speech.button("button.export", targets.EXPORT), menu))

    def _asked(self, row: OutboxRow) -> QueuedExport:
        order = ExportRequest.from_dict(row.body["order"])
        return QueuedExport(row.id.hex, order, row.person_id, row.attempts, self.most)


def caption(speech: Speech, order: ExportRequest, written: Sequence[ExportedFile]) -> str:
    """Return a caption: what is in the file, for whom it is, and where it stays."""
    unit = speech.unit
    named = [
        speech.texts.count(
            "export.caption.part", speech.language, each.rows, title=title(unit, each.dialog, speech.language)
        )
        for each in written[:NAMED]
    ]
    more = len(written) - len(named)
    if more:
        named.append(speech.texts.count("export.caption.more", speech.language, more))
    cohort = unit.cohorts.get(order.cohort_id) if order.cohort_id else None
    group = speech.words("export.caption.group", group=cohort.name) if cohort else speech.words("export.caption.groups")
    lines = ["\n".join(f"· {each}" for each in named), group]
    media = sum(each.media for each in written)
    if media:
        lines[1] += " " + speech.texts.count("export.caption.media", speech.language, media)
    if damaged := sum(each.damaged for each in written):
        lines[1] += " " + speech.texts.count("export.caption.damaged", speech.language, damaged)
    lines.append(speech.texts.count("export.caption.readers", speech.language, unit.roles.readers(order.cohort_id)))
    lines.append(speech.own("export.caption.stays"))
    return "\n\n".join(lines)


def title(unit: Unit, name: str, language: str) -> str:
    """Return a dialog's name on screen."""
    version = unit.versions.latest(name)
    told: dict[str, Any] = json.loads(version.source) if version else {}
    return wording.choose(told.get("title") or {}, language) or name
