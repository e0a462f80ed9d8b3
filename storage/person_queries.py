"""Queries for people: who speaks at an address, who has an id, everybody, a cohort's members; each with its seals."""

from typing import Final

from sqlalchemy import bindparam, select

from storage.sealed_statements import Verified
from storage.tables import addresses, memberships, people, person_addresses, person_keys, runs

_PERSON: Final = (
    people.c.id,
    person_keys.c.wrapped,
    people.c.nickname,
    people.c.preferences,
    people.c.language,
    people.c.participation,
    people.c.practice,
)
_ADDRESS: Final = (addresses.c.id, addresses.c.messenger, person_addresses.c.target)
BEST_FIRST: Final = (
    addresses.c.unreachable_since.is_not(None),
    # A browser does not notify: a person with another address is written to there.
    addresses.c.messenger == "web",
    person_addresses.c.linked_at.desc(),
    person_addresses.c.seq.desc(),
)
WITH_KEY: Final = people.join(person_keys, person_keys.c.person_id == people.c.id)
AT: Final = Verified(
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
    ),
    people,
    person_addresses,
    addresses,
    told=True,
)
GET: Final = Verified(
    select(*_PERSON, *_ADDRESS)
    .select_from(
        WITH_KEY.outerjoin(
            person_addresses, (person_addresses.c.person_id == people.c.id) & person_addresses.c.current.is_(True)
        ).outerjoin(addresses, addresses.c.id == person_addresses.c.address_id)
    )
    .where(people.c.id == bindparam("person_id"))
    .order_by(*BEST_FIRST),
    people,
    person_addresses,
    addresses,
    told=True,
)
_EVERYONE: Final = select(*_PERSON).select_from(WITH_KEY).order_by(people.c.created_at, people.c.id)
ALL: Final = Verified(_EVERYONE, people, told=True)
OF_COHORT: Final = Verified(
    _EVERYONE.join(memberships, memberships.c.person_id == people.c.id).where(
        memberships.c.cohort_id == bindparam("cohort_id"), memberships.c.left_at.is_(None)
    ),
    people,
    memberships,
    told=True,
)
# Whoever has a run there, a member by now or not.
ASKED_IN: Final = Verified(
    _EVERYONE.where(people.c.id.in_(select(runs.c.person_id).where(runs.c.cohort_id == bindparam("cohort_id")))),
    people,
    told=True,
)
