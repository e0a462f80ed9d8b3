"""Runs of people through dialogs. The state kept between turns is sealed with the person's key."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, insert, literal_column, or_, select, update

from dialogs.value_class import value_class
from storage.database import for_work, written
from storage.people import Person, key_owner
from storage.sealed_statements import Verified
from storage.store import Store, Transaction, alert_place, from_json, to_json
from storage.tables import (
    alerts,
    answers,
    asides,
    dialog_versions,
    evidence,
    media,
    outbox,
    person_keys,
    quotes,
    readings,
    readings_begun,
    runs,
)

if TYPE_CHECKING:
    from storage.vault import DataKey


@value_class
class RunRow:
    """A run as stored; `state` is what `dialogs.run` keeps, without the answers.

    `active_at` is when the person last did something in it. Where it is `damaged`, `state` is empty and the run cannot
    continue.
    """

    id: UUID
    person_id: UUID
    dialog_hash: str
    status: str
    state: dict[str, Any]
    prompt: int
    language: str
    started_by: str
    cohort_id: UUID | None
    broadcast_id: UUID | None
    started_at: datetime
    active_at: datetime
    damaged: bool = False

    @property
    def rehearsal(self) -> bool:
        """Whether this is a rehearsal of a dialog by one of the team: its answers are kept in the state alone."""
        return REHEARSED in self.state

    @property
    def typed_in(self) -> bool:
        """Whether one of the team types in by it what a circle said on a sheet of paper."""
        return self.rehearsal and TYPED_IN in self.state["card"]

    @property
    def on_paper(self) -> str | None:
        """Whether one of the team typed in what its person said on paper: `UNSEEN`, or `AGREED` once they said so.

        It is read from what is sealed: the column only spares files the opening.
        """
        noted = self.state.get(PAPER)
        return (AGREED if noted.get(AGREED) else UNSEEN) if noted else None


REHEARSAL: Final = "rehearsal"
"""The dialog name under which the version for a rehearsal is stored."""
REHEARSED: Final = "rehearsed"
"""The key of the state under which a rehearsal keeps its answers."""

TYPED_IN: Final = "sheet"
"""The key of a rehearsal's card that names the sheet of paper whose answers are typed in."""

PAPER: Final = "paper"
"""The key of the state of what was typed in from paper: by whom, on which day, how its person agreed, what was said
against it."""
UNSEEN: Final = "unseen"
"""What was typed in for its person, who has not said so far that it is so."""
AGREED: Final = "agreed"
"""What was typed in for its person, who has said that it is so."""

