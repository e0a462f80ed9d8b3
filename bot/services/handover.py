"""The handover: who holds the bot, the server and the key's paper, who pays, and what is to be done once one leaves.

It lies in the organisation's record. Whoever is on the team stands there by id, so that leaving and erasing find them;
anybody else by name, as it was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import grants, withdrawal
from bot.services.acts import Actor, ConversationPort, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import LastAdmin
from storage.people import Person
from storage.record_names import names as names_in
from storage.unit import Unit

RECORD: Final = "handover"
"""In the organisation's record."""
BOT, NEXT, SERVER, COSTS, PAID, PAPER, SECOND = "bot", "next", "server", "costs", "paid_until", "paper", "second"
ITEMS: Final = (BOT, NEXT, SERVER, COSTS, PAID, PAPER, SECOND)
"""What is asked, in this order; all but the day are people."""
OWED: Final = "owed"
TOKEN, ACCESS, WORDS = "token", "access", "key"
OWED_FOR: Final = {BOT: (TOKEN,), SERVER: (ACCESS, WORDS, TOKEN), PAPER: (WORDS,), SECOND: (WORDS,)}
"""What is to be changed once somebody leaves who held something. Whoever had the server had key and token, too."""
CHANGED: Final = (TOKEN, ACCESS, WORDS)
ENDS_SOON: Final = timedelta(days=30)
PEOPLE, OTHERS = "people", "words"


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds one thing: people of the team, and others by name."""

    people: tuple[UUID, ...] = ()
    words: str = ""

    def __bool__(self) -> bool:
        """Return whether there is anybody."""
        return bool(self.people or self.words)


@dataclass(frozen=True, slots=True)
class Departure:
    """What came of it when somebody left: what they held, what is to be changed now, and whether they were on watch."""

    held: tuple[str, ...]
    owed: tuple[str, ...]
    watched: bool = False


def team(unit: Unit) -> list[Person]:
    """List who holds a role now, each once, in the order in which they came."""
    found = (unit.people.get(each) for each in dict.fromkeys(each.person_id for each in unit.roles.grants()))
    return [person for person in found if person is not None]


def holders(unit: Unit, item: str) -> Holders:
    """Return who holds a thing."""
    kept = _kept(unit).get(item) or {}
    return Holders(tuple(UUID(each) for each in kept.get(PEOPLE, ())), str(kept.get(OTHERS, "")))


def names(unit: Unit, item: str) -> list[str]:
    """Return the names of those who hold a thing."""
    found = holders(unit, item)
    people = (unit.people.get(each) for each in found.people)
    return [person.display_name for person in people if person is not None] + ([found.words] if found.words else [])


def paid_until(unit: Unit) -> date | None:
    """Return until when server and domain are paid."""
    day = _kept(unit).get(PAID)
    return date.fromisoformat(day) if day else None


def owed(unit: Unit) -> tuple[str, ...]:
    """Return what is to be changed since somebody left: the token, the ways into the server, the key's words."""
    found = _kept(unit).get(OWED) or ()
    return tuple(each for each in CHANGED if each in found)


def unfilled(unit: Unit) -> list[str]:
    """Return which items nobody has answered, or which are out of date: somebody left, or what is paid ends soon."""
    day = paid_until(unit)
    late = day is None or day - unit.now.date() < ENDS_SOON
    return [item for item in ITEMS if (late if item == PAID else not names(unit, item))]


def keep(unit: Unit, by: Actor, item: str, value: Holders | date) -> None:
    """Keep who holds a thing, or until when is paid.

    Raises:
        NotAllowed: the actor may not.
    """
    require(unit, by, ADMINS_OF_ALL, targets.HANDOVER)
    kept: Any = value.isoformat() if isinstance(value, date) else _written(value)
    _change(unit, **{item: kept})
    unit.audit.add(actor_name(by), "holder.kept", "organisation", {"item": item})


