"""Telling whoever has only the page: one neutral text, and a list to send it from one's own phone and tick off."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen, short_id
from bot.messengers.port import Keyboard
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import hand_notices
from bot.services.hand_notices import SilentPeople
from bot.services.links import Site, notice_forward
from bot.services.permissions import FACILITATORS, may_reach
from bot.services.refusals import NotAllowed
from bot.team.kit.feature import Feature
from bot.team.kit.hand_rows import WAYS, Way, WouldOpen, has_page, person_rows, reaches_out
from bot.team.orders.panel import OfOrder
from dialogs import languages
from dialogs.replies import folded
from storage.broadcasts import Broadcast
from storage.people import Person

SHOWN = 4  # people on a page
TAIL = 6  # last characters of a person's id that tell them from the others: a button has no room for two ids


class HandList(Argument):
    """A page of those to be told of a broadcast, by WhatsApp or (`s`) SMS; `a`: with the text as a message first."""

    layout: ClassVar[str] = "{how}{order}[.{page}[.{sms:s}]]"
    how: Literal["l", "a"]
    order: UUID
    page: int = 0
    sms: bool = False


class HandTick(Argument):
    """One who was told: by a message (`m`), in person (`p`), or not after all (`u`); and the page to go on with."""

    layout: ClassVar[str] = "{way}{order}.{tail}.{page}[.{sms:s}]"
    way: Literal["m", "p", "u"]
    order: UUID
    tail: str
    page: int
    sms: bool = False


BY_HAND = Action(targets.BY_HAND, FACILITATORS, (HandList, HandTick))


HAND_TRY = Action(targets.HAND_TRY, FACILITATORS, (WouldOpen,))
TEXTS: Final = {"n": "hand.notice", "i": "web.invited", "l": "web.nudge"}


class ByHand(Feature):
    """The list of those who are told by hand. No phone number is asked for or stored."""

    @handles(BY_HAND)
    def by_hand(self, screen: Screen, argument: HandList | HandTick) -> None:
        """Show whom to tell, or note who was told."""
        unit = screen.unit
        broadcast = unit.broadcasts.get(argument.order)
        if broadcast is None or not may_reach(unit, screen.person, broadcast.cohort_id):
            raise NotAllowed(BY_HAND.name)
        if isinstance(argument, HandList):
            if argument.how == "a":
                send_text(screen, self._turns.site, broadcast)
                screen = Screen(screen.speech, screen.person)
        else:
            self._tick(screen, broadcast, argument)
        show(screen, self._turns.site, broadcast, argument.page, sms=argument.sms)

    @handles(HAND_TRY)
    def would_open(self, screen: Screen, argument: WouldOpen) -> None:
        """Say, in practice, what would open on one's own phone."""
        text = screen.words(TEXTS[argument.what], link="…")
        screen.speech.send(
            screen.words("hand.would_open", text=text), rows(screen.speech.button("button.menu", targets.HOME))
        )

    def _tick(self, screen: Screen, broadcast: Broadcast, argument: HandTick) -> None:
        found = hand_notices.silent(screen.unit, broadcast).now
        person_id = next((each for each in found if short_id(each)[-TAIL:] == argument.tail), None)
        if person_id is None:
            return  # they have come meanwhile
        if argument.way == "u":
            hand_notices.take_back(screen.unit, screen.person, broadcast, person_id)
        else:
            hand_notices.tell(screen.unit, screen.person, broadcast, person_id, WAYS[argument.way])


def told_after_sending(screen: Screen, site: Site, broadcast: Broadcast) -> None:
    """Send the text to pass on and the list of whom it concerns, if nothing rings for somebody."""
    if has_page(site) and hand_notices.silent(screen.unit, broadcast).left:
        send_text(screen, site, broadcast)
        show(Screen(screen.speech, screen.person), site, broadcast, 0, sms=False)


def send_text(screen: Screen, site: Site, broadcast: Broadcast) -> None:
    """Send the text as a message of its own, so that one long press copies it: in each language it is needed in."""
    if site.practice or not site.public_url:
        return
    found = map(screen.unit.people.get, hand_notices.silent(screen.unit, broadcast).left)
    tags = sorted({language_of(person) for person in found if person}, key=lambda tag: (tag != languages.DEFAULT, tag))
    written = (notice_forward(screen.speech.texts, tag, site.public_url).text for tag in tags)
    if text := "\n\n".join(dict.fromkeys(written)):
        screen.speech.send(text)


def show(screen: Screen, site: Site, broadcast: Broadcast, page: int, *, sms: bool) -> None:
    """Show a page of those whom nothing rings: a button to write to each, and two to tick."""
    silent = hand_notices.silent(screen.unit, broadcast)
    back = screen.speech.button("button.order_back", targets.PROGRESS, OfOrder(broadcast.id))
    if not silent.now or not has_page(site):
        screen.show(screen.words("hand.none"), rows(back, screen.menu()))
        return
    # By name; whoever was told stays in place, so that a tick can be taken back where it was given.
    found = sorted(filter(None, map(screen.unit.people.get, silent.now)), key=lambda each: folded(each.display_name))
    pager = Pager.of(len(found), SHOWN, page, joined=True)
    people = pager.cut(found)
    keyboard = [row for each in people for row in _rows(screen, site, broadcast, silent, each, pager.page, sms=sms)]
    turns = pager.turns(
        lambda code, number: screen.button(code, BY_HAND, HandList("l", broadcast.id, number, sms)),
    )
    other = screen.button(
        "button.hand.whatsapp" if sms else "button.hand.sms", BY_HAND, HandList("l", broadcast.id, pager.page, not sms)
    )
    ways = [other, back] if reaches_out(site) else [back]
    screen.show(_text(screen, site, silent), (*keyboard, *turns, *rows(*ways, screen.menu())))


def _text(screen: Screen, site: Site, silent: SilentPeople) -> str:
    count, language = screen.speech.texts.count, screen.speech.language
    left = len(silent.left)
    lines = [count("hand.left", language, left) if left else screen.words("hand.all_told")]
    lines.append(screen.words("hand.how" if reaches_out(site) else "hand.how.practice"))
    if silent.later:
        lines.append(count("hand.later", language, silent.later))
    return "\n\n".join(lines)


def _rows(
    screen: Screen, site: Site, broadcast: Broadcast, silent: SilentPeople, person: Person, page: int, *, sms: bool
) -> Keyboard:
    def tick(way: Way) -> HandTick:
        return HandTick(way, broadcast.id, short_id(person.id)[-TAIL:], page, sms)

    return person_rows(screen, site, person, silent.told.get(person.id), BY_HAND, tick, sms=sms)
