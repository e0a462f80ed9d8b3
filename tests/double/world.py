"""What Telegram knows: bots, people's chats, messages, updates that wait, and a ledger of every call."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.double.refusal import bad, forbidden
from tests.double.schemas import BY_DEFAULT

DAY = 86_400
PRESS_LIVES = 150  # seconds a press waits for the bot, and for its answer


@dataclass
class Person:
    """Someone, or another bot, as Telegram shows them to a bot."""

    id: int
    first_name: str
    language: str | None = None
    username: str | None = None
    robot: bool = False

    def to_api(self) -> dict[str, Any]:
        """Show it as the API does."""
        shown: dict[str, Any] = {"id": self.id, "is_bot": self.robot, "first_name": self.first_name}
        if self.username:
            shown["username"] = self.username
        if self.language:
            shown["language_code"] = self.language
        return shown


@dataclass
class Message:
    """One message; `versions` are the words and keyboards it had before."""

    id: int
    sender: Person
    date: int
    text: str | None
    content: dict[str, Any] = field(default_factory=dict)  # voice, photo, caption ... as the API shows them
    keyboard: dict[str, Any] | None = None
    protected: bool = False
    reply_to: "Message | None" = None
    edited: int | None = None
    deleted: bool = False
    mine: bool = True  # a person said it, and not this bot
    seen: int = 0  # when it last changed, in the world's own count of what was shown
    versions: list[tuple[str | None, dict[str, Any] | None]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Its text or caption."""
        return self.text or self.content.get("caption") or ""

    @property
    def buttons(self) -> list[list[dict[str, str]]]:
        """Rows of buttons under it."""
        return self.keyboard["inline_keyboard"] if self.keyboard else []

    @property
    def labels(self) -> list[str]:
        """What its buttons say, in reading order."""
        return [button["text"] for row in self.buttons for button in row]

    def lines(self) -> list[str]:
        """Draw it: a person's words after `> `, each row of buttons as `[ one ] [ two ]`."""
        kinds = [kind for kind in ("voice", "photo", "sticker", "document") if kind in self.content]
        said = " ".join([*(f"({kind})" for kind in kinds), *([self.words] if self.words else [])])
        rows = [" ".join(f"[ {button['text']} ]" for button in row) for row in self.buttons]
        return [f"> {said}" if self.mine else said, *rows]

    def to_api(self, chat: "Chat", *, deep: bool = True) -> dict[str, Any]:
        """Show it as the API does, with the message it replies to unless told not to."""
        shown: dict[str, Any] = {
            "message_id": self.id,
            "from": self.sender.to_api(),
            "chat": chat.to_api(),
            "date": self.date,
        }
        shown |= self.content
        if self.text is not None:
            shown["text"] = self.text
        if self.text is not None and self.text.startswith("/"):
            length = len(self.text.split()[0])
            shown["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if self.edited is not None:
            shown["edit_date"] = self.edited
        if self.protected:
            shown["has_protected_content"] = True
        if self.keyboard:
            shown["reply_markup"] = self.keyboard
        if deep and self.reply_to is not None:
            shown["reply_to_message"] = self.reply_to.to_api(chat, deep=False)
        return shown


@dataclass
class Chat:
    """A chat of one bot: with a person, or a group."""

    id: int
    person: Person | None = None
    title: str = ""
    messages: dict[int, Message] = field(default_factory=dict)
    blocked: bool = False
    deactivated: bool = False

    @property
    def private(self) -> bool:
        """True for a chat with one person."""
        return self.person is not None

    def to_api(self) -> dict[str, Any]:
        """Show it as the API does."""
        if self.person is None:
            return {"id": self.id, "type": "group", "title": self.title}
        shown = {"id": self.id, "type": "private", "first_name": self.person.first_name}
        return shown | ({"username": self.person.username} if self.person.username else {})

    @property
    def shown(self) -> list[Message]:
        """What has not been deleted, oldest first."""
        return [message for message in self.messages.values() if not message.deleted]


@dataclass
class Update:
    """Something a bot has to learn. `queue`: what a webhook keeps in order, a chat or a presser."""

    id: int
    kind: str
    body: dict[str, Any]
    expires: float
    queue: tuple[str, int]

    def to_api(self) -> dict[str, Any]:
        """Show it as the API does."""
        return {"update_id": self.id, self.kind: self.body}


@dataclass
class Call:
    """One line of the ledger: a call of the Bot API and how it was answered.

    Attributes:
        at: seconds of a monotonic clock when it was accepted or refused.
        params: its parameters, as read; the raw ones if they could not be.
        status: HTTP status; 200 for a success, whatever came of the answer on its way.
        lost: True when the caller never got a readable answer.
        message: id of the message that was sent, if any.
    """

    at: float
    method: str
    params: dict[str, Any]
    status: int = 200
    description: str = ""
    lost: bool = False
    message: int | None = None

    @property
    def chat(self) -> int | None:
        """The chat it was for, if any."""
        return self.params.get("chat_id")

    @property
    def accepted(self) -> bool:
        """True when Telegram did what was asked."""
        return self.status == 200


@dataclass
class Press:
    """A pressed button that waits for its answer."""

    at: float
    answered: bool = False


@dataclass
class Webhook:
    """Where a bot's updates are brought; `failed_at`: when that last failed, on the world's clock."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""
    failed_at: float = 0.0

    def is_as(self, other: "Webhook") -> bool:
        """Tell whether setting another one changes nothing."""
        return (self.url, self.secret, self.connections) == (other.url, other.secret, other.connections)


@dataclass
class Account:
    """One bot: its token, its chats, its queue of updates, and what it told about itself."""

    token: str
    person: Person
    chats: dict[int, Chat] = field(default_factory=dict)
    updates: list[Update] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)  # every update there ever was
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, float] = field(default_factory=dict)  # until when a file may be fetched by its path
    presses: dict[str, Press] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    allowed: frozenset[str] = BY_DEFAULT
    webhook: Webhook = field(default_factory=Webhook)
    folder: Path | None = None  # where a server of one's own that runs with --local keeps its files
    held: bool = False  # nothing is brought to the webhook for now, and nothing fails by that
    last_update: int = 100_000_000
    last_message: int = 0
    arrived: Callable[[], None] = lambda: None  # set by whoever waits for updates

    def chat(self, number: int) -> Chat:
        """Return a chat the bot may write to, or refuse as Telegram does."""
        chat = self.chats.get(number)
        if chat is None:
            raise bad("chat not found")
        if chat.deactivated:
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden("bot was blocked by the user" if chat.private else "bot was kicked from the group chat")
        return chat


@dataclass
class Limits:
    """How many messages a second a bot may send, without paying and paying; seconds are counted wherever they begin."""

    free: int
    paid: int
    sent: list[tuple[float, bool]] = field(default_factory=list)

    def full(self, at: float, *, paid: bool) -> bool:
        """Count a message, unless it is one too many."""
        self.sent[:] = [(moment, how) for moment, how in self.sent if moment > at - 1]
        full = len(self.sent) >= self.paid if paid else sum(not how for _, how in self.sent) >= self.free
        if not full:
            self.sent.append((at, paid))
        return full


class World:
    """Everything behind the double, guarded by one lock, whose condition wakes whoever waits for a change."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.accounts: dict[str, Account] = {}
        self.ledger: list[Call] = []
        self.violations: list[str] = []
        self.allowances: list[str] = []
        self.limits: Limits | None = None
        self.seen = 0
        self._ahead = 0.0
        self._numbers = 0

    def now(self) -> float:
        """Seconds since 1970 on this world's clock."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        with self.changed:
            self._ahead += seconds

    def number(self) -> int:
        """A number nobody else has."""
        with self.changed:
            self._numbers += 1
            return self._numbers

    def put(self, account: Account, chat: Chat, message: Message) -> Message:
        """Show a message in a chat."""
        with self.changed:
            account.last_message += 1
            message.id = account.last_message
            chat.messages[message.id] = message
            self.touch(message)
            return message

    def touch(self, message: Message) -> None:
        """Note that a message is new or other than before, and wake whoever watches."""
        with self.changed:
            self.seen += 1
            message.seen = self.seen
            self.changed.notify_all()

    def tell(self, account: Account, kind: str, body: dict[str, Any], queue: tuple[str, int]) -> None:
        """Put an update in the bot's queue, if it wants this kind."""
        with self.changed:
            if kind not in account.allowed:
                return
            account.last_update += 1
            lives = PRESS_LIVES if kind == "callback_query" else DAY
            update = Update(account.last_update, kind, body, self.now() + lives, queue)
            account.updates.append(update)
            account.history.append(update.to_api())
            account.arrived()

    def pending(self, account: Account) -> list[Update]:
        """The updates that wait, those out of date forgotten."""
        with self.changed:
            account.updates[:] = [update for update in account.updates if update.expires > self.now()]
            return list(account.updates)

    def violate(self, what: str) -> None:
        """Note a wrong call, unless the test allowed it."""
        with self.changed:
            if not any(fragment in what for fragment in self.allowances):
                self.violations.append(what)

    def allow(self, fragments: Iterable[str]) -> None:
        """Expect wrong calls whose description holds one of these, before and from now on."""
        with self.changed:
            self.allowances += fragments
            self.violations[:] = [what for what in self.violations if not any(part in what for part in self.allowances)]
