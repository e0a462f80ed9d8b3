"""How sends ended: what is marked, tried again, given up, or said once more because it may not have come."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot import clock
from bot.export.export_worker import WORKSHOP
from bot.messengers import registry
from bot.messengers.port import (
    BadToken,
    Conflict,
    Gone,
    MessengerError,
    Rejected,
    RetryLater,
    Unknown,
    Unreachable,
)
from bot.rendering.speech import PAGE
from bot.services import chat_cleanup, exports
from dialogs.machine import move
from dialogs.value_class import value_class
from storage.claims import REFUSED, REPEATED, OutboxRow
from storage.unit import Unit

log = logging.getLogger(__name__)

RETRY_FIRST, RETRY_MOST = 1.0, 60.0  # seconds
DOUBLINGS = 6  # 64 seconds, above RETRY_MOST
EVER = datetime.max.replace(tzinfo=UTC)
LATELY = 10.0  # seconds for which a chat may have to rest, and more
REPEAT_AFTER = timedelta(seconds=2)
TWICE_IS_ONCE = frozenset({"edit", "delete"})  # repeating these changes nothing, so they are simply sent again


@value_class
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


class MediaErased(MessengerError):
    """The file that was to be sent was erased."""


def mark_results(unit: Unit, results: Sequence[SendResult]) -> None:
    """Record how sends ended; those of which nothing follows in one statement."""
    plain = [each for each in results if is_plain(each)]
    if plain:
        sent = [(each.row.seq, each.message_id if each.row.kind == "message" else None) for each in plain]
        unit.outbox.all_sent(sent, unit.now)
    for result in results:
        if not is_plain(result):
            mark_result(unit, result)


def is_plain(result: SendResult) -> bool:
    """Return whether a message was sent or changed that stays nowhere here and carried no file: as most are."""
    row = result.row
    said = result.error is None and row.kind in {"message", "edit"} and not row.body.get("media")
    return said and not result.anew and not registry.of(row.messenger).kept_here


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
            retry_later(unit, row, error.seconds, REFUSED)
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


def recover(unit: Unit) -> dict[tuple[str, bytes], int]:
    """At start: mark rows that a dead process was sending as unknown, and schedule the one repetition of questions.

    Nobody else sends, so every row being sent belongs to a dead process, even if the clock was set back meanwhile.
    Returns how many sends began lately, by messenger and chat's lookup, or more: what was sent tells its minute alone.
    """
    for row in unit.outbox.expired(EVER):
        if row.kind in TWICE_IS_ONCE or stays_here(row.messenger):
            unit.outbox.retry(row.seq, unit.now, "unknown")
        elif row.repeatable and row.reason != REPEATED:
            unit.outbox.repeat(row.seq, unit.now + REPEAT_AFTER, REPEATED)
    return unit.outbox.begun(unit.now - timedelta(seconds=LATELY))
