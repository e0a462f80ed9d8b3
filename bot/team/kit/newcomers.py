"""Who has neither nickname nor consent yet: a pseudonym alone says nothing to whoever is written to."""

from datetime import date
from zoneinfo import ZoneInfo

from bot.conversation.turns import Turns
from bot.rendering.speech import Speech
from bot.services.organisation import recent
from bot.team.kit import answer_pages
from storage.people import Person

BEFORE = frozenset({"invited", "consenting", "naming", "declined"})
"""Participation of whoever has not agreed, or has no nickname yet."""


def told(turns: Turns, speech: Speech, person: Person | None) -> str:
    """Return when a person without a nickname came in, and that they have not agreed; '' of anybody else."""
    if person is None or person.nickname or person.participation not in BEFORE:
        return ""
    held = speech.unit.memberships.held(person.id)
    if not held:
        return ""
    zone, joined = answer_pages.zone(turns, speech), held[0].joined_at
    day = recent(speech, zone, joined) or _day(speech, joined.astimezone(ZoneInfo(zone)).date())
    return speech.words("mail.newcomer", day=day)


def _day(speech: Speech, day: date) -> str:
    return speech.words("mail.newcomer.day", day=speech.texts.day_of(day, speech.language))
