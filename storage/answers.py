"""Answers, revision by revision: an edit adds a revision, nothing is overwritten.

The database gives each revision a number (`seq`). PostgreSQL gives numbers out before the commit, so a higher number is
certain to come later only within one run, where the lock on the person keeps turns one after the other.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select

from storage.database import upsert
from storage.people import Person
from storage.store import Store
from storage.tables import answers

_NEXT: Final = select(
    bindparam("id", type_=answers.c.id.type),
    bindparam("run_id", type_=answers.c.run_id.type),
    bindparam("path", type_=answers.c.path.type),
    func.coalesce(func.max(answers.c.revision), 0) + 1,
    bindparam("person_id", type_=answers.c.person_id.type),
    bindparam("value", type_=answers.c.value.type),
    bindparam("answered_at", type_=answers.c.answered_at.type),
).where(answers.c.run_id == bindparam("run_id"), answers.c.path == bindparam("path"))
# Two inserts at once compute the same revision: the second waits, writes nothing, and computes it again.
_ADD: Final = (
    upsert(answers)
    .from_select(["id", "run_id", "path", "revision", "person_id", "value", "answered_at"], _NEXT)
    .on_conflict_do_nothing(index_elements=["run_id", "path", "revision"])
    .returning(answers.c.revision)
)
_OF: Final = (
    select(answers.c.path, answers.c.revision, answers.c.id, answers.c.value)
    .where(answers.c.run_id == bindparam("run_id"))
    .order_by(answers.c.path, answers.c.revision)
)
_NUMBERS: Final = (
    select(answers.c.path, func.max(answers.c.seq))
    .where(answers.c.run_id == bindparam("run_id"))
    .group_by(answers.c.path)
)
_HISTORY: Final = (
    select(answers.c.revision, answers.c.id, answers.c.value, answers.c.answered_at)
    .where(answers.c.run_id == bindparam("run_id"), answers.c.path == bindparam("path"))
    .order_by(answers.c.revision)
)

_DROP: Final = delete(answers).where(answers.c.run_id == bindparam("run"), answers.c.path == bindparam("of"))


class Answers(Store):
    """The answers. A value is a JSON object, sealed with the person's key."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        run_id: UUID,
        path: str,
        person: Person,
        value_json: str,
        at: datetime,
    ) -> int:
        """Add an answer as the next revision of its path; return the revision's number (from 1)."""
        row = {
            "id": id,
            "run_id": run_id,
            "path": path,
            "person_id": person.id,
            "value": person.key.seal(value_json.encode(), "answers", "value", id.hex),
            "answered_at": at,
        }
        revision: int | None = None
        while revision is None:
            revision = self._execute(_ADD, row).scalar()
        return revision

    def of(self, run_id: UUID, person: Person) -> dict[str, tuple[int, str]]:
        """Return the newest revision of each path of a run as (revision, JSON); a damaged one is left out."""
        newest = {path: row for path, *row in self._execute(_OF, {"run_id": run_id})}
        found = {}
        for path, (revision, id_, value) in newest.items():
            if (opened := self._opened(person, id_, value)) is not None:
                found[path] = (revision, opened)
        return found

    def damaged(self, run_id: UUID, person: Person) -> set[str]:
        """Return the paths of a run whose newest revision is damaged."""
        newest = {path: row for path, *row in self._execute(_OF, {"run_id": run_id})}
        return {path for path, (_, id_, value) in newest.items() if self._opened(person, id_, value) is None}

    def numbers(self, run_id: UUID) -> dict[str, int]:
        """Return the number (`seq`) of the newest revision of each path of a run.

        Call this before loading the answers to show: what is added in between then still counts as unread.
        """
        return dict(self._execute(_NUMBERS, {"run_id": run_id}))

    def drop(self, run_id: UUID, path: str) -> int:
        """Erase every revision of an answer; return how many there were."""
        return self._execute(_DROP, {"run": run_id, "of": path}).rowcount

    def history(self, run_id: UUID, path: str, person: Person) -> list[tuple[int, str, datetime]]:
        """List the undamaged revisions of an answer as (revision, JSON, moment), the first one first."""
        return [
            (revision, opened, at)
            for revision, id_, value, at in self._execute(_HISTORY, {"run_id": run_id, "path": path})
            if (opened := self._opened(person, id_, value)) is not None
        ]

    def _opened(self, person: Person, id_: UUID, value: bytes) -> str | None:
        opened = self._tx.opened(person.key, value, "answers", "value", id_.hex, person_id=person.id)
        return None if opened is None else opened.decode()
