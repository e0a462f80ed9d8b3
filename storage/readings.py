"""Who of the team has read which run, and what waits to be read: a run whose answers changed since waits again."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, func, literal_column, or_, select, update

from storage.database import insert_new
from storage.people import key_owner
from storage.store import Store, from_json
from storage.tables import answers, asides, media, memberships, people, person_keys, readings, runs


@dataclass(frozen=True, slots=True)
class Unread:
    """A run that waits to be read: whose it is, and when she last did something in it."""

    run_id: UUID
    person_id: UUID
    active_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of a cohort's waits for a reader: runs, and the seconds of voice notes among them."""

    runs: int
    seconds: int


_ADD: Final = insert_new(readings)
_AGAIN: Final = (
    update(readings)
    .where(readings.c.reader_id == bindparam("reader"), readings.c.run_id == bindparam("run"))
    .values(read_at=bindparam("now"))
)

# By its members, past and present: there is an index on who is in a cohort, and one on whose a run is.
_IN_COHORT: Final = (
    runs.c.cohort_id == bindparam("cohort_id"),
    runs.c.person_id.in_(select(memberships.c.person_id).where(memberships.c.cohort_id == bindparam("cohort_id"))),
)
_ANSWERED: Final = or_(exists().where(answers.c.run_id == runs.c.id), exists().where(asides.c.run_id == runs.c.id))
_WITH_READING: Final = runs.outerjoin(
    readings, and_(readings.c.reader_id == bindparam("reader_id"), readings.c.run_id == runs.c.id)
)
_fresh = answers.alias("fresh")
# No answer is younger than what its person last did in the run, so most runs are told apart without a look at them.
_MAY_BE_NEW: Final = or_(readings.c.read_at.is_(None), runs.c.active_at > readings.c.read_at)
_IS_NEW: Final = and_(
    _MAY_BE_NEW,
    exists().where(
        _fresh.c.run_id == runs.c.id,
        or_(readings.c.read_at.is_(None), _fresh.c.answered_at > readings.c.read_at),
    )
    | exists().where(
        asides.c.run_id == runs.c.id, or_(readings.c.read_at.is_(None), asides.c.said_at > readings.c.read_at)
    ),
)
_RUN: Final = (runs.c.id, runs.c.person_id, runs.c.active_at)
_UNREAD: Final = (
    select(*_RUN)
    .select_from(_WITH_READING)
    .where(*_IN_COHORT, _IS_NEW)
    .order_by(runs.c.active_at, runs.c.id)
    .limit(bindparam("limit"))
)
_COUNT: Final = select(func.count()).select_from(_WITH_READING).where(*_IN_COHORT, _IS_NEW)
_SECONDS: Final = (
    select(func.coalesce(func.sum(media.c.seconds), 0))
    .select_from(_WITH_READING.join(media, media.c.run_id == runs.c.id))
    .where(
        *_IN_COHORT,
        _IS_NEW,
        media.c.kind == literal_column("'voice'"),
        media.c.file.is_not(None),
        or_(readings.c.read_at.is_(None), media.c.received_at > readings.c.read_at),
    )
)
# Ids as the driver gives them: of thousands of rows a few are wanted.
_SAID: Final = (
    select(
        literal_column("runs.id").label("raw"),
        literal_column("runs.person_id").label("person"),
        answers.c.revision,
        literal_column("answers.id").label("answer"),
        answers.c.value,
    )
    .select_from(_WITH_READING.join(answers, answers.c.run_id == runs.c.id))
    .where(
        *_IN_COHORT,
        _MAY_BE_NEW,
        answers.c.path == bindparam("path"),
        or_(readings.c.read_at.is_(None), answers.c.answered_at > readings.c.read_at),
    )
)
_KEYS: Final = (
    select(literal_column("person_keys.person_id").label("person"), person_keys.c.wrapped)
    .join(memberships, memberships.c.person_id == person_keys.c.person_id)
    .where(memberships.c.cohort_id == bindparam("cohort_id"))
)
_MOMENTS: Final = select(runs.c.active_at).where(*_IN_COHORT, _ANSWERED)
_BETWEEN: Final = (
    select(*_RUN)
    .where(*_IN_COHORT, runs.c.active_at >= bindparam("since"), runs.c.active_at < bindparam("until"), _ANSWERED)
    .order_by(runs.c.active_at, runs.c.id)
)
_OF_BROADCAST: Final = (
    select(*_RUN)
    .where(runs.c.broadcast_id == bindparam("broadcast_id"), _ANSWERED)
    .order_by(runs.c.started_at, runs.c.id)
)
_OF_QUESTION: Final = (
    select(*_RUN)
    .where(
        runs.c.broadcast_id == bindparam("broadcast_id"),
        or_(
            exists().where(answers.c.run_id == runs.c.id, answers.c.path == bindparam("path")),
            exists().where(asides.c.run_id == runs.c.id, asides.c.path == bindparam("path")),
        ),
    )
    .order_by(runs.c.started_at, runs.c.id)
)
_ANY_OF_BROADCAST: Final = select(runs.c.id).where(runs.c.broadcast_id == bindparam("broadcast_id"), _ANSWERED).limit(1)
_ANY_IN: Final = select(runs.c.id).where(*_IN_COHORT, _ANSWERED).limit(1)
_OWNER: Final = select(runs.c.person_id).where(runs.c.id == bindparam("run_id"))
_NAMES: Final = (
    select(people.c.id, people.c.nickname, person_keys.c.wrapped)
    .join(person_keys, person_keys.c.person_id == people.c.id)
    .where(
        people.c.id.in_(select(memberships.c.person_id).where(memberships.c.cohort_id == bindparam("cohort_id"))),
        exists().where(
            runs.c.person_id == people.c.id,
            runs.c.cohort_id == bindparam("cohort_id"),
            _ANSWERED,
        ),
    )
)


