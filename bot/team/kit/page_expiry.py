"""Pages expire, so that what a facilitator reads does not stay in their chat.

A page is one message that is edited. It is blanked when the reader closes it, and half an hour after the last turn of
a page. Voice notes and photos are removed then, and when the page is turned. The panels table keeps which messages
these are, so a restart forgets nothing.
"""

from datetime import timedelta
from uuid import UUID

from bot import clock
from bot.conversation.turns import Turns
from bot.messengers.port import Incoming, Keyboard, Kind
from bot.rendering.speech import Speech
from bot.services import reading_pages
from bot.services.reading_pages import MEDIA, PAGE
from dialogs.model import Media
from storage.panels import ERASED, Panel
from storage.people import Person
from storage.unit import Unit

STAYS = timedelta(minutes=30)


def show(
    turns: Turns, speech: Speech, person: Person, incoming: Incoming | None, text: str, keyboard: Keyboard
) -> None:
    """Show a page in the message whose button was pressed, if that is a page, else in a new one; blank all others."""
    unit = speech.unit
    reading_pages.take_media(turns, unit, person)
    pressed = incoming.order if incoming is not None and incoming.kind is Kind.PRESS else None
    here = None if pressed is None else unit.outbox.row_of(speech.messenger, speech.chat, pressed)
    place = None
    for panel in unit.panels.of(person.id, PAGE):
        if panel.outbox_seq == here:
            place = panel
        else:
            reading_pages.blank(turns, unit, person, panel, reading_pages.CLOSED)
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
    return reading_pages.close(turns, speech.unit, person)


def over(turns: Turns, unit: Unit, panel: Panel) -> None:
    """End a page or its media whose time is over."""
    person = unit.people.get(panel.person_id)
    if person is None:
        unit.panels.drop(panel.id)
    elif panel.kind == MEDIA:
        reading_pages.take(turns, unit, person, panel)
    elif panel.subject == ERASED:
        reading_pages.vanish(turns, unit, person, panel)
    else:
        reading_pages.blank(turns, unit, person, panel, "read.over")
