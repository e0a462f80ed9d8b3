"""What one of the team has open in their chats, taken away: pages, voice notes and photos, and panels of broadcasts.

A page is one message that is edited. The panels table keeps which messages these are, so a restart forgets nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.messengers.port import Keyboard
from bot.rendering import targets
from bot.rendering.arguments import IN_PLACE
from bot.rendering.speech import Speech, rows
from bot.services.acts import ConversationPort
from bot.services.chat_cleanup import take_out
from bot.services.permissions import may_see
from storage.addresses import address_lookup
from storage.panels import Panel
from storage.people import Person
from storage.unit import Unit

PAGE, MEDIA, PROGRESS = "page", "media", "progress"
CLOSED: Final = "read.closed"


def close(conversation: ConversationPort, unit: Unit, person: Person) -> bool:
    """Blank every page of a person and remove the media; return whether there was a page."""
    take_media(conversation, unit, person)
    found = unit.panels.of(person.id, PAGE)
    for panel in found:
        blank(conversation, unit, person, panel, CLOSED)
    return bool(found)


def close_for_good(conversation: ConversationPort, unit: Unit, person: Person) -> None:
    """Blank the pages of somebody who may not read them any more, and the panels of broadcasts out of their reach."""
    take_media(conversation, unit, person)
    for panel in unit.panels.of(person.id, PAGE):
        blank(conversation, unit, person, panel, CLOSED, menu_only)
    for panel in unit.panels.of(person.id, PROGRESS):
        broadcast = unit.broadcasts.get(panel.subject) if panel.subject else None
        if broadcast is None or not may_see(unit, person.id, broadcast.cohort_id):
            blank(conversation, unit, person, panel, CLOSED, menu_only)


def take_media(conversation: ConversationPort, unit: Unit, person: Person) -> None:
    """Remove the voice notes and photos that were played to a person."""
    for panel in unit.panels.of(person.id, MEDIA):
        take(conversation, unit, person, panel)


def reading_on(voice: Speech) -> Keyboard:
    """Return the ways on from a page that was closed: it may have shown answers or messages, so both."""
    return rows(
        voice.button("button.read_on", targets.READ), voice.button("button.alerts", targets.ALERT), *menu_only(voice)[0]
    )


def menu_only(voice: Speech) -> Keyboard:
    """Return the menu's button alone; the menu takes the page's place only if it is still the newest message."""
    return rows(voice.button("button.menu", targets.HOME, IN_PLACE))


def blank(
    conversation: ConversationPort,
    unit: Unit,
    person: Person,
    panel: Panel,
    code: str,
    ways: Callable[[Speech], Keyboard] = reading_on,
) -> None:
    """Put a sentence and ways on in the place of a page; while another page stands, take it out without a word."""
    unit.panels.drop(panel.id)
    voice = _voice(conversation, unit, person, panel.outbox_seq)
    if voice is None:
        return
    if unit.panels.of(person.id, PAGE) and _gone(unit, voice, panel):
        return  # the last of them says it, once
    if voice.can.kept_here:
        # This messenger shows stored messages, earlier texts too: so the page is removed, and a new message says so.
        unit.outbox.unsay(person.id, panel.outbox_seq)
        take_out(voice, [panel.outbox_seq])
        voice.say(code, ways(voice))
    else:
        voice.edit(panel.outbox_seq, ways(voice), voice.words(code))


def vanish(conversation: ConversationPort, unit: Unit, person: Person, panel: Panel) -> None:
    """Take out a message that named somebody who was erased; where that cannot be, leave a sentence in its place."""
    unit.panels.drop(panel.id)
    voice, place = _voice(conversation, unit, person, panel.outbox_seq), unit.outbox.place(panel.outbox_seq)
    if voice is None or place is None:
        return
    if voice.can.kept_here:
        unit.outbox.unsay(person.id, panel.outbox_seq)
        take_out(voice, [panel.outbox_seq])
    elif place.message_id is not None:
        voice.edit(panel.outbox_seq, menu_only(voice), voice.words("read.over"))


def _gone(unit: Unit, voice: Speech, panel: Panel) -> bool:
    """Take a page out of the chat, where the messenger lets us; return whether it goes."""
    place = unit.outbox.place(panel.outbox_seq)
    if voice.can.kept_here:
        unit.outbox.unsay(panel.person_id, panel.outbox_seq)
        take_out(voice, [panel.outbox_seq])
        return True
    if place is None or place.message_id is None or not voice.can.takes_back:
        return False
    take_out(voice, [place.message_id])
    return True


def take(conversation: ConversationPort, unit: Unit, person: Person, panel: Panel) -> None:
    """Remove a voice note or photo from the chat; one that is just being sent is left for the next time."""
    place = unit.outbox.place(panel.outbox_seq)
    if place is not None and place.state == "sending":
        return
    unit.panels.drop(panel.id)
    voice = _voice(conversation, unit, person, panel.outbox_seq)
    if voice is None or place is None:
        return
    if voice.can.kept_here:
        unit.outbox.unsay(person.id, panel.outbox_seq)
        take_out(voice, [panel.outbox_seq])
    elif place.message_id is not None:
        take_out(voice, [place.message_id])
    elif place.state == "queued":
        unit.outbox.close(panel.outbox_seq, "dropped", "closed")


def _voice(conversation: ConversationPort, unit: Unit, person: Person, row: int) -> Speech | None:
    """Return the speech for the address a row was sent to, which need not be the person's present one."""
    place = unit.outbox.place(row)
    for _, messenger, chat in unit.addresses.of(person) if place else ():
        if place and messenger == place.messenger and address_lookup(unit.vault, messenger, chat) == place.lookup:
            return replace(conversation.speech(unit, person), messenger=messenger, chat=chat)
    return None
