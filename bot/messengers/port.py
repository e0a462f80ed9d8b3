"""The port between Hilo and any messenger: what comes in, what goes out, and what may go wrong.

Adapters translate; they store nothing and decide nothing. An `Incoming` carries all that a turn needs, because the
inbox keeps nothing else. An adapter must never raise on an update it cannot read, but pass it on as kind `other`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol, Self

from dialogs.value_class import value_class

_ENCODE: Final = json.JSONEncoder(ensure_ascii=False).encode
_DECODE: Final = json.JSONDecoder().raw_decode

LARGEST_FILE: Final = 20 * 1024 * 1024  # bytes of a voice note, photo or file that is taken in
WEB: Final = "web"  # the messenger whose outbox rows are read by our own pages
# In the audit trail: someone else fetched this bot's updates, or had them delivered elsewhere.
CONFLICT: Final = "telegram.conflict"
WEBHOOK: Final = "telegram.webhook"


class Kind(StrEnum):
    """What an incoming update is."""

    TEXT = "text"
    PRESS = "press"  # a button
    EDITED = "edited"  # a message that was changed after it was sent
    VOICE = "voice"
    PHOTO = "photo"
    STICKER = "sticker"
    OTHER = "other"  # anything else: a file, a location, an update of an unknown kind
    UNTAKEN = "untaken"  # words that could not be taken, as they were too long: they are only looked at
    NOTICE = "notice"  # nobody said it: a pinned message, a timer set, a shared live location that moved
    BLOCKED = "blocked"  # the person blocked the bot
    UNBLOCKED = "unblocked"


@value_class
class Incoming:
    """One update, in the form that is the same for every messenger.

    Attributes:
        messenger: name of the adapter (`telegram`, `web`, `memory`).
        update: the messenger's own id of the update, unique within it; a second arrival is ignored.
        chat: where to answer.
        kind: see `Kind`.
        order: the message's place in the messenger's own order of the chat (Telegram: `message_id`); for a press,
            of the message that carried the button.
        text: words, with commands as typed (`/start abc`); for a press, None.
        button: the opaque id the pressed button carried.
        reply_to: order of the message it replies to.
        callback: the id to name when acknowledging a press.
        language: the app's language as the messenger reports it (BCP 47), a hint only.
        private: False in a group or a channel.
        robot: True when another bot speaks.
        file: the messenger's handle of a voice note, photo or file, for `Messenger.download`.
        size: that file's length in bytes, if the messenger reports it.
        seconds: how long a voice note lasts, if the messenger reports it.
        mime: the file's type as the sender's side reports it.
        at: when it was said, by the messenger's clock, in Unix seconds; None if the messenger does not report it.
        content: what was sent that is neither words nor a file, under the messenger's name for it, for a question type
            that reads it: `{"location": {"latitude": 17.06, "longitude": -96.72}}`. For a press, the keyboard it was
            on, where the messenger tells it: `{"keyboard": [[[label, id, url], ...], ...]}`.
    """

    messenger: str
    update: str
    chat: str
    kind: Kind
    order: int = 0
    text: str | None = None
    button: str | None = None
    reply_to: int | None = None
    callback: str | None = None
    language: str | None = None
    private: bool = True
    robot: bool = False
    file: str | None = None
    size: int | None = None
    seconds: int | None = None
    mime: str | None = None
    at: int | None = field(default=None, compare=False)
    content: Mapping[str, Any] | None = field(default=None, compare=False)

    def to_bytes(self) -> bytes:
        """Encode for the inbox."""
        return _ENCODE({name: value for name in _INCOMING if (value := getattr(self, name)) is not None}).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Decode what `to_bytes` made."""
        fields = _DECODE(data.decode())[0]
        fields["kind"] = Kind(fields["kind"])
        return cls(**fields)


_INCOMING: Final = tuple(each.name for each in fields(Incoming))


@value_class
class Button:
    """A button under a message: its label, and the opaque id it carries (64 bytes at most).

    A button with a `url` opens that address in the person's own app, and we are not told; its `id` is empty. Telegram
    takes only `https:`, `http:` and `tg:` addresses. A `quiet` one is a way out and no answer: where buttons can differ
    in look, it is small. One that `stays` leads to help: it stays within reach of one tap when what stands beside it is
    over.
    """

    label: str
    id: str
    url: str | None = None
    quiet: bool = False
    stays: bool = False

    def to_list(self) -> list[Any]:
        """Encode for the outbox, without what is as it is by default at the end."""
        if self.stays:
            return [self.label, self.id, self.url, self.quiet, True]
        if self.quiet:
            return [self.label, self.id, self.url, True]
        return [self.label, self.id, self.url] if self.url else [self.label, self.id]


Keyboard = tuple[tuple[Button, ...], ...]  # rows of buttons


