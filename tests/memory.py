"""A messenger that lives in memory, for tests.

It behaves as Telegram does: one rising order for what both sides say, nothing forgotten before it is confirmed, and
refusals of what Telegram refuses.
"""

import asyncio
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.messengers import registry
from bot.messengers._telegram import CAPABILITIES as TELEGRAM
from bot.messengers.port import (
    Attachment,
    Batch,
    Button,
    Commands,
    Descriptions,
    FileExpired,
    Gone,
    Identity,
    Incoming,
    Keyboard,
    Kind,
    MessengerError,
    NotModified,
    Outgoing,
    Rejected,
    TooLarge,
)
from bot.messengers.registry import MESSENGERS, KnownMessenger

# It can what Telegram can, says what Telegram says, and nobody is told of it.
MESSENGERS.add(KnownMessenger(replace(TELEGRAM, name="memory", join_link="", words="telegram")))

BATCH = 100
LARGEST_DOWNLOAD = 20 * 1024 * 1024
BUTTON_BYTES = 64
_OPENED = re.compile(r"(https?|tg)://\S+")


@dataclass(slots=True)
class Message:
    """One message in a chat, as the person sees it now.

    Attributes:
        order: its place among all messages of this messenger.
        text: its words; None for a voice note, a photo or a sticker.
        mine: True when the person said it.
        keyboard: rows of buttons under it.
        protected: True when it may not be forwarded.
        edits: how often it was changed.
        attachment: the voice note or photo it came with.
    """

    order: int
    text: str | None
    mine: bool = False
    keyboard: Keyboard = ()
    protected: bool = False
    edits: int = 0
    attachment: Attachment | None = None

    @property
    def labels(self) -> list[str]:
        """What its buttons say, in reading order."""
        return [button.label for row in self.keyboard for button in row]

    def lines(self) -> list[str]:
        """Draw it: the person's own words after `> `, each row of buttons as `[ one ] [ two ]`."""
        said = "…" if self.text is None and self.attachment is None else self.text or ""
        if self.attachment is not None:
            said = f"({self.attachment.kind}) {said}".rstrip()
        rows = [" ".join(f"[ {button.label} ]" for button in row) for row in self.keyboard]
        return [f"> {said}" if self.mine else said, *rows]


@dataclass(slots=True)
class _Failure:
    """A scripted failure of the next calls."""

    error: MessengerError
    times: int
    chat: str | None
    accepted: bool
    new: bool = False


