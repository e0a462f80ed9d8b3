"""PINs: what a person chose to lock the web chat with, and the tries since it was last right."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select, update

from storage.database import upsert
from storage.store import Store, from_json, to_json
from storage.tables import web_pins

if TYPE_CHECKING:
    from storage.people import Person


@dataclass(frozen=True, slots=True)
class Pin:
    """A chosen PIN: its kind (`digits`, `pictures`), salted hash, and the tries since it was last right."""

    kind: str
    salt: bytes
    hash: bytes
    wrong: int
    wait_until: datetime | None


_GET: Final = select(web_pins.c.pin, web_pins.c.wrong, web_pins.c.wait_until).where(
    web_pins.c.person_id == bindparam("person_id")
)
_EXISTS: Final = select(web_pins.c.person_id).where(web_pins.c.person_id == bindparam("person_id"))
_INSERT: Final = upsert(web_pins)
_CHOOSE: Final = _INSERT.on_conflict_do_update(
    index_elements=["person_id"],
    set_={name: _INSERT.excluded[name] for name in ("pin", "wrong", "wait_until", "chosen_at")},
)
_TRY: Final = (
    update(web_pins)
    .where(
        web_pins.c.person_id == bindparam("person"),
        or_(web_pins.c.wait_until.is_(None), web_pins.c.wait_until <= bindparam("now")),
    )
    .values(wrong=web_pins.c.wrong + 1)
    .returning(web_pins.c.wrong)
)
_WAIT: Final = update(web_pins).where(web_pins.c.person_id == bindparam("person")).values(wait_until=bindparam("until"))
_RESET: Final = update(web_pins).where(web_pins.c.person_id == bindparam("person")).values(wrong=0, wait_until=None)
_DELETE: Final = delete(web_pins).where(web_pins.c.person_id == bindparam("person"))


class WebPins(Store):
    """The PINs, sealed with their owners' keys."""

    __slots__ = ()

    def exists(self, person_id: UUID) -> bool:
        """Return whether a person has chosen a PIN."""
        return self._execute(_EXISTS, {"person_id": person_id}).first() is not None

    def get(self, person: "Person") -> Pin | None:
        """Return a person's PIN, or None; where it is damaged, one that nothing typed can match."""
        row = self._execute(_GET, {"person_id": person.id}).first()
        if row is None:
            return None
        sealed, wrong, wait_until = row
        opened = self._tx.opened(person.key, sealed, "web_pins", "pin", person.id.hex, person_id=person.id)
        if opened is None:
            # The chat stays locked, and what to do is the same as for a forgotten PIN.
            return Pin("digits", b"", b"", wrong, wait_until)
        kept = from_json(opened)
        return Pin(kept["kind"], bytes.fromhex(kept["salt"]), bytes.fromhex(kept["hash"]), wrong, wait_until)

    def choose(self, person: "Person", kind: str, salt: bytes, hash: bytes) -> None:  # noqa: A002 -- what it is
        """Set or change a person's PIN."""
        kept = to_json({"kind": kind, "salt": salt.hex(), "hash": hash.hex()})
        self._execute(
            _CHOOSE,
            {
                "person_id": person.id,
                "pin": person.key.seal(kept, "web_pins", "pin", person.id.hex),
                "wrong": 0,
                "wait_until": None,
                "chosen_at": self._tx.now,
            },
        )

    def count_try(self, person_id: UUID) -> int | None:
        """Count a try before checking it; return the count, or None while the person has to wait or has no PIN."""
        tried: int | None = self._execute(_TRY, {"person": person_id, "now": self._tx.now}).scalar()
        return tried

    def wait(self, person_id: UUID, until: datetime | None) -> None:
        """Allow no try before this moment."""
        self._execute(_WAIT, {"person": person_id, "until": until})

    def reset_tries(self, person_id: UUID) -> None:
        """Reset the count of tries: one was right."""
        self._execute(_RESET, {"person": person_id})

    def delete(self, person_id: UUID) -> None:
        """Delete a person's PIN."""
        self._execute(_DELETE, {"person": person_id})