@dataclass(frozen=True, slots=True)
class Attachment:
    """A voice note, photo or document to send, held in memory only.

    Attributes:
        kind: `voice`, `photo` or `document`.
        mime: its type.
        name: a file name that reveals nothing (`voice.ogg`).
        data: its bytes.
        seconds: how long a voice note lasts, if known.
        again: an id of these bytes where they are sent to many people (a recording), so that a messenger which keeps
            files gets them only once; empty for a file of one person.
    """

    kind: str
    mime: str
    name: str
    data: bytes = field(repr=False)
    seconds: int | None = None
    again: str = ""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A voice note, photo or document for a page, sent in pieces so that a slow line does not keep all of it in memory.

    Attributes:
        kind: `voice`, `photo` or `document`.
        mime: its type.
        name: a file name that reveals nothing.
        size: bytes in all.
        pieces: its bytes, to be read once; the next piece may take a while.
    """

    kind: str
    mime: str
    name: str
    size: int
    pieces: Iterator[bytes] = field(repr=False)


@value_class
class Outgoing:
    """One message to send, or one edit of a message sent before.

    Attributes:
        chat: where to.
        text: plain words, no markup, already within the messenger's limit (`Messenger.text_limit`, or
            `caption_limit` beside an attachment); None: an edit of the keyboard alone, or an attachment without words.
        keyboard: rows of buttons; empty removes the keyboard.
        edits: the messenger's id of the message to change, or None for a new one.
        protect: ask the messenger to forbid forwarding and saving.
        row: the outbox row's number; a messenger without message ids of its own returns it as the id.
        attachment: a file sent with it; not stored in the row, but opened when it is sent.
        quiet: ask the messenger to make no sound for words alone.
        in_bulk: Hilo began it, and not whom it is for; many such go out together.
    """

    chat: str
    text: str | None
    keyboard: Keyboard = ()
    edits: int | None = None
    protect: bool = False
    row: int = 0
    attachment: Attachment | None = None
    quiet: bool = False
    in_bulk: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Encode for the outbox (chat and edits are columns of their own)."""
        rows = [[button.to_list() for button in row] for row in self.keyboard]
        return {"text": self.text, "keyboard": rows, "protect": self.protect} | ({"quiet": True} if self.quiet else {})

    @classmethod
    def from_dict(
        cls, chat: str, body: dict[str, Any], edits: int | None = None, row: int = 0, *, in_bulk: bool = False
    ) -> Self:
        """Decode what `to_dict` made."""
        keyboard = tuple(tuple(Button(*button) for button in row) for row in body["keyboard"])
        how = {"quiet": body.get("quiet", False), "in_bulk": in_bulk}
        return cls(chat, body["text"], keyboard, edits, body["protect"], row, **how)


class MessengerError(Exception):
    """A send that did not simply succeed."""


class RetryLater(MessengerError):
    """The messenger asks for a pause (Telegram: 429 with `retry_after`, or a 5xx)."""

    def __init__(self, seconds: float, *, everyone: bool) -> None:
        """Build the error.

        Args:
            seconds: how long to pause.
            everyone: True if it may be meant for every chat (Telegram's 429 does not say).
        """
        super().__init__(f"retry in {seconds:g} s")
        self.seconds = seconds
        self.everyone = everyone


class Gone(MessengerError):
    """The person blocked the bot, or the account no longer exists: stop sending there."""


class Rejected(MessengerError):
    """The messenger refuses this message and would again (a bug of ours, or the message no longer exists)."""


class NotModified(Rejected):
    """An edit that would change nothing: the message already is as asked."""


class TooLarge(Rejected):
    """The messenger does not deliver or accept a file of this size (Telegram: over 20 MB, over 50 MB)."""


class FileExpired(Rejected):
    """The messenger does not know the file, or no longer."""


class Unreachable(MessengerError):
    """The request did not leave this machine, so it is safe to send again."""


class Unknown(MessengerError):
    """The request left and its answer was lost: the message may or may not have arrived."""


class BadToken(MessengerError):
    """The messenger does not know this token."""


class Conflict(MessengerError):
    """Someone else fetches this bot's updates (Telegram: 409)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is on a messenger: its public name, and the address of an invite link."""

    username: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The result of one fetch: the updates, and the offset of the next fetch once these are kept."""

    updates: Sequence[Incoming]
    next: int | None = None


@dataclass(frozen=True, slots=True)
class HookState:
    """What a messenger says of the webhook that is set for a bot.

    Attributes:
        url: where it brings updates; empty: it keeps them for `fetch`.
        waiting: how many updates wait there.
        failed_at: when it last could not bring one, by its own clock, or None.
        problem: why, in its own words, without what could name anybody.
    """

    url: str = ""
    waiting: int = 0
    failed_at: datetime | None = None
    problem: str = ""


Commands = Mapping[str | None, Sequence[tuple[str, str]]]
"""Commands in a messenger's menu, by language (None: any other): names without a slash, and what each one does."""

