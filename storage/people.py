"""People, each created together with a key of their own."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Update, bindparam, insert, select, update

from dialogs.value_class import value_class
from storage.addresses import address_lookup
from storage.person_queries import ALL, ASKED_IN, AT, GET, OF_COHORT, WITH_KEY
from storage.seal_rules import sealed_columns
from storage.sealed_statements import Change
from storage.store import LOST, Met, Store, Transaction, from_json, to_json
from storage.tables import memberships, people, person_addresses, person_keys
from storage.vault import DataKey, DecryptionError, Vault

ZONE: Final = "zone"
"""The preference by which a person has a zone of their own: sealed, as it says where they live."""


@value_class
class Person:
    """Someone known here, with the key that opens what is theirs.

    Attributes:
        id: never changes.
        key: opens and seals the person's rows.
        pseudonym: the name the team and every export use.
        nickname: what they want to be called.
        language: tag of their language, or None if they have not chosen one.
        participation: a state of the participation machine.
        practice: not counted, not exported, not broadcast to.
        preferences: other choices, and what features store about them, by name; see `People.prefer`.
        address_id: the address they were found at, or their best one (reachable first, then any before the web, then
            the newest).
        messenger: that address's messenger.
        chat: that address in the messenger's own terms.
        damaged: what does not open any more and is treated as never given: `nickname`, `preferences`, `chat`, or `key`
            if nothing of theirs opens.
    """

    id: UUID
    key: DataKey
    pseudonym: str
    nickname: str | None
    language: str | None
    participation: str
    practice: bool
    preferences: dict[str, Any]
    address_id: UUID | None
    messenger: str | None
    chat: str | None
    damaged: frozenset[str] = frozenset()

    @property
    def zone(self) -> str | None:
        """The IANA zone they chose, or None (then the cohort's, then the organisation's)."""
        return self.preferences.get(ZONE)

    @property
    def display_name(self) -> str:
        """What the person is called on screen: the nickname, else the pseudonym."""
        return self.nickname or self.pseudonym

    @property
    def lost(self) -> bool:
        """Whether the key is damaged: only the pseudonym is known, and nothing can be said to the person."""
        return "key" in self.damaged


_ADD: Final = insert(people)
_ADD_KEY: Final = insert(person_keys)
_KEYLESS: Final = (
    select(people.c.id)
    .outerjoin(person_keys, person_keys.c.person_id == people.c.id)
    .where(person_keys.c.person_id.is_(None))
)
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The `look_at` of a person for whom something may be due at once, wherever the clock is put."""
_DUE: Final = (
    select(people.c.id)
    .where(people.c.look_at.is_not(None), people.c.look_at <= bindparam("now"))
    .order_by(people.c.look_at, people.c.id)
)
_LOOK: Final = update(people).where(people.c.id == bindparam("person_id")).values(look_at=bindparam("at"))
_LOOK_AGAIN: Final = update(people).where(people.c.look_at.is_not(None)).values(look_at=bindparam("at"))
_LOOK_AGAIN_IN: Final = _LOOK_AGAIN.where(
    people.c.id.in_(
        select(memberships.c.person_id).where(
            memberships.c.cohort_id == bindparam("cohort_id"), memberships.c.left_at.is_(None)
        )
    )
)
_LOOK_SOON: Final = _LOOK_AGAIN.where(people.c.id == bindparam("person_id"))
_PRESENT_MEMBERSHIPS: Final = select(memberships.c.id, memberships.c.cohort_id).where(
    memberships.c.person_id == bindparam("person_id"), memberships.c.left_at.is_(None)
)
_UNKNOWN: Final = _PRESENT_MEMBERSHIPS.where(memberships.c.nickname_lookup.is_(None))
_CALL: Final = (
    update(memberships).where(memberships.c.id == bindparam("membership")).values(nickname_lookup=bindparam("lookup"))
)
_CALLED: Final = (
    select(memberships.c.id)
    .where(
        memberships.c.cohort_id == bindparam("cohort_id"),
        memberships.c.left_at.is_(None),
        memberships.c.nickname_lookup == bindparam("lookup"),
        memberships.c.person_id != bindparam("person_id"),
    )
    .limit(1)
)
_UNKNOWN_NAMES: Final = (
    select(people.c.id, person_keys.c.wrapped, people.c.nickname)
    .select_from(WITH_KEY.join(memberships, memberships.c.person_id == people.c.id))
    .where(
        memberships.c.cohort_id == bindparam("cohort_id"),
        memberships.c.left_at.is_(None),
        memberships.c.nickname_lookup.is_(None),
        people.c.nickname.is_not(None),
        people.c.id != bindparam("person_id"),
    )
)
_UNDER_SEAL: Final = frozenset(column.name for column in sealed_columns(people))
_CHANGEABLE: Final = ("nickname", "language", "participation")
_PREFERENCES: Final = (
    select(people.c.preferences).where(people.c.id == bindparam("person_id")).with_for_update(key_share=True)
)
_PREFER: Final = (
    update(people)
    .where(people.c.id == bindparam("person_id"))
    .values(preferences=bindparam("preferences"), look_at=bindparam("at"))
)
_RESEAL: Final = (
    update(person_addresses)
    .where(person_addresses.c.person_id == bindparam("person"), person_addresses.c.address_id == bindparam("at"))
    .values(target=bindparam("target"))
)


