"""The care card: where to turn when it cannot wait, in writing and, where the organisation recorded it, as audio."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar, Literal

from bot import clock
from bot.content import LIBRARY
from bot.conversation.actions import ALSO_LEFT, Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Keyboard, Outgoing
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import LISTENS, Speech, rows, voice_of
from bot.services import care, recordings
from bot.services.permissions import EVERYONE
from bot.services.phones import watched
from bot.services.spoken import care_aloud
from dialogs import languages
from storage.claims import URGENT

STAYS = timedelta(minutes=2)  # of a card on a phone that others see
CARD = "care"  # its recordings are care.es.ogg, care.en.ogg …


class Support(Argument):
    """Show the care card, or tell the team that support is wanted."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "team"] = ""


class SupportIn(Argument):
    """Support for somebody who has been erased, in the language they spoke."""

    layout: ClassVar[str] = "{language}"
    language: str


class Recording(Argument):
    """A recording, by its file name."""

    layout: ClassVar[str] = "{name:all}"
    name: str


SUPPORT = Action(targets.SUPPORT, EVERYONE, (Support, SupportIn), commands=("support",), states=ALSO_LEFT, offered=2)
HEAR = Action(targets.HEAR, EVERYONE, (Recording,), states=ALSO_LEFT)


class CareCardScreen:
    """Shows the care card and plays recordings."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(HEAR)
    def hear(self, screen: Screen, argument: Recording) -> Next:
        """Play a recording; show the menu if there is none of that name."""
        menu = rows(screen.speech.button("button.menu", targets.HOME))
        return None if self.play(screen.speech, argument.name, menu) else Then(targets.HOME, screen=screen)

    def show(self, speech: Speech, keyboard: Keyboard) -> None:
        """Show the organisation's care card, or a stock text where it has none yet."""
        speech = replace(speech, lane=URGENT)
        card = care.card(self._turns.organisation, speech) or speech.words("support.none")
        name = self._card_voice(speech)
        seen = speech.person is not None and watched(speech.person)
        if name and speech.person and not seen and speech.person.preferences.get("form") in LISTENS and speech.plays:
            speech.recording(name)
        elif name and speech.person:
            keyboard = rows(speech.button("button.hear", HEAR, Recording(name))) + keyboard
        self._leaves(speech, speech.send(card, keyboard))

    def _card_voice(self, speech: Speech) -> str:
        """Return the name of the card's recording: a file, or an admin's of the present words; empty without one."""
        return self.recording(speech, CARD) or self.voice(speech, care_aloud(self._turns.organisation, speech))

    def _leaves(self, speech: Speech, row: int) -> None:
        """Let a message of the card go after a while on a phone that others see; there it comes by a tap alone."""
        if speech.person is not None and watched(speech.person):
            # What ends pages of the team ends it, too.
            speech.unit.panels.add(clock.new_id(), speech.person.id, "media", row, until=speech.unit.now + STAYS)

    def recording(self, speech: Speech, what: str) -> str | None:
        """Return the file name of a recording in the chat's language, else in its base language; None without one."""
        tags = dict.fromkeys((speech.language, languages.base(speech.language)))
        return next((name for tag in tags if self.recorded(name := f"{what}.{tag}.ogg")), None)

    def voice(self, speech: Speech, words: str) -> str:
        """Return the name of the recording that says these words, made by an admin; empty without one."""
        return recordings.voice(self._turns.organisation, speech, words)

    def recorded(self, name: str) -> bool:
        """Return whether there is a recording of this name."""
        folders = (self._turns.content.own, LIBRARY)
        return voice_of(name) is not None or any((folder / name).is_file() for folder in folders)

    def play(self, speech: Speech, name: str, keyboard: Keyboard) -> bool:
        """Send a recording with buttons below; return False if there is none of that name."""
        if not self.recorded(name):
            return False
        body = Outgoing(speech.chat, speech.words("join.heard"), keyboard).to_dict()
        spoken = voice_of(name)
        held = {"id": spoken, "kind": "voice"} if spoken else {"recording": name}
        whole = {**body, "media": held, "language": speech.language}
        card = name == self._card_voice(speech)
        to, lane = (speech.messenger, speech.chat), URGENT if card else speech.lane
        row = speech.unit.outbox.put(clock.new_id(), speech.person, *to, "message", lane, whole)
        if card:
            self._leaves(speech, row)
        return True