Descriptions = Mapping[str | None, tuple[str, str]]
"""The bot's descriptions, by language (None: any other): the one-line one, and the one shown before a chat begins."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a messenger can do, as data: all that other code asks about it. Each adapter declares its own.

    The defaults are those that do the least harm if they are wrong.

    Attributes:
        name: the messenger's name, in every row about it.
        title: its name as people know it; empty where people have no name for it.
        kept_here: its messages stay in our own outbox and are shown from there, so that none is ever in doubt. With any
            other messenger, words lie with others as well, out of our reach.
        rings: a new message notifies the person.
        edits: a sent message can be changed.
        takes_back: how old a message may be that can still be removed from a chat, on both sides.
        buttons: how many buttons a message may carry; None: no limit.
        label: how long a button's label may be, in characters; None: no limit that matters here.
        opens: the kinds of address that a button may lead to.
        join_link: an address that lets a person in, with the blanks `{bot}`, the bot's name there, or `{base}`, the
            address of the pages, and `{code}`. Empty where there is none.
        join_words: the words beside its QR code: `{bot}`, or `{address}`, the link without its beginning.
        record: the key under which the organisation's record keeps the bot's name there.
        words: the variant of sentences that the catalogs may have for this messenger (`<code>.<words>`).
        lock: our own page where a chat's lock is chosen, from the base of the pages; empty where we have none.
        keeps_presses: how long it keeps a press that nobody fetches; None: it forgets none.
        keeps_updates: how long it keeps anything else.
    """

    name: str
    title: str = ""
    kept_here: bool = False
    rings: bool = True
    edits: bool = False
    takes_back: timedelta = timedelta(0)
    buttons: int | None = None
    label: int | None = None
    opens: frozenset[str] = frozenset({"https", "http"})
    join_link: str = ""
    join_words: str = "{address}"
    record: str = ""
    words: str = ""
    lock: str = ""
    keeps_presses: timedelta | None = None
    keeps_updates: timedelta | None = None

    @property
    def own_words(self) -> str:
        """The variant of sentences it uses."""
        return self.words or self.name

    @property
    def record_key(self) -> str:
        """The key of the organisation's record that holds the bot's name."""
        return self.record or f"{self.name}_username"

    def invite(self, code: str, bot: str, base: str | None) -> str | None:
        """Return the address that opens an invite, or None where there is none (yet)."""
        lacking = ("{bot}" in self.join_link and not bot) or ("{base}" in self.join_link and not base)
        if lacking or not self.join_link:
            return None
        return self.join_link.format(code=code, bot=bot, base=(base or "").rstrip("/"))

    def beside(self, link: str, bot: str) -> str:
        """Return the words beside a QR code that leads to a link."""
        return self.join_words.format(address=link.partition("://")[2], bot=bot)


class Source(Protocol):
    """Where updates come from. All methods raise only MessengerError and its subclasses."""

    name: str

    async def prepare(self) -> str | None:
        """Prepare for fetching: updates must wait here and not go elsewhere; nothing pending is lost.

        Returns an address that had been set for the updates to go to, which only the owner should do.
        """
        ...

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds for updates.

        Asking with an offset confirms every update before it, so the caller stores a batch first and passes
        `Batch.next` only then. `None` asks for everything not yet confirmed. Raises Conflict, RetryLater, Unreachable.
        """
        ...

    async def acknowledge(self, callback: str) -> None:
        """Tell the messenger that a press was seen, so that its button stops spinning. Never raises."""
        ...


class Messenger(Source, Protocol):
    """A chat service. All methods raise only MessengerError and its subclasses."""

    text_limit: int  # UTF-16 code units of one message (Telegram: 4096)
    caption_limit: int  # and of the words beside an attachment (Telegram: 1024)

    async def identify(self) -> Identity:
        """Ask who the bot is; checks token and address at start. Raises BadToken, Unreachable, Unknown."""
        ...

    async def send(self, outgoing: Outgoing) -> int:
        """Send or edit one message; return the messenger's id of it.

        Raises:
            NotModified: an edit would change nothing, so whoever asked for it saw no answer.
        """
        ...

    async def typing(self, chat: str) -> None:
        """Show for a few seconds that an answer is on its way. Never raises."""
        ...

    async def delete(self, chat: str, messages: Sequence[int]) -> Sequence[int]:
        """Remove messages, on both sides; return those that are still there, such as are too old (Telegram: 48 hours).

        One that no longer exists is skipped.
        """
        ...

    async def download(self, file: str) -> bytes:
        """Fetch a file by its handle (`Incoming.file`), whole and into memory.

        Raises TooLarge, FileExpired, or whatever a send may raise except Unknown: asking again does no harm.
        """
        ...

    async def introduce(self, commands: Commands, descriptions: Descriptions, chat: str | None = None) -> None:
        """Set the bot's descriptions and the commands in its menu, in private chats only.

        With a `chat`, the commands are for that one, and the descriptions stay as they are.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class Hookable(Messenger, Protocol):
    """A chat service that can bring updates to an address of ours."""

    async def prepare(self, url: str | None = None, secret: str | None = None) -> str | None:
        """Have updates brought to `url`, with a secret; without one, have them wait for `fetch`. Nothing is lost.

        Returns the address that was set, if that was another one.
        """
        ...

    async def hook(self) -> HookState:
        """Ask where updates are brought, and how that goes."""
        ...

    def translate(self, update: object) -> Incoming:
        """Translate one update that was brought, decoded from JSON. Never raises."""
        ...
