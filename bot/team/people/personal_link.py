"""Handing a participant their link by the facilitator's own WhatsApp or SMS, since a browser does not ring."""

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
from bot.services.permissions import FACILITATORS
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Feature
from bot.team.people.people import SOMEONE, member_of
from storage.memberships import Membership
from storage.people import Person


class LinkFor(Argument):
    """A member whose link is to be made; `f`: ask whether to forget the PIN as well; `yf`: forget it."""

    layout: ClassVar[str] = "{member}[.{forget}]"
    member: UUID
    forget: Literal["", "f", "yf"] = ""


PERSONAL_LINK = Action(targets.PERSONAL_LINK, FACILITATORS, (LinkFor,))


class PersonalLinkScreen(Feature):
    """The screen that makes a personal link, and the ways to send it. No phone number is asked for or stored."""

    @handles(PERSONAL_LINK)
    def link(self, screen: Screen, argument: LinkFor) -> None:
        """Make a link, or ask before the PIN is forgotten."""
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
            screen.show(screen.words("people.link.forget", name=person.display_name), rows(yes, no))
        else:
            self._give(screen, membership, person, base, forget=argument.forget == "yf")

    def _give(self, screen: Screen, membership: Membership, person: Person, base: str, *, forget: bool) -> None:
        unit, speech = screen.unit, screen.speech
        link = links.make(unit, screen.person, person, base, about=membership.id, forget_pin=forget)
        made = forward_links(speech.texts, language_of(person), link, practice=self._turns.site.practice)
        ways = by_hand(speech, made.whatsapp, made.sms if "sms" in speech.can.opens else made.page) if made else []
        if unit.web_pins.exists(person.id):
            ways.append(screen.button("button.link_forget", PERSONAL_LINK, LinkFor(membership.id, "f")))
        back = screen.button("button.return", SOMEONE, OfId(membership.id))
        screen.show(screen.words("people.link.made", name=person.display_name), rows(*ways, back))
        # Sent as a message of its own, so that one long press copies it.
        speech.send(made.text if made else link)


def by_hand(speech: Speech, whatsapp: str, sms: str) -> list[Button]:
    """Return the buttons that open the facilitator's own WhatsApp and SMS."""
    return [
        Button(speech.words("button.whatsapp"), "", whatsapp),
        Button(speech.words("button.sms"), "", sms),
    ]
