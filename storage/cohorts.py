"""Cohorts and their settings. Names and settings are sealed; a cohort is found by keyed hash."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, exists, or_, select, update

from dialogs.value_class import value_class
from storage.database import insert_new
from storage.people import People
from storage.sealed_statements import Change, Verified
from storage.store import Store, from_json, to_json
from storage.tables import (
    broadcasts,
    cohorts,
    invite_uses,
    invites,
    memberships,
    messages,
    own_dialogs,
    roles,
    runs,
    schedules,
    sheets,
    signs,
    support_requests,
)


class CohortExists(Exception):
    """A cohort of that name exists already (capitals and spacing do not count)."""


@value_class
class Cohort:
    """People who are asked together.

    Attributes:
        id: its id.
        name: its name as the team writes it.
        languages: language tags, the preferred one first.
        zone: IANA zone, or None for the organisation's.
        practice: left out of every report, export, count and broadcast to others.
        context: its other settings (quiet hours, voice or text, signs of success).
        damaged: which of name and context do not open any more; the name is then a mark made of the id, until somebody
            gives it a new one.
    """

    id: UUID
    name: str
    languages: tuple[str, ...]
    zone: str | None
    practice: bool
    context: dict[str, Any]
    damaged: frozenset[str] = frozenset()


_COLUMNS: Final = (
    cohorts.c.id,
    cohorts.c.name,
    cohorts.c.languages,
    cohorts.c.zone,
    cohorts.c.practice,
    cohorts.c.context,
)
_ADD: Final = insert_new(cohorts)
_GET: Final = Verified(select(*_COLUMNS).where(cohorts.c.id == bindparam("id")), cohorts)
_NAMED: Final = Verified(select(*_COLUMNS).where(cohorts.c.lookup == bindparam("lookup")), cohorts)
_WHEN_ADDED: Final = select(*_COLUMNS, cohorts.c.created_at)
_LIST: Final = Verified(_WHEN_ADDED.order_by(cohorts.c.created_at, cohorts.c.id), cohorts)
_ONE: Final = Verified(_WHEN_ADDED.where(cohorts.c.id == bindparam("id")), cohorts)
_OF_PERSON: Final = (
    select(memberships.c.cohort_id).where(memberships.c.person_id == bindparam("person_id")),
    select(runs.c.cohort_id)
    .where(runs.c.person_id == bindparam("person_id"), runs.c.cohort_id.is_not(None))
    .distinct(),
)
_CHANGE: Final = Change(
    cohorts,
    cohorts.c.id == bindparam("cohort_id"),
    **{name: bindparam(name) for name in ("name", "lookup", "languages", "zone", "context")},
)
_CHANGE_THE_REST: Final = (
    update(cohorts)
    .where(cohorts.c.id == bindparam("cohort_id"))
    .values({name: bindparam(name) for name in ("languages", "zone", "context")})
)
_USED: Final = select(
    or_(
        *(
            exists().where(each.c.cohort_id == bindparam("cohort"))
            for each in (memberships, broadcasts, schedules, runs, messages, signs, sheets)
        ),
        exists().where(support_requests.c.cohort_id == bindparam("cohort")),
        exists().where(roles.c.cohort_id == bindparam("cohort"), roles.c.revoked_at.is_(None)),
        exists().where(invites.c.cohort_id == bindparam("cohort"), invites.c.id.in_(select(invite_uses.c.invite_id))),
    )
)
_DELETES: Final = (
    *(each.delete().where(each.c.cohort_id == bindparam("cohort")) for each in (invites, roles, own_dialogs)),
    cohorts.delete().where(cohorts.c.id == bindparam("cohort")),
)
UNREADABLE: Final = {"approval": True}
"""The settings assumed where a cohort's own are damaged: nobody is in before somebody has said yes."""


