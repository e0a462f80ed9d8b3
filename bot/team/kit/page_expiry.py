"""Pages expire, so that what a facilitator reads does not stay in their chat.

A page is one message that is edited. It is blanked when the reader closes it, and half an hour after the last turn of
a page. Voice notes and photos are removed then, and when the page is turned. The panels table keeps which messages
these are, so a restart forgets nothing.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bot import clock
from bot.conversation.screen import IN_PLACE
from bot.conversation.turns import Turns
from bot.messengers.port import Incoming, Keyboard, Kind
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services.chat_cleanup import take_out
from dialogs.model import Media
from storage.addresses import address_lookup
from storage.panels import Panel
from storage.people import Person
from storage.unit import Unit

STAYS = timedelta(minutes=30)
PAGE, MEDIA = "page", "media"


def show(
    turns: Turns, speech: Speech, person: Person, incoming: Incoming | None, text: str, keyboard: Keyboard
) -> None:
    """Show a page in the message whose button was pressed, if that is a page, else in a new one; blank all others."""
    unit = speech.unit
    _take_media(turns, unit, person)
    pressed = incoming.order if incoming is not None and incoming.kind is Kind.PRESS else None
    here = None if pressed is None else unit.outbox.row_of(speech.messenger, speech.chat, pressed)
    place = None
    for panel in unit.panels.of(person.id, PAGE):
        if panel.outbox_seq == here:
            place = panel
        else:
            _blank(turns, unit, person, panel, "read.closed")
    put(speech, person, place.outbox_seq if place else None, text, keyboard)


def put(speech: Speech, person: Person, place: int | None, text: str, keyboard: Keyboard) -> int:
    """Put a page into the message at `place`, else into a new one, for `STAYS`; return its outbox row."""
    if place is None:
        place = speech.send(text, keyboard, protect=True, what=PAGE)
    else:
        speech.edit(place, keyboard, text, anew=True, protect=True)
    panels, until = speech.unit.panels, speech.unit.now + STAYS
    known = next((each for each in panels.of(person.id, PAGE) if each.outbox_seq == place), None)
    if known is None:
        panels.add(clock.new_id(), person.id, PAGE, place, until=until)
    else:
        panels.changed(known.id, until)
    return place


def leave(unit: Unit, person: Person, place: int | None) -> None:
    """Forget the page at `place`: its message shows something else now."""
    for panel in unit.panels.of(person.id, PAGE) if place is not None else ():
        if panel.outbox_seq == place:
            unit.panels.drop(panel.id)


def play(speech: Speech, person: Person, piece: Media, subject: UUID | None = None) -> None:
    """Send a voice note or photo of a `subject` below the page, for `STAYS`."""
    row = speech.media(piece, what=PAGE)
    speech.unit.panels.add(clock.new_id(), person.id, MEDIA, row, subject=subject, until=speech.unit.now + STAYS)


def close(turns: Turns, speech: Speech, person: Person) -> bool:
    """Blank every page of a person and remove the media; return whether there was a page."""
    unit = speech.unit
    _take_media(turns, unit, person)
    found = unit.panels.of(person.id, PAGE)
    for panel in found:
        _blank(turns, unit, person, panel, "read.closed")
    return bool(found)


def over(turns: Turns, unit: Unit, panel: Panel) -> None:
    """End a page or its media whose time is over."""
    person = unit.people.get(panel.person_id)
    if person is None:
        unit.panels.drop(panel.id)
    elif panel.kind == MEDIA:
        _take(turns, unit, person, panel)
    else:
        _blank(turns, unit, person, panel, "read.over")


def _blank(turns: Turns, unit: Unit, person: Person, panel: Panel, code: str) -> None:
    unit.panels.drop(panel.id)
    voice = _voice(turns, unit, person, panel.outbox_seq)
    if voice is None:
        return
    # A page may have shown answers or messages: the buttons lead to both.
    keyboard = rows(
        voice.button("button.read_on", targets.READ),
        voice.button("menu.mail", targets.MAIL),
        # The menu takes its place only if it is still the newest message.
        voice.button("button.menu", targets.HOME, IN_PLACE),
    )
    if voice.can.kept_here:
        # This messenger shows stored messages, earlier texts too: so the page is removed, and a new message says so.
        unit.outbox.unsay(person.id, panel.outbox_seq)
        take_out(voice, [panel.outbox_seq])
        voice.say(code, keyboard)
    else:
        voice.edit(panel.outbox_seq, keyboard, voice.words(code))


def _take_media(turns: Turns, unit: Unit, person: Person) -> None:
    for panel in unit.panels.of(person.id, MEDIA):
        _take(turns, unit, person, panel)


def _take(turns: Turns, unit: Unit, person: Person, panel: Panel) -> None:
    """Remove a voice note or photo from the chat; one that is just being sent is left for the next time."""
    place = unit.outbox.place(panel.outbox_seq)
    if place is not None and place.state == "sending":
        return
    unit.panels.drop(panel.id)
    voice = _voice(turns, unit, person, panel.outbox_seq)
    if voice is None or place is None:
        return
    if voice.can.kept_here:
        unit.outbox.unsay(person.id, panel.outbox_seq)
        take_out(voice, [panel.outbox_seq])
    elif place.message_id is not None:
        take_out(voice, [place.message_id])
    elif place.state == "queued":
        unit.outbox.close(panel.outbox_seq, "dropped", "closed")


def _voice(turns: Turns, unit: Unit, person: Person, row: int) -> Speech | None:
    """Return the speech for the address a row was sent to, which need not be the person's present one."""
    place = unit.outbox.place(row)
    for _, messenger, chat in unit.addresses.of(person) if place else ():
        if place and messenger == place.messenger and address_lookup(unit.vault, messenger, chat) == place.lookup:
            return replace(turns.speech(unit, person), messenger=messenger, chat=chat)
    return None
