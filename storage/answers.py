"""Answers, revision by revision: an edit adds a revision, nothing is overwritten.

Which question one answers is in what is sealed, `path`, line feed, JSON; the column `path` holds its keyed hash, which
is another one in every run (`Vault.path_hash`). Where a path is asked for, such a hash will do.

The database gives each revision a number (`seq`). PostgreSQL gives numbers out before the commit, so a higher number is
certain to come later only within one run, where the lock on the person keeps turns one after the other.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select

from storage.database import upsert
from storage.people import Person
from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import answers

_before = answers.alias("before")
_NEXT: Final = (
    select(func.coalesce(func.max(_before.c.revision), 0) + 1)
    .where(_before.c.run_id == bindparam("of_run"), _before.c.path == bindparam("of_path"))
    .scalar_subquery()
)
# Two inserts at once compute the same revision: the second waits, writes nothing, and computes it again.
_ADD: Final = (
    upsert(answers).values(revision=_NEXT).on_conflict_do_nothing(index_elements=["run_id", "path", "revision"])
)
_OF: Final = Verified(
    select(answers.c.path, answers.c.revision, answers.c.id, answers.c.value)
    .where(answers.c.run_id == bindparam("run_id"))
    .order_by(answers.c.path, answers.c.revision),
    answers,
)
_NUMBERS: Final = (
    select(answers.c.path, func.max(answers.c.seq))
    .where(answers.c.run_id == bindparam("run_id"))
    .group_by(answers.c.path)
)
_HISTORY: Final = Verified(
    select(answers.c.revision, answers.c.id, answers.c.value, answers.c.answered_at)
    .where(answers.c.run_id == bindparam("run_id"), answers.c.path == bindparam("path"))
    .order_by(answers.c.revision),
    answers,
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
    ) -> None:
        """Add an answer as the next revision of its path; the first one is 1."""
        hashed = self._tx.vault.path_hash(run_id, path)
        row = {
            "id": id,
            "run_id": run_id,
            "path": hashed,
            "of_run": run_id,
            "of_path": hashed,
            "person_id": person.id,
            "value": person.key.seal(sealed_with(path, value_json), "answers", "value", id.hex),
            "answered_at": at,
        }
        while not self._execute(_ADD, row).rowcount:
            pass

    def of(self, run_id: UUID, person: Person) -> dict[str, tuple[int, str]]:
        """Return the newest revision of each path of a run as (revision, JSON); a damaged one is left out."""
        newest = {hashed: row for hashed, *row in self._execute(_OF, {"run_id": run_id})}
        found = {}
        for revision, id_, value in newest.values():
            if (opened := self._opened(person, id_, value)) is not None:
                found[opened[0]] = (revision, opened[1])
        return found

    def damaged(self, run_id: UUID, person: Person, paths: Iterable[str]) -> set[str]:
        """Return those of some paths of a run whose newest revision is damaged."""
        newest = {hashed: row for hashed, *row in self._execute(_OF, {"run_id": run_id})}
        lost = {hashed for hashed, (_, id_, value) in newest.items() if self._opened(person, id_, value) is None}
        return {path for path in paths if self._tx.vault.path_hash(run_id, path) in lost} if lost else set()

    def numbers(self, run_id: UUID) -> dict[str, int]:
        """Return the number (`seq`) of the newest revision of each answer of a run, by the hash of its path.

        Call this before loading the answers to show: what is added in between then still counts as unread.
        """
        return dict(self._execute(_NUMBERS, {"run_id": run_id}))

    def drop(self, run_id: UUID, path: str) -> int:
        """Erase every revision of an answer; return how many there were."""
        return self._execute(_DROP, {"run": run_id, "of": self._tx.vault.path_hash(run_id, path)}).rowcount

    def history(self, run_id: UUID, path: str, person: Person) -> list[tuple[int, str, datetime]]:
        """List the undamaged revisions of an answer as (revision, JSON, moment), the first one first."""
        of = {"run_id": run_id, "path": self._tx.vault.path_hash(run_id, path)}
        return [
            (revision, opened[1], at)
            for revision, id_, value, at in self._execute(_HISTORY, of)
            if (opened := self._opened(person, id_, value)) is not None
        ]

    def _opened(self, person: Person, id_: UUID, value: bytes) -> tuple[str, str] | None:
        """Open a value as (path, JSON)."""
        opened = self._tx.opened(person.key, value, "answers", "value", id_.hex, person_id=person.id)
        if opened is None:
            return None
        path, _, value_json = opened.decode().partition("\n")
        return path, value_json


def sealed_with(path: str, value_json: str) -> bytes:
    """Return what is sealed: the question's path, and the JSON."""
    return f"{path}\n{value_json}".encode()
