"""By whom one of the team is heard when they cry for help in their own answers: asked at the first of these."""

from typing import ClassVar, Final
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import shorten
from bot.services.permissions import ADMINS_HEAR, CONFIDANT, FACILITATORS, TEAM, TO_ASK, allowed
from storage.people import Person
from storage.unit import Unit

SHOWN: Final = 3  # people on a screen
NAME: Final = 24  # characters of a name on a button


class ConfidantPage(Argument):
    """A page of the people who can be chosen."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class OtherAdmins(Argument):
    """Choose nobody by name: the other admins hear it."""

    layout: ClassVar[str] = "x"


class Chosen(Argument):
    """The person who is chosen."""

    layout: ClassVar[str] = "{person}"
    person: UUID


HEARER = Action(targets.CONFIDANT, TEAM, (ConfidantPage, OtherAdmins, Chosen))


class ConfidantScreens:
    """Asks one of the team whom to tell, and keeps the answer until it is changed."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def asks(self, person: Person) -> bool:
        """Return whether one of the team has still to be asked."""
        return person.preferences.get(CONFIDANT) == TO_ASK

    def ask(self, unit: Unit, person: Person) -> None:
        """Ask, once, below the person's first own answer."""
        person = unit.people.prefer(person, **{CONFIDANT: ADMINS_HEAR})
        speech = self._turns.speech(unit, person)
        speech.send(speech.words("confidant.ask"), self._choices(speech, person, 0))

    @handles(HEARER)
    def choose(self, screen: Screen, argument: ConfidantPage | OtherAdmins | Chosen) -> None:
        """Show whom to choose from, or keep who was chosen."""
        unit, speech = screen.unit, screen.speech
        if isinstance(argument, ConfidantPage):
            screen.show(screen.words("confidant.ask"), self._choices(speech, screen.person, argument.page))
            return
        chosen = unit.people.get(argument.person) if isinstance(argument, Chosen) else None
        if chosen is not None and not allowed(unit, chosen, FACILITATORS):
            chosen = None
        unit.people.prefer(screen.person, **{CONFIDANT: chosen.id.hex if chosen else ADMINS_HEAR})
        code = "confidant.kept" if chosen else "confidant.admins"
        name = chosen.display_name if chosen else ""
        screen.show(screen.words(code, name=name), rows(screen.menu()))

    def _choices(self, speech: Speech, person: Person, page: int) -> Keyboard:
        unit = speech.unit
        found = (unit.people.get(each) for each in unit.roles.who_reads() if each != person.id)
        team = sorted((each for each in found if each is not None), key=lambda each: each.display_name)
        pager = Pager.of(len(team), SHOWN, page, joined=True)
        screen = Screen(speech, person)
        names = [screen.labelled(shorten(each.display_name, NAME), HEARER, Chosen(each.id)) for each in pager.cut(team)]
        turn = pager.turns(lambda code, number: screen.button(code, HEARER, ConfidantPage(number)))
        return rows(*names) + turn + rows(screen.button("button.other_admins", HEARER, OtherAdmins()), screen.menu())
