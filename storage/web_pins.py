"""PINs: what a person chose to lock the web chat with, and the tries on each way in since one was last right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select, update

from storage.damage import Damaged
from storage.database import insert_new, upsert
from storage.sealed_statements import Change, Verified
from storage.store import Store, from_json, to_json
from storage.tables import people, pin_tries, web_pins

if TYPE_CHECKING:
    from storage.people import Person

PHONE, LINK, NICKNAME = "phone", "link", "nickname"
"""The ways in on which a PIN is asked for: a browser that has the chat, a personal link, a nickname in any browser."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A chosen PIN: its kind (`digits`, `pictures`), and its salted hash."""

    kind: str
    salt: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class PinTries:
    """The tries on one way in since one was right; `shut_at`: no try counts until one of the team opens it again."""

    wrong: int = 0
    wait_until: datetime | None = None
    shut_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShutWay:
    """A way in that was shut, whose it is, and since when."""

    person_id: UUID
    way: str
    shut_at: datetime


_GET: Final = select(web_pins.c.pin).where(web_pins.c.person_id == bindparam("person_id"))
# A PIN is also told by its person's own row, so that whoever deletes the one opens nothing.
_EXISTS: Final = Verified(
    select(people.c.locked, web_pins.c.person_id)
    .select_from(people.outerjoin(web_pins, web_pins.c.person_id == people.c.id))
    .where(people.c.id == bindparam("person_id")),
    people,
    told=True,
)
_LOCKED: Final = Change(people, people.c.id == bindparam("person"), locked=bindparam("chosen"))
_INSERT: Final = upsert(web_pins)
_CHOOSE: Final = _INSERT.on_conflict_do_update(
    index_elements=["person_id"], set_={name: _INSERT.excluded[name] for name in ("pin", "chosen_at")}
)
_THIS: Final = (pin_tries.c.person_id == bindparam("person"), pin_tries.c.way == bindparam("on_way"))
_BEGIN: Final = insert_new(pin_tries)
_TRY: Final = (
    update(pin_tries)
    .where(
        *_THIS,
        pin_tries.c.shut_at.is_(None),
        or_(pin_tries.c.wait_until.is_(None), pin_tries.c.wait_until <= bindparam("now")),
    )
    .values(wrong=pin_tries.c.wrong + 1)
    .returning(pin_tries.c.wrong)
)
_TRIES: Final = select(pin_tries.c.wrong, pin_tries.c.wait_until, pin_tries.c.shut_at).where(
    pin_tries.c.person_id == bindparam("person_id"), pin_tries.c.way == bindparam("way")
)
_WAIT: Final = update(pin_tries).where(*_THIS).values(wait_until=bindparam("until"))
_SHUT: Final = update(pin_tries).where(*_THIS).values(shut_at=bindparam("at"))
_RESET: Final = delete(pin_tries).where(*_THIS)
_REOPEN: Final = delete(pin_tries).where(*_THIS, pin_tries.c.shut_at.is_not(None))
_FORGET: Final = delete(pin_tries).where(pin_tries.c.person_id == bindparam("person"))
_FORGET_OPEN: Final = _FORGET.where(pin_tries.c.shut_at.is_(None))
_SHUT_WAYS: Final = (
    select(pin_tries.c.person_id, pin_tries.c.way, pin_tries.c.shut_at)
    .where(pin_tries.c.shut_at.is_not(None))
    .order_by(pin_tries.c.shut_at, pin_tries.c.person_id, pin_tries.c.way)
)
_DELETE: Final = delete(web_pins).where(web_pins.c.person_id == bindparam("person"))


class WebPins(Store):
    """The PINs, sealed with their owners' keys, and the tries."""

    __slots__ = ()

    def exists(self, person_id: UUID) -> bool:
        """Return whether a person has chosen a PIN."""
        found = self._execute(_EXISTS, {"person_id": person_id}).first()
        return found is not None and (found[0] or found[1] is not None or not found[2])

    def get(self, person: "Person") -> Pin | None:
        """Return a person's PIN, or None; where it is damaged or gone, one that nothing typed can match."""
        row = self._execute(_GET, {"person_id": person.id}).first()
        if row is None:
            if not self.exists(person.id):
                return None
            self._tx.damage.note(Damaged("web_pins", "pin", person.id.hex, person.id))
            return Pin("digits", b"", b"")
        opened = self._tx.opened(person.key, row[0], "web_pins", "pin", person.id.hex, person_id=person.id)
        if opened is None:
            # The chat stays locked, and what to do is the same as for a forgotten PIN.
            return Pin("digits", b"", b"")
        kept = from_json(opened)
        return Pin(kept["kind"], bytes.fromhex(kept["salt"]), bytes.fromhex(kept["hash"]))

    def choose(self, person: "Person", kind: str, salt: bytes, hash: bytes) -> None:  # noqa: A002 -- what it is
        """Set or change a person's PIN; ways in that were shut stay so."""
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
        self._execute(_LOCKED, {"person": person.id, "chosen": True})
        self._execute(_FORGET_OPEN, {"person": person.id})

    def count_try(self, person_id: UUID, way: str) -> int | None:
        """Count a try on a way in before checking it, and return the count.

        None while one has to wait, where the way is shut, or without a PIN.
        """
        if not self.exists(person_id):
            return None
        self._execute(_BEGIN, {"person_id": person_id, "way": way, "wrong": 0, "wait_until": None, "shut_at": None})
        tried: int | None = self._execute(_TRY, {"person": person_id, "on_way": way, "now": self._tx.now}).scalar()
        return tried

    def tries(self, person_id: UUID, way: str) -> PinTries:
        """Return the tries on a way in since one was right."""
        row = self._execute(_TRIES, {"person_id": person_id, "way": way}).first()
        return PinTries(*row) if row else PinTries()

    def wait(self, person_id: UUID, way: str, until: datetime | None) -> None:
        """Allow no try on a way in before this moment."""
        self._execute(_WAIT, {"person": person_id, "on_way": way, "until": until})

    def shut(self, person_id: UUID, way: str) -> None:
        """Allow no try on a way in any more, until `reopen`."""
        self._execute(_SHUT, {"person": person_id, "on_way": way, "at": self._tx.now})

    def reset_tries(self, person_id: UUID, way: str) -> None:
        """Forget the tries on a way in: one was right."""
        self._execute(_RESET, {"person": person_id, "on_way": way})

    def shut_ways(self) -> Sequence[ShutWay]:
        """List the ways in that are shut, the longest first."""
        return [ShutWay(*row) for row in self._execute(_SHUT_WAYS)]

    def reopen(self, person_id: UUID, way: str) -> bool:
        """Open a way in again, with no try counted; return False if it was not shut."""
        return self._execute(_REOPEN, {"person": person_id, "on_way": way}).rowcount > 0

    def delete(self, person_id: UUID) -> None:
        """Delete a person's PIN and all tries."""
        self._execute(_DELETE, {"person": person_id})
        self._execute(_LOCKED, {"person": person_id, "chosen": False})
        self._execute(_FORGET, {"person": person_id})