_COLUMNS: Final = (
    runs.c.id,
    runs.c.person_id,
    runs.c.dialog_hash,
    runs.c.status,
    runs.c.state,
    runs.c.prompt,
    runs.c.language,
    runs.c.started_by,
    runs.c.cohort_id,
    runs.c.broadcast_id,
    runs.c.started_at,
    runs.c.active_at,
)
_RECENTLY: Final = 5
_UNFINISHED: Final = written("offered", "open", "postponed")
# What is given back has a run of no broadcast's: it waits for nobody, and no question stands in it.
_ASKS: Final = or_(runs.c.delivery_id.is_(None), runs.c.broadcast_id.is_not(None))
_before = runs.alias("before")
_CREATE: Final = insert(runs).values(
    seq=select(func.coalesce(func.max(_before.c.seq), 0) + 1)
    .where(_before.c.person_id == bindparam("whose"))
    .scalar_subquery()
)
_SAVE: Final = (
    update(runs)
    .where(runs.c.id == bindparam("run_id"))
    .values(
        state=bindparam("state"),
        status=bindparam("status"),
        prompt=bindparam("prompt"),
        active_at=bindparam("active_at"),
        resume_at=bindparam("resume_at"),
        ended_at=bindparam("ended_at"),
    )
)
# Most turns leave the rest as it is. To write it again would cost its check, and the rows of four indexes.
_GO_ON: Final = (
    update(runs)
    .where(
        runs.c.id == bindparam("run_id"),
        runs.c.status == bindparam("still"),
        runs.c.active_at == bindparam("just_now"),
        runs.c.ended_at.is_(None),
    )
    .values(state=bindparam("state"), prompt=bindparam("prompt"), resume_at=bindparam("resume_at"))
)
_REMEMBER: Final = update(runs).where(runs.c.id == bindparam("run_id")).values(state=bindparam("state"))
_ON_PAPER: Final = update(runs).where(runs.c.id == bindparam("run_id")).values(on_paper=bindparam("said"))
_GET: Final = Verified(
    select(*_COLUMNS).where(runs.c.id == bindparam("run_id"), runs.c.person_id == bindparam("person_id")), runs
)
_NEWEST: Final = (runs.c.seq.desc(),)
_ONE_OPEN: Final = (
    select(*_COLUMNS)
    .where(
        runs.c.person_id == bindparam("person_id"),
        runs.c.status.in_(_UNFINISHED),
        _ASKS,
    )
    .order_by(runs.c.status == "postponed", *_NEWEST)
    .limit(1)
)
_EVERY: Final = select(*_COLUMNS).where(runs.c.person_id == bindparam("person_id"), _ASKS).order_by(*_NEWEST)
_OPEN: Final = Verified(_ONE_OPEN, runs, told=True)
_ALL_OPEN: Final = Verified(_ONE_OPEN.limit(None), runs)
_LATEST: Final = Verified(_EVERY.limit(1), runs, told=True)
_OF: Final = Verified(_EVERY, runs)
_ANSWERED: Final = Verified(
    _EVERY.where(or_(exists().where(answers.c.run_id == runs.c.id), exists().where(asides.c.run_id == runs.c.id))),
    runs,
)
_RESUMABLE: Final = Verified(_EVERY.where(runs.c.status.in_(written("offered", "open", "postponed", "stopped"))), runs)
_WITH_KEYS: Final = select(*_COLUMNS, person_keys.c.wrapped).join(
    person_keys, person_keys.c.person_id == runs.c.person_id
)
_DUE: Final = Verified(
    for_work(
        _WITH_KEYS.where(runs.c.resume_at <= bindparam("now"), runs.c.status.in_(_UNFINISHED))
        .order_by(runs.c.resume_at, runs.c.id)
        .limit(bindparam("limit")),
        runs,
    ),
    runs,
)
_RECENT: Final = Verified(_EVERY.limit(_RECENTLY), runs)
_COMES_BACK: Final = (
    select(runs.c.id)
    .where(
        runs.c.person_id == bindparam("person_id"),
        runs.c.status == literal_column("'postponed'"),
        runs.c.resume_at <= bindparam("until"),
    )
    .limit(1)
)
_HAD: Final = (
    select(runs.c.id)
    .join(dialog_versions, dialog_versions.c.hash == runs.c.dialog_hash)
    .where(runs.c.person_id == bindparam("person_id"), dialog_versions.c.name == bindparam("dialog"))
    .limit(1)
)
_DEFER: Final = update(runs).where(runs.c.id == bindparam("run_id")).values(resume_at=bindparam("resume"))
# One that ended is gone, and what is not over has an index of its own: a dialog's name tells PostgreSQL nothing of how
# few these are.
_REHEARSALS: Final = (
    select(runs.c.id)
    .join(dialog_versions, dialog_versions.c.hash == runs.c.dialog_hash)
    .where(
        dialog_versions.c.name == bindparam("name"),
        runs.c.active_at < bindparam("before"),
        runs.c.status.in_(written("offered", "open", "postponed", "stopped")),
    )
)
# Nothing cascades: every table that may refer to a forgotten run is named here.
_FORGET: Final = (
    update(outbox).where(outbox.c.run_id == bindparam("forgotten")).values(run_id=None),
    update(media).where(media.c.run_id == bindparam("forgotten")).values(run_id=None),
    delete(readings).where(readings.c.run_id == bindparam("forgotten")),
    delete(readings_begun).where(readings_begun.c.run_id == bindparam("forgotten")),
    delete(answers).where(answers.c.run_id == bindparam("forgotten")),
    delete(asides).where(asides.c.run_id == bindparam("forgotten")),
    delete(evidence).where(evidence.c.run_id == bindparam("forgotten")),
    delete(quotes).where(quotes.c.run_id == bindparam("forgotten")),
    delete(runs).where(runs.c.id == bindparam("forgotten")),
)
_FORGET_ALERTS: Final = delete(alerts).where(alerts.c.place == bindparam("place"))
_END: Final = (
    update(runs)
    .where(runs.c.id == bindparam("run_id"))
    .values(status="expired", resume_at=None, ended_at=bindparam("now"))
)
_REST: Final = update(runs).where(runs.c.id == bindparam("run_id")).values(resume_at=None)


