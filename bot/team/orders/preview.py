"""The preview of a dialog before it is sent: the engine's words and the writer's keyboards, one message a screen.

Nothing is asked and nothing is stored: the participant's buttons lead only to the next message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from bot.conversation.turns import Turns
from bot.conversation.writer import Writer
from bot.messengers.port import Button, Keyboard
from bot.rendering.speech import Speech
from dialogs import engine, wording
from dialogs.events import Event, Explained
from dialogs.model import Dialog
from dialogs.run import Run
from dialogs.value_class import value_class
from storage.people import ZONE, Person

NOBODY = UUID(int=0)
NEWEST = 1 << 15  # above any prompt's number, so that no earlier keyboard has to be removed


@dataclass(frozen=True, slots=True)
class PreviewMessage:
    """One message as it would stand in a chat; `recording` is sent before it to people who listen."""

    text: str
    labels: tuple[tuple[str, ...], ...]
    recording: str = ""


@value_class
class PreviewChat(Speech):
    """A speech that sends nothing: it collects messages and recordings."""

    caught: list[tuple[str, Keyboard]] = field(default_factory=list)
    played: list[str] = field(default_factory=list)

    def send(self, text: str, keyboard: Keyboard = (), **_: Any) -> int:
        """Collect a message."""
        self.caught.append((text, keyboard))
        return 0

    def recording(self, name: str) -> None:
        """Collect a recording."""
        if name:
            self.played.append(name)

    def edit(self, row: int, keyboard: Keyboard, text: str | None = None, **_: Any) -> None:
        """Do nothing: there is no message to edit."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview for an imagined member of a cohort, in a language and a zone."""

    turns: Turns
    speech: Speech
    person: Person
    cohort_id: UUID
    language: str
    zone: str

    def messages(self, dialog: Dialog, card: Mapping[str, Any], *, why: bool = False) -> list[PreviewMessage]:
        """Return every message of a dialog: the offer, then each step in order.

        With `why`, each is as it would stand after the participant asked what it is for.
        """
        nickname = self.turns.texts.say("ask.look.name", self.language)
        reader = replace(self.person, nickname=nickname, language=self.language, preferences={ZONE: self.zone})
        context = self.turns.context(self.speech.unit, reader, dialog, {})
        offered = engine.begin(dialog, context)
        happened: list[tuple[Run, Event]] = [(offered.run, event) for event in offered.events]
        for step in dialog.steps:
            event = engine.shown(dialog, step.name, context)
            if event is not None:
                happened.append((Run("open", position=step.name, prompt=1), event))
        asked = [Explained(wording.choose(dialog.why, self.language))] if why else []
        return [self._shown(reader, dialog, card, run, [*asked, event]) for run, event in happened]

    def _shown(
        self, reader: Person, dialog: Dialog, card: Mapping[str, Any], run: Run, happened: Sequence[Event]
    ) -> PreviewMessage:
        voice = PreviewChat(
            self.speech.unit, self.turns.texts, reader, self.speech.messenger, self.speech.chat, self.language
        )
        writer = Writer(
            self.turns.organisation, voice, reader, dialog, NOBODY, run, None, self.cohort_id, {}, asked=NEWEST
        )
        writer.rehearsal = card
        writer.write(happened)
        text, keyboard = voice.caught[-1]
        labels = tuple(tuple(button.label for button in row) for row in keyboard)
        return PreviewMessage(text, labels, voice.played[0] if voice.played else "")


def keyboard(shown: PreviewMessage, leads: Mapping[str, str], otherwise: str) -> Keyboard:
    """Return a message's keyboard: a button leads where `leads` says by its label, or else to `otherwise`."""
    return tuple(tuple(Button(label, leads.get(label, otherwise)) for label in row) for row in shown.labels)
