"""The handover on screen: who holds what, what is to be changed since somebody left; and the notice to who is alone."""

from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal

from babel.dates import format_date

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import BROADCAST, Speech, rows
from bot.services import handover
from bot.services.permissions import ADMINS_OF_ALL
from bot.team.kit.feature import Feature
from bot.team.people.inviting import INVITE_TEAM
from dialogs import languages
from storage.people import Person
from storage.unit import Unit

ALONE: Final = "alone_told"
"""Preference of an admin: when the notice to who is alone was last due."""
MONTHLY: Final = timedelta(days=30)
ALONE_TOLD: Final = "handover.alone"


class HandoverStep(Argument):
    """The handover; or a note that the ways into the server were changed."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "access"] = ""


HANDOVER = Action(targets.HANDOVER, ADMINS_OF_ALL, (HandoverStep,), commands=("handover",))


class HandoverScreen(Feature):
    """The screen of the handover."""

    @handles(HANDOVER)
    def show(self, screen: Screen, argument: HandoverStep) -> None:
        """Show who holds what, and what is still to be changed since somebody left."""
        unit = screen.unit
        if argument.step == handover.ACCESS:
            handover.settle(unit, screen.person, handover.ACCESS)
        lines = [screen.words("handover"), *(f"· {line}" for line in self._lines(screen))]
        lines.append(screen.words("handover.how" if handover.unfilled(unit) else "handover.whole"))
        due = handover.owed(unit)
        if due:
            lines += ["", screen.words("handover.owed"), *owed_lines(screen.speech, due)]
        buttons = [screen.button("button.handover.leaves", targets.ROLES)]
        if handover.ACCESS in due:
            buttons.insert(0, screen.button("button.handover.access", HANDOVER, HandoverStep("access")))
        screen.show(
            "\n".join(lines), rows(*buttons, screen.button("button.checklist", targets.CHECKLIST), screen.menu())
        )

    def _lines(self, screen: Screen) -> list[str]:
        """Return a line for each thing, with who holds it, and one for who reads."""
        unit, said = screen.unit, []
        for item in handover.ITEMS:
            if item == handover.PAID:
                day = handover.paid_until(unit)
                shown = languages.formatting_locale(screen.speech.language)
                who = format_date(day, "long", locale=shown) if day else ""
            else:
                who = screen.speech.texts.all_of(handover.names(unit, item), screen.speech.language)
            what = screen.words(f"handover.item.{item}")
            said.append(screen.words("handover.line", what=what, who=who or screen.words("handover.nobody")))
        read = [person.display_name for each in unit.roles.who_reads() if (person := unit.people.get(each))]
        who = screen.speech.texts.all_of(read, screen.speech.language)
        said.append(screen.words("handover.line", what=screen.words("handover.readers"), who=who))
        return said


def owed_lines(speech: Speech, due: tuple[str, ...]) -> list[str]:
    """Return a line for each thing to be changed, with how."""
    return [f"☐ {speech.words(f'handover.owed.{what}')}" for what in due]


def remind(turns: Turns, unit: Unit, person: Person, allowed: datetime) -> tuple[datetime | None, bool]:
    """Tell an admin who is alone so, once a month; return when it is to be looked at again, and whether it was said.

    Args:
        turns: the conversation.
        unit: the transaction.
        person: anybody.
        allowed: the next moment within the person's hours.
    """
    if person.lost:
        return None, False  # nothing can be noted about whoever's key is damaged
    if not any(held.role == "admin" and held.cohort_id is None for held in unit.roles.of(person.id)):
        return None, False
    told = person.preferences.get(ALONE)
    due = datetime.fromisoformat(told) + MONTHLY if told else None
    if due is not None and due > unit.now:
        return due, False
    alone = due is not None and handover.is_alone(unit, person.id) and person.chat is not None
    if alone and allowed > unit.now:
        return allowed, False
    # The month counts from the first look on: whoever has just set everything up is not told at once.
    unit.people.prefer(person, **{ALONE: unit.now.isoformat()})
    if alone:
        unit.audit.add("tick", ALONE_TOLD, str(person.id), {})
        speech = turns.speech(unit, person, lane=BROADCAST)
        ways = (speech.button("button.handover", HANDOVER), speech.button("button.invite_team", INVITE_TEAM))
        missing = "handover.alone" if handover.unfilled(unit) else "handover.alone.written"
        speech.say(missing, rows(*ways, speech.button("button.menu", targets.HOME)))
    return unit.now + MONTHLY, alone
