"""Send outbox rows to the messengers, with pace, order and retries.

One courier sends: replies before broadcasts, one message at a time in each chat, never faster than the rate. Marking
what was sent and claiming what is next happen in one transaction. A row that was being sent when the process died is
`unknown`: its answer was lost, so a question may be repeated once ("por si no te llegó"), and nothing else is.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
    Gone,
    Messenger,
    MessengerError,
    NotModified,
    Outgoing,
    Rejected,
    RetryLater,
    Unknown,
    Unreachable,
)
from bot.pipeline.pace import SECOND, Flood, Pace, Room
from bot.rendering.speech import PAGE
from bot.runtime.workers import TOGETHER, Workers
from bot.services import chat_cleanup, exports
from dialogs.machine import move
from storage.claims import OutboxRow
from storage.outbox import REPEATED
from storage.unit import Unit

log = logging.getLogger(__name__)

AT_ONCE = 8  # requests under way at once; exports are not counted here
LEASE = timedelta(seconds=90)
LAST = 10.0  # seconds that sends under way get to end when the bot is stopped
RETRY_FIRST, RETRY_MOST = 1.0, 60.0  # seconds
DOUBLINGS = 6  # 64 seconds, above RETRY_MOST
EVER = datetime.max.replace(tzinfo=UTC)
REPEAT_AFTER = timedelta(seconds=2)
TWICE_IS_ONCE = frozenset({"edit", "delete"})  # repeating these changes nothing, so they are simply sent again


@dataclass(frozen=True, slots=True)
class SendResult:
    """How one send ended: the messenger's id of the message, or what went wrong.

    `anew`: the message to edit was gone, so this new message was sent instead. `stays`: messages that were to be
    deleted, and are still there.
    """

    row: OutboxRow
    message_id: int | None
    error: MessengerError | None = None
    anew: bool = False
    stays: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class SendUnderWay:
    """A send that is under way: its messenger, and the keyed hash of its chat."""

    messenger: str
    lookup: bytes


class MediaErased(MessengerError):
    """The file that was to be sent was erased."""


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
    ) -> None:
        """Build the courier; `said` is called with the messenger and chat in which something was sent."""
        self._said = said
        self._seconds = seconds
        self._workers = workers
        self._export_worker = export_worker
        self._attachments = Attachments(workers, media_store)
        self._messengers = messengers
        # A page reads its rows itself: what is said there is not sent, and takes nothing of anybody's pace.
        self._paces = {name: Pace(rate, seconds) for name in messengers if not registry.of(name).kept_here}
        self._flying: dict[asyncio.Task[SendResult], SendUnderWay] = {}
        self._landed: list[SendResult] = []
        self._paused_until: dict[str, float] = {}
        self._floods: defaultdict[str, Flood] = defaultdict(Flood)

    async def run(self) -> None:
        """Send until cancelled; then wait for sends under way, and mark them."""
        lately = await self._workers.write_with_retry(recover)
        for pace in self._paces.values():
            pace.take(lately)
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
        slots = AT_ONCE - len(self._flying)
        landed = self._landed

        def step(unit: Unit) -> list[OutboxRow]:
            mark_results(unit, landed)
            while slots and (claimed := self._claim(unit, now, slots)):
                if rows := [row for row in claimed if still_to_say(unit, row)]:
                    return rows
            return []

        rows = await self._workers.write_with_retry(step) if landed or slots else []
        self._landed = []
        for result in landed:
            self._workers.watchers.notify(result.row.chat)
            self._said(result.row.messenger, result.row.chat)
        if landed:
            self._workers.inbox.notify()  # replies that came meanwhile have waited for the message's id
        sends = [row for row in rows if row.messenger != WORKSHOP]
        for row in rows:
            if row.messenger == WORKSHOP:
                self._make(row)
        for row in sends:
            if row.messenger in self._paces:
                self._paces[row.messenger].take(1)
            task = asyncio.create_task(self._send(row, now))
            self._flying[task] = SendUnderWay(row.messenger, row.lookup)
        return bool(landed or rows)

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
                rows += unit.outbox.claim_one(name, unit.now, until, reply=room is Room.ONE_REPLY)
        if len(rows) < slots:
            flying = {flight.lookup for flight in self._flying.values()}
            left = slots - len(rows)
            rows += unit.outbox.claim(unit.now, until, left, flying, silent | flooded.keys(), most)
        return rows

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
        """Return the seconds until a messenger may be sent more than now, else those until the next look."""
        return min(filter(None, (pace.wait() for pace in self._paces.values())), default=self._workers.patience)

    def _land(self) -> None:
        """Collect the sends that have ended, to be marked."""
        for task in [task for task in self._flying if task.done()]:
            del self._flying[task]
            self._landed.append(task.result())

    async def _send(self, row: OutboxRow, begun: float) -> SendResult:
        try:
            result = await self._sent(row)
        except RetryLater as error:
            if error.everyone:
                self._floods[row.messenger].refused(row.lookup, error.seconds, self._seconds())
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
            return SendResult(row, None, stays=await messenger.delete(row.chat, body["messages"]))
        if row.reason == REPEATED:
            body = {**body, "text": repeated(body, messenger)}
        outgoing = Outgoing.from_dict(row.chat, body, edits=row.edits_message, row=row.seq)
        if body.get("media") and not registry.of(row.messenger).kept_here:  # its pages open the file themselves
            outgoing = replace(outgoing, attachment=await self._attachments.open(body["media"]))
            if outgoing.attachment is None and (not outgoing.text or "parked" in body["media"]):
                raise MediaErased("its voice note, photo or document was erased")
        return await send_or_edit(messenger, row, outgoing)


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


def mark_results(unit: Unit, results: Sequence[SendResult]) -> None:
    """Record how sends ended."""
    for result in results:
        mark_result(unit, result)


def mark_result(unit: Unit, result: SendResult) -> None:
    """Record how one send ended."""
    row, error = result.row, result.error
    match error:
        case None:
            keep = registry.of(row.messenger).kept_here
            exports.fetched(unit, None if keep else row.body.get("media"))
            unit.outbox.sent(row.seq, result.message_id if row.kind == "message" else None, unit.now, keep=keep)
            if result.anew and row.edits is not None:
                unit.outbox.sent(row.edits, result.message_id, unit.now, keep=keep)
            if row.kind == "delete":
                say_taken_away(unit, row, result.stays)
        case RetryLater():
            retry_later(unit, row, error.seconds, "retry_later")
        case Unreachable():
            retry_later(unit, row, backoff(row.attempts), "unreachable")
        case Gone():
            unit.outbox.close(row.seq, "gone", "gone")
            mark_unreachable(unit, row)
        case Unknown() if row.kind in TWICE_IS_ONCE:
            retry_later(unit, row, RETRY_FIRST, "unknown")
        case Unknown():
            unit.outbox.close(row.seq, "unknown", REPEATED, keep=worth_keeping(row))
            say_again(unit, row)
        case MediaErased():
            unit.outbox.close(row.seq, "dropped", "erased")
        case Rejected():
            log.warning("outbox row %d of turn %s: rejected: %s", row.seq, row.turn or "-", error)
            give_up(unit, row, "rejected")
        case BadToken() | Conflict():  # the bot is refused, not this message: it waits until the token is good
            log.warning("outbox row %d of turn %s: waits: %s", row.seq, row.turn or "-", error)
            retry_later(unit, row, RETRY_MOST, "refused")
        case _:
            log.error("outbox row %d of turn %s: failed: %s", row.seq, row.turn or "-", error)
            give_up(unit, row, type(error).__name__)


def give_up(unit: Unit, row: OutboxRow, reason: str) -> None:
    """Close a row as failed, or as unknown when it was a repetition: the first one may have been seen."""
    unit.outbox.close(row.seq, "unknown" if row.reason == REPEATED else "failed", reason, keep=worth_keeping(row))
    if row.kind == "delete":
        say_taken_away(unit, row, row.body["messages"])


def say_taken_away(unit: Unit, row: OutboxRow, stays: Sequence[int]) -> None:
    """Say what was taken off somebody's screen and what was not, where that was asked for."""
    said = chat_cleanup.what_stays(row.body, stays)
    person = unit.people.get(row.person_id) if row.person_id else None
    if said is not None and person is not None:
        unit.outbox.put(clock.new_id(), person, row.messenger, row.chat, "message", row.lane, said)