class Cohorts(Store):
    """The cohorts."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        name: str,
        languages: Sequence[str],
        zone: str | None = None,
        practice: bool = False,
        context: dict[str, Any] | None = None,
    ) -> Cohort:
        """Add a cohort; raise CohortExists when the name is taken."""
        seal = self._tx.vault.organisation_key.seal
        cohort = Cohort(id, name, tuple(languages), zone, practice, context or {})
        added = self._execute(
            _ADD,
            {
                "id": id,
                "name": seal(name.encode(), "cohorts", "name", id.hex),
                "lookup": self._lookup(name),
                "languages": " ".join(languages),
                "zone": zone,
                "practice": practice,
                "context": seal(to_json(cohort.context), "cohorts", "context", id.hex),
                "created_at": self._tx.now,
            },
        )
        if not added.rowcount:
            raise CohortExists
        return cohort

    def get(self, id: UUID) -> Cohort | None:  # noqa: A002 -- the column's own name
        """Return a cohort by id, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and self._cohort(row)

    def by_name(self, name: str) -> Cohort | None:
        """Return a cohort by name, or None; capitals and spacing do not count."""
        row = self._execute(_NAMED, {"lookup": self._lookup(name)}).first()
        return row and self._cohort(row)

    def list(self, ids: Iterable[UUID] | None = None) -> list[Cohort]:
        """List all cohorts, or some, in the order they were added; by name those that were added at once."""
        rows = self._execute(_LIST) if ids is None else [row for id_ in ids for row in self._execute(_ONE, {"id": id_})]
        found = [(row[-1], self._cohort(row[:-1])) for row in rows]
        return [cohort for _, cohort in sorted(found, key=lambda each: (each[0], each[1].name.casefold()))]

    def of_person(self, person_id: UUID) -> Sequence[Cohort]:
        """List the cohorts that a person was ever a member of, or has a run in."""
        found = (self._execute(each, {"person_id": person_id}).scalars() for each in _OF_PERSON)
        return self.list(dict.fromkeys(chain(*found)))

    def change(self, cohort: Cohort) -> None:
        """Store a cohort's name (a free one, or its own), languages, zone and context.

        A damaged name stays until another one is given.
        """
        seal = self._tx.vault.organisation_key.seal
        row = {
            "cohort_id": cohort.id,
            "languages": " ".join(cohort.languages),
            "zone": cohort.zone,
            "context": seal(to_json(cohort.context), "cohorts", "context", cohort.id.hex),
        }
        if "name" in cohort.damaged and cohort.name == _mark(cohort.id):
            self._execute(_CHANGE_THE_REST, row)
        else:
            name = seal(cohort.name.encode(), "cohorts", "name", cohort.id.hex)
            self._execute(_CHANGE, {**row, "name": name, "lookup": self._lookup(cohort.name)})
        People(self._tx).look_again(cohort.id)

    def used(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Return whether anybody was ever in a cohort, asked or written to in it, or has a role for it alone."""
        return bool(self._execute(_USED, {"cohort": id}).scalar())

    def delete(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Delete a cohort that is not used, its invites, roles that ended, and the dialogs written for it."""
        for statement in _DELETES:
            self._execute(statement, {"cohort": id})

    def _lookup(self, name: str) -> bytes:
        plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
        return self._tx.vault.lookup("cohort", plain)

    def _cohort(self, row: Sequence[Any]) -> Cohort:
        id_, sealed, languages, zone, practice, told = row
        key = self._tx.vault.organisation_key
        name = self._tx.opened(key, sealed, "cohorts", "name", id_.hex)
        context = None if told is None else self._tx.opened(key, told, "cohorts", "context", id_.hex)
        damaged = {"name"} if name is None else set()
        if context is None and told is not None:
            damaged.add("context")
        return Cohort(
            id_,
            _mark(id_) if name is None else name.decode(),
            tuple(languages.split()),
            zone,
            practice,
            from_json(context) if context is not None else dict(UNREADABLE) if "context" in damaged else {},
            frozenset(damaged),
        )


def _mark(id_: UUID) -> str:
    return f"#{id_.hex[-6:]}"
