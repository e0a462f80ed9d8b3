"""Whose nicknames stand in words that one of the team typed: what shows the words goes with those people."""

import re
from typing import Final
from uuid import UUID

from sqlalchemy import select

from storage.people import name_lookup, plain_name
from storage.tables import memberships
from storage.unit import Unit

_CALLED: Final = select(memberships.c.person_id, memberships.c.cohort_id, memberships.c.nickname_lookup).where(
    memberships.c.left_at.is_(None), memberships.c.nickname_lookup.is_not(None)
)
_WORD: Final = re.compile(r"\w+")
_AT_ENDS: Final = re.compile(r"^\W+|\W+$")
_LOOKED_THROUGH: Final = 300  # words


def note(unit: Unit, words: str) -> None:
    """Note whom words name, for whatever is put into the outbox after this.

    They are found by the hashes of their nicknames, so that nobody's is opened; in a long text the beginning is looked
    through.
    """
    plain = plain_name(words)
    said = _WORD.findall(plain)[:_LOOKED_THROUGH]
    phrases = {_AT_ENDS.sub("", each) for each in plain.split()[:_LOOKED_THROUGH]}
    phrases |= {" ".join(said[at : at + number]) for at in range(len(said)) for number in (1, 2, 3)}
    hashes: dict[UUID, set[bytes]] = {}
    for id_, cohort_id, lookup in list(unit.run(_CALLED)) if said else ():
        if cohort_id not in hashes:
            hashes[cohort_id] = {name_lookup(unit.vault, cohort_id, each) for each in phrases}
        if bytes(lookup) in hashes[cohort_id] and (person := unit.people.get(id_)) is not None:
            unit.quotable[id_] = person.key
