"""What is kept for a time only: answers and all that goes with them, and the words of what was said long ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from storage.database import written
from storage.readings import BESIDE
from storage.store import Transaction
from storage.table_rules import PERIODS
from storage.tables import (
    addresses,
    answers,
    asides,
    consents,
    media,
    messages,
    outbox,
    panels,
    people,
    readings_begun,
    roles,
    runs,
)


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """How many of each went; what stood beside answers counts as one."""

    answers: int
    media: int
    messages: int

    def __bool__(self) -> bool:
        """Whether anything went."""
        return bool(self.answers or self.media or self.messages)


_BEFORE: Final[BindParameter[datetime]] = bindparam("before")
_OLD: Final = {table: delete(table).where(moment < _BEFORE) for table, moment in PERIODS.items()}
_OLD_MEDIA: Final = select(media.c.id, media.c.file).where(media.c.received_at < _BEFORE)
# They tell of no moment, and of nothing once their answer, or what was said beside it, is gone.
_OLD_BEGUN: Final = delete(readings_begun).where(
    ~exists().where(answers.c.run_id == readings_begun.c.run_id, answers.c.path == readings_begun.c.path),
    ~exists().where(
        asides.c.run_id == readings_begun.c.run_id, literal(BESIDE) + asides.c.path == readings_begun.c.path
    ),
)
_OLD_RUNS: Final = (
    select(runs.c.id, runs.c.person_id)
    .where(
        runs.c.started_at < _BEFORE,
        runs.c.active_at < _BEFORE,
        runs.c.status.in_(written("offered", "open", "postponed", "stopped")),
    )
    .limit(bindparam("limit"))
)
_decided = consents.alias("decided")
_WORKS: Final = exists().where(roles.c.person_id == people.c.id, roles.c.revoked_at.is_(None))
_GONE: Final = select(people.c.id).where(
    # Written out as the index has it.
    people.c.participation.in_(written("left", "declined", "invited", "consenting")),
    or_(
        and_(
            people.c.participation.in_(written("left", "declined")),
            exists().where(_decided.c.person_id == people.c.id),
        ),
        people.c.participation.in_(written("invited", "consenting")),
    ),
    people.c.created_at < _BEFORE,
    ~exists().where(_decided.c.person_id == people.c.id, _decided.c.at >= _BEFORE),
    ~_WORKS,
)
_ALL_GONE: Final = _GONE.limit(bindparam("limit"))
_IS_GONE: Final = _GONE.where(people.c.id == bindparam("person_id"))

_SAID_BEFORE: Final = func.coalesce(outbox.c.sent_at, outbox.c.created_at) < _BEFORE
_asking = outbox.alias("asking")
_OPEN: Final = runs.c.status.in_(written("offered", "open", "postponed"))
# A question that is still open stays, with every change of its keyboard.
_ASKS: Final = exists().where(runs.c.id == outbox.c.run_id, runs.c.prompt == outbox.c.prompt, _OPEN)
_ASKED: Final = exists().where(
    _asking.c.seq == outbox.c.edits, runs.c.id == _asking.c.run_id, runs.c.prompt == _asking.c.prompt, _OPEN
)
_WORDY: Final = select(outbox.c.seq).where(
    # Written out as the index has it.
    outbox.c.body.is_not(None),
    outbox.c.state.in_(written("sent", "unknown")),
    outbox.c.created_at < _BEFORE,
    _SAID_BEFORE,
    ~_ASKS,
    ~_ASKED,
)
_UNSAY: Final = update(outbox).where(outbox.c.seq == bindparam("row")).values(body=None)

_PART: Final = outbox.c.seq > bindparam("after"), outbox.c.seq <= bindparam("upto")
_ROWS: Final = 500  # of one part
_PARTS: Final = 40  # of one hour
_next = (
    select(outbox.c.seq, outbox.c.created_at)
    .where(outbox.c.seq > bindparam("after"))
    .order_by(outbox.c.seq)
    .limit(_ROWS)
    .subquery("next")
)
_NEXT: Final = select(func.max(_next.c.seq), func.max(_next.c.created_at))
_UNFINISHED: Final = written("queued", "sending")
_edit = outbox.alias("edit")
_IS_EDITED: Final = exists().where(_edit.c.edits == outbox.c.seq, _edit.c.state.in_(_UNFINISHED))
# She may still answer it, by words or by a reply to it, and its buttons change.
_GOES_ON: Final = exists().where(
    runs.c.id == outbox.c.run_id, runs.c.status.in_(written("offered", "open", "postponed", "stopped"))
)
# How far an order came is told by what was sent, where she has not finished: one row of each run tells it, also once
# her answers are past their time.
_other = outbox.alias("other")
_TOLD: Final = outbox.c.state.in_(written("sent", "unknown"))
_MISSED: Final = outbox.c.state.in_(written("gone", "failed"))
_TELLS: Final = and_(
    exists().where(
        runs.c.id == outbox.c.run_id,
        runs.c.broadcast_id.is_not(None),
        runs.c.status != literal_column("'completed'"),
    ),
    or_(_TOLD, _MISSED),
    ~exists().where(
        _other.c.run_id == outbox.c.run_id,
        or_(
            and_(_other.c.state.in_(written("sent", "unknown")), or_(_MISSED, _other.c.seq < outbox.c.seq)),
            and_(_other.c.state.in_(written("gone", "failed")), _MISSED, _other.c.seq < outbox.c.seq),
        ),
    ),
)
_DROP: Final = (
    delete(outbox)
    .where(
        *_PART,
        outbox.c.body.is_(None),
        outbox.c.state.not_in(_UNFINISHED),
        _SAID_BEFORE,
        # A panel is known by its row.
        outbox.c.seq.not_in(select(panels.c.outbox_seq)),
        ~_IS_EDITED,
        or_(outbox.c.run_id.is_(None), and_(~_GOES_ON, ~_TELLS)),
    )
    .returning(outbox.c.messenger, outbox.c.lookup, outbox.c.message_id)
)
_FORGOTTEN: Final = (
    update(addresses)
    .where(
        addresses.c.messenger == bindparam("at"),
        addresses.c.lookup == bindparam("hash"),
        or_(addresses.c.forgotten.is_(None), addresses.c.forgotten < bindparam("upto")),
    )
    .values(forgotten=bindparam("upto"))
)
_GIVE_UP: Final = (
    update(outbox)
    .where(
        outbox.c.state.in_(written("failed", "unknown")),
        outbox.c.body.is_not(None),
        outbox.c.created_at < _BEFORE,
    )
    .values(body=None)
)


def forget(tx: Transaction, before: datetime) -> RetentionResult:
    """Erase every answer given, every voice note, photo and message sent before a moment, and what tells of them.

    Which tables these are is in `storage.table_rules`.
    """
    files = [file for _, file in tx.run(_OLD_MEDIA, {"before": before}) if file]
    found = {"before": before}
    rows = {table: tx.run(old, found).rowcount for table, old in _OLD.items()}
    gone = RetentionResult(rows[answers] + rows[asides], rows[media], rows[messages])
    if gone:
        tx.run(_OLD_BEGUN)
        tx.erasing = True
        tx.files += files
    return gone


def unfinished(tx: Transaction, before: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """List runs, with whose they are, that nobody went on with since a moment, though they could."""
    return [(run, person) for run, person in tx.run(_OLD_RUNS, {"before": before, "limit": limit})]


def gone(tx: Transaction, before: datetime, limit: int) -> Sequence[UUID]:
    """List people who said no, left, or never answered an invite since a moment; none that works here."""
    return tx.run(_ALL_GONE, {"before": before, "limit": limit}).scalars()


def give_up(tx: Transaction, before: datetime) -> int:
    """Erase the words of what was put before a moment and not sent, or nobody knows; gives how many rows."""
    given_up = tx.run(_GIVE_UP, {"before": before}).rowcount
    tx.erasing = tx.erasing or given_up > 0
    return given_up


def is_gone(tx: Transaction, before: datetime, person_id: UUID) -> bool:
    """Tell whether a person is among those whom `gone` lists."""
    return tx.run(_IS_GONE, {"before": before, "person_id": person_id}).first() is not None


def wordy(tx: Transaction, before: datetime) -> list[list[int]]:
    """List rows whose words are still here, though they were said before a moment, some at a time for `unsay`.

    A messenger has its messages' words itself; the web chat is made of these, so its page ends there. A question that
    is still open keeps its words.
    """
    rows = tx.run(_WORDY, {"before": before}).scalars()
    return [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]


def unsay(tx: Transaction, rows: Sequence[int]) -> None:
    """Erase the words of rows."""
    tx.run(_UNSAY, [{"row": row} for row in rows])
    tx.erasing = True


def parts(tx: Transaction, before: datetime, after: int) -> tuple[list[tuple[int, int]], int]:
    """Divide what was said from a row on into parts for `retire`: so many as one hour may take, up to a moment.

    Gives after which row each begins and with which it ends, and the row to go on from in the next hour: the first
    again, once that moment is reached.
    """
    found: list[tuple[int, int]] = []
    while len(found) < _PARTS:
        upto, newest = tx.run(_NEXT, {"after": after}).first()
        if upto is None:
            return found, 0
        found.append((after, upto))
        if newest >= before:
            return found, 0
        after = upto
    return found, after


def retire(tx: Transaction, before: datetime, after: int, upto: int) -> int:
    """Delete rows of one part that were said before a moment and that nothing needs any more; gives how many.

    What stays: what still has its words, or is still to be sent or changed; what a panel is known by; all of a run
    that may still go on; and of an order's run that was not finished the one row that tells whether it was sent. The
    chats of what goes note up to which message nobody knows any more what was said: a reply to it answers nothing.
    """
    forgotten: dict[tuple[str, bytes], int] = {}
    gone = list(tx.run(_DROP, {"before": before, "after": after, "upto": upto}))
    for messenger, lookup, message_id in gone:
        if message_id is not None:
            chat = messenger, lookup
            forgotten[chat] = max(message_id, forgotten.get(chat, 0))
    if forgotten:
        noted = [{"at": at, "hash": lookup, "upto": most} for (at, lookup), most in forgotten.items()]
        tx.run(_FORGOTTEN, noted)
    return len(gone)