def worth_keeping(row: OutboxRow) -> bool:
    """Return whether the team may want to send a row again: not an edit, and not a page, which can be opened again."""
    return row.kind == "message" and row.body.get("what") != PAGE


def backoff(attempts: int) -> float:
    """Return the seconds until the next try after `attempts` failures: doubled each time, 60 at most.

    `attempts` grows as long as the network is down: some 1,500 in a day, and that power of two fits no float.
    """
    return float(min(RETRY_FIRST * 2 ** min(attempts, DOUBLINGS), RETRY_MOST))


def retry_later(unit: Unit, row: OutboxRow, seconds: float, reason: str) -> None:
    """Send a row again after `seconds`; a repetition stays one."""
    due = unit.now + timedelta(seconds=seconds)
    if row.reason == REPEATED:
        unit.outbox.repeat(row.seq, due, REPEATED)
    else:
        unit.outbox.retry(row.seq, due, reason)


def mark_unreachable(unit: Unit, row: OutboxRow) -> None:
    """Mark the address that refused as unreachable, and its person too where no other address is left."""
    if row.person_id is None:
        return
    person = unit.people.get(row.person_id)
    address_id = unit.addresses.find(row.messenger, row.chat)
    if person is None:
        return
    if address_id is not None:
        unit.addresses.unreachable(address_id, unit.now)
    if not unit.addresses.reachable(person.id):
        unit.people.change(person, participation=move(person.participation, "block"))


def say_again(unit: Unit, row: OutboxRow) -> None:
    """Schedule the one repetition of a question that may not have arrived; the newest keyboard is the valid one."""
    if row.repeatable and row.reason != REPEATED:
        unit.outbox.repeat(row.seq, unit.now + REPEAT_AFTER, REPEATED)


def stays_here(messenger: str) -> bool:
    """Return whether the messenger's messages never leave this machine, so that none is ever in doubt."""
    return messenger == WORKSHOP or registry.of(messenger).kept_here


def recover(unit: Unit) -> int:
    """At start: mark rows that a dead process was sending as unknown, and schedule the one repetition of questions.

    Nobody else sends, so every row being sent belongs to a dead process, even if the clock was set back meanwhile.
    Returns how many sends began within the last second, or more: what was sent tells its minute alone.
    """
    for row in unit.outbox.expired(EVER):
        if row.kind in TWICE_IS_ONCE or stays_here(row.messenger):
            unit.outbox.retry(row.seq, unit.now, "unknown")
        elif row.repeatable and row.reason != REPEATED:
            unit.outbox.repeat(row.seq, unit.now + REPEAT_AFTER, REPEATED)
    return unit.outbox.begun(unit.now - timedelta(seconds=SECOND))
