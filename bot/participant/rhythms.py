"""How a participant wants what comes back: as it comes, by coming in themselves, or not at all."""

from typing import ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from bot.conversation.actions import ACTIVE, Action, handles
from bot.conversation.screen import LABEL, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument, Page
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import shorten
from bot.services import own_time, purposes, schedule_words
from bot.services.own_time import Way
from bot.services.permissions import EVERYONE
from bot.services.phones import watched
from bot.services.rhythms import Rhythm
from dialogs import wording
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

SHOWN: Final = 6
WHY_SHOWN: Final = 120  # characters
EVERY_DAY_ON: Final = "9999"
Step: TypeAlias = Literal["o", "k", "a", "y", "n"]
OTHERS: Final[dict[Way, tuple[Step, Step]]] = {"": ("y", "n"), "own": ("a", "n"), "no": ("a", "y")}
WAYS: Final[dict[str, Way]] = {"k": "", "a": "", "y": "own", "n": "no"}
SAID: Final = {"k": "rhythm.kept", "a": "rhythm.told_again", "y": "rhythm.own", "n": "rhythm.no"}


class OneRhythm(Argument):
    """One that comes back: as it comes (`k`, `a`: again), coming in oneself (`y`), not at all (`n`), or its screen."""

    layout: ClassVar[str] = "{step}{schedule}"
    step: Literal["o", "k", "a", "y", "n"]
    schedule: UUID


RHYTHM = Action(targets.RHYTHM, EVERYONE, (Page, OneRhythm), states=ACTIVE)


class RhythmScreens:
    """The screens on which a participant chooses."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(RHYTHM)
    def rhythm(self, screen: Screen, argument: Page | OneRhythm) -> None:
        """Show what comes back, or one of it, or note how the participant wants it."""
        found = own_time.present(screen.unit, screen.person)
        if isinstance(argument, Page):
            self._list(screen, found)
            return
        schedule = next((each for each in found if each.id == argument.schedule), None)
        if schedule is None:
            self._list(screen, found)
        elif argument.step == "o":
            self._one(screen, schedule)
        else:
            self._choose(screen, schedule, argument.step)

    def _list(self, screen: Screen, found: list[Schedule]) -> None:
        if not found:
            screen.show(screen.words("rhythm.none"), rows(screen.menu()))
            return
        buttons = [
            screen.labelled(self._called(screen, each), RHYTHM, OneRhythm("o", each.id)) for each in found[:SHOWN]
        ]
        screen.show(screen.words("rhythm.list"), rows(*buttons, screen.button("button.return", targets.HOW)))

    def _called(self, screen: Screen, schedule: Schedule) -> str:
        """Return how often one comes; on a phone that others see nothing more."""
        days = schedule_words.told(screen.speech.texts, screen.speech.language, Rhythm.of(schedule.rule))
        return days[:1].upper() + days[1:]

    def _one(self, screen: Screen, schedule: Schedule) -> None:
        way = own_time.way_of(screen.person, schedule.id)
        text = told(self._turns, screen.speech, screen.person, schedule)
        text = f"{text}\n\n{screen.words(f'rhythm.way.{way}' if way else 'rhythm.way.all')}"
        buttons = [_button(screen.speech, step, schedule.id) for step in OTHERS[way]]
        screen.show(text, rows(*buttons, screen.button("button.return", RHYTHM), screen.menu()))

    def _choose(self, screen: Screen, schedule: Schedule, step: str) -> None:
        own_time.choose(screen.unit, screen.person, schedule.id, WAYS[step])
        if step == "n":
            self._end(screen, schedule)
        back: Step = "a" if step in {"y", "n"} else "y"
        screen.show(screen.words(SAID[step]), rows(_button(screen.speech, back, schedule.id), screen.menu()))

    def _end(self, screen: Screen, schedule: Schedule) -> None:
        """End what is open of it: the participant does not want to be asked this."""
        for run_id in screen.unit.schedules.earlier_runs(schedule.id, screen.person.id, EVERY_DAY_ON):
            if (row := screen.unit.runs.get(run_id, screen.person)) is not None:
                self._turns.expire(screen.unit, screen.person, row)


def _button(speech: Speech, step: Step, schedule_id: UUID) -> Button:
    return speech.button(f"button.rhythm.{step}", targets.RHYTHM, OneRhythm(step, schedule_id))


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
    card = speech.unit.broadcasts.purpose(schedule.purpose_id)
    why = shorten(str(purposes.words(speech, card).get("why") or ""), WHY_SHOWN)
    title = shorten(wording.choose(dialog.title, speech.language), LABEL * 2) if dialog else ""
    return speech.words("rhythm.first", title=title, why=why, **facts)


def introduce(turns: Turns, unit: Unit, person: Person, schedule: Schedule, *, lane: int) -> bool:
    """Tell a participant, before the first time, how often something comes and how they can have it; False if told."""
    if not own_time.told(unit, person, schedule.id):
        return False
    speech = turns.speech(unit, person, lane=lane)
    steps: tuple[Step, ...] = ("y", "k", "n") if watched(person) else ("k", "y", "n")
    text = told(turns, speech, person, schedule)
    speech.send(text, rows(*(_button(speech, step, schedule.id) for step in steps)))
    return True
