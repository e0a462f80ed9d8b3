"""What the next words are taken for: kept in a person's preferences."""

from datetime import datetime, timedelta
from uuid import UUID

from bot.conversation.actions import Action
from bot.conversation.screen import Screen
from bot.rendering.speech import rows
from storage.people import Person
from storage.unit import Unit

WAITING = "waiting"
PATIENCE = timedelta(hours=1)  # after so long, words are no longer taken for what was asked


def wait(screen: Screen, action: Action, to: UUID | None = None) -> None:
    """Take the next words for what an action asks for; `to` is the message they reply to."""
    waiting = {"for": action.name, "at": screen.unit.now.isoformat(), **({"to": to.hex} if to else {})}
    screen.unit.people.prefer(screen.person, **{WAITING: waiting})


def is_waiting(unit: Unit, person: Person, action: str) -> UUID | None:
    """Return what the next words are about, if they are waited for by an action; the person, if it is nothing else."""
    waiting = person.preferences.get(WAITING) or {}
    if waiting.get("for") != action or unit.now - datetime.fromisoformat(waiting["at"]) > PATIENCE:
        return None
    return UUID(waiting["to"]) if waiting.get("to") else person.id


def forget(unit: Unit, person: Person) -> Person:
    """Stop waiting for words, as the person went elsewhere."""
    if not person.preferences.get(WAITING):
        return person
    return unit.people.prefer(person, **{WAITING: None})


def cancel(screen: Screen) -> None:
    """Stop waiting for words, and say so."""
    forget(screen.unit, screen.person)
    screen.show(screen.words("leader.words.cancelled"), rows(screen.menu()))
