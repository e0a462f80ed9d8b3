"""The rows of a list of people to be told by hand: to write to one, and to tick who was told."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final, Literal, TypeAlias

from bot.conversation.screen import Screen
from bot.messengers.port import Button, Keyboard
from bot.product_languages import language_of
from bot.rendering import targets
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


class WouldOpen(Argument):
    """What one's own phone would open with outside practice: a notice (`n`), an invite (`i`), a link (`l`)."""

    layout: ClassVar[str] = "{what}"
    what: Literal["n", "i", "l"]


def has_page(site: Site) -> bool:
    """Return whether there is a page that people can come to."""
    return site.practice or bool(site.public_url)


def reaches_out(site: Site) -> bool:
    """Return whether a text can be sent from one's own phone; in practice nothing leaves the machine."""
    return not site.practice and bool(site.public_url)


def person_rows(
    screen: Screen,
    site: Site,
    person: Person,
    told: str | None,
    action: Named,
    tick: Callable[[Way], Argument],
    *,
    sms: bool,
    in_person_first: bool = False,
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
        in_person_first: whether to tell in person comes first, since others may see the phone.
    """
    name = shorten(screen.called(person), NAME)
    if told is not None:
        return rows(screen.labelled(screen.words(TICKED[told], name=name), action, tick("u")))
    in_person = screen.button("button.hand.in_person", action, tick("p"))
    done = screen.button("button.hand.done", action, tick("m"))
    if not site.public_url or not reaches_out(site):
        write = screen.speech.button("button.hand.write", targets.HAND_TRY, WouldOpen("n"), name=name)
    else:
        made = notice_forward(screen.speech.texts, language_of(person), site.public_url)
        opens = made.whatsapp if not sms else made.sms if "sms" in screen.speech.can.opens else made.page
        write = Button(screen.words("button.hand.write", name=name), "", opens)
    if in_person_first:
        return (
            (screen.button("button.hand.in_person.named", action, tick("p"), name=name),),
            (write, done),
        )
    return (write,), (done, in_person)
