"""What people agreed to, with the exact words they were shown. Append-only."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select

from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import consents

if TYPE_CHECKING:
    from storage.people import Person


@dataclass(frozen=True, slots=True)
class Consent:
    """One decision: `given`, `declined` or `withdrawn`. `text` is None where it was not opened, or is damaged."""

    action: str
    text_version: str
    language: str
    at: datetime
    text: str | None = None


_ADD: Final = insert(consents)
_NUMBER: Final = select(func.coalesce(func.max(consents.c.seq), 0)).where(
    consents.c.person_id == bindparam("person_id")
)
_LATEST: Final = Verified(
    select(consents.c.action, consents.c.text_version, consents.c.language, consents.c.at)
    .where(consents.c.person_id == bindparam("person_id"))
    .order_by(consents.c.seq.desc()),
    consents,
)
_OF: Final = Verified(
    select(
        consents.c.id,
        consents.c.action,
        consents.c.text_version,
        consents.c.language,
        consents.c.at,
        consents.c.text,
    )
    .where(consents.c.person_id == bindparam("person_id"))
    .order_by(consents.c.seq),
    consents,
)


class Consents(Store):
    """The consent decisions of all people."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person: "Person",
        action: str,
        text_version: str,
        language: str,
        text: str,
    ) -> None:
        """Record that a person has `given`, `declined` or `withdrawn` consent to these words."""
        self._execute(
            _ADD,
            {
                "id": id,
                "person_id": person.id,
                "seq": self._execute(_NUMBER, {"person_id": person.id}).scalar() + 1,
                "action": action,
                "text_version": text_version,
                "language": language,
                "text": person.key.seal(text.encode(), "consents", "text", id.hex),
                "at": self._tx.now,
            },
        )

    def latest(self, person_id: UUID) -> Consent | None:
        """Return a person's latest decision, by its number and no clock, without the words."""
        row = self._execute(_LATEST, {"person_id": person_id}).first()
        return row and Consent(*row)

    def of(self, person: "Person") -> list[Consent]:
        """List a person's decisions with the words, the first one first."""
        found = []
        for id_, action, version, language, at, sealed in self._execute(_OF, {"person_id": person.id}):
            text = self._tx.opened(person.key, sealed, "consents", "text", id_.hex, person_id=person.id)
            found.append(Consent(action, version, language, at, None if text is None else text.decode()))
        return found
