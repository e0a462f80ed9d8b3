"""A dialog as it arrives, before it is sent: the engine's own words, the writer's own keyboards, one screen a message.

Nothing is asked and nothing is kept: what a leader's buttons would do leads here only to the next message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from bot.messenger import Button, Keyboard
from bot.speech import Speech
from bot.turns import Turns
from bot.writer import Writer
from dialogs import engine
from dialogs.events import Event
from dialogs.model import Dialog
from dialogs.run import Run
from storage.people import Person

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as it would stand in a chat; `recording` goes before it to whoever listens."""

    text: str
    labels: tuple[tuple[str, ...], ...]
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Catching(Speech):
    """A voice whose words go nowhere: they are caught."""

    caught: list[tuple[str, Keyboard]] = field(default_factory=list)
    played: list[str] = field(default_factory=list)

    def send(self, text: str, keyboard: Keyboard = (), **_: Any) -> int:
        """Catch a message."""
        self.caught.append((text, keyboard))
        return 0

    def recording(self, name: str) -> None:
        """Catch a recording."""
        if name:
            self.played.append(name)

    def edit(self, row: int, keyboard: Keyboard, text: str | None = None) -> None:
        """Let an edit be: there is nothing to change."""


def messages(
    turns: Turns, speech: Speech, person: Person, dialog: Dialog, language: str, zone: str, card: Mapping[str, Any]
) -> list[Shown]:
    """Return every message of a dialog in a language: the offer, then each step in its order."""
    reader = replace(
        person,
        nickname=turns.texts.say("ask.look.name", language),
        language=language,
        zone=zone,
        preferences={},
    )
    context = turns.context(speech.unit, reader, NOBODY, dialog, {})
    offered = engine.begin(dialog, context)
    happened: list[tuple[Run, Event]] = [(offered.run, event) for event in offered.events]
    for step in dialog.steps:
        event = engine.shown(dialog, step.name, context)
        if event is not None:
            happened.append((Run("open", position=step.name, prompt=1), event))
    shown = []
    for run, event in happened:
        voice = Catching(speech.unit, turns.texts, reader, speech.messenger, speech.chat, language)
        writer = Writer(turns.organisation, voice, reader, dialog, NOBODY, run, None, None, {}, asked=1 << 15)
        writer.rehearsal = card
        writer.write([event])
        for text, keyboard in voice.caught:
            labels = tuple(tuple(button.label for button in row) for row in keyboard)
            shown.append(Shown(text, labels, voice.played[0] if voice.played else ""))
    return shown


def keyboard(shown: Shown, backward: str, forward: str, back_label: str) -> Keyboard:
    """Give a message's own buttons back to it: the one that goes back leads back, all others on."""
    return tuple(
        tuple(Button(label, backward if label == back_label else forward) for label in row) for row in shown.labels
    )
