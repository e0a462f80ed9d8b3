"""The rows of a list of people to be told by hand: to write to one, and to tick who was told."""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from bot.conversation.screen import Screen
from bot.messengers.port import Button, Keyboard
from bot.product_languages import language_of
from bot.rendering.arguments import Argument
from bot.rendering.buttons import Named
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services.links import Site, notice_forward
from storage.hand_notices import IN_PERSON, MESSAGE
from storage.people import Person

NAME = 18  # characters of a nickname on a button
Way: TypeAlias = Literal["m", "p", "u"]
"""Told by a message, in person, or not after all."""
WAYS: Final[Mapping[str, str]] = {"m": MESSAGE, "p": IN_PERSON}
TICKED: Final = {MESSAGE: "hand.told.message", IN_PERSON: "hand.told.in_person"}


def person_rows(
    screen: Screen,
    site: Site,
    person: Person,
    told: str | None,
    action: Named,
    tick: Callable[[Way], Argument],
    *,
    sms: bool,
) -> Keyboard:
    """Return one person's buttons: to write to them and to tick, or what was ticked, which a press takes back.

    Args:
        screen: where they are shown.
        site: how people reach this bot.
        person: who is to be told.
        told: how they were told (`hand_notices.MESSAGE`, `IN_PERSON`), or None.
        action: what a tick asks for.
        tick: makes its argument.
        sms: whether the first button opens SMS, and not WhatsApp.
    """
    name = shorten(person.display_name, NAME)
    if told is not None:
        return rows(screen.labelled(screen.words(TICKED[told], name=name), action, tick("u")))
    in_person = screen.button("button.hand.in_person", action, tick("p"))
    if not site.public_url or not reaches_out(site):
        return ((screen.labelled(f"✓ {name}", action, tick("m")), in_person),)
    made = notice_forward(screen.speech.texts, language_of(person), site.public_url)
    opens = made.whatsapp if not sms else made.sms if "sms" in screen.speech.can.opens else made.page
    write = Button(screen.words("button.hand.write", name=name), "", opens)
    return ((write,), (screen.button("button.hand.done", action, tick("m")), in_person))


def has_page(site: Site) -> bool:
    """Return whether there is a page that people can come to."""
    return site.practice or bool(site.public_url)


def reaches_out(site: Site) -> bool:
    """Return whether a text can be sent from one's own phone; in practice nothing leaves the machine."""
    return not site.practice and bool(site.public_url)