class Runs(Store):
    """The runs."""

    __slots__ = ()

    def create(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person: Person,
        dialog_hash: str,
        started_by: str,
        state: dict[str, Any],
        status: str,
        language: str,
        cohort_id: UUID | None = None,
        broadcast_id: UUID | None = None,
        delivery_id: UUID | None = None,
        *,
        prompt: int = 0,
    ) -> None:
        """Add a run that begins now; `started_by` is `broadcast`, `person` or `staff`."""
        self._execute(
            _CREATE,
            {
                "id": id,
                "person_id": person.id,
                "whose": person.id,
                "dialog_hash": dialog_hash,
                "started_by": started_by,
                "state": _seal(person.key, state, id),
                "status": status,
                "prompt": prompt,
                "language": language,
                "cohort_id": cohort_id,
                "broadcast_id": broadcast_id,
                "delivery_id": delivery_id,
                "started_at": self._tx.now,
                "active_at": self._tx.now,
            },
        )

    def save(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person: Person,
        state: dict[str, Any],
        status: str,
        prompt: int,
        resume_at: datetime | None = None,
        ended_at: datetime | None = None,
    ) -> None:
        """Store a run after a turn; it was active now."""
        row = {"run_id": id, "state": _seal(person.key, state, id), "prompt": prompt, "resume_at": resume_at}
        going_on = {**row, "still": status, "just_now": self._tx.now}
        if ended_at is not None or not self._execute(_GO_ON, going_on).rowcount:
            self._execute(_SAVE, {**row, "status": status, "active_at": self._tx.now, "ended_at": ended_at})

    def remember(self, id: UUID, person: Person, state: dict[str, Any]) -> None:  # noqa: A002 -- the column's own name
        """Store only a run's state; its person did nothing in it now."""
        self._execute(_REMEMBER, {"run_id": id, "state": _seal(person.key, state, id)})

    def note_on_paper(self, id: UUID, state: str | None) -> None:  # noqa: A002 -- the column's own name
        """Note that a run was typed in from paper, and whether its person agreed; None: nothing of it is left."""
        self._execute(_ON_PAPER, {"run_id": id, "said": state})

    def get(self, id: UUID, person: Person) -> RunRow | None:  # noqa: A002 -- the column's own name
        """Return a run of this person; None if there is none or it is damaged."""
        row = self.read(id, person)
        return None if row is None or row.damaged else row

    def read(self, id: UUID, person: Person) -> RunRow | None:  # noqa: A002 -- the column's own name
        """Return a run of this person, even a damaged one: its answers can be read without its state."""
        row = self._execute(_GET, {"person_id": person.id, "run_id": id}).first()
        return None if row is None else _run(self._tx, row, person.key)

    def open(self, person: Person) -> RunRow | None:
        """Return the newest run that waits for this person: offered or open, else postponed; none damaged."""
        return self._newest(_OPEN, _ALL_OPEN, person)

    def latest(self, person: Person) -> RunRow | None:
        """Return this person's newest run that is not damaged, whatever its status, or None."""
        return self._newest(_LATEST, _OF, person)

    def of(self, person: Person) -> list[RunRow]:
        """List all runs of this person, the newest first; damaged ones are left out."""
        return self._of_person(_OF, person)

    def answered(self, person: Person) -> list[RunRow]:
        """List this person's runs with an answer or aside, the newest first, damaged ones included."""
        return [_run(self._tx, row, person.key) for row in self._execute(_ANSWERED, {"person_id": person.id})]

    def resumable(self, person: Person) -> list[RunRow]:
        """List this person's runs that can still go on."""
        return self._of_person(_RESUMABLE, person)

    def recent(self, person: Person) -> list[RunRow]:
        """List this person's newest runs, whatever their status, the newest first; at most 5."""
        return self._of_person(_RECENT, person)

    def comes_back(self, person_id: UUID, until: datetime) -> bool:
        """Return whether something that a person put off comes back by a moment."""
        return self._execute(_COMES_BACK, {"person_id": person_id, "until": until}).first() is not None

    def had(self, person_id: UUID, dialog: str) -> bool:
        """Return whether a person ever had a run of a dialog, in any version."""
        return self._execute(_HAD, {"person_id": person_id, "dialog": dialog}).first() is not None

    def due(self, now: datetime, limit: int) -> list[RunRow]:
        """List unfinished runs that are due (postponed, to be reminded, to be ended), the longest waiting first.

        Damaged ones are included: they have to be put to rest or ended.
        """
        found = []
        for *row, wrapped in self._execute(_DUE, {"now": now, "limit": limit}):
            found.append(_run(self._tx, row, self._tx.unwrapped(wrapped, key_owner(row[1]), row[1])))
        return found

    def end(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """End a run whose state is damaged; its answers stay."""
        self._execute(_END, {"run_id": id, "now": self._tx.now})

    def rest(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Clear a run's moment, so that it waits for its person only."""
        self._execute(_REST, {"run_id": id})

    def defer(self, id: UUID, resume_at: datetime) -> None:  # noqa: A002  the column's own name
        """Put off the moment at which a run speaks up."""
        self._execute(_DEFER, {"run_id": id, "resume": resume_at})

    def rehearsals(self, before: datetime) -> Sequence[UUID]:
        """List rehearsals in which nothing happened since `before`."""
        return self._execute(_REHEARSALS, {"name": REHEARSAL, "before": before}).scalars()

    def forget(self, id: UUID) -> None:  # noqa: A002  the column's own name
        """Delete a run and its answers; its sent messages and media stay, unlinked."""
        self._execute(_FORGET_ALERTS, {"place": alert_place(self._tx.vault, id)})
        for statement in _FORGET:
            self._execute(statement, {"forgotten": id})

    def _newest(self, statement: Any, whole: Any, person: Person) -> RunRow | None:
        """Return the first run of a statement; if that is damaged, the first undamaged one of the whole list."""
        row = self._execute(statement, {"person_id": person.id}).first()
        if row is None:
            return None
        *found, fits = row
        return (fits and self._sound(found, person)) or next(iter(self._of_person(whole, person)), None)

    def _of_person(self, statement: Any, person: Person) -> list[RunRow]:
        rows = (self._sound(row, person) for row in self._execute(statement, {"person_id": person.id}))
        return [row for row in rows if row is not None]

    def _sound(self, row: Sequence[Any], person: Person) -> RunRow | None:
        found = _run(self._tx, row, person.key)
        return None if found.damaged else found


def _seal(key: "DataKey", state: dict[str, Any], run_id: UUID) -> bytes:
    return key.seal(to_json(state), "runs", "state", run_id.hex)


def _run(tx: Transaction, row: Sequence[Any], key: "DataKey") -> RunRow:
    id_, person_id, dialog_hash, status, state, *rest = row
    opened = tx.opened(key, state, "runs", "state", id_.hex, person_id=person_id)
    known = {} if opened is None else from_json(opened)
    return RunRow(id_, person_id, dialog_hash, status, known, *(*rest, opened is None))
