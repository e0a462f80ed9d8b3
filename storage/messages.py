"""What passes between a leader and the team outside any dialog."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, or_, select, true, update

from storage.people import Person, key_owner
from storage.store import Store
from storage.tables import messages, person_keys


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `held`, `to_team` or `from_team`. Somebody takes it, answers, and closes it."""

    id: UUID
    person_id: UUID
    cohort_id: UUID | None
    direction: str
    body: str
    at: datetime
    written_by: UUID | None
    taken_by: UUID | None
    taken_at: datetime | None
    closed_at: datetime | None


_ADD: Final = insert(messages)
_ALL: Final = (
    select(
        messages.c.id,
        messages.c.person_id,
        messages.c.cohort_id,
        messages.c.direction,
        messages.c.body,
        messages.c.at,
        messages.c.written_by,
        messages.c.taken_by,
        messages.c.taken_at,
        messages.c.closed_at,
        person_keys.c.wrapped,
    )
    .join(person_keys, person_keys.c.person_id == messages.c.person_id)
    .order_by(messages.c.at, messages.c.id)
)
_GET: Final = _ALL.where(messages.c.id == bindparam("id"))
_OF: Final = _ALL.where(messages.c.person_id == bindparam("person_id")).limit(bindparam("limit"))
_WAITING: Final = _ALL.where(messages.c.direction == "to_team", messages.c.closed_at.is_(None)).limit(
    bindparam("limit")
)
_WAITING_IN: Final = _WAITING.where(
    or_(
        messages.c.cohort_id.in_(bindparam("cohorts", expanding=True)),
        bindparam("nowhere", type_=true().type) & messages.c.cohort_id.is_(None),
    )
)
_TAKE: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.taken_by.is_(None))
    .values(taken_by=bindparam("by"), taken_at=bindparam("now"))
)
_CLOSE: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"))
)

_PASS_ON: Final = (
    update(messages)
    .where(
        messages.c.id == bindparam("message"),
        messages.c.person_id == bindparam("person"),
        messages.c.direction == "held",
    )
    .values(direction="to_team", at=bindparam("now"))
)
_DROP: Final = delete(messages).where(
    messages.c.id == bindparam("message"),
    messages.c.person_id == bindparam("person"),
    messages.c.direction == "held",
)
_DROP_OLD: Final = delete(messages).where(messages.c.direction == "held", messages.c.at < bindparam("before"))


class Messages(Store):
    """The messages, sealed with the leader's key in both directions."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person: Person,
        direction: str,
        body: str,
        at: datetime,
        cohort_id: UUID | None = None,
        written_by: UUID | None = None,
    ) -> None:
        """Keep a message `held`, `to_team` or `from_team`; `written_by` is the facilitator who wrote the latter."""
        self._execute(
            _ADD,
            {
                "id": id,
                "person_id": person.id,
                "cohort_id": cohort_id,
                "direction": direction,
                "body": person.key.seal(body.encode(), "messages", "body", id.hex),
                "at": at,
                "written_by": written_by,
            },
        )

    def get(self, id: UUID) -> Message | None:  # noqa: A002 -- the column's own name
        """Find a message."""
        row = self._execute(_GET, {"id": id}).first()
        return row and self._message(row)

    def of(self, person_id: UUID, limit: int = 200) -> list[Message]:
        """List what passed between a person and the team, the oldest first."""
        return self._list(_OF, {"person_id": person_id, "limit": limit})

    def take(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Let a facilitator take a message upon herself; False when somebody has."""
        return self._execute(_TAKE, {"message": id, "by": by, "now": self._tx.now}).rowcount > 0

    def close(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Note that nothing more is to be done about a message; False when it was closed before."""
        return self._execute(_CLOSE, {"message": id, "now": self._tx.now}).rowcount > 0

    def pass_on(self, id: UUID, person_id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Hand a held message to the team, as of now; False when it is no longer held."""
        row = {"message": id, "person": person_id, "now": self._tx.now}
        return self._execute(_PASS_ON, row).rowcount > 0

    def drop(self, id: UUID, person_id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Erase a held message; False when it is no longer held."""
        return self._execute(_DROP, {"message": id, "person": person_id}).rowcount > 0

    def drop_held(self, before: datetime) -> int:
        """Erase messages held since before a moment: nobody said where they should go."""
        return self._execute(_DROP_OLD, {"before": before}).rowcount

    def _list(self, statement: Any, parameters: dict[str, Any]) -> list[Message]:
        return [self._message(row) for row in self._execute(statement, parameters)]

    def list(
        self, cohort_ids: Collection[UUID] | None = None, limit: int = 50, *, without_cohort: bool = False
    ) -> list[Message]:
        """List what waits for the team, the longest waiting first.

        Args:
            cohort_ids: from these cohorts; None: from anywhere.
            limit: how many at most.
            without_cohort: also from people who are in no cohort.
        """
        if cohort_ids is None:
            return self._list(_WAITING, {"limit": limit})
        parameters = {"cohorts": [*cohort_ids], "nowhere": without_cohort, "limit": limit}
        return [self._message(row) for row in self._tx.connection.execute(_WAITING_IN, parameters)]

    def _message(self, row: Sequence[Any]) -> Message:
        id_, person_id, cohort_id, direction, sealed, *rest, wrapped = row
        key = self._tx.vault.unwrap(wrapped, key_owner(person_id))
        body = key.open(sealed, "messages", "body", id_.hex).decode()
        return Message(id_, person_id, cohort_id, direction, body, *rest)
