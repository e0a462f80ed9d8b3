"""Handing somebody her own link: by the facilitator's WhatsApp or SMS, since nothing rings in a browser."""

from typing import ClassVar

from bot.conversation.screen import Screen, brief
from bot.messengers.port import Button, Incoming
from bot.product_languages import language_of
from bot.rendering.speech import Speech, rows
from bot.services import links
from bot.services.links import nudge
from bot.team.kit.feature import Part
from bot.team.people.people import SURE, member_of, named
from storage.memberships import Membership
from storage.people import Person

FORGET = "f"


class Handing(Part):
    """Makes a personal link, and the ways to hand it over. No number is kept, and none is asked for."""

    actions: ClassVar = frozenset({"her_link"})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  one action
        """Give a link, or ask before her PIN is forgotten."""
        written, _, rest = argument.partition(".")
        found = member_of(screen, written)
        if found is None:
            return
        membership, person, _ = found
        back = screen.button("button.return", "someone", written)
        base = self._turns.site.public_url
        if not base or membership.left_at is not None:
            screen.show(screen.words("people.link.none"), rows(back))
        elif rest == FORGET:
            yes = screen.button("button.forget_sure", "her_link", f"{written}.{SURE}{FORGET}")
            no = screen.button("button.rather_not", "someone", written)
            screen.show(screen.words("people.link.forget", name=named(person)), rows(yes, no))
        else:
            self._give(screen, membership, person, base, forget=rest == SURE + FORGET)

    def _give(self, screen: Screen, membership: Membership, person: Person, base: str, *, forget: bool) -> None:
        unit, speech = screen.unit, screen.speech
        link = links.make(unit, screen.person, person, base, about=membership.id, forget_pin=forget)
        made = nudge(speech.texts, language_of(person), link, practice=self._turns.site.practice)
        ways = by_hand(speech, made.whatsapp, made.sms if "sms" in speech.can.opens else made.page) if made else []
        written = brief(membership.id)
        if unit.web_pins.exists(person.id):
            ways.append(screen.button("button.link_forget", "her_link", f"{written}.{FORGET}"))
        back = screen.button("button.return", "someone", written)
        screen.show(screen.words("people.link.made", name=named(person)), rows(*ways, back))
        # By itself, so that one long press copies it.
        speech.send(made.text if made else link)


def by_hand(speech: Speech, whatsapp: str, sms: str) -> list[Button]:
    """Make the buttons that open her own WhatsApp and her own SMS."""
    return [
        Button(speech.words("button.whatsapp"), "", whatsapp),
        Button(speech.words("button.sms"), "", sms),
    ]
