"""What is kept for a time only: answers and all that goes with them, and the words of what was said long ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BindParameter, and_, bindparam, delete, exists, func, or_, select, update

from storage.database import written
from storage.store import Transaction
from storage.tables import alerts, answers, consents, media, messages, outbox, panels, people, readings, roles, runs


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each went."""

    answers: int
    media: int
    messages: int

    def __bool__(self) -> bool:
        """Whether anything went."""
        return bool(self.answers or self.media or self.messages)


_BEFORE: Final[BindParameter[datetime]] = bindparam("before")
_OLD_ANSWERS: Final = delete(answers).where(answers.c.answered_at < _BEFORE)
_OLD_MEDIA: Final = select(media.c.id, media.c.file).where(media.c.received_at < _BEFORE)
_DROP_MEDIA: Final = delete(media).where(media.c.received_at < _BEFORE)
_OLD_MESSAGES: Final = delete(messages).where(messages.c.at < _BEFORE)
_OLD_ALERTS: Final = delete(alerts).where(alerts.c.raised_at < _BEFORE)
_OLD_READINGS: Final = delete(readings).where(readings.c.read_at < _BEFORE)
_OLD_RUNS: Final = (
    select(runs.c.id, runs.c.person_id)
    .where(runs.c.active_at < _BEFORE, runs.c.status.in_(written("offered", "open", "postponed", "stopped")))
    .limit(bindparam("limit"))
)
_decided = consents.alias("decided")
_WORKS: Final = exists().where(roles.c.person_id == people.c.id, roles.c.revoked_at.is_(None))
_GONE: Final = (
    select(people.c.id)
    .where(
        or_(
            and_(
                people.c.participation.in_(written("left", "declined")),
                exists().where(_decided.c.person_id == people.c.id),
            ),
            and_(people.c.participation.in_(written("invited", "consenting")), people.c.created_at < _BEFORE),
        ),
        ~exists().where(_decided.c.person_id == people.c.id, _decided.c.at >= _BEFORE),
        ~_WORKS,
    )
    .limit(bindparam("limit"))
)

_asking = outbox.alias("asking")
_OPEN: Final = runs.c.status.in_(written("offered", "open", "postponed"))
# A question that is still open stays, with every change of its keyboard. Looked up for each row that has words left,
# which are few, and not gathered from all that was ever said.
_ASKS: Final = exists().where(runs.c.id == outbox.c.run_id, runs.c.prompt == outbox.c.prompt, _OPEN)
_ASKED: Final = exists().where(
    _asking.c.seq == outbox.c.edits, runs.c.id == _asking.c.run_id, runs.c.prompt == _asking.c.prompt, _OPEN
)
_SAID_BEFORE: Final = func.coalesce(outbox.c.sent_at, outbox.c.created_at) < _BEFORE
_PART: Final = outbox.c.seq > bindparam("after"), outbox.c.seq <= bindparam("upto")
_PARTS: Final = 20_000
_NEWEST: Final = select(func.max(outbox.c.seq))
_UNSAY: Final = (
    update(outbox)
    .where(
        *_PART,
        outbox.c.body.is_not(None),
        outbox.c.state.in_(written("sent", "unknown")),
        _SAID_BEFORE,
        ~_ASKS,
        ~_ASKED,
    )
    .values(body=None)
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
_DROP: Final = delete(outbox).where(
    *_PART,
    # Rows of a run tell whom a broadcast reached; a panel is known by its row.
    outbox.c.run_id.is_(None),
    outbox.c.body.is_(None),
    outbox.c.state.not_in(written("queued", "sending")),
    _SAID_BEFORE,
    outbox.c.seq.not_in(select(panels.c.outbox_seq)),
)


def forget(tx: Transaction, before: datetime) -> Forgotten:
    """Erase every answer given, every voice note, photo and message sent before a moment, and what tells of them."""
    files = [file for _, file in tx.run(_OLD_MEDIA, {"before": before}) if file]
    found = {"before": before}
    gone = Forgotten(
        tx.run(_OLD_ANSWERS, found).rowcount,
        tx.run(_DROP_MEDIA, found).rowcount,
        tx.run(_OLD_MESSAGES, found).rowcount,
    )
    tx.run(_OLD_ALERTS, found)
    tx.run(_OLD_READINGS, found)
    if gone:
        tx.erasing = True
        tx.files += files
    return gone


def unfinished(tx: Transaction, before: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """List runs, with whose they are, that nobody went on with since a moment, though they could."""
    return [(run, person) for run, person in tx.run(_OLD_RUNS, {"before": before, "limit": limit})]


def gone(tx: Transaction, before: datetime, limit: int) -> Sequence[UUID]:
    """List people who said no, left, or never answered an invite since a moment; none that works here."""
    return tx.run(_GONE, {"before": before, "limit": limit}).scalars()


def give_up(tx: Transaction, before: datetime) -> int:
    """Erase the words of what was put before a moment and not sent, or nobody knows; gives how many rows."""
    given_up = tx.run(_GIVE_UP, {"before": before}).rowcount
    tx.erasing = tx.erasing or given_up > 0
    return given_up


def parts(tx: Transaction) -> list[tuple[int, int]]:
    """Divide all that was ever said into parts for `retire`: after which row each begins, and with which it ends."""
    newest = int(tx.run(_NEWEST).scalar() or 0)
    return [(after, after + _PARTS) for after in range(0, newest, _PARTS)]


def retire(tx: Transaction, before: datetime, after: int, upto: int) -> int:
    """Erase the words of what was said before a moment, and rows that nobody asks for any more, of one part.

    A messenger has its messages' words itself; the web chat is made of these, so its page ends there. What stays: a
    question that is still open, and, without words, whatever belongs to a run. Gives how many rows changed or went.
    """
    part = {"before": before, "after": after, "upto": upto}
    unsaid = tx.run(_UNSAY, part).rowcount
    tx.erasing = tx.erasing or unsaid > 0
    return unsaid + tx.run(_DROP, part).rowcount
