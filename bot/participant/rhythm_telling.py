"""What a participant is told of something that comes back, before its first time and in their settings."""

from typing import ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from bot.conversation.screen import LABEL
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import shorten
from bot.services import own_time, purposes, schedule_words
from bot.services.phones import watched
from bot.services.rhythms import Rhythm
from dialogs import wording
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

WHY_SHOWN: Final = 120  # characters
Step: TypeAlias = Literal["o", "k", "a", "y", "n", "l", "h", "m", "d", "b", "t", "u"]
FIRST: Final[tuple[Step, ...]] = ("k", "d", "l", "y", "n")
"""What is offered the first time; on a phone that others see, coming by oneself stands first."""


class OneRhythm(Argument):
    """One that comes back, and a step: its screen (`o`), or how the participant wants it.

    As it comes (`k`; `a`: again), coming by oneself (`y`), not at all (`n`), less often (`l`: how much less; `h`: every
    other time; `m`: once a month), another day or hour (`d`; `b`: everybody's again), not today (`t`; `u`: after all).
    """

    layout: ClassVar[str] = "{step}{schedule}"
    step: Step
    schedule: UUID


def rhythm_button(speech: Speech, step: Step) -> str:
    """Return the code of a step's label: where nothing rings, coming by oneself is called otherwise."""
    return speech.timed(f"button.rhythm.{step}") if step in {"y", "a"} else f"button.rhythm.{step}"


def step_button(speech: Speech, step: Step, schedule_id: UUID, code: str = "") -> Button:
    """Return the button to a step of one that comes back; `code` is another label than the step's own."""
    return speech.button(code or rhythm_button(speech, step), targets.RHYTHM, OneRhythm(step, schedule_id))


def told(turns: Turns, speech: Speech, person: Person, schedule: Schedule) -> str:
    """Return how often something comes and until when; and what it is and what for, unless others see the phone."""
    rhythm = Rhythm.of(schedule.rule)
    number = rhythm.days.times
    facts = {
        "rhythm": schedule_words.told(speech.texts, speech.language, rhythm),
        "times": speech.texts.count("repeat.times", speech.language, number)
        if number
        else speech.words("rhythm.times.open"),
    }
    if watched(person):
        return speech.words("rhythm.first.watched", **facts)
    names = {each.name: each for each in turns.content.of(speech.unit).all()}
    dialog = names.get(schedule.dialogs[0].name)
    card = speech.unit.purposes.get(schedule.purpose_id)
    why = shorten(str(purposes.words(speech, card).get("why") or ""), WHY_SHOWN)
    title = shorten(wording.choose(dialog.title, speech.language), LABEL * 2) if dialog else ""
    return speech.words("rhythm.first", title=title, why=why, **facts)


def introduce(turns: Turns, unit: Unit, person: Person, schedule: Schedule, *, lane: int) -> bool:
    """Tell a participant, before the first time, how often something comes and how they can have it; False if told."""
    if not own_time.told(unit, person, schedule.id):
        return False
    speech = turns.speech(unit, person, lane=lane)
    steps = sorted(FIRST, key=lambda step: step != "y") if watched(person) else FIRST
    text = told(turns, speech, person, schedule)
    speech.send(text, rows(*(step_button(speech, step, schedule.id) for step in steps)), repeatable=True)
    return True