def settle(unit: Unit, by: Actor, what: str) -> None:
    """Note that something was changed that was owed since somebody left; raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, targets.HANDOVER)
    left = owed(unit)
    if what in left:
        _change(unit, **{OWED: [each for each in left if each != what]})
        unit.audit.add(actor_name(by), "holder.settled", "organisation", {"what": what})


def leave(unit: Unit, conversation: ConversationPort, by: Actor, person: Person) -> Departure:
    """Let somebody leave the team: roles end, browsers and pages close, and what they held is nobody's; tell them.

    Raises:
        NotAllowed: the actor may not.
        LastAdmin: nobody else administers without an end.
    """
    require(unit, by, ADMINS_OF_ALL, targets.TEAM_LEAVE)
    if is_alone(unit, person.id):
        raise LastAdmin  # before anything has ended
    held = tuple(each for each in unit.roles.given() if each.person_id == person.id)
    watched = grants.end(unit, by, person, held)
    another = by is None or by.id != person.id
    withdrawal.close(unit, conversation, person, chats=another)
    withdrawal.close_browsers(unit, person)
    gone = forget(unit, person.id)
    unit.audit.add(actor_name(by), "team.left", str(person.id), {"held": list(gone)})
    present = unit.people.known(person.id)
    if present.chat is not None and another:
        told = conversation.speech(unit, present)
        told.say("team_leave.told", rows(told.button("button.menu", targets.HOME)))
    return Departure(gone, owed(unit), watched)


def held_by(unit: Unit, person_id: UUID) -> tuple[str, ...]:
    """Return what somebody holds."""
    return tuple(item for item in ITEMS if item != PAID and person_id in holders(unit, item).people)


def forget(unit: Unit, person_id: UUID) -> tuple[str, ...]:
    """Take somebody out of the handover, and note what is to be changed now; return what they held."""
    found = held_by(unit, person_id)
    due = {what for item in found for what in OWED_FOR.get(item, ())} - {*owed(unit)}
    if due:
        _change(unit, **{OWED: [*owed(unit), *sorted(due)]})
    for item in found:
        kept = holders(unit, item)
        _change(unit, **{item: _written(Holders(tuple(each for each in kept.people if each != person_id), kept.words))})
    return found


def forget_name(unit: Unit, person: Person) -> None:
    """Take names out that were typed and name somebody, as in "Rosa's cousin"."""
    for item in ITEMS:
        if item == PAID:
            continue
        kept = holders(unit, item)
        left = ", ".join(each for each in kept.words.split(", ") if not names_in(person.nickname, each))
        if left != kept.words:
            _change(unit, **{item: _written(replace(kept, words=left))})


def is_alone(unit: Unit, person_id: UUID) -> bool:
    """Return whether somebody administers everything, and nobody else does without an end."""
    lasting = {
        each.person_id
        for each in unit.roles.grants()
        if each.role == grants.ADMIN and each.cohort_id is None and each.expires_at is None
    }
    return lasting == {person_id}


def _written(value: Holders) -> dict[str, Any]:
    return {PEOPLE: [each.hex for each in value.people], OTHERS: value.words}


def _kept(unit: Unit) -> dict[str, Any]:
    return dict(unit.organisation.get().get(RECORD) or {})


def _change(unit: Unit, **items: Any) -> None:
    unit.organisation.note(**{RECORD: {**_kept(unit), **items}})


def chosen(typed: str, people: Sequence[Person]) -> Holders:
    """Read who was meant: numbers and names of the team's people, and any other name as it is, with commas between."""
    found, others = [], []
    for part in filter(None, (each.strip() for each in typed.split(","))):
        known = [person for person in people if (person.nickname or "").casefold() == part.casefold()]
        if part.isdecimal() and 1 <= int(part) <= len(people):
            found.append(people[int(part) - 1].id)
        elif known:
            found.append(known[0].id)
        else:
            others.append(part)
    return Holders(tuple(dict.fromkeys(found)), ", ".join(others))
