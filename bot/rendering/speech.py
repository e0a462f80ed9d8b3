"""Speaking to one chat: sentences and keyboards become outbox rows, in its language, inside the open unit."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from bot import clock
from bot.messengers import registry
from bot.messengers.port import Button, Capabilities, Keyboard, Outgoing
from bot.rendering.arguments import Argument
from bot.rendering.buttons import Buttons, Named
from bot.rendering.lengths import split
from bot.rendering.texts import Texts, shorten
from dialogs.model import Media, Value
from dialogs.value_class import value_class
from storage.claims import HELD_REPLY
from storage.outbox import code_letters
from storage.people import Person
from storage.unit import Unit

LONGEST = 4096  # UTF-16 units, the lowest limit of all messengers (Telegram's)
SPARING = frozenset({"scarce"})  # of the "signal" preference and of a cohort's data: recordings on asking
LISTENS = frozenset({"listen", "both"})  # values of the "form" preference
RECORDED = "{id}.ogg"  # how a dialog names a voice note recorded by the team; `id` in hex
SHEET, PAPER = "poster.pdf", "sheet.pdf"  # names that reveal nothing
_RECORDED = re.compile(r"([0-9a-f]{32})\.ogg")
QUIET = frozenset(
    {"button.menu", "button.back", "button.later", "button.skip", "button.stop", "button.stop.wizard", "button.hear"}
    | {"button.return", "button.ask_back"}
)
"""The codes of buttons that answer nothing: ways out, and hearing it."""
WIDE = 30  # letters that stand beside each other on a narrow phone
# Lanes of the outbox: what is `URGENT` goes first, then replies, and what is said to nobody we know last.
REPLY, BROADCAST, STRANGERS = 0, 1, 2
# Values of `what`, the kind of a message, followed by a colon and its subject if that is to be told should it not be
# sent: see `bot.team.messages.unsent`.
PAGE = "page"  # for reading by the team, removed later
PANEL, NOTICE = "panel", "notice"


@value_class
class Speech:
    """One chat, one language, one open unit.

    Attributes:
        unit: the transaction everything is written in.
        texts: the catalogs.
        person: who is spoken to, or None if the chat has no person (yet).
        messenger: name of the messenger.
        chat: address within it.
        language: the language of all sentences.
        lane: URGENT, REPLY, BROADCAST or STRANGERS.
        held: until when all of it waits for the hours of whom it is for; None: it does not.
    """

    unit: Unit
    texts: Texts
    person: Person | None
    messenger: str
    chat: str
    language: str
    lane: int = REPLY
    held: datetime | None = None

    @property
    def buttons(self) -> Buttons:
        """The maker of button ids for this chat."""
        return Buttons(self.unit.vault, self.messenger, self.chat)

    def words(self, code: str, **facts: object) -> str:
        """Return the sentence of a code in this chat's language."""
        return self.texts.say(code, self.language, **facts)

    def language_name(self, tag: str, *, first: bool = False) -> str:
        """Return what this chat's language calls another (see `Texts.language`)."""
        return self.texts.language(tag, self.language, first=first)

    @property
    def can(self) -> Capabilities:
        """What this chat's messenger can do."""
        return registry.of(self.messenger)

    def timed(self, code: str) -> str:
        """Return the code of a sentence that promises to write at some time; where nothing rings, it promises less."""
        return code if self.can.rings else f"{code}.quiet"

    def own(self, code: str, **facts: object) -> str:
        """Return the sentence of a code in this messenger's own version, if there is one."""
        return self.texts.own(code, self.can.own_words, self.language, **facts)

    def button(self, code: str, action: Named | str, argument: Argument | str = "", **facts: object) -> Button:
        """Return a button outside of any run, labelled by a code."""
        return Button(self.words(code, **facts), self.buttons.plain(action, argument), quiet=code in QUIET)

    def staying(self, code: str, action: Named | str, argument: Argument | str = "") -> Button:
        """Return a button that leads to help, and stays within reach when what stands beside it is over."""
        return Button(self.words(code), self.buttons.plain(action, argument), stays=True)

    def say(self, code: str, keyboard: Keyboard = (), **facts: object) -> int:
        """Send the sentence of a code; return the outbox row's number."""
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
        quiet: bool = False,
        what: str = "",
        tongues: Sequence[str] = (),
    ) -> int:
        """Put a message into the outbox, in several if it is long; return the last row's number.

        `tongues` are the languages of its paragraphs, where each is in one of its own.
        """
        *before, text = split(text, LONGEST) or [""]
        keyboard = together(keyboard)
        named: dict[str, object] = {"what": what} if what else {}
        if tongues:
            named["tongues"] = list(tongues)
        for part in before:
            self._put("message", Outgoing(self.chat, part, protect=protect).to_dict() | named)
        body = Outgoing(self.chat, text, keyboard, protect=protect, quiet=quiet).to_dict() | named
        if repeatable:
            body["again"] = self.words("prompt.repeat")
        return self._put("message", body, run_id=run_id, prompt=prompt, repeatable=repeatable)

    def recording(self, name: str) -> None:
        """Send a recording before the words, if recordings come by themselves."""
        if name and self.plays:
            self.play(name)

    @property
    def plays(self) -> bool:
        """Whether recordings come by themselves: to who prefers to listen, and has the signal and data for it."""
        if self.person is None or self._said(self.person, "form", "form") not in LISTENS:
            return False
        return self._said(self.person, "signal", "data") not in SPARING

    def _said(self, person: Person, preference: str, setting: str) -> str:
        """Return a person's preference, else the setting of their cohort."""
        said = person.preferences.get(preference)
        if said is None:
            cohort = next(map(self.unit.cohorts.get, self.unit.memberships.of(person.id)), None)
            said = cohort.context.get(setting) if cohort else None
        return str(said or "")

    def play(self, name: str) -> None:
        """Send a recording: a file that came with a dialog, or a voice note recorded by the team."""
        voice = voice_of(name)
        held = {"id": voice, "kind": "voice"} if voice else {"recording": name}
        self._put("message", {**Outgoing(self.chat, None).to_dict(), "media": held})

    def media(
        self, piece: Media, keyboard: Keyboard = (), *, text: str | None = None, protect: bool = True, what: str = ""
    ) -> int:
        """Send a stored voice note or photo; return the row's number.

        `text` is at most as long as every messenger allows for a caption (Telegram: 1024 UTF-16 units).
        """
        body = Outgoing(self.chat, text, keyboard, protect=protect).to_dict()
        return self._put("message", {**body, "media": _held(piece)} | ({"what": what} if what else {}))

    def document(self, held: dict[str, object], text: str, keyboard: Keyboard) -> int:
        """Send a stored document with words; `held` is what `Shelf.document` takes."""
        return self._put("message", {**Outgoing(self.chat, text, keyboard).to_dict(), "media": held})

    def picture(self, drawn: Mapping[str, Any], text: str) -> None:
        """Send a picture with words; it is drawn when it is sent (see `bot.poster.draw`, `bot.charts.draw`)."""
        self._put_drawn("photo", drawn, text)

    def sheet(self, drawn: Mapping[str, Any], text: str, name: str = SHEET) -> None:
        """Send the same as a sheet to print, a PDF."""
        self._put_drawn("sheet", {**drawn, "form": "pdf"}, text, name=name)

    def _put_drawn(self, kind: str, drawn: Mapping[str, Any], text: str, **named: str) -> None:
        held = {"id": clock.new_id().hex, "kind": kind, "drawn": dict(drawn), **named}
        self._put("message", {**Outgoing(self.chat, text).to_dict(), "media": held})

    def media_words(self, piece: Media) -> str:
        """Return a voice note or a photo named in words."""
        if piece.kind == "photo":
            return self.words("piece.photo")
        minutes, seconds = divmod(piece.seconds or 0, 60)
        return self.words("piece.voice", time=f"{minutes}:{seconds:02d}")

    def called(self, person: Person) -> str:
        """Return what the team calls a person in a list: the nickname, or that there is none, and some letters."""
        return person.nickname or self.unnamed(person.pseudonym)

    def mentioned(self, person: Person) -> str:
        """Return what the team calls a person within a sentence."""
        return person.nickname or self.words("people.unnamed.mentioned", letters=code_letters(person.pseudonym))

    def unnamed(self, pseudonym: str) -> str:
        """Return what the team calls whoever has no nickname, told apart by letters of the pseudonym."""
        return self.words("people.unnamed", letters=code_letters(pseudonym))

    def described(self, value: Value | None, label: str) -> str:
        """Return an answer in words, with its voice notes and photos named where they were sent."""
        if value is None:
            return self.words("chosen.skipped")
        if not isinstance(value, tuple) or not media_of(value):
            return label
        said = ""
        for piece in value:  # texts begin lines of their own, media stand beside what was sent before them
            words = piece if isinstance(piece, str) else self.media_words(piece)
            said += (("\n" if isinstance(piece, str) else " ") if said else "") + words
        return said

    def edit(
        self, row: int, keyboard: Keyboard, text: str | None = None, *, anew: bool = False, protect: bool = False
    ) -> None:
        """Put an edit of an earlier outbox row into the outbox: of its keyboard, and of its text if one is given.

        `anew`: the person asked to see it. So if the message is gone, it is sent as a new one, protected or not; and if
        it stands there just so, a line says that it was heard all the same.
        """
        body = Outgoing(self.chat, text, together(keyboard), protect=protect).to_dict()
        if anew:
            body |= {"anew": True, "same": self.words("screen.same")}
        self._put("edit", body, edits=row)

    def echo(self, text: str, piece: Media | None = None) -> int:
        """Keep the person's own words where the messenger's mailbox is the outbox (the web chat); return the row."""
        body = Outgoing(self.chat, text).to_dict()
        return self._put("echo", body if piece is None else {**body, "media": _held(piece)})

    def _put(
        self,
        kind: str,
        body: dict[str, Any],
        *,
        run_id: UUID | None = None,
        prompt: int | None = None,
        repeatable: bool = False,
        edits: int | None = None,
        due_at: datetime | None = None,
    ) -> int:
        body["language"] = self.language
        more = self._fitted(body)
        row = self.unit.outbox.put(
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
            due_at=due_at or self.held or self.unit.now,
            reason=HELD_REPLY if self.held else None,
        )
        for keyboard in more:
            self._put("message", Outgoing(self.chat, self.words("keyboard.more")).to_dict() | {"keyboard": keyboard})
        return row

    def _fitted(self, body: dict[str, Any]) -> list[list[Any]]:
        """Cut labels and buttons to what the messenger allows; return the keyboards of further messages."""
        can = self.can
        if can.label is not None:
            body["keyboard"] = [
                [[shorten(label, can.label), *rest] for label, *rest in row] for row in body["keyboard"]
            ]
        if can.buttons is None or sum(map(len, body["keyboard"])) <= can.buttons:
            return []
        buttons = [[button] for row in body["keyboard"] for button in row]
        body["keyboard"] = buttons[: can.buttons]
        return [buttons[start : start + can.buttons] for start in range(can.buttons, len(buttons), can.buttons)]