@dataclass(slots=True)
class MemoryMessenger:
    """The port, with the people's side beside it."""

    name: str = "memory"
    text_limit: int = 4096
    caption_limit: int = 1024
    username: str = "memory_bot"
    moment: int | None = None  # when what is said now is said, in Unix seconds
    acknowledged: list[str] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    menus: dict[tuple[str | None, str | None], list[str]] = field(default_factory=dict)
    told: dict[str | None, tuple[str, str]] = field(default_factory=dict)
    _chats: dict[str, list[Message]] = field(default_factory=dict)
    _blocked: set[str] = field(default_factory=set)
    _updates: dict[int, Incoming] = field(default_factory=dict)
    stays: set[int] = field(default_factory=set)
    tells_keyboards: bool = False  # as Telegram does; most tests press what stood there before, as people may
    _failures: list[_Failure] = field(default_factory=list)
    _orders: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)
    _numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)
    _wake: Callable[[], object] = lambda: None

    # The person's side.

    def say(self, chat: str, text: str, reply_to: int | None = None, language: str | None = None) -> int:
        """Write to the bot; returns the message's order."""
        return self.give(chat, Kind.TEXT, text=text, reply_to=reply_to, language=language)

    def give(self, chat: str, kind: Kind, **fields: Any) -> int:
        """Send a message of any kind, with the fields of an `Incoming` as told; returns its order."""
        message = Message(self._orders(), fields.get("text"), mine=True)
        self._chats.setdefault(chat, []).append(message)
        self._arrive(chat, kind, order=message.order, **{"at": self.moment, **fields})
        return message.order

    def give_file(self, chat: str, kind: Kind, data: bytes, **fields: Any) -> int:
        """Send a voice note or photo of these bytes; returns its order."""
        file = f"file-{len(self.files)}"
        self.files[file] = data
        return self.give(chat, kind, file=file, **{"size": len(data), **fields})

    def press(self, chat: str, label: str) -> str:
        """Press the button that says `label` on the newest keyboard which has one; returns the callback.

        Raises LookupError, telling what could be pressed.
        """
        for message in reversed(self.thread(chat)):
            for row in message.keyboard:
                for button in row:
                    if button.label == label and button.url is None:
                        return self.press_id(chat, button.id, message.order)
        offered = [label for message in self.thread(chat) for label in message.labels]
        raise LookupError(f"no button says {label!r}; there are {offered}")

    def press_id(self, chat: str, button: str, order: int) -> str:
        """Press a button by the id it carries, whether or not it is still there; returns the callback."""
        callback = f"press-{self._orders()}"
        shown = self._find(chat, order, mine=False) if self.tells_keyboards else None
        rows = [[[each.label, each.id, each.url] for each in row] for row in shown.keyboard] if shown else []
        self._arrive(
            chat,
            Kind.PRESS,
            order=order,
            button=button,
            callback=callback,
            content={"keyboard": rows} if rows else None,
        )
        return callback

    def edit(self, chat: str, order: int, text: str) -> None:
        """Change a message the person wrote. Raises LookupError when there is none."""
        self.change(chat, order, text=text)

    def change(self, chat: str, order: int, **fields: Any) -> None:
        """Change what the person sent, with the fields of an `Incoming` as told. Raises LookupError as `edit` does."""
        message = self._find(chat, order, mine=True)
        if message is None:
            raise LookupError(f"nobody wrote message {order}")
        message.text = fields.get("text")
        message.edits += 1
        self._arrive(chat, Kind.EDITED, order=order, **fields)

    def block(self, chat: str) -> None:
        """Block the bot: nothing can be sent there any more."""
        self._blocked.add(chat)
        self._arrive(chat, Kind.BLOCKED)

    def unblock(self, chat: str) -> None:
        """Let the bot write again."""
        self._blocked.discard(chat)
        self._arrive(chat, Kind.UNBLOCKED)

    def thread(self, chat: str) -> list[Message]:
        """Return the chat's messages, oldest first."""
        return list(self._chats.get(chat, ()))

    def screen(self, chat: str) -> str:
        """Draw the chat as it is now."""
        return "\n".join(line for message in self.thread(chat) for line in message.lines())

    def fail(
        self,
        error: MessengerError,
        times: int = 1,
        chat: str | None = None,
        *,
        accepted: bool = False,
        new: bool = False,
    ) -> None:
        """Make the next sends (to one chat, or to any) raise `error`.

        `accepted`: they arrive all the same. `new`: only messages, no edits of earlier ones.
        """
        self._failures.append(_Failure(error, times, chat, accepted, new))

    def work(self) -> None:
        """Let every send work again."""
        self._failures.clear()

    # The port.

    async def identify(self) -> Identity:
        """Say who the bot is."""
        return Identity(self.username)

    async def prepare(self) -> str | None:
        """Do nothing: updates wait here anyway."""
        return None

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds for updates; an offset confirms all before it."""
        for number in [number for number in self._updates if number < (offset or 0)]:
            del self._updates[number]
        arrived, loop = asyncio.Event(), asyncio.get_running_loop()
        self._wake = lambda: loop.call_soon_threadsafe(arrived.set)  # people may act in another thread
        try:
            if not self._updates:
                async with asyncio.timeout(wait):
                    await arrived.wait()
        except TimeoutError:
            return Batch((), offset)
        finally:
            self._wake = lambda: None
        numbers = list(self._updates)[:BATCH]
        return Batch([self._updates[number] for number in numbers], numbers[-1] + 1)

    async def send(self, outgoing: Outgoing) -> int:
        """Show a message, or change one."""
        failure = self._next_failure(outgoing.chat, new=outgoing.edits is None)
        if failure is not None and not failure.accepted:
            raise failure.error
        order = self._show(outgoing) if outgoing.edits is None else self._change(outgoing, outgoing.edits)
        self.sent.append(outgoing)
        if failure is not None:
            raise failure.error
        return order

    async def acknowledge(self, callback: str) -> None:
        """Note that a press was seen."""
        self.acknowledged.append(callback)

    async def typing(self, chat: str) -> None:
        """Note that typing was shown."""
        self.typed.append(chat)

    async def delete(self, chat: str, messages: Sequence[int]) -> Sequence[int]:
        """Take messages back, but for those in `stays`; return these."""
        failure = self._next_failure(chat)
        if failure is not None:
            raise failure.error
        left = [each for each in messages if each in self.stays]
        gone = {*messages} - {*left}
        self._chats[chat] = [each for each in self.thread(chat) if each.order not in gone]
        return left

    async def download(self, file: str) -> bytes:
        """Return a file that was given. Raises TooLarge, or Expired when it is not there (any more)."""
        data = self.files.get(file)
        if data is None:
            raise FileExpired("no such file")
        if len(data) > LARGEST_DOWNLOAD:
            raise TooLarge("the file is too big")
        return data

    async def introduce(self, commands: Commands, descriptions: Descriptions, chat: str | None = None) -> None:
        """Note which commands are offered, by chat and language, and what the bot tells of itself."""
        for language, offered in commands.items():
            self.menus[chat, language] = [name for name, _ in offered]
        if chat is None:
            self.told.update(descriptions)

    async def close(self) -> None:
        """Hold nothing, so let go of nothing."""

    def _arrive(self, chat: str, kind: Kind, **fields: Any) -> None:
        number = self._numbers()
        self._updates[number] = Incoming(self.name, str(number), chat, kind, **fields)
        self._wake()

    def _show(self, outgoing: Outgoing) -> int:
        self._check(outgoing)
        message = Message(
            self._orders(),
            outgoing.text,
            keyboard=outgoing.keyboard,
            protected=outgoing.protect,
            attachment=outgoing.attachment,
        )
        self._chats[outgoing.chat].append(message)
        return message.order

    def _change(self, outgoing: Outgoing, order: int) -> int:
        self._check(outgoing)
        message = self._find(outgoing.chat, order, mine=False)
        if message is None:
            raise Rejected("message to edit not found")
        text = message.text if outgoing.text is None else outgoing.text
        if (text, outgoing.keyboard) == (message.text, message.keyboard):
            raise NotModified("message is not modified")
        message.text, message.keyboard = text, outgoing.keyboard
        message.edits += 1
        return order

    def _check(self, outgoing: Outgoing) -> None:
        if outgoing.chat in self._blocked:
            raise Gone("the bot was blocked")
        if outgoing.chat not in self._chats:
            raise Gone("chat not found")
        if outgoing.attachment is not None:
            if _units(outgoing.text or "") > self.caption_limit:
                raise Rejected("the caption is too long")
        elif outgoing.text is None and outgoing.edits is None:
            raise Rejected("a message has no text")
        elif outgoing.text is not None and not 0 < _units(outgoing.text) <= self.text_limit:
            raise Rejected("the text is empty or too long")
        for button in itertools.chain.from_iterable(outgoing.keyboard):
            _check_button(button, registry.of(self.name).lock)

    def _find(self, chat: str, order: int, *, mine: bool) -> Message | None:
        for message in self._chats.get(chat, ()):
            if message.order == order and message.mine is mine:
                return message
        return None

    def _next_failure(self, chat: str, *, new: bool = False) -> _Failure | None:
        for failure in self._failures:
            if failure.times > 0 and failure.chat in (None, chat) and (new or not failure.new):
                failure.times -= 1
                return failure
        return None


def _check_button(button: Button, lock: str) -> None:
    """Check a button; on the page one may lead to `lock`, our own page, besides what every messenger opens."""
    if button.url is not None:
        opened = bool(_OPENED.fullmatch(button.url)) or (bool(lock) and button.url == lock)
        if not button.label.strip() or button.id or not opened:
            raise Rejected("a button has no label, or an address that is none a messenger opens")
    elif not button.label.strip() or not 0 < len(button.id.encode()) <= BUTTON_BYTES:
        raise Rejected("a button has no label, or an id that is empty or longer than 64 bytes")


def _units(text: str) -> int:
    """Return the length in UTF-16 code units, white space at the ends left out, as Telegram counts."""
    return len(text.strip().encode("utf-16-le")) // 2
