"""What goes to the team: keeping its voice note or photo, and what is said when it went."""

from collections.abc import Collection, Sequence
from uuid import UUID

from bot.conversation.turns import Turns
from bot.media.store import FetchResult
from bot.messengers.port import Button
from bot.participant.pause_leave import first_cohort
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services import unlooked
from storage.meant import QuestionMeant
from storage.people import Person
from storage.unit import Unit


def say(turns: Turns, speech: Speech, person: Person, kinds: Collection[str], ways: Sequence[Button]) -> None:
    """Say that something went to the team; of what no program looks at, also who hears or sees it, and when."""
    kind = next((each for each in ("voice", "photo") if each in kinds), "")
    told = unlooked.line(turns.organisation, speech, kind) if kind else ""
    if not told and not unlooked.listed(turns.organisation, speech.unit, person):
        told = unlooked.of_words(turns.organisation, speech, person)
    support = [speech.staying("button.support", targets.SUPPORT)] if told else []
    speech.send("\n\n".join(filter(None, (speech.words("home.passed_on"), told))), rows(*support, *ways))


def kinds_of(unit: Unit, messages: Sequence[UUID]) -> set[str]:
    """Return which kinds of recordings and pictures are among messages."""
    ids = [message.media_id for message in map(unit.messages.get, messages) if message is not None and message.media_id]
    return {item.kind for item in map(unit.media.get, ids) if item is not None}


def keep(speech: Speech, text: str, fetched: FetchResult | None) -> UUID | None:
    """Keep a message's voice note or photo, show it in the participant's web thread, and return its id."""
    if fetched is None or fetched.shelved is None:
        return None
    fetched.save(speech.unit)
    if speech.can.kept_here:
        speech.echo(text, fetched.media)
    return fetched.shelved.id


def joined(unit: Unit, person: Person, to: UUID | None) -> UUID | None:
    """Return the message conversation that new words belong to; reopen the one they reply to."""
    first = unit.messages.get(to) if to else None
    if first is not None and first.person_id == person.id:
        unit.messages.reopen(first.id)
        return first.id
    cohort_id = first_cohort(unit, person.id)
    return unit.messages.going_on(person.id, cohort_id) if cohort_id else None


def cohort_of(unit: Unit, person: Person, top: UUID | None) -> UUID | None:
    """Return the cohort whose team gets words: that of their message conversation, else the person's first."""
    first = unit.messages.get(top) if top else None
    return first.cohort_id if first else first_cohort(unit, person.id)


def placed(
    unit: Unit, person: Person, to: UUID | None, meant: QuestionMeant | None = None
) -> tuple[UUID | None, UUID | None]:
    """Return the message conversation that new words belong to, and the cohort whose team gets them.

    What is said of a question begins a conversation of its own, with the team of those who were asked it.
    """
    if meant is None:
        top = joined(unit, person, to)
        return top, cohort_of(unit, person, top)
    asked = unit.broadcasts.get(meant.broadcast_id) if meant.broadcast_id else None
    return None, asked.cohort_id if asked else first_cohort(unit, person.id)
