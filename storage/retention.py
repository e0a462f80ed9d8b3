"""Retention: erasing answers and what goes with them, and the words of old messages, once their time is over."""

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
    WholeMinute,
    addresses,
    answers,
    asides,
    consents,
    media,
    messages,
    named_on_screens,
    outbox,
    panels,
    people,
    readings_begun,
    roles,
    runs,
)


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """How many were erased of each; asides count as answers."""

    answers: int
    media: int
    messages: int

    def __bool__(self) -> bool:
        """Whether anything was erased."""
        return bool(self.answers or self.media or self.messages)


_BEFORE: Final[BindParameter[datetime]] = bindparam("before", type_=WholeMinute)
_OLD: Final = {table: delete(table).where(moment < _BEFORE) for table, moment in PERIODS.items()}
_OLD_MEDIA: Final = select(media.c.id, media.c.file).where(media.c.received_at < _BEFORE)
# They hold no moment, and mean nothing once the answer or the aside is gone.
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
    # Written exactly as in the index.
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
# A question that is still open stays, with every edit of its keyboard.
_ASKS: Final = exists().where(runs.c.id == outbox.c.run_id, runs.c.prompt == outbox.c.prompt, _OPEN)
_ASKED: Final = exists().where(
    _asking.c.seq == outbox.c.edits, runs.c.id == _asking.c.run_id, runs.c.prompt == _asking.c.prompt, _OPEN
)
_WORDY: Final = select(outbox.c.seq).where(
    # Written exactly as in the index.
    outbox.c.body.is_not(None),
    outbox.c.state.in_(written("sent", "unknown")),
    outbox.c.created_at < _BEFORE,
    _SAID_BEFORE,
    ~_ASKS,
    ~_ASKED,
)
_UNSAY: Final = update(outbox).where(outbox.c.seq == bindparam("row")).values(body=None)

_PART: Final = outbox.c.seq > bindparam("after"), outbox.c.seq <= bindparam("upto")
_ROWS: Final = 500  # rows of one part
_PARTS: Final = 40  # parts of one hour
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
# It can still be answered, also by a reply to it, and its buttons change.
_GOES_ON: Final = exists().where(
    runs.c.id == outbox.c.run_id, runs.c.status.in_(written("offered", "open", "postponed", "stopped"))
)
# Unless a run is completed, how far its broadcast came depends on what was sent: one row of each such run is kept for
# that, even when its answers are past their time.
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
        # A panel refers to its row.
        outbox.c.seq.not_in(select(panels.c.outbox_seq)),
        # A message of the team's that names somebody has to go with that person.
        outbox.c.seq.not_in(select(named_on_screens.c.outbox_seq)),
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
    """Erase every answer, aside, voice note, photo and message from before a moment, and what refers to them.

    Which tables these are is declared in `storage.table_rules`.
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
    """List resumable runs with their person that were started and last active before a moment."""
    return [(run, person) for run, person in tx.run(_OLD_RUNS, {"before": before, "limit": limit})]


def gone(tx: Transaction, before: datetime, limit: int) -> Sequence[UUID]:
    """List people without a role who declined, left, or did not answer an invite, all before a moment."""
    return tx.run(_ALL_GONE, {"before": before, "limit": limit}).scalars()


def give_up(tx: Transaction, before: datetime) -> int:
    """Erase the words of rows from before a moment that were not sent, or may not have been; return how many."""
    given_up = tx.run(_GIVE_UP, {"before": before}).rowcount
    tx.erasing = tx.erasing or given_up > 0
    return given_up


def is_gone(tx: Transaction, before: datetime, person_id: UUID) -> bool:
    """Return whether a person is among those that `gone` lists."""
    return tx.run(_IS_GONE, {"before": before, "person_id": person_id}).first() is not None


def wordy(tx: Transaction, before: datetime) -> list[list[int]]:
    """List rows said before a moment that still have their words, in batches for `unsay`.

    A messenger has the words of its messages itself; the web chat is made of these rows, so its page then ends there. A
    question that is still open keeps its words.
    """
    rows = tx.run(_WORDY, {"before": before}).scalars()
    return [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]


def unsay(tx: Transaction, rows: Sequence[int]) -> None:
    """Erase the words of rows."""
    tx.run(_UNSAY, [{"row": row} for row in rows])
    tx.erasing = True


def parts(tx: Transaction, before: datetime, after: int) -> tuple[list[tuple[int, int]], int]:
    """Divide the rows after `after` into parts for `retire`: as many as one hour may take, up to a moment.

    Returns:
        The parts, as (after which row, up to which row), and the row to continue from in the next hour: 0, to begin
        again, once that moment or the last row is reached.
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
    """Delete the rows of one part that were said before a moment and are not needed any more; return how many.

    These stay: rows that still have words, or are to be sent or edited; rows of panels; all rows of a run that may
    still go on; and for a run of a broadcast that was not finished, the one row that shows whether it was sent. The
    chat's address records up to which message id rows were deleted: a reply to one of those answers nothing.
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
