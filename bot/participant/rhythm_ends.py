"""What came back is over: whoever it came to is asked, once, whether it should go on."""

from datetime import timedelta
from typing import ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from bot.conversation.actions import ACTIVE, Action, handles
from bot.conversation.screen import LABEL, Screen
from bot.conversation.turns import Turns
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import BROADCAST, rows
from bot.rendering.texts import shorten
from bot.services import own_time, schedule_reviews, schedule_words
from bot.services.permissions import EVERYONE
from bot.services.phones import watched
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

ASKED: Final = "rhythm_ends_asked"
"""Preference: of which schedules a person was asked, at their end, whether they should go on."""
WISHES: Final = "rhythm_wishes"
"""Preference: what the person said to that, by the schedule's id."""
ASKED_WITHIN: Final = timedelta(days=14)
"""How long after its end it is asked about at most."""
Wish: TypeAlias = Literal["y", "l", "n"]


class OneWish(Argument):
    """A schedule that is over: it should go on (`y`), less often (`l`), or stay over (`n`)."""

    layout: ClassVar[str] = "{wish}{schedule}"
    wish: Literal["y", "l", "n"]
    schedule: UUID


RHYTHM_END = Action(targets.RHYTHM_END, EVERYONE, (OneWish,), states=ACTIVE)


class RhythmEnds:
    """Keeps what a participant wishes."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(RHYTHM_END)
    def wish(self, screen: Screen, argument: OneWish) -> None:
        """Note what was wished; the team sees how many wish what, and not who."""
        kept = screen.person.preferences.get(WISHES) or {}
        screen.unit.people.prefer(screen.person, **{WISHES: {**kept, argument.schedule.hex: argument.wish}})
        screen.show(screen.words(f"rhythm.wished.{argument.wish}"), rows(screen.menu()))


def to_ask(unit: Unit, person: Person) -> Schedule | None:
    """Return a schedule that is over, that came to a person, and about whose end they were not asked; or None."""
    asked = person.preferences.get(ASKED) or ()
    for schedule in unit.schedules.ended_for(person.id):
        if schedule.id.hex in asked:
            continue
        over = schedule_reviews.over_at(unit, schedule)
        if over <= unit.now < over + ASKED_WITHIN and unit.schedules.came_to(schedule.id, person.id):
            return schedule
    return None


def ask(turns: Turns, unit: Unit, person: Person, schedule: Schedule) -> bool:
    """Ask a person whether something that is over should go on; False if they want none of it, or come by themselves.

    On a phone that others see it says nothing of what it was.
    """
    unit.people.prefer(person, **{ASKED: [*(person.preferences.get(ASKED) or ()), schedule.id.hex]})
    if own_time.way_of(person, schedule.id) in {"own", "no"}:
        return False
    speech = turns.speech(unit, person, lane=BROADCAST)
    titles = schedule_words.titles(speech.texts, turns.content.of(unit), schedule, speech.language)
    text = (
        speech.words("rhythm_end.ask.watched")
        if watched(person)
        else speech.words("rhythm_end.ask", title=shorten(titles, LABEL * 2))
    )
    wishes: tuple[Wish, ...] = ("y", "l", "n")
    speech.send(
        text,
        rows(*(speech.button(f"button.rhythm_end.{each}", RHYTHM_END, OneWish(each, schedule.id)) for each in wishes)),
        repeatable=True,
    )
    return True


def wishes_of(unit: Unit, schedule: Schedule) -> dict[str, int]:
    """Count what the people of a schedule's cohort wish, by wish."""
    found: dict[str, int] = {}
    for person in unit.people.list(schedule.cohort_id):
        wish = (person.preferences.get(WISHES) or {}).get(schedule.id.hex)
        if wish:
            found[wish] = found.get(wish, 0) + 1
    return found
