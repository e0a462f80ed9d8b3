"""Requests for a link: somebody on a page gave a nickname, which proves nothing, and asked for the way back."""

from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.arguments import Argument, Page
from bot.rendering.speech import rows
from bot.services import links
from bot.services.organisation import recent
from bot.services.permissions import FACILITATORS
from bot.team.kit.feature import Feature
from bot.team.people.people import NAMED, member_of, paged
from bot.team.people.personal_link import LinkFor


class OneRequest(Argument):
    """A member whose link was asked for: what to do (`o`), or that it is not to be given (`n`)."""

    layout: ClassVar[str] = "{step}{member}"
    step: Literal["o", "n"]
    member: UUID


LINK_REQUESTS = Action(targets.LINK_REQUESTS, FACILITATORS, (OneRequest, Page))


class LinkRequestScreens(Feature):
    """The list of open requests, and one of them: a link is given only once it is certain who asked."""

    @handles(LINK_REQUESTS)
    def requests(self, screen: Screen, argument: OneRequest | Page) -> None:
        """Show the requests, or one of them, or close one without a link."""
        if isinstance(argument, Page):
            self._list(screen, argument.page)
            return
        found = member_of(screen, argument.member)
        if found is None:
            return
        _, person, _ = found
        if argument.step == "n":
            links.decline_link(screen.unit, screen.person, person)
            self._list(screen, 0, screen.words("people.asked.declined", name=person.display_name))
            return
        keyboard = rows(
            screen.button("button.asked_yes", targets.PERSONAL_LINK, LinkFor(argument.member)),
            screen.button("button.asked_no", LINK_REQUESTS, OneRequest("n", argument.member)),
            screen.button("button.return", LINK_REQUESTS),
        )
        screen.show(screen.words("people.asked.one", name=person.display_name), keyboard)

    def _list(self, screen: Screen, page: int, lead: str = "") -> None:
        found = links.link_requests(screen.unit, screen.person)
        shown, turns = paged(screen, found, page, LINK_REQUESTS, Page)
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        buttons = []
        for request, membership in shown:
            person = screen.unit.people.known(request.person_id)
            day = recent(screen.speech, zone, request.asked_at) or screen.speech.texts.short_day(
                request.asked_at, zone, screen.speech.language
            )
            label = f"{person.display_name[:NAMED]} · {day}"
            buttons.append(screen.labelled(label, LINK_REQUESTS, OneRequest("o", membership.id)))
        text = screen.words("people.asked" if found else "people.asked.none")
        screen.show("\n\n".join(filter(None, (lead, text))), rows(*buttons) + turns + rows(screen.menu()))
