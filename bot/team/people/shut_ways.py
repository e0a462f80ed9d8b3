"""Ways in that ten wrong PINs have shut: listed, asked about, and opened again once it was confirmed."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.arguments import Argument, Page
from bot.rendering.speech import rows
from bot.services import shut_ways
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone
from bot.team.kit.feature import Feature
from bot.team.people.people import NAMED, paged
from storage.web_pins import ShutWay

LETTERS: Final[dict[str, Literal["p", "l", "n"]]] = {"phone": "p", "link": "l", "nickname": "n"}
WAYS: Final = {letter: way for way, letter in LETTERS.items()}


class OneShutWay(Argument):
    """A way in of a person: what to do (`o`), or that it was confirmed and is to be opened (`y`)."""

    layout: ClassVar[str] = "{step}{way}{person}"
    step: Literal["o", "y"]
    way: Literal["p", "l", "n"]
    person: UUID


PIN_SHUT = Action(targets.PIN_SHUT, FACILITATORS, (OneShutWay, Page))


class ShutWayScreens(Feature):
    """The list of ways in that are shut, and the question before one is opened."""

    @handles(PIN_SHUT)
    def shut(self, screen: Screen, argument: OneShutWay | Page) -> None:
        """Show the list, or one of it; or open it again."""
        found = shut_ways.shut_ways(screen.unit, screen.person)
        if isinstance(argument, Page):
            self._list(screen, found, argument.page)
            return
        way = next((each for each in found if _is(each, argument)), None)
        person = screen.unit.people.get(argument.person)
        if way is None or person is None:
            self._list(screen, found, 0, screen.words("shut.over"))
            return
        if argument.step == "y":
            try:
                shut_ways.reopen(screen.unit, screen.person, way)
            except AlreadyDone:
                text = screen.words("shut.over")
            else:
                text = screen.words("shut.opened", name=screen.mentioned(person))
            self._list(screen, [each for each in found if each != way], 0, text)
            return
        yes = screen.button("button.pin_reopen", PIN_SHUT, OneShutWay("y", argument.way, person.id))
        back = screen.button("button.pin_leave_shut", PIN_SHUT)
        screen.show(screen.words(f"shut.one.{way.way}", name=screen.mentioned(person)), rows(yes, back, screen.menu()))

    def _list(self, screen: Screen, found: list[ShutWay], page: int, lead: str = "") -> None:
        shown, turns = paged(screen, found, page, PIN_SHUT, Page)
        buttons = []
        for each in shown:
            name = screen.called(screen.unit.people.known(each.person_id))[:NAMED]
            label = f"{name} · {screen.words(f'shut.way.{each.way}')}"
            buttons.append(screen.labelled(label, PIN_SHUT, OneShutWay("o", LETTERS[each.way], each.person_id)))
        text = screen.words("shut.list" if found else "shut.none")
        lines = [lead] if lead and not found else [lead, text]
        screen.show("\n\n".join(filter(None, lines)), rows(*buttons) + turns + rows(screen.menu()))


def _is(each: ShutWay, argument: OneShutWay) -> bool:
    return each.person_id == argument.person and each.way == WAYS[argument.way]
