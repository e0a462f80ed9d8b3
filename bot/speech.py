"""Speaking to one chat: sentences and keyboards become outbox rows, in the right language, inside the open unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot import clock
from bot.buttons import Buttons
from bot.lengths import split
from bot.messenger import Button, Keyboard, Outgoing
from bot.texts import Texts
from dialogs.model import Media, Value
from storage.people import Person
from storage.unit import Unit

LONGEST = 4096  # UTF-16 units, the least that any messenger takes (Telegram's)
LISTENS = frozenset({"listen", "both"})  # what she said is easiest for her
REPLY, BROADCAST = 0, 1  # lanes of the outbox: who waits for an answer goes first


@dataclass(frozen=True, slots=True)
class Speech:
    """One chat, one language, one open unit.

    Attributes:
        unit: the transaction everything is written in.
        texts: the catalogs.
        person: who is spoken to, or None for someone who is not (yet) a person here.
        messenger: name of the messenger.
        chat: address within it.
        language: what it is said in.
        lane: REPLY or BROADCAST.
    """

    unit: Unit
    texts: Texts
    person: Person | None
    messenger: str
    chat: str
    language: str
    lane: int = REPLY

    @property
    def buttons(self) -> Buttons:
        """The maker of button ids for this chat."""
        return Buttons(self.unit.vault, self.chat)

    def words(self, code: str, **facts: object) -> str:
        """Return the sentence of a code in this chat's language."""
        return self.texts.say(code, self.language, **facts)

    def button(self, code: str, action: str, argument: str = "", **facts: object) -> Button:
        """Make a button outside of any run, labelled by a code."""
        return Button(self.words(code, **facts), self.buttons.plain(action, argument))

    def say(self, code: str, keyboard: Keyboard = (), **facts: object) -> int:
        """Say the sentence of a code; returns the outbox row's number."""
        return self.send(self.words(code, **facts), keyboard)

    def send(
        self,
        text: str,
        keyboard: Keyboard = (),
        *,
        run_id: UUID | None = None,
        prompt: int | None = None,
        repeatable: bool = False,
        protect: bool = False,
    ) -> int:
        """Put a message into the outbox; returns the row's number."""
        *before, text = split(text, LONGEST) or [""]
        for part in before:
            self._put("message", Outgoing(self.chat, part, protect=protect).to_dict())
        body = Outgoing(self.chat, text, keyboard, protect=protect).to_dict()
        if repeatable:
            body["again"] = self.words("prompt.repeat")
        return self._put("message", body, run_id=run_id, prompt=prompt, repeatable=repeatable)

    def recording(self, name: str) -> None:
        """Let a recording go before the words, for whoever would rather listen than read."""
        if name and self.person and self.person.preferences.get("form") in LISTENS:
            self._put("message", {**Outgoing(self.chat, None).to_dict(), "media": {"recording": name}})

    def media(self, piece: Media, keyboard: Keyboard = (), *, protect: bool = True) -> int:
        """Play a voice note or show a photo that is on the shelf; returns the row's number."""
        held = {"id": piece.id, "kind": piece.kind, "seconds": piece.seconds}
        return self._put("message", {**Outgoing(self.chat, None, keyboard, protect=protect).to_dict(), "media": held})

    def media_words(self, piece: Media) -> str:
        """Name a voice note or a photo in words."""
        if piece.kind == "photo":
            return self.words("piece.photo")
        minutes, seconds = divmod(piece.seconds or 0, 60)
        return self.words("piece.voice", time=f"{minutes}:{seconds:02d}")

    def described(self, value: Value | None, label: str) -> str:
        """Say an answer in words, with its voice notes and photos named."""
        if value is None:
            return self.words("chosen.skipped")
        return " ".join(filter(None, (label, *(self.media_words(piece) for piece in media_of(value)))))

    def edit(self, row: int, keyboard: Keyboard, text: str | None = None) -> None:
        """Put an edit of an earlier outbox row into the outbox: its keyboard, and its text where one is given."""
        self._put("edit", Outgoing(self.chat, text, keyboard).to_dict(), edits=row)

    def echo(self, text: str) -> None:
        """Keep what she said, where the messenger's mailbox is the outbox itself (the web chat)."""
        self._put("echo", Outgoing(self.chat, text).to_dict())

    def _put(
        self,
        kind: str,
        body: dict[str, object],
        *,
        run_id: UUID | None = None,
        prompt: int | None = None,
        repeatable: bool = False,
        edits: int | None = None,
        due_at: datetime | None = None,
    ) -> int:
        body["language"] = self.language
        return self.unit.outbox.put(
            clock.new_id(),
            self.person,
            self.messenger,
            self.chat,
            kind,
            self.lane,
            body,
            run_id=run_id,
            prompt=prompt,
            repeatable=repeatable,
            edits=edits,
            due_at=due_at or self.unit.now,
        )


def media_of(value: Value | None) -> list[Media]:
    """Return the voice notes and photos of an answer."""
    return [piece for piece in value if isinstance(piece, Media)] if isinstance(value, tuple) else []


def rows(*buttons: Button) -> Keyboard:
    """One button a row: labels may be long."""
    return tuple((button,) for button in buttons)


def pairs(buttons: Sequence[Button]) -> Keyboard:
    """Two buttons a row, for short labels."""
    return tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
