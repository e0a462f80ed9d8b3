"""Telling whoever has only the page that the team wrote to them: one neutral text, and a list to tick off."""

from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import hand_notices
from bot.services.links import Site, notice_forward
from bot.services.permissions import FACILITATORS
from bot.services.phones import watched
from bot.team.kit.feature import Feature
from bot.team.kit.hand_rows import NAME, WAYS, Way, has_page, person_rows, reaches_out

SHOWN = 4  # people on a page


class MessageHandList(Argument):
    """A page of those to be told, by WhatsApp or (`s`) SMS."""

    layout: ClassVar[str] = "l[.{page}[.{sms:s}]]"
    page: int = 0
    sms: bool = False


class MessageHandTick(Argument):
    """One who was told of a message: by a message (`m`), in person (`p`), or not after all (`u`)."""

    layout: ClassVar[str] = "{way}{message}[.{page}[.{sms:s}]]"
    way: Literal["m", "p", "u"]
    message: UUID
    page: int = 0
    sms: bool = False


MAIL_HAND = Action(targets.MAIL_HAND, FACILITATORS, (MessageHandList, MessageHandTick))


class MessageHand(Feature):
    """The list of those to whom the team wrote and whom nothing rings. No phone number is asked for or stored."""

    @handles(MAIL_HAND)
    def by_hand(self, screen: Screen, argument: MessageHandList | MessageHandTick) -> None:
        """Show whom to tell, or note who was told."""
        if isinstance(argument, MessageHandTick):
            hand_notices.tick_message(screen.unit, screen.person, argument.message, WAYS.get(argument.way))
        show(screen, self._turns.site, argument.page, sms=argument.sms)


def told_after_writing(screen: Screen, site: Site, person_id: UUID) -> None:
    """Send the text to pass on and the list of whom it concerns, if nothing rings for the one who was written to."""
    found = hand_notices.silent_messages(screen.unit, screen.person)
    person = screen.unit.people.get(person_id)
    if person is None or not has_page(site) or person_id not in {each.person_id for each in found}:
        return
    if reaches_out(site):
        text = notice_forward(screen.speech.texts, language_of(person), site.public_url or "").text
        screen.speech.send(text)  # a message of its own, so that one long press copies it
    show(Screen(screen.speech, screen.person), site, 0, sms=False)


def show(screen: Screen, site: Site, page: int, *, sms: bool) -> None:
    """Show a page of those to whom the team wrote and whom nothing rings."""
    found = hand_notices.silent_messages(screen.unit, screen.person)
    back = screen.button("button.alerts", targets.MAIL)
    if not found or not has_page(site):
        screen.show(screen.words("hand.none"), rows(back, screen.menu()))
        return
    pager = Pager.of(len(found), SHOWN, page, joined=True)
    keyboard, seen = [], []
    for each in pager.cut(found):
        person, message_id = screen.unit.people.known(each.person_id), each.id

        def tick(way: Way, message_id: UUID = message_id) -> MessageHandTick:
            return MessageHandTick(way, message_id, pager.page, sms)

        if others := watched(person) and each.way is None:
            seen.append(shorten(screen.mentioned(person), NAME))
        told = person_rows(screen, site, person, each.way, MAIL_HAND, tick, sms=sms, in_person_first=others)
        keyboard += [*told]
    turns = pager.turns(lambda code, number: screen.button(code, MAIL_HAND, MessageHandList(number, sms)))
    other = screen.button(
        "button.hand.whatsapp" if sms else "button.hand.sms", MAIL_HAND, MessageHandList(pager.page, not sms)
    )
    ways = [other, back] if reaches_out(site) else [back]
    left = sum(each.way is None for each in found)
    count, words = screen.speech.texts.count, screen.words
    lines = [count("hand.left", screen.speech.language, left) if left else words("hand.all_told")]
    if seen:
        lines.append(words("hand.watched", names=", ".join(seen)))
    lines.append(words("hand.how" if reaches_out(site) else "hand.how.practice"))
    screen.show("\n\n".join(lines), (*keyboard, *turns, *rows(*ways, screen.menu())))
