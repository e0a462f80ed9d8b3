"""Requests for a link: somebody on a page gave a nickname, which proves nothing, and asked for the way back.

Whoever came in by a shared invite and no longer knows under which nickname writes what they remember: the team says
whom it may mean, and then confirms as with any other request.
"""

from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen, short_id
from bot.rendering import targets
from bot.rendering.arguments import Argument, Page
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import links, recollections
from bot.services.organisation import recent
from bot.services.permissions import FACILITATORS
from bot.services.recollections import OpenRecollection
from bot.services.refusals import NotFound
from bot.team.kit.feature import Feature
from bot.team.people.people import NAMED, ON_A_PAGE, member_of, paged
from bot.team.people.personal_link import LinkFor, LinkForColleague
from storage.link_requests import LinkRequest
from storage.memberships import Membership

TAIL = 6  # last characters of a person's id that tell them from the others: a button has no room for two ids


class OneRequest(Argument):
    """A member whose link was asked for: what to do (`o`), or that it is not to be given (`n`)."""

    layout: ClassVar[str] = "{step}{member}"
    step: Literal["o", "n"]
    member: UUID


class OneColleague(Argument):
    """One of the team who asked for a link: what to do (`o`), or that it is not to be given (`n`)."""

    layout: ClassVar[str] = "c{step}{person}"
    step: Literal["o", "n"]
    person: UUID


class OneRecollection(Argument):
    """What somebody remembers: a page of whom it may mean (`o`), whether to remove it (`n`), or remove it (`y`)."""

    layout: ClassVar[str] = "r{step}{recollection}[.{page}]"
    step: Literal["o", "n", "y"]
    recollection: UUID
    page: int = 0


class Match(Argument):
    """The one it may mean, by the end of their id."""

    layout: ClassVar[str] = "m{recollection}.{tail}"
    recollection: UUID
    tail: str


LINK_REQUESTS = Action(targets.LINK_REQUESTS, FACILITATORS, (OneRequest, OneColleague, OneRecollection, Match, Page))