class Readings(Store):
    """The readings: one row for each reader and run, as of when she read it last."""

    __slots__ = ()

    def add(self, reader_id: UUID, run_id: UUID, person_id: UUID) -> None:
        """Note that a reader has read a run of a person's, as it is now."""
        row = {"reader_id": reader_id, "run_id": run_id, "person_id": person_id, "read_at": self._tx.now}
        if not self._execute(_ADD, row).rowcount:
            self._execute(_AGAIN, {"reader": reader_id, "run": run_id, "now": self._tx.now})

    def unread(self, reader_id: UUID, cohort_id: UUID, limit: int) -> list[Unread]:
        """List runs of a cohort that a reader has not read as they are now, the longest waiting first."""
        found = self._execute(_UNREAD, {"reader_id": reader_id, "cohort_id": cohort_id, "limit": limit})
        return [Unread(*row) for row in found]

    def waiting(self, reader_id: UUID, cohort_id: UUID, *, seconds: bool = True) -> Waiting:
        """Count what `unread` would list without a limit, and (with `seconds`) how long its voice notes last."""
        of = {"reader_id": reader_id, "cohort_id": cohort_id}
        count = int(self._execute(_COUNT, of).scalar())
        return Waiting(count, int(self._execute(_SECONDS, of).scalar()) if count and seconds else 0)

    def said(self, reader_id: UUID, cohort_id: UUID, path: str, but: Collection[Any]) -> list[tuple[UUID, UUID]]:
        """List runs and whose they are, in which a question was answered since with none of some values.

        Since the reader read the run, that is. They come in no order.
        """
        newest: dict[Any, Any] = {}
        for row in self._execute(_SAID, {"reader_id": reader_id, "cohort_id": cohort_id, "path": path}):
            if (known := newest.get(row[0])) is None or known[2] < row[2]:
                newest[row[0]] = row
        keys = dict(self._execute(_KEYS, {"cohort_id": cohort_id})) if newest else {}
        # Nearly all of thousands begin so; only the others are read.
        usual = tuple(f'{{"value":{gap}{json.dumps(value)},'.encode() for value in but for gap in ("", " "))
        found = []
        openers: dict[Any, Callable[[bytes, str], bytes]] = {}
        for run, person, _, id_, sealed in newest.values():
            open_ = openers.get(person)
            if open_ is None:
                key = self._tx.vault.unwrap(keys[person], key_owner(_id(person)))
                open_ = openers[person] = key.opener("answers", "value")
            plain = open_(sealed, id_ if isinstance(id_, str) else id_.hex)
            if not plain.startswith(usual) and from_json(plain)["value"] not in but:
                found.append((_id(run), _id(person)))
        return found

    def between(self, cohort_id: UUID, since: datetime, until: datetime) -> list[Unread]:
        """List runs of a cohort with an answer in them, read or not, whose person was last in them in some hours."""
        rows = self._execute(_BETWEEN, {"cohort_id": cohort_id, "since": since, "until": until})
        return [Unread(*row) for row in rows]

    def moments(self, cohort_id: UUID) -> list[datetime]:
        """List when people were last in each run of a cohort that has an answer in it."""
        return self._execute(_MOMENTS, {"cohort_id": cohort_id}).scalars()

    def of_broadcast(self, broadcast_id: UUID, path: str | None = None) -> list[Unread]:
        """List the runs of an order in which there is an answer (to one question), in the order they began."""
        if path is None:
            rows = self._execute(_OF_BROADCAST, {"broadcast_id": broadcast_id})
        else:
            rows = self._execute(_OF_QUESTION, {"broadcast_id": broadcast_id, "path": path})
        return [Unread(*row) for row in rows]

    def any_of(self, broadcast_id: UUID) -> bool:
        """Tell whether anybody has answered anything of an order."""
        return self._execute(_ANY_OF_BROADCAST, {"broadcast_id": broadcast_id}).first() is not None

    def any_in(self, cohort_id: UUID) -> bool:
        """Tell whether anybody has answered anything in a cohort."""
        return self._execute(_ANY_IN, {"cohort_id": cohort_id}).first() is not None

    def owner(self, run_id: UUID) -> UUID | None:
        """Tell whose a run is."""
        found: UUID | None = self._execute(_OWNER, {"run_id": run_id}).scalar()
        return found

    def names(self, cohort_id: UUID) -> list[tuple[UUID, str]]:
        """List everyone of whom there is an answer in a cohort, with her nickname, else her pseudonym; in no order."""
        found = []
        for id_, nickname, wrapped in self._execute(_NAMES, {"cohort_id": cohort_id}):
            if nickname is None:
                found.append((id_, self._tx.vault.pseudonym(id_)))
            else:
                key = self._tx.vault.unwrap(wrapped, key_owner(id_))
                found.append((id_, key.open(nickname, "people", "nickname", id_.hex).decode()))
        return found


def _id(raw: Any) -> UUID:
    return UUID(raw) if isinstance(raw, str) else raw
