"""People, each born together with her key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Update, bindparam, insert, select, update

from storage.addresses import address_lookup
from storage.store import Store, Transaction, from_json, to_json
from storage.tables import addresses, dialog_versions, memberships, people, person_addresses, person_keys, runs
from storage.vault import DataKey


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who is known here, with the key that opens what is hers.

    Attributes:
        id: hers for good.
        key: opens and seals her rows.
        pseudonym: what the team and every export calls her.
        nickname: what she wants to be called, in her own words.
        language: her language's tag, or None when she has not chosen.
        zone: her IANA zone, or None (then the cohort's, then the organisation's).
        participation: a state of the participation machine.
        practice: not counted, not exported, not broadcast to.
        preferences: whatever else she chose, and what features keep about her, by name; see `People.prefer`.
        address_id: the address she was found at, or her best one (reachable first, one that rings before the web,
            then the newest).
        messenger: that address's messenger.
        chat: that address in the messenger's own terms.
    """

    id: UUID
    key: DataKey
    pseudonym: str
    nickname: str | None
    language: str | None
    zone: str | None
    participation: str
    practice: bool
    preferences: dict[str, Any]
    address_id: UUID | None
    messenger: str | None
    chat: str | None


_PERSON: Final = (
    people.c.id,
    person_keys.c.wrapped,
    people.c.nickname,
    people.c.preferences,
    people.c.language,
    people.c.zone,
    people.c.participation,
    people.c.practice,
)
_ADDRESS: Final = (addresses.c.id, addresses.c.messenger, person_addresses.c.target)
BEST_FIRST: Final = (
    addresses.c.unreachable_since.is_not(None),
    # Nothing rings in a browser: whoever has another address is told there.
    addresses.c.messenger == "web",
    person_addresses.c.linked_at.desc(),
)
_WITH_KEY: Final = people.join(person_keys, person_keys.c.person_id == people.c.id)

_ADD: Final = insert(people)
_ADD_KEY: Final = insert(person_keys)
_AT: Final = (
    select(*_PERSON, *_ADDRESS)
    .select_from(
        addresses.join(person_addresses, person_addresses.c.address_id == addresses.c.id)
        .join(people, people.c.id == person_addresses.c.person_id)
        .join(person_keys, person_keys.c.person_id == people.c.id)
    )
    .where(
        addresses.c.messenger == bindparam("messenger"),
        addresses.c.lookup == bindparam("lookup"),
        person_addresses.c.current.is_(True),
    )
)
_GET: Final = (
    select(*_PERSON, *_ADDRESS)
    .select_from(
        _WITH_KEY.outerjoin(
            person_addresses, (person_addresses.c.person_id == people.c.id) & person_addresses.c.current.is_(True)
        ).outerjoin(addresses, addresses.c.id == person_addresses.c.address_id)
    )
    .where(people.c.id == bindparam("person_id"))
    .order_by(*BEST_FIRST)
    .limit(1)
)
_ALL: Final = select(*_PERSON).select_from(_WITH_KEY).order_by(people.c.created_at, people.c.id)
_OF_COHORT: Final = _ALL.join(memberships, memberships.c.person_id == people.c.id).where(
    memberships.c.cohort_id == bindparam("cohort_id"), memberships.c.left_at.is_(None)
)
_KEYLESS: Final = (
    select(people.c.id)
    .outerjoin(person_keys, person_keys.c.person_id == people.c.id)
    .where(person_keys.c.person_id.is_(None))
)
_PAUSED: Final = select(people.c.id).where(people.c.participation == "paused").order_by(people.c.id)
_REACHABLE: Final = (
    select(people.c.id)
    .where(people.c.id.in_(select(person_addresses.c.person_id)), people.c.participation != "unreachable")
    .order_by(people.c.id)
)
# Those who were asked are gathered once, by the versions of the dialog, and not looked for person by person.
_NEVER_ASKED: Final = (
    select(people.c.id)
    .where(
        people.c.participation == "active",
        people.c.id.not_in(
            select(runs.c.person_id).where(
                runs.c.dialog_hash.in_(
                    select(dialog_versions.c.hash).where(dialog_versions.c.name == bindparam("dialog"))
                )
            )
        ),
    )
    .order_by(people.c.id)
)
_CHANGEABLE: Final = ("nickname", "language", "zone", "participation")
_HER_PREFERENCES: Final = (
    select(people.c.preferences).where(people.c.id == bindparam("person_id")).with_for_update(key_share=True)
)
_PREFER: Final = (
    update(people).where(people.c.id == bindparam("person_id")).values(preferences=bindparam("preferences"))
)


@cache
def _change(names: tuple[str, ...]) -> Update:
    return update(people).where(people.c.id == bindparam("person_id")).values({name: bindparam(name) for name in names})