@cache
def _change(names: tuple[str, ...]) -> Update | Change:
    who = people.c.id == bindparam("person_id")
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    if _UNDER_SEAL.isdisjoint(names):
        return update(people).where(who).values(values)
    return Change(people, who, **values)


class People(Store):
    """The people. A person whose key is gone is not found any more.

    Attributes:
        changes: how often somebody was changed in this transaction, so that what was read before is known to be old.
    """

    __slots__ = ("changes",)

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx)
        self.changes = 0

    def create(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        now: datetime,
        participation: str = "invited",
        language: str | None = None,
        *,
        practice: bool = False,
    ) -> Person:
        """Add a person and their key, in this transaction."""
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
        wrapped = self._tx.wrap(key, key_owner(id))
        self._execute(_ADD_KEY, {"person_id": id, "wrapped": wrapped, "created_at": now})
        pseudonym = self._tx.vault.pseudonym(id)
        return Person(id, key, pseudonym, None, language, participation, practice, {}, None, None, None)

    def get(self, id: UUID) -> Person | None:  # noqa: A002 -- the column's own name
        """Return a person by id with their best address that is not damaged, or None."""
        found: Person | None = None
        for *row, sound, linked, placed in self._execute(GET, {"person_id": id}):
            person = _person(self._tx, row if linked and placed else (*row[:-3], None, None, None), sealed=sound)
            if person.lost or (person.chat is not None and "chat" not in person.damaged):
                return person
            found = found or person
        return found

    def known(self, id: UUID) -> Person:  # noqa: A002 -- the column's own name
        """Return a person who has to exist; raise LookupError otherwise."""
        person = self.get(id)
        if person is None:
            raise LookupError(f"no person {id}")
        return person

    def at(self, messenger: str, chat: str) -> Person | None:
        """Return who speaks at an address; None where their key is damaged (see `lost_at`)."""
        person = self._at(messenger, chat)
        return None if person is None or person.lost else person

    def lost_at(self, messenger: str, chat: str) -> Person | None:
        """Return who speaks at an address if their key is damaged, so that nothing of theirs opens."""
        person = self._at(messenger, chat)
        return person if person is not None and person.lost else None

    def _at(self, messenger: str, chat: str) -> Person | None:
        lookup = address_lookup(self._tx.vault, messenger, chat)
        person = self._speaker(messenger, lookup)
        if person is None:
            return None
        if "chat" in person.damaged and not person.lost and person.address_id is not None:
            # The address they write from is known, so it is sealed again.
            if self._tx.writing:
                target = person.key.seal(chat.encode(), "person_addresses", "target", person.address_id.hex)
                self._execute(_RESEAL, {"person": person.id, "at": person.address_id, "target": target})
            person = replace(person, chat=chat, damaged=person.damaged - {"chat"})
        return person

    def at_lookup(self, messenger: str, lookup: bytes) -> Person | None:
        """Return who speaks at an address given by its keyed hash; None where their key is damaged."""
        person = self._speaker(messenger, lookup)
        return None if person is None or person.lost else person

    def _speaker(self, messenger: str, lookup: bytes) -> Person | None:
        """Return who speaks at an address by rows whose seals fit; nothing opens of whose own row does not."""
        row = self._execute(AT, {"messenger": messenger, "lookup": lookup}).first()
        if row is None:
            return None
        *found, sound, linked, placed = row
        return _person(self._tx, found, sealed=sound) if linked and placed else None

    def list(self, cohort_id: UUID | None = None) -> list[Person]:
        """List everyone, or a cohort's present members, in the order they were added; without addresses."""
        if cohort_id is None:
            rows = [(row, sound) for *row, sound in self._execute(ALL)]
        else:
            members = self._execute(OF_COHORT, {"cohort_id": cohort_id})
            rows = [(row, sound) for *row, sound, member in members if member]
        return [_person(self._tx, (*row, None, None, None), sealed=sound) for row, sound in rows]

    def each(self) -> Iterator[Person]:
        """Give everyone, as `list` does, keeping nobody: of a national network's people not all fit into memory."""
        before = {*self._tx.met}
        with self._tx.connection.execute(ALL.whole, execution_options={"yield_per": 200}) as found:
            for *row, sound in (row for batch in found.partitions() for row in self._tx.run.sound(ALL, batch)):
                yield _person(self._tx, (*row, None, None, None), sealed=sound)
                if row[0] not in before:
                    self._tx.met.pop(row[0], None)

    def asked_in(self, cohort_id: UUID) -> Sequence[Person]:
        """List whoever has a run in a cohort, a member by now or not, as `list` does."""
        rows = self._execute(ASKED_IN, {"cohort_id": cohort_id})
        return [_person(self._tx, (*row, None, None, None), sealed=sound) for *row, sound in rows]

    def keyless(self) -> Sequence[UUID]:
        """List people who have no key: they were erased, and an older backup brought them back."""
        return self._execute(_KEYLESS).scalars()

    def due(self, now: datetime) -> Sequence[UUID]:
        """List those for whom something may be due, the longest waiting first; see `look`."""
        return self._execute(_DUE, {"now": now}).scalars()

    def look(self, id: UUID, at: datetime | None) -> None:  # noqa: A002 -- the column's own name
        """Set when to check again what is due for a person; None means not until something about them changes.

        A change of participation, preferences, roles or cohorts sets the moment to `LONG_AGO`, as it may be due
        earlier.
        """
        self._execute(_LOOK, {"person_id": id, "at": at})

    def look_again(self, cohort_id: UUID | None = None) -> None:
        """Check everyone (of a cohort) with a moment set at once: what the moments were computed from has changed."""
        if cohort_id is None:
            self._execute(_LOOK_AGAIN, {"at": LONG_AGO})
        else:
            self._execute(_LOOK_AGAIN_IN, {"at": LONG_AGO, "cohort_id": cohort_id})

    def moved(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Update what depends on a person's cohorts: when to check what is due, and the nickname lookup in each."""
        self.changes += 1
        self._execute(_LOOK_SOON, {"person_id": id, "at": LONG_AGO})
        if (person := self.get(id)) is not None:
            self._call(person, _PRESENT_MEMBERSHIPS)

    def free(self, names: Iterable[str], cohort_ids: Collection[UUID], but: UUID) -> Iterator[str]:
        """Yield those names that no other present member of the cohorts has, compared by `plain_name`.

        `but` is the person who is left out of the comparison.
        """
        unknown = {plain_name(name) for cohort_id in cohort_ids for name in self._unknown(cohort_id, but)}
        for name in names:
            if plain_name(name) not in unknown and not any(self._called(name, each, but) for each in cohort_ids):
                yield name

    def _called(self, name: str, cohort_id: UUID, but: UUID) -> bool:
        lookup = name_lookup(self._tx.vault, cohort_id, name)
        parameters = {"cohort_id": cohort_id, "person_id": but, "lookup": lookup}
        return self._execute(_CALLED, parameters).first() is not None

    def _unknown(self, cohort_id: UUID, but: UUID) -> Iterator[str]:
        """Yield nicknames of members who have no nickname lookup yet, because they came before it existed."""
        for id_, wrapped, nickname in self._execute(_UNKNOWN_NAMES, {"cohort_id": cohort_id, "person_id": but}):
            key = self._tx.unwrapped(wrapped, key_owner(id_), id_)
            name = self._tx.opened(key, nickname, "people", "nickname", id_.hex, person_id=id_)
            if name is not None:  # a damaged nickname keeps no name from anyone
                yield name.decode()

    def call(self, person: Person) -> None:
        """Store the nickname lookup in those of a person's cohorts that have none yet."""
        self._call(person, _UNKNOWN)

    def _call(self, person: Person, which: Select[Any]) -> None:
        for membership, cohort_id in self._execute(which, {"person_id": person.id}):
            lookup = name_lookup(self._tx.vault, cohort_id, person.nickname)
            self._execute(_CALL, {"membership": membership, "lookup": lookup})

    def change(self, person: Person, **fields: Any) -> Person:
        """Change nickname, language or participation; return the changed person."""
        if unknown := fields.keys() - set(_CHANGEABLE):
            raise TypeError(f"a person has no {', '.join(sorted(unknown))} to change")
        if not fields:
            return person
        self.changes += 1
        stored = dict(fields)
        row = person.id.hex
        if (nickname := fields.get("nickname")) is not None:
            stored["nickname"] = person.key.seal(nickname.encode(), "people", "nickname", row)
        if "participation" in fields:
            stored["look_at"] = LONG_AGO
        self._execute(_change(tuple(sorted(stored))), {**stored, "person_id": person.id})
        changed = replace(person, **fields)
        if "nickname" in fields:
            self._call(changed, _PRESENT_MEMBERSHIPS)
        return changed

    def prefer(self, person: Person, **changes: Any) -> Person:
        """Change preferences by name; return the person with all preferences as stored now.

        Only the named ones are written, whatever else was changed since `person` was read. Damaged preferences begin
        with `UNREADABLE`. None removes a preference; a function gets the stored value (None if there is none) and
        returns the new one.
        """
        row = person.id.hex
        sealed = self._execute(_PREFERENCES, {"person_id": person.id}).scalar()
        kept: dict[str, Any] = {}
        if sealed is not None:
            opened = self._tx.opened(person.key, sealed, "people", "preferences", row, person_id=person.id)
            kept = dict(UNREADABLE) if opened is None else from_json(opened)
        made = {name: wish(kept.get(name)) if callable(wish) else wish for name, wish in changes.items()}
        wanted = {name: value for name, value in {**kept, **made}.items() if value is not None}
        if wanted != kept:
            self.changes += 1
            written = person.key.seal(to_json(wanted), "people", "preferences", row)
            self._execute(_PREFER, {"person_id": person.id, "preferences": written, "at": LONG_AGO})
        return replace(person, preferences=wanted)


def plain_name(name: str | None) -> str:
    """Return a nickname in the form in which it is compared: capitals and spacing do not count; empty for none."""
    return " ".join(unicodedata.normalize("NFKC", name or "").casefold().split())


def name_lookup(vault: Vault, cohort_id: UUID, name: str | None) -> bytes:
    """Return a nickname's keyed hash for one cohort, so that hashes from two cohorts cannot be compared."""
    return vault.lookup(f"nickname {cohort_id.hex}", plain_name(name))


def key_owner(person_id: UUID) -> str:
    """Return the name of the owner that a person's key is wrapped for."""
    return f"person {person_id.hex}"


UNREADABLE: Final = {"phone": "unsaid"}
"""What damaged preferences are replaced by: others may see the person's phone, until they say otherwise."""


def _person(tx: Transaction, row: Sequence[Any], *, sealed: bool) -> Person:
    """Build a person; `sealed` False: somebody without the key wrote the row, and nothing opens by it."""
    if not sealed:
        return _refused(tx, row)
    (id_, wrapped, nickname, preferences, language, participation, practice, address_id, messenger, target) = row
    try:
        # Every turn comes here several times, so the undamaged case takes the shortest way.
        key = tx.vault.unwrap(wrapped, key_owner(id_))
        called = None if nickname is None else key.open(nickname, "people", "nickname", id_.hex).decode()
        pseudonym = tx.vault.pseudonym(id_)
        tx.met[id_] = Met(called, pseudonym, key)
        return Person(
            id_,
            key,
            pseudonym,
            called,
            language,
            participation,
            practice,
            {} if preferences is None else from_json(key.open(preferences, "people", "preferences", id_.hex)),
            address_id,
            messenger,
            None if target is None else key.open(target, "person_addresses", "target", address_id.hex).decode(),
        )
    except DecryptionError:
        return _damaged(tx, row)


def _refused(tx: Transaction, row: Sequence[Any]) -> Person:
    """Build a person of whom nothing counts but the pseudonym."""
    id_, _, _, _, language, _, practice, *_ = row
    pseudonym = tx.vault.pseudonym(id_)
    nothing: dict[str, Any] = dict(UNREADABLE)
    return Person(id_, LOST, pseudonym, None, language, "left", practice, nothing, None, None, None, frozenset({"key"}))


def _damaged(tx: Transaction, row: Sequence[Any]) -> Person:
    """Build a person from what still opens."""
    (id_, wrapped, nickname, preferences, language, participation, practice, *address) = row
    address_id, messenger, target = address
    key = tx.unwrapped(wrapped, key_owner(id_), id_)
    damaged = {"key"} if key is LOST else set()

    def opened(blob: bytes | None, table: str, column: str, place: UUID) -> bytes | None:
        plain = None if blob is None else tx.opened(key, blob, table, column, place.hex, person_id=id_)
        if plain is None and blob is not None:
            damaged.add("chat" if column == "target" else column)
        return plain

    called = opened(nickname, "people", "nickname", id_)
    chosen = opened(preferences, "people", "preferences", id_)
    chat = opened(target, "person_addresses", "target", address_id)
    tx.met[id_] = Met(None if called is None else called.decode(), tx.vault.pseudonym(id_), key)
    kept = from_json(chosen) if chosen is not None else dict(UNREADABLE) if "preferences" in damaged else {}
    return Person(
        id_,
        key,
        tx.vault.pseudonym(id_),
        None if called is None else called.decode(),
        language,
        participation,
        practice,
        kept,
        address_id,
        messenger,
        None if chat is None else chat.decode(),
        frozenset(damaged),
    )
