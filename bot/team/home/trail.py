"""The audit trail on screen, for admins: who did what, page by page; and whether it is whole."""

from typing import ClassVar, Final, Literal

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import Pager, Screen
from bot.rendering.arguments import Argument, Page
from bot.rendering.speech import Speech, rows
from bot.services import trail
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.trail import TrailLine
from bot.team.kit.feature import Feature
from bot.team.kit.page import SCREEN_LENGTH, TeamPage

ON_A_PAGE: Final = 6
VERIFIED_HERE: Final = 20_000  # rows: more of them are looked through at the server alone, not while others wait


class TrailCheck(Argument):
    """A look through the whole trail."""

    layout: ClassVar[str] = "{check}"
    check: Literal["check"] = "check"


TRAIL = Action("trail", ADMINS_OF_ALL, (Page, TrailCheck), commands=("trail",), menu=MenuPlace("organisation", 4))


class TrailScreen(Feature):
    """The pages of the trail."""

    @handles(TRAIL)
    def show(self, screen: Screen, argument: Page | TrailCheck) -> None:
        """Show a page of the trail, or whether it is whole."""
        page = TeamPage(self._turns, screen)
        if isinstance(argument, TrailCheck):
            page.show(self._checked(screen), rows(page.button("button.return", TRAIL), page.menu()))
            return
        number = screen.unit.audit.count()
        pager = Pager.of(number, ON_A_PAGE, argument.page, joined=argument.page == 0)
        found = trail.read(screen.unit, screen.person, ON_A_PAGE + (not pager.after), pager.first)
        lines = [screen.words("trail.title"), *(f"· {page.day(each.at)}: {said(page.speech, each)}" for each in found)]
        if len(found) > ON_A_PAGE and len("\n".join(lines)) > SCREEN_LENGTH:
            lines, pager = lines[:-1], Pager.of(number, ON_A_PAGE, 0)
        turns = pager.turns(lambda code, place: page.button(code, TRAIL, Page(place)))
        page.show("\n".join(lines), turns + rows(page.button("button.trail_check", TRAIL, TrailCheck()), page.menu()))

    def _checked(self, screen: Screen) -> str:
        unit = screen.unit
        number = unit.audit.count()
        if number > VERIFIED_HERE:
            return screen.words("trail.at_server")
        texts, language = screen.speech.texts, screen.speech.language
        return trail.fault(unit, texts, language) or texts.count("trail.whole", language, number)


def said(speech: Speech, line: TrailLine) -> str:
    """Return who did what in a row of the trail, in words."""
    who = line.by.display_name if line.by else speech.words(f"trail.by.{line.own or 'gone'}")
    did = trail.done(speech.texts, speech.language, line)
    return speech.words("trail.line.about" if line.about else "trail.line", who=who, did=did, about=line.about)
