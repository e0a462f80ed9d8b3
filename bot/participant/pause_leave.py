"""Pausing, resuming and leaving: each is the participant's own choice, takes effect at once, and has no drawback."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal
from uuid import UUID

from bot import clock
from bot.conversation.actions import ACTIVE, Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant.arguments import EraseAll
from bot.rendering import targets
from bot.rendering.arguments import Argument, Picked
from bot.rendering.speech import rows
from bot.services import hours, listening
from bot.services.member_status import UNTIL
from bot.services.members import WELCOME_AT
from bot.services.permissions import EVERYONE
from dialogs.machine import move
from storage.people import Person
from storage.unit import Unit

SPANS = {"leader.pause.week": "7", "leader.pause.two_weeks": "14", "leader.pause.month": "30"}
AGREED = "agreed"  # preference: which version of the text of consent the participant agreed to, and in which language
MORNING = 8


class Leaving(Argument):
    """How far a person is with leaving: not begun, withdrawing a consent, or sure."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "w", "yes", "sure"] = ""


REST = Action(targets.REST, EVERYONE)
STOP = Action("stop", EVERYONE, commands=("stop",), states=ACTIVE, in_run=True)
PAUSE = Action("pause", EVERYONE, (Picked,), commands=("pause",), offered=7)
LEAVE = Action("leave", EVERYONE, (Leaving,), commands=("leave",), offered=14)
RESUME = Action("resume", EVERYONE, commands=("resume",), offered=8, in_run=True)


