"""Send outbox rows to the messengers, with pace, order and retries.

One courier sends: replies before broadcasts, one message at a time in each chat, never faster than the rate, and in one
chat no faster than its own. Marking what was sent and claiming what is next happen in one transaction. A row that was
being sent when the process died is `unknown`: its answer was lost, so a question may be repeated once ("por si no te
llegó"), and nothing else is.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot import clock
from bot.conversation.writer import ENDED, SILENT
from bot.export.export_worker import WORKSHOP, ExportWorker
from bot.media.attachments import Attachments
from bot.media.store import MediaStore
from bot.messengers import registry
from bot.messengers.port import (
    BadToken,
    Conflict,
    Messenger,
    MessengerError,
    NotModified,
    Outgoing,
    Rejected,
    RetryLater,
    Unreachable,
)
from bot.pipeline.pace import ChatPace, Flood, Pace, Room, together
from bot.pipeline.send_results import RETRY_MOST, MediaErased, SendResult, mark_results, recover
from bot.rendering.speech import BROADCAST
from bot.runtime.guards import holds
from bot.runtime.workers import TOGETHER, Workers
from bot.services import exports
from dialogs.value_class import value_class
from storage.claims import REPEATED, OutboxRow
from storage.unit import Unit

log = logging.getLogger(__name__)

AT_ONCE = 8  # requests under way at once, or more where much is sent; exports are not counted here
LEASE = timedelta(seconds=90)
LAST = 10.0  # seconds that sends under way get to end when the bot is stopped


@value_class
class SendUnderWay:
    """A send that is under way: its row, its messenger, and the keyed hash of its chat."""

    seq: int
    messenger: str
    lookup: bytes


class Courier:
    """The loop that sends."""

    def __init__(
        self,
        workers: Workers,
        messengers: Mapping[str, Messenger],
        rate: float,
        media_store: MediaStore | None = None,
        export_worker: ExportWorker | None = None,
        seconds: Callable[[], float] = clock.seconds,
        said: Callable[[str, str], None] = lambda _messenger, _chat: None,
        waits_until: Callable[[Unit, OutboxRow], datetime | None] = lambda _unit, _row: None,
        chat_rate: float = 1.0,
    ) -> None:
        """Build the courier; `rate` and `chat_rate` are messages a second over all chats, and in one after a burst.

        `said` is called with the messenger and chat in which something was sent. `waits_until` returns for which
        moment a row waits that comes late, or None.
        """
        self._said = said
        self._waits_until = waits_until
        self._seconds = seconds
        self._workers = workers
        self._export_worker = export_worker
        self._attachments = Attachments(workers, media_store)
        self._messengers = messengers
        # A page reads its rows itself: what is said there is not sent, and takes nothing of anybody's pace.
        self._paces = {name: Pace(rate, seconds) for name in messengers if not registry.of(name).kept_here}
        self._chats = ChatPace(chat_rate, seconds)
        self.at_once = max(AT_ONCE, together(rate))
        self._flying: dict[asyncio.Task[SendResult], SendUnderWay] = {}
        self._landed: list[SendResult] = []
        self._paused_until: dict[str, float] = {}
        self._floods: defaultdict[str, Flood] = defaultdict(Flood)

    async def run(self) -> None:
        """Send until cancelled; then wait for sends under way, and mark them."""
        await self._workers.write_with_retry(self._take_over)
        try:
            while True:
                await self.round()
                await self._wait()
        finally:
            ending = [self._last()]
            if self._export_worker is not None:
                ending.append(self._export_worker.close(LAST))
            await asyncio.gather(*ending)
            self._land()
            if landed := self._landed:
                await self._workers.write(lambda unit: mark_results(unit, landed))

    def _take_over(self, unit: Unit) -> None:
        """See to what another process was sending, and keep to the paces and pauses that it had to keep to."""
        begun, pauses, now = recover(unit), unit.outbox.pauses(unit.now), self._seconds()
        for (name, chat), number in begun.items():
            if name in self._paces:
                self._paces[name].take(number)
                self._chats.take(chat, number)
        for name, (chat, until) in pauses.items():
            self._floods[name].refused(chat, (until - unit.now).total_seconds(), now, now)

    async def _last(self) -> None:
        """Wait for the sends under way, 10 seconds at most."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=LAST)

    async def round(self) -> bool:
        """Mark the sends that ended, claim the next rows and begin to send them.

        Whatever was claimed is sent, even if this is cancelled. Returns True when something was marked or is under way.
        """
        step = asyncio.create_task(self._step())
        try:
            return await asyncio.shield(step)
        except asyncio.CancelledError:
            await asyncio.wait({step}, timeout=LAST)
            step.cancel()
            raise

    async def landed(self) -> None:
        """Wait until all sends and exports under way have ended; the next round marks them."""
        if self._flying:
            await asyncio.wait(self._flying)
        if self._export_worker is not None:
            await self._export_worker.ended()
        self._land()

    async def _step(self) -> bool:
        now = self._seconds()
        slots = self.at_once - len(self._flying)
        landed = self._landed

        tries = count()

        def step(unit: Unit) -> tuple[list[OutboxRow], bool]:
            mark_results(unit, landed if not next(tries) else self._still_to_mark(unit, landed))
            heard = bool(landed) and unit.inbox.any_waits()
            while slots and (claimed := self._claim(unit, now, slots)):
                if rows := [row for row in claimed if still_to_say(unit, row) and not self._waits(unit, row)]:
                    return rows, heard
            return [], heard

        rows, heard = await self._workers.write_with_retry(step, brief=True) if landed or slots else ([], False)
        self._landed = []
        self._workers.did["sent"] += len(landed)
        self._workers.replies.claimed()
        for result in landed:
            self._workers.notify_chat(result.row.chat)
            self._said(result.row.messenger, result.row.chat)
        if heard:
            self._workers.inbox.notify()  # replies that came meanwhile have waited for the message's id
        sends = [row for row in rows if row.messenger != WORKSHOP]
        for row in rows:
            if row.messenger == WORKSHOP:
                self._make(row)
        for row in sends:
            if row.messenger in self._paces:
                self._paces[row.messenger].begin()
            task = asyncio.create_task(self._send(row, now))
            self._flying[task] = SendUnderWay(row.seq, row.messenger, row.lookup)
        return bool(landed or rows)

    def _still_to_mark(self, unit: Unit, landed: Sequence[SendResult]) -> list[SendResult]:
        """Return those sends that are not marked yet, after a try that may have been committed all the same.

        What that try claimed, and nobody began to send, is queued again.
        """
        claimed = unit.outbox.claimed()
        known = {result.row.seq for result in landed} | {flight.seq for flight in self._flying.values()}
        known |= self._export_worker.rows if self._export_worker is not None else set()
        for seq, reason in claimed.items():
            if seq not in known and reason == REPEATED:
                unit.outbox.repeat(seq, unit.now, REPEATED)
            elif seq not in known:
                unit.outbox.retry(seq, unit.now, "claimed")
        return [result for result in landed if result.row.seq in claimed]

    def _claim(self, unit: Unit, now: float, slots: int) -> list[OutboxRow]:
        """Claim rows that may be sent now; of a messenger that asked for a pause, one row at most.

        Of exports, as many as the export worker has room for.
        """
        until = unit.now + LEASE
        silent = {name for name, until in self._paused_until.items() if until > now}
        silent |= registry.MESSENGERS.outside() - self._messengers.keys()
        files = self._export_worker.room if self._export_worker is not None else 0
        most = {WORKSHOP: files} | {name: pace.free() for name, pace in self._paces.items()}
        silent |= {name for name, free in most.items() if not free}
        flooded = {name: room for name, each in self._floods.items() if (room := each.room(now)) is not Room.ALL}
        busy = {flight.messenger for flight in self._flying.values()}
        rows: list[OutboxRow] = []
        for name, room in flooded.items():
            if len(rows) < slots and room is not Room.NONE and name not in silent | busy:
                reply = room is Room.ONE_REPLY
                rows += unit.outbox.claim_one(name, unit.now, until, self._chats.shut(), reply=reply)
        if len(rows) < slots:
            shut = {flight.lookup for flight in self._flying.values()}.union(self._chats.shut())
            left = slots - len(rows)
            rows += unit.outbox.claim(unit.now, until, left, shut, silent | flooded.keys(), most)
        return rows

    def _waits(self, unit: Unit, row: OutboxRow) -> bool:
        """Put off what comes late, after an outage, until the hours of whom it is for; return whether."""
        at = self._waits_until(unit, row)
        if at is not None:
            unit.outbox.wait(row, at)
        return at is not None

    def _make(self, row: OutboxRow) -> None:
        """Begin an export, and look for more rows at once: others may have waited behind it."""
        if self._export_worker is not None:
            self._export_worker.begin(self._workers, row)
        self._workers.outbox.notify()

    async def _wait(self) -> None:
        """Wait until a send ends, or until there may be more to send."""
        ring = asyncio.create_task(self._workers.outbox.wait(self._patience()))
        try:
            await asyncio.wait({*self._flying, ring}, return_when=asyncio.FIRST_COMPLETED)
            if self._flying:  # others may be about to end; a first message is never held up
                await asyncio.sleep(TOGETHER)
        finally:
            ring.cancel()
        self._land()

    def _patience(self) -> float:
        """Return the seconds until a messenger or a chat may be sent more than now, else those until the next look."""
        waits = [self._chats.wait(), *(pace.wait() for pace in self._paces.values())]
        return min(filter(None, waits), default=self._workers.patience)

    def _land(self) -> None:
        """Collect the sends that have ended, to be marked."""
        for task in [task for task in self._flying if task.done()]:
            del self._flying[task]
            self._landed.append(task.result())

    async def _send(self, row: OutboxRow, begun: float) -> SendResult:
        """Send a row, and count it in the pace of its messenger, and of its chat where it was a message."""
        pace, began = self._paces.get(row.messenger), self._seconds()
        result = await self._tried(row, begun)
        if pace is not None:
            pace.end(began, answered=result.error is None)
            if row.kind == "message" or result.anew:
                self._chats.take(row.lookup)
        return result

    async def _tried(self, row: OutboxRow, begun: float) -> SendResult:
        try:
            result = await self._sent(row)
        except RetryLater as error:
            if error.everyone:
                self._floods[row.messenger].refused(row.lookup, error.seconds, self._seconds(), begun)
            return SendResult(row, None, error)
        except (BadToken, Conflict) as error:
            self._paused_until[row.messenger] = self._seconds() + RETRY_MOST
            return SendResult(row, None, error)
        except MessengerError as error:
            return SendResult(row, None, error)
        except Exception as error:  # noqa: BLE001  one row that cannot be sent holds up no other
            if self._workers.is_transient(error):
                return SendResult(row, None, Unreachable("its words could not be read"))
            return SendResult(row, None, MessengerError(type(error).__name__))
        self._floods[row.messenger].passed(begun)
        return result

    async def _sent(self, row: OutboxRow) -> SendResult:
        """Send, edit or delete what a row says."""
        messenger, body = self._messengers[row.messenger], row.body
        if row.kind == "delete":
            _check_lease()
            return SendResult(row, None, stays=await messenger.delete(row.chat, body["messages"]))
        if row.reason == REPEATED:
            body = {**body, "text": repeated(body, messenger)}
        bulk = row.lane == BROADCAST
        outgoing = Outgoing.from_dict(row.chat, body, edits=row.edits_message, row=row.seq, in_bulk=bulk)
        if body.get("media") and not registry.of(row.messenger).kept_here:  # its pages open the file themselves
            outgoing = replace(outgoing, attachment=await self._attachments.open(body["media"]))
            if outgoing.attachment is None and (not outgoing.text or "parked" in body["media"]):
                raise MediaErased("its voice note, photo or document was erased")
        _check_lease()
        return await send_or_edit(messenger, row, outgoing)


