"""Handing somebody her own link: by the facilitator's WhatsApp or SMS, since nothing rings in a browser."""

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
from bot.team.people.people import SOMEONE, member_of, named
from storage.memberships import Membership
from storage.people import Person


class LinkFor(Argument):
    """A member's link; whether the PIN is to be forgotten as well, and whether that was asked about."""

    layout: ClassVar[str] = "{member}[.{forget}]"
    member: UUID
    forget: Literal["", "f", "yf"] = ""


PERSONAL_LINK = Action(targets.PERSONAL_LINK, FACILITATORS, (LinkFor,))


class PersonalLinkScreen(Feature):
    """Makes a personal link, and the ways to hand it over. No number is kept, and none is asked for."""

    @handles(PERSONAL_LINK)
    def link(self, screen: Screen, argument: LinkFor) -> None:
        """Give a link, or ask before a PIN is forgotten."""
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
            screen.show(screen.words("people.link.forget", name=named(person)), rows(yes, no))
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
        screen.show(screen.words("people.link.made", name=named(person)), rows(*ways, back))
        # By itself, so that one long press copies it.
        speech.send(made.text if made else link)


def by_hand(speech: Speech, whatsapp: str, sms: str) -> list[Button]:
    """Make the buttons that open her own WhatsApp and her own SMS."""
    return [
        Button(speech.words("button.whatsapp"), "", whatsapp),
        Button(speech.words("button.sms"), "", sms),
    ]