class PauseScreens:
    """Screens that pause, resume and end a participation."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(REST, STOP)
    def rest(self, screen: Screen) -> None:
        """Offer to pause or to leave."""
        if not self._member(screen):
            return
        pause = screen.button("button.pause", PAUSE)
        screen.show(screen.words("leader.rest"), rows(pause, screen.button("button.leave", LEAVE), screen.menu()))

    def _member(self, screen: Screen) -> bool:
        """Return whether a person has a participation to pause or leave; say so if not."""
        if takes_part(screen.unit, screen.person):
            return True
        screen.show(screen.words("leader.rest.staff"), rows(screen.menu()))
        return False

    @handles(PAUSE)
    def pause(self, screen: Screen, argument: Picked) -> None:
        """Ask until when, or pause until then (0: until the participant resumes)."""
        if not self._member(screen):
            return
        if not argument.choice:
            spans = [screen.button(code, PAUSE, Picked(days)) for code, days in SPANS.items()]
            keyboard = rows(*spans, screen.button("button.pause_open", PAUSE, Picked("0")), screen.menu())
            screen.show(screen.words("leader.pause"), keyboard)
            return
        person = screen.person
        if person.participation == "active":
            person = screen.unit.people.change(person, participation=move("active", "pause"))
        until = None
        if days := int(argument.choice):
            zone = self._turns.organisation.zone(screen.unit, person)
            until = hours.tomorrow_at(MORNING, zone, screen.unit.now + timedelta(days=days - 1)).isoformat()
        person = listening.paused(screen.unit, screen.unit.people.prefer(person, **{UNTIL: until}))
        self.paused(screen.with_speech(screen.speech, person))

    def paused(self, screen: Screen) -> None:
        """Say that the participant pauses, and until when."""
        until = screen.person.preferences.get(UNTIL)
        text = (
            screen.words("leader.paused.until", day=self.day(screen, until)) if until else screen.words("leader.paused")
        )
        keyboard = rows(
            screen.speech.button("button.unpause", RESUME),
            screen.speech.button("button.support", targets.SUPPORT),
            screen.menu(),
        )
        screen.show(text, keyboard)

    def day(self, screen: Screen, until: str) -> str:
        """Return the day on which a pause ends."""
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        return screen.speech.texts.day(datetime.fromisoformat(until), zone, screen.speech.language)

    @handles(RESUME, states=frozenset({"paused"}))
    def resume(self, screen: Screen) -> None:
        """End a pause, and go on with the open run."""
        unit = screen.unit
        person = self._awake(unit, screen.person)
        row = unit.runs.open(person)
        speech = self._turns.speech(unit, person)
        if row is not None and row.status != "postponed":
            speech.say("leader.resumed")
            self._turns.ask_again(unit, person, row)
        else:
            speech.say("leader.resumed", rows(speech.button("button.menu", targets.HOME)))

    def end_if_due(self, unit: Unit, person: Person) -> bool:
        """End a pause whose day has come, and say so; return False otherwise."""
        until = person.preferences.get(UNTIL)
        if person.participation != "paused" or not until or datetime.fromisoformat(until) > unit.now:
            return False
        person = self._awake(unit, person)
        speech = self._turns.speech(unit, person)
        keyboard = rows(
            speech.button("button.menu", targets.HOME),
            speech.button("button.pause_more", PAUSE),
            speech.button("button.support", targets.SUPPORT),
        )
        speech.say("leader.pause.over", keyboard)
        return True

    def _awake(self, unit: Unit, person: Person) -> Person:
        person = unit.people.change(person, participation=move(person.participation, "resume"))
        return unit.people.prefer(person, **{UNTIL: None})

    @handles(LEAVE)
    def leave(self, screen: Screen, argument: Leaving) -> None:
        """Ask once, then let the participant leave: open runs end, and the consent is withdrawn."""
        if not self._member(screen):
            return
        if argument.step not in {"yes", "sure"}:
            withdraws = argument.step == "w"
            code = "leader.withdraw" if withdraws else "leader.leave"
            yes = screen.button("button.withdraw_sure" if withdraws else "button.leave_sure", LEAVE, Leaving("yes"))
            keyboard = rows(yes, screen.button("button.pause_rather", PAUSE), screen.menu())
            screen.show(screen.words(code), keyboard)
            return
        unit = screen.unit
        person = self.withdraw(unit, screen.person)
        ways = self.ways_back(screen) if person.participation == "left" else rows(screen.menu())
        screen.show(screen.words("leader.left"), ways)

    def withdraw(self, unit: Unit, person: Person) -> Person:
        """Let a person leave: open runs end, and the latest consent is withdrawn.

        One of the team leaves only their cohorts.
        """
        for row in unit.runs.resumable(person):
            self._turns.expire(unit, person, row)
        agreed = [each for each in unit.consents.of(person) if each.action == "given"]
        if agreed:
            newest = agreed[-1]
            words = (newest.text_version, newest.language, newest.text or "")
            unit.consents.add(clock.new_id(), person, "withdrawn", *words)
        if not unit.roles.of(person.id):
            person = unit.people.change(person, participation=move(person.participation, "leave"))
        else:
            for cohort_id in list(unit.memberships.of(person.id)):
                unit.memberships.leave(person.id, cohort_id)
        return unit.people.prefer(person, **dict.fromkeys((UNTIL, WELCOME_AT, AGREED)))

    def ways_back(self, screen: Screen) -> tuple[tuple[Button, ...], ...]:
        """Return the buttons for a person who left."""
        return rows(
            screen.speech.button("button.come_back", targets.RETURN),
            screen.button("button.mine", targets.MINE),
            screen.button("button.erase_all", targets.ERASE, EraseAll()),
            screen.button("button.agreement", targets.AGREEMENT),
            screen.button("button.languages", targets.LANGUAGES),
            screen.speech.button("button.support", targets.SUPPORT),
            screen.speech.button("button.help", targets.HELP),
        )


def takes_part(unit: Unit, person: Person) -> bool:
    """Return whether a person can pause or leave: they are in a cohort, or hold no role."""
    return bool(unit.memberships.of(person.id)) or not unit.roles.of(person.id)


def first_cohort(unit: Unit, person_id: UUID) -> UUID | None:
    """Return the cohort a person has been in for longest, or None."""
    return next(iter(unit.memberships.of(person_id)), None)