class LinkRequestScreens(Feature):
    """The list of open requests, and one of them: a link is given only once it is certain who asked."""

    @handles(LINK_REQUESTS)
    def requests(self, screen: Screen, argument: OneRequest | OneColleague | OneRecollection | Match | Page) -> None:
        """Show the requests, or one of them, or close one without a link."""
        if isinstance(argument, Page):
            self._list(screen, argument.page)
        elif isinstance(argument, OneRequest):
            self._request(screen, argument)
        elif isinstance(argument, OneColleague):
            self._colleague(screen, argument)
        else:
            self._remembered(screen, argument)

    def _request(self, screen: Screen, argument: OneRequest) -> None:
        found = member_of(screen, argument.member)
        if found is None:
            return
        _, person, _ = found
        if argument.step == "n":
            links.decline_link(screen.unit, screen.person, person)
            self._list(screen, 0, screen.words("people.asked.declined", name=screen.mentioned(person)))
        else:
            self._one(screen, argument.member, screen.mentioned(person))

    def _colleague(self, screen: Screen, argument: OneColleague) -> None:
        person = screen.unit.people.get(argument.person)
        open_now = (each.person_id for each, held in links.link_requests(screen.unit, screen.person) if held is None)
        if person is None or person.id not in open_now:
            self._list(screen, 0, screen.words("people.asked.gone"))
        elif argument.step == "n":
            links.decline_link(screen.unit, screen.person, person)
            self._list(screen, 0, screen.words("people.asked.declined", name=screen.mentioned(person)))
        else:
            ways = LinkForColleague(person.id), OneColleague("n", person.id)
            self._ask(screen, "people.asked.colleague", screen.mentioned(person), *ways)

    def _one(self, screen: Screen, member_id: UUID, name: str) -> None:
        self._ask(screen, "people.asked.one", name, LinkFor(member_id), OneRequest("n", member_id))

    def _ask(self, screen: Screen, code: str, name: str, yes: Argument, no: Argument) -> None:
        """Ask whether it was confirmed with that person by another way."""
        keyboard = rows(
            screen.button("button.asked_yes", targets.PERSONAL_LINK, yes),
            screen.button("button.asked_no", LINK_REQUESTS, no),
            screen.button("button.return", LINK_REQUESTS),
        )
        screen.show(screen.words(code, name=name), keyboard)

    def _remembered(self, screen: Screen, argument: OneRecollection | Match) -> None:
        found = recollections.one_for(screen.unit, screen.person, argument.recollection)
        if found is None:
            self._list(screen, 0, screen.words("people.asked.gone"))
        elif isinstance(argument, Match):
            self._match(screen, found, argument.tail)
        elif argument.step == "n":
            this = argument.recollection
            sure = screen.button("button.recalled_drop", LINK_REQUESTS, OneRecollection("y", this))
            back = screen.button("button.return", LINK_REQUESTS, OneRecollection("o", this))
            screen.show(screen.words("people.recalled.sure"), rows(sure, back))
        elif argument.step == "y":
            recollections.decline(screen.unit, screen.person, argument.recollection)
            self._list(screen, 0, screen.words("people.recalled.declined"))
        else:
            self._whose(screen, found, argument.page)

    def _whose(self, screen: Screen, found: OpenRecollection, page: int) -> None:
        """Show what is remembered, and who came in by that invite."""
        pager = Pager.of(len(found.came), ON_A_PAGE, page, joined=True)
        this = found.said.id
        people = [
            screen.labelled(shorten(screen.called(each), NAMED), LINK_REQUESTS, Match(this, short_id(each.id)[-TAIL:]))
            for each in pager.cut(found.came)
        ]
        turns = pager.turns(
            lambda code, number: screen.button(code, LINK_REQUESTS, OneRecollection("o", this, number)),
        )
        nobody = screen.button("button.recalled_nobody", LINK_REQUESTS, OneRecollection("n", this))
        said = screen.words("people.recalled.said", words=found.said.words) if found.said.words else ""
        lines = (
            screen.words("people.recalled.one", group=found.cohort.name if found.cohort else "—"),
            said or screen.words("people.recalled.nothing"),
            screen.words("people.recalled.whose"),
        )
        back = screen.button("button.return", LINK_REQUESTS)
        screen.show("\n\n".join(lines), (*rows(*people), *turns, *rows(nobody, back)))

    def _match(self, screen: Screen, found: OpenRecollection, tail: str) -> None:
        """Go on with whom it may mean, as if they had been asked for by nickname."""
        person = next((each for each in found.came if short_id(each.id)[-TAIL:] == tail), None)
        held = screen.unit.memberships.held(person.id) if person is not None else ()
        member = next((each for each in held if found.cohort is None or each.cohort_id == found.cohort.id), None)
        if person is None or member is None:
            self._list(screen, 0, screen.words("people.recalled.left"))
            return
        try:
            recollections.match(screen.unit, screen.person, found.said.id, person)
        except NotFound:
            self._list(screen, 0, screen.words("people.asked.gone"))
            return
        self._one(screen, member.id, screen.mentioned(person))

    def _list(self, screen: Screen, page: int, lead: str = "") -> None:
        named = links.link_requests(screen.unit, screen.person)
        recalled = recollections.open_for(screen.unit, screen.person)
        every: list[OpenRecollection | tuple[LinkRequest, Membership | None]] = [*recalled, *named]
        shown, turns = paged(screen, every, page, LINK_REQUESTS, Page)
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        buttons = []
        for each in shown:
            at = each.said.asked_at if isinstance(each, OpenRecollection) else each[0].asked_at
            day = recent(screen.speech, zone, at) or screen.speech.texts.short_day(at, zone, screen.speech.language)
            if isinstance(each, OpenRecollection):
                label = screen.words("people.recalled.label", day=day)
                buttons.append(screen.labelled(label, LINK_REQUESTS, OneRecollection("o", each.said.id)))
            else:
                request, held = each
                name = screen.called(screen.unit.people.known(request.person_id))[:NAMED]
                this = OneColleague("o", request.person_id) if held is None else OneRequest("o", held.id)
                buttons.append(screen.labelled(f"{name} · {day}", LINK_REQUESTS, this))
        text = screen.words("people.asked" if named or recalled else "people.asked.none")
        screen.show("\n\n".join(filter(None, (lead, text))), rows(*buttons) + turns + rows(screen.menu()))
