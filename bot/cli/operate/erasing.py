"""Erasing a person from the console, when she asks for it in person: the same as she can do herself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.errors import Problem
from bot.messengers.port import WEB
from bot.participant.chat_cleanup import REACH, take_out
from bot.participant.erasing import EXPORTED, LONG_AGO
from bot.product_languages import language_of
from bot.rendering.speech import Speech
from bot.rendering.texts import Texts
from bot.services.organisation import Organisation
from dialogs.replies import folded
from storage.erasure import erase
from storage.people import Person
from storage.unit import Unit


class ErasingError(Problem):
    """Nobody, or more than one, of that name."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What went, and what is out of reach: moments are None where there is nothing."""

    pseudonym: str
    rows: int
    exported_at: datetime | None
    backups_until: datetime | None


def find(unit: Unit, name: str) -> Person:
    """Find a person by nickname or code; raises ErasingError naming the codes where several are called so."""
    people = unit.people.list()
    exact = [person for person in people if person.pseudonym == name.strip().upper()]
    named = exact or [person for person in people if person.nickname and folded(person.nickname) == folded(name)]
    if not named:
        raise ErasingError("cli.erase.nobody", name=name)
    if len(named) > 1:
        raise ErasingError("cli.erase.several", name=name, codes=", ".join(person.pseudonym for person in named))
    return unit.people.known(named[0].id)


def groups(unit: Unit, person_id: UUID) -> list[str]:
    """Name the groups a person is in."""
    cohorts = (unit.cohorts.get(each) for each in unit.memberships.of(person_id))
    return [cohort.name for cohort in cohorts if cohort]


def erase_person(unit: Unit, texts: Texts, person: Person) -> Receipt:
    """Erase all of her, and have the bot's messages of the last two days taken out of her chats."""
    since = unit.now - REACH
    said = {
        (messenger, chat): [message for _, message in unit.outbox.recent(messenger, chat, since)]
        for _, messenger, chat in unit.addresses.of(person)
        if messenger != WEB
    }
    rows = sum(erase(unit, person.id).rows.values())
    unit.audit.add("console", "person.erased", str(person.id), {"rows": rows})
    for (messenger, chat), messages in said.items():
        take_out(Speech(unit, texts, None, messenger, chat, language_of(person)), messages)
    exported = unit.audit.done(EXPORTED, unit.now - LONG_AGO)
    until = Organisation().backups_forget(unit)
    return Receipt(person.pseudonym, rows, exported[0][0] if exported else None, until)
