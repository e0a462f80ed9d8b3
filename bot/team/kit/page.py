"""A page on which the team reads what participants said: one message that is edited in place, and blanked later."""

from datetime import datetime
from typing import Final, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Incoming, Keyboard, Kind
from bot.rendering.arguments import IN_PLACE
from bot.rendering.speech import Speech
from bot.services.organisation import recent
from bot.services.reading_pages import MEDIA
from bot.services.refusals import NotAllowed
from bot.team.kit import page_expiry
from dialogs.model import Media

SCREEN_LENGTH: Final = 500
"""How many characters a screen has at most; only what people said may make it longer."""


class TeamPage:
    """A page in the chat of one person of the team.

    Attributes:
        screen: the screen it is made from.
        speech: sends and edits messages.
        unit: the open transaction.
        person: who reads.
        place: the outbox row that is edited, or None for a new message.
        lead: text above the next screen.
    """

    def __init__(self, turns: Turns, screen: Screen) -> None:
        """Find the message whose button was pressed: it is edited even if newer messages stand below it."""
        self.screen, self.speech = screen, screen.speech
        self.unit, self.person = screen.unit, screen.person
        self.place = _place(screen.speech, screen.incoming)
        self.lead = ""
        self._zone = turns.organisation.zone(self.unit, self.person)
        self.words, self.button, self.labelled, self.menu = screen.words, screen.button, screen.labelled, screen.menu

    def show(self, text: str, keyboard: Keyboard) -> None:
        """Show a text, in place if possible; it is blanked half an hour later."""
        self.place = page_expiry.put(self.speech, self.person, self.place, text, keyboard)

    def play(self, piece: Media, subject: UUID) -> None:
        """Play a voice note or show a photo; it is removed from the chat again by itself."""
        page_expiry.play(self.speech, self.person, piece, subject)

    def put_away(self) -> None:
        """Have what was played removed at the next tick, since the reader has left the page it belongs to."""
        for each in self.unit.panels.of(self.person.id, MEDIA):
            self.unit.panels.changed(each.id, self.unit.now)

    def refuse(self, action: str) -> NoReturn:
        """Raise NotAllowed: this person may not see what they asked for."""
        raise NotAllowed(action)

    def note(self, action: str, subject: object) -> None:
        """Add what the reader did to the audit."""
        self.unit.audit.add(str(self.person.id), action, str(subject), {})

    def called(self, person_id: UUID | None) -> str:
        """Return the name by which the team knows a person."""
        person = self.unit.people.get(person_id) if person_id else None
        return self.speech.called(person) if person else self.words("mail.somebody")

    def day(self, moment: datetime) -> str:
        """Return a past day in short form: "hoy", "ayer", "24 nov"."""
        speech = self.speech
        return recent(speech, self._zone, moment) or speech.texts.short_day(moment, self._zone, speech.language)

    def hour(self, moment: datetime) -> str:
        """Return the hour and minute of a moment, in the reader's zone."""
        return f"{moment.astimezone(ZoneInfo(self._zone)):%H:%M}"


def _place(speech: Speech, incoming: Incoming | None) -> int | None:
    if incoming is None or incoming.kind is not Kind.PRESS or not incoming.button:
        return None
    pressed = speech.buttons.read(incoming.button)
    if not str(getattr(pressed, "argument", "")).endswith(IN_PLACE):
        return None
    return speech.unit.outbox.row_of(speech.messenger, speech.chat, incoming.order)