def voice_of(recording: str) -> str | None:
    """Return the id, in hex, of a dialog's recording that is a voice note; None for a dialog's own file."""
    found = _RECORDED.fullmatch(recording)
    return found[1] if found else None


def _held(piece: Media) -> dict[str, object]:
    return {"id": piece.id, "kind": piece.kind, "seconds": piece.seconds}


def media_of(value: Value | None) -> list[Media]:
    """Return the voice notes and photos of an answer."""
    return [piece for piece in value if isinstance(piece, Media)] if isinstance(value, tuple) else []


def together(keyboard: Keyboard) -> Keyboard:
    """Return a keyboard whose last rows, where they are ways out alone, are one row, as far as it is wide."""
    kept = len(keyboard)
    while kept and all(button.quiet for button in keyboard[kept - 1]):
        kept -= 1
    if kept == len(keyboard):
        return keyboard
    found: list[list[Button]] = []
    wide = WIDE
    for row in keyboard[kept:]:
        for button in row:
            wide += len(button.label)
            if wide <= WIDE and found:
                found[-1].append(button)
            else:
                found.append([button])
                wide = len(button.label)
    return (*keyboard[:kept], *map(tuple, found))


def rows(*buttons: Button) -> Keyboard:
    """Return a keyboard with one button in a row, for long labels."""
    return tuple((button,) for button in buttons)


def pairs(buttons: Sequence[Button]) -> Keyboard:
    """Return a keyboard with two buttons in a row, for short labels."""
    return tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
