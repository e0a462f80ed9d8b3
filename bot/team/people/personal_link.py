"""Handing a participant or colleague their link by the giver's own WhatsApp or SMS, since a browser does not ring."""

from collections.abc import Sequence
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.services import links
from bot.services.links import forward_links
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed, works_here
from bot.services.refusals import NotAllowed
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Feature
from bot.team.kit.hand_rows import WouldOpen
from bot.team.people.people import SOMEONE, member_of
from storage.people import Person


class LinkFor(Argument):
    """A member whose link is to be made; `f`: ask whether to forget the PIN as well; `yf`: forget it."""

    layout: ClassVar[str] = "{member}[.{forget}]"
    member: UUID
    forget: Literal["", "f", "yf"] = ""


class LinkForColleague(Argument):
    """One of the team whose link is to be made."""

    layout: ClassVar[str] = "t{person}"
    person: UUID


PERSONAL_LINK = Action(targets.PERSONAL_LINK, FACILITATORS, (LinkFor, LinkForColleague))


class PersonalLinkScreen(Feature):
    """The screen that makes a personal link, and the ways to send it. No phone number is asked for or stored."""

    @handles(PERSONAL_LINK)
    def link(self, screen: Screen, argument: LinkFor | LinkForColleague) -> None:
        """Make a link, or ask before the PIN is forgotten."""
        if isinstance(argument, LinkForColleague):
            self._colleague(screen, argument.person)
            return
        found = member_of(screen, argument.member)
        if found is None:
            return
        membership, person, _ = found
        back = screen.button("button.return", SOMEONE, OfId(membership.id))
        base = self._turns.site.public_url
        if not base or membership.left_at is not None:
            screen.show(screen.words("people.link.none"), rows(back))
        elif argument.forget == "f":
            yes = screen.button("button.forget_sure", PERSONAL_LINK, LinkFor(membership.id, "yf"))
            no = screen.button("button.rather_not", SOMEONE, OfId(membership.id))
            screen.show(screen.words("people.link.forget", name=screen.mentioned(person)), rows(yes, no))
        else:
            # What opens a colleague's page opens what the role opens: that PIN is forgotten at the server alone.
            forgets = screen.unit.web_pins.exists(person.id) and not works_here(screen.unit, person.id)
            ways = [screen.button("button.link_forget", PERSONAL_LINK, LinkFor(membership.id, "f"))] if forgets else []
            forget = argument.forget == "yf"
            link = links.make(screen.unit, screen.person, person, base, about=membership.id, forget_pin=forget)
            self._give(screen, person, link, [*ways, back])

    def _colleague(self, screen: Screen, person_id: UUID) -> None:
        """Make the link of one of the team; an admin's alone to give."""
        unit, person = screen.unit, screen.unit.people.get(person_id)
        back, base = screen.button("button.people_roles", targets.ROLES), self._turns.site.public_url
        if not allowed(unit, screen.person, ADMINS_OF_ALL):
            raise NotAllowed(PERSONAL_LINK.name)
        if person is None or not unit.roles.of(person.id) or person.id == screen.person.id:
            screen.show(screen.words("role.over"), rows(back, screen.menu()))
        elif not base:
            screen.show(screen.words("people.link.none"), rows(back, screen.menu()))
        else:
            unit.lock(person.id)
            link = links.make(unit, screen.person, person, base, about=person.id)
            self._give(screen, person, link, [back])

    def _give(self, screen: Screen, person: Person, link: str, further: Sequence[Button]) -> None:
        """Show the ways to send a link, and the link in a text to be copied."""
        speech = screen.speech
        made = forward_links(speech.texts, language_of(person), link, practice=self._turns.site.practice)
        ways = (
            by_hand(speech, made.whatsapp, made.sms if "sms" in speech.can.opens else made.page)
            if made
            else [speech.button("button.whatsapp", targets.HAND_TRY, WouldOpen("l"))]
        )
        screen.show(screen.words("people.link.made", name=screen.mentioned(person)), rows(*ways, *further))
        # Sent as a message of its own, so that one long press copies it.
        speech.send(made.text if made else link)


def by_hand(speech: Speech, whatsapp: str, sms: str) -> list[Button]:
    """Return the buttons that open the facilitator's own WhatsApp and SMS."""
    return [
        Button(speech.words("button.whatsapp"), "", whatsapp),
        Button(speech.words("button.sms"), "", sms),
    ]