def _check_lease() -> None:
    """Raise Unreachable where another process may be sending by now: this one was stopped, or cut off."""
    if not holds():
        raise Unreachable("another process may be sending")


async def send_or_edit(messenger: Messenger, row: OutboxRow, outgoing: Outgoing) -> SendResult:
    """Send or edit; where a message cannot be edited but must be seen, send it as a new one.

    What a person asked to see, and stands there just so already, gets a line that says that their press was heard.
    """
    if outgoing.edits is not None and not registry.of(row.messenger).edits:
        return SendResult(row, await messenger.send(replace(outgoing, edits=None)), anew=True)
    try:
        return SendResult(row, await messenger.send(outgoing))
    except NotModified:
        if "same" in row.body and not row.attempts:  # else it may have been this very edit that made it so
            heard = f"{row.body['same']}\n\n{outgoing.text}"
            return SendResult(row, await messenger.send(replace(outgoing, text=heard)))
        return SendResult(row, outgoing.edits)
    except Rejected:  # the person deleted it, or it is too old
        if outgoing.edits is None or not row.body.get("anew"):
            raise
    return SendResult(row, await messenger.send(replace(outgoing, edits=None)), anew=True)


def repeated(body: Mapping[str, Any], messenger: Messenger) -> str:
    """Return the text of a repeated message, with a line that says so where it fits within the messenger's limit."""
    text = f"{body['again']}\n\n{body['text']}" if body["text"] else str(body["again"])
    most = messenger.caption_limit if body.get("media") else messenger.text_limit
    return text if len(text.encode("utf-16-le")) // 2 <= most else str(body["text"])


def still_to_say(unit: Unit, row: OutboxRow) -> bool:
    """Return whether a claimed row should still be sent; close it as dropped, with the reason, if not."""
    reason = None
    if row.participation in SILENT and row.prompt is not None and row.run_id is not None:
        reason = row.participation
    elif row.prompt is not None and row.current_prompt is not None and row.current_prompt > row.prompt:
        reason = "answered"
    elif row.prompt is not None and row.run_status in ENDED:
        reason = "ended"
    elif row.kind == "edit" and row.edits_message is None:
        reason = "nothing_to_edit"
    elif row.kind == "edit" and not row.body.get("anew") and not registry.of(row.messenger).edits:
        reason = "no_edits"
    elif (row.body.get("media") or {}).get("parked") and exports.lost(unit, row.person_id, row.body["media"]):
        reason = "not_allowed"
    if reason is None:
        return True
    unit.outbox.close(row.seq, "dropped", reason)
    return False