class People(Store):
    """The people. Whoever's key is gone is no longer anyone here: she is not found."""

    __slots__ = ()

    def create(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        now: datetime,
        participation: str = "invited",
        language: str | None = None,
        *,
        practice: bool = False,
    ) -> Person:
        """Add a person and her key, in this transaction."""
        key = self._tx.vault.new_key()
        self._execute(
            _ADD,
            {
                "id": id,
                "participation": participation,
                "language": language,
                "practice": practice,
                "created_at": now,
            },
        )
        wrapped = self._tx.vault.wrap(key, key_owner(id))
        self._execute(_ADD_KEY, {"person_id": id, "wrapped": wrapped, "created_at": now})
        pseudonym = self._tx.vault.pseudonym(id)
        return Person(id, key, pseudonym, None, language, None, participation, practice, {}, None, None, None)

    def get(self, id: UUID) -> Person | None:  # noqa: A002 -- the column's own name
        """Find a person by id, with her best address."""
        row = self._execute(_GET, {"person_id": id}).first()
        return row and _person(self._tx, row)

    def known(self, id: UUID) -> Person:  # noqa: A002 -- the column's own name
        """Find a person who has to be here; raises LookupError when she is not."""
        person = self.get(id)
        if person is None:
            raise LookupError(f"no person {id}")
        return person

    def at(self, messenger: str, chat: str) -> Person | None:
        """Find who speaks at an address."""
        lookup = address_lookup(self._tx.vault, messenger, chat)
        row = self._execute(_AT, {"messenger": messenger, "lookup": lookup}).first()
        return row and _person(self._tx, row)

    def list(self, cohort_id: UUID | None = None) -> list[Person]:
        """List everyone, or a cohort's present members, in the order they came; without addresses."""
        rows = self._execute(_OF_COHORT, {"cohort_id": cohort_id}) if cohort_id else self._execute(_ALL)
        return [_person(self._tx, (*row, None, None, None)) for row in rows]

    def keyless(self) -> Sequence[UUID]:
        """List those whose rows are here and whose key is not: erased ones that an older backup brought back."""
        return self._execute(_KEYLESS).scalars()

    def paused(self) -> Sequence[UUID]:
        """List those who paused."""
        return self._execute(_PAUSED).scalars()

    def reachable(self) -> Sequence[UUID]:
        """List those who have an address that is not known to be shut."""
        return self._execute(_REACHABLE).scalars()

    def never_asked(self, dialog: str) -> Sequence[UUID]:
        """List active people who have not had one run of a dialog, whichever version."""
        return self._execute(_NEVER_ASKED, {"dialog": dialog}).scalars()

    def change(self, person: Person, **fields: Any) -> Person:
        """Change nickname, language, zone or participation, and give the changed person."""
        if unknown := fields.keys() - set(_CHANGEABLE):
            raise TypeError(f"a person has no {', '.join(sorted(unknown))} to change")
        if not fields:
            return person
        stored = dict(fields)
        row = person.id.hex
        if (nickname := fields.get("nickname")) is not None:
            stored["nickname"] = person.key.seal(nickname.encode(), "people", "nickname", row)
        self._execute(_change(tuple(sorted(stored))), {**stored, "person_id": person.id})
        return replace(person, **fields)

    def prefer(self, person: Person, **changes: Any) -> Person:
        """Change preferences by name, and give the person with all of them as they are now.

        Only what is named is written, whatever else was changed since `person` was read. None takes a preference
        away; a function is given what is kept under its name (None: nothing), and returns what is to be kept.
        """
        row = person.id.hex
        sealed = self._execute(_HER_PREFERENCES, {"person_id": person.id}).scalar()
        kept = {} if sealed is None else from_json(person.key.open(sealed, "people", "preferences", row))
        made = {name: wish(kept.get(name)) if callable(wish) else wish for name, wish in changes.items()}
        wanted = {name: value for name, value in {**kept, **made}.items() if value is not None}
        if wanted != kept:
            written = person.key.seal(to_json(wanted), "people", "preferences", row)
            self._execute(_PREFER, {"person_id": person.id, "preferences": written})
        return replace(person, preferences=wanted)


def key_owner(person_id: UUID) -> str:
    """Name the owner a person's key is wrapped for."""
    return f"person {person_id.hex}"


def _person(tx: Transaction, row: Sequence[Any]) -> Person:
    (id_, wrapped, nickname, preferences, language, zone, participation, practice, *address) = row
    address_id, messenger, target = address
    key = tx.vault.unwrap(wrapped, key_owner(id_))
    return Person(
        id_,
        key,
        tx.vault.pseudonym(id_),
        None if nickname is None else key.open(nickname, "people", "nickname", id_.hex).decode(),
        language,
        zone,
        participation,
        practice,
        {} if preferences is None else from_json(key.open(preferences, "people", "preferences", id_.hex)),
        address_id,
        messenger,
        None if target is None else key.open(target, "person_addresses", "target", address_id.hex).decode(),
    )
