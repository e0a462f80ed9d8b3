"""Every messenger with its people's side, under one set of verbs, so that one suite can be run over all.

To add a messenger: write a rig here and name it in `RIGS`; in `CARRIERS`, too, if its `send` carries a message
somewhere itself, and may fail on the way.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from bot import clock
from bot.media.store import MediaStore
from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.letterbox import NotKept
from bot.messengers.port import WEB, Gone, Incoming, Kind, Messenger, RetryLater, Unknown, Unreachable
from bot.messengers.ptb import PtbMessenger
from bot.messengers.web import WebMessenger
from bot.web.chat import Posted
from tests.double import Double, User
from tests.memory import MemoryMessenger

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens


class Rig(Protocol):
    """One person who talks with a bot through one messenger."""

    chat: str  # where to write to her
    says: frozenset[Kind]  # what can be said there
    answers: bool  # whether a message can be an answer to another
    turns_away: bool  # whether a file that is too large is refused before it is told

    def row(self) -> int:
        """Return the outbox row's number of the message that is sent next."""

    def messenger(self) -> Messenger:
        """Connect the bot's side once more, with nothing remembered."""

    def say(self, text: str, reply_to: int | None = None) -> int:
        """Write to the bot; returns the message's order."""

    def edit(self, order: int, text: str) -> None:
        """Change an own message."""

    def press(self, label: str) -> str:
        """Press a button by what it says; returns the callback."""

    def voice(self, data: bytes = b"OggS", seconds: int = 3) -> int: ...

    def photo(self, caption: str, data: bytes = b"\xff\xd8\xff") -> int: ...

    def sticker(self) -> int: ...

    def other(self) -> int:
        """Send something no messenger has a kind for."""

    def lose_files(self) -> None:
        """Let the messenger know no file any more."""

    def block(self) -> None: ...

    def unblock(self) -> None: ...

    def allow(self, *what: str) -> None:
        """Expect that the messenger refuses wrong calls."""


class Carrier(Rig, Protocol):
    """A rig whose messenger carries messages itself."""

    def screen(self) -> str:
        """Draw what she sees: own words after `> `, buttons as `[ one ] [ two ]`."""

    def acknowledged(self, callback: str) -> bool: ...

    def heard(self) -> list[tuple[str, bytes, bool]]:
        """List the bot's voice notes and photos: kind, bytes, and whether they may not be passed on."""

    def typing(self) -> int:
        """Count how often typing was shown."""

    def menu(self, language: str | None, *, own: bool = False) -> list[str]:
        """List the commands the bot offers in an app's language; `own`: those of this chat alone."""

    def told(self, language: str | None) -> tuple[str, str]:
        """Return what the bot tells of itself in an app's language: in a line, and at length."""

    def hold(self, seconds: int) -> None:
        """Let the next send be refused with a pause."""

    def lose(self) -> None:
        """Let the next send arrive, and its answer be lost."""

    def stumble(self) -> None:
        """Let the next send fail on the messenger's side, with nothing done."""

    def unreachable(self) -> Messenger:
        """Connect the bot's side to where nobody is."""


EVERYTHING = frozenset(
    {Kind.TEXT, Kind.VOICE, Kind.PHOTO, Kind.STICKER, Kind.OTHER, Kind.EDITED, Kind.BLOCKED, Kind.UNBLOCKED}
)


class TelegramRig:
    """A Telegram client over the double."""

    says, answers, turns_away = EVERYTHING, True, False

    def __init__(self, client: type[PtbMessenger | AiogramMessenger], double: Double) -> None:
        self._client = client
        self.double = double
        self.user: User = double.user(language="es")
        self.user.say("hola")  # a bot may not write first
        double.account.updates.clear()
        self.chat = str(self.user.id)
        self.say, self.edit, self.press = self.user.say, self.user.edit, self.user.press
        self.voice, self.sticker, self.other = self.user.voice, self.user.sticker, self.user.location
        self.block, self.unblock, self.screen = self.user.block, self.user.unblock, self.user.screen
        self.acknowledged, self.allow = self.user.answered, double.allow

    def row(self) -> int:
        return 0  # it numbers messages itself

    def messenger(self) -> Messenger:
        return self._client(self.double.token, self.double.url)

    def photo(self, caption: str, data: bytes = b"\xff\xd8\xff") -> int:
        return self.user.photo(data, caption)

    def lose_files(self) -> None:
        self.double.account.files.clear()

    def heard(self) -> list[tuple[str, bytes, bool]]:
        found = []
        for message in self.user.said:
            for kind in ("voice", "photo", "document"):
                if kind in message.content:
                    file = message.content[kind]
                    file_id = (file[-1] if isinstance(file, list) else file)["file_id"]
                    found.append((kind, self.double.account.files[file_id], message.protected))
        return found

    def typing(self) -> int:
        return len(self.double.calls("sendChatAction", self.user.id))

    def menu(self, language: str | None, *, own: bool = False) -> list[str]:
        scope = f"chat={self.user.id}" if own else "all_private_chats"
        told = self.double.account.profile.get(f"commands@{scope}" + (f":{language}" if language else ""), [])
        return [command["command"] for command in told]

    def told(self, language: str | None) -> tuple[str, str]:
        profile, tail = self.double.account.profile, f":{language}" if language else ""
        return profile["short_description" + tail], profile["description" + tail]

    def hold(self, seconds: int) -> None:
        self.double.refuse("sendMessage", retry_after=seconds)

    def lose(self) -> None:
        self.double.lose("sendMessage")

    def stumble(self) -> None:
        self.double.refuse("sendMessage", status=502)

    def unreachable(self) -> Messenger:
        return self._client(self.double.token, NOWHERE)


class MemoryRig:
    """The messenger in memory."""

    chat = "7"
    says, answers, turns_away = EVERYTHING, True, False

    def __init__(self) -> None:
        self._memory = MemoryMessenger()
        self.say("hola")
        self._memory._updates.clear()

    def row(self) -> int:
        return 0  # it numbers messages itself

    def messenger(self) -> Messenger:
        return self._memory

    def say(self, text: str, reply_to: int | None = None) -> int:
        return self._memory.say(self.chat, text, reply_to, "es")

    def edit(self, order: int, text: str) -> None:
        self._memory.edit(self.chat, order, text)

    def press(self, label: str) -> str:
        return self._memory.press(self.chat, label)

    def voice(self, data: bytes = b"OggS", seconds: int = 3) -> int:
        return self._memory.give_file(self.chat, Kind.VOICE, data, seconds=seconds)

    def photo(self, caption: str, data: bytes = b"\xff\xd8\xff") -> int:
        return self._memory.give_file(self.chat, Kind.PHOTO, data, text=caption)

    def lose_files(self) -> None:
        self._memory.files.clear()

    def heard(self) -> list[tuple[str, bytes, bool]]:
        shown = [(message.attachment, message.protected) for message in self._memory.thread(self.chat)]
        return [(sent.kind, sent.data, protected) for sent, protected in shown if sent is not None]

    def typing(self) -> int:
        return self._memory.typed.count(self.chat)

    def menu(self, language: str | None, *, own: bool = False) -> list[str]:
        return self._memory.menus[self.chat if own else None, language]

    def told(self, language: str | None) -> tuple[str, str]:
        return self._memory.told[language]

    def sticker(self) -> int:
        return self._memory.give(self.chat, Kind.STICKER)

    def other(self) -> int:
        return self._memory.give(self.chat, Kind.OTHER)

    def block(self) -> None:
        self._memory.block(self.chat)

    def unblock(self) -> None:
        self._memory.unblock(self.chat)

    def screen(self) -> str:
        return self._memory.screen(self.chat)

    def acknowledged(self, callback: str) -> bool:
        return callback in self._memory.acknowledged

    def hold(self, seconds: int) -> None:
        self._memory.fail(RetryLater(seconds, everyone=True))

    def lose(self) -> None:
        self._memory.fail(Unknown("scripted"), accepted=True)

    def stumble(self) -> None:
        self._memory.fail(RetryLater(1, everyone=False))

    def unreachable(self) -> Messenger:
        broken = MemoryMessenger()
        broken.fail(Unreachable("scripted"), times=99)
        return broken

    def allow(self, *what: str) -> None:
        """Do nothing: there is no ledger of wrong calls."""


class WebRig:
    """A page in a browser: it hands over what was said in its own words, until it is told that this was kept."""

    chat = "7" * 40
    says, answers, turns_away = frozenset({Kind.TEXT, Kind.VOICE, Kind.PHOTO}), False, True

    def __init__(self, folder: Path) -> None:
        self._store = MediaStore(folder, [folder])
        self._messenger: WebMessenger | None = None
        self._unkept: list[Incoming] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._rows = 0

    def row(self) -> int:
        self._rows += 1
        return self._rows

    def messenger(self) -> Messenger:
        """Begin anew, as after a kill: a page sends again what it was not told to be kept, under the same id."""
        self._messenger = WebMessenger(self._store.parked)
        for incoming in self._unkept:
            self._send(incoming)
        return self._messenger

    def say(self, text: str, reply_to: int | None = None) -> int:
        return self._say(Posted(clock.new_id().hex, self._rows, text, None, 0).incoming(self.chat, "es"))

    def press(self, label: str) -> str:
        raise LookupError(label)  # a page shows what the outbox holds: see tests/bot/web

    def edit(self, order: int, text: str) -> None:
        raise NotImplementedError

    def voice(self, data: bytes = b"OggS", seconds: int = 3) -> int:
        return self._file(Kind.VOICE, data, "", seconds)

    def photo(self, caption: str, data: bytes = b"\xff\xd8\xff") -> int:
        return self._file(Kind.PHOTO, data, caption, None)

    def sticker(self) -> int:
        raise NotImplementedError

    def other(self) -> int:
        raise NotImplementedError

    def lose_files(self) -> None:
        for incoming in self._unkept:
            self._store.discard(incoming.file or "")

    def block(self) -> None:
        raise NotImplementedError

    def unblock(self) -> None:
        raise NotImplementedError

    def allow(self, *what: str) -> None:
        """Do nothing: there is no ledger of wrong calls."""

    def _file(self, kind: Kind, data: bytes, caption: str, seconds: int | None) -> int:
        handle = self._store.park(data)
        incoming = Incoming(
            WEB,
            clock.new_id().hex,
            self.chat,
            kind,
            order=self._rows + 1,
            text=caption or None,
            file=handle,
            size=len(data),
            seconds=seconds,
            language="es",
        )
        return self._say(incoming)

    def _say(self, incoming: Incoming) -> int:
        assert incoming.order == self.row()
        self._unkept.append(incoming)
        if self._messenger is not None:
            self._send(incoming)
        return incoming.order

    def _send(self, incoming: Incoming) -> None:
        assert self._messenger is not None
        task = asyncio.get_running_loop().create_task(self._until_kept(self._messenger, incoming))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _until_kept(self, messenger: WebMessenger, incoming: Incoming) -> None:
        with suppress(NotKept):
            await messenger.hand_over(incoming)
            self._unkept = [each for each in self._unkept if each.update != incoming.update]


@contextmanager
def web() -> Iterator[WebRig]:
    """A page of one process, with a folder for what it puts aside."""
    with TemporaryDirectory() as folder:
        yield WebRig(Path(folder))


@contextmanager
def telegram(client: type[PtbMessenger | AiogramMessenger]) -> Iterator[TelegramRig]:
    """A Telegram client over a double of its own, which must have seen no wrong call."""
    with Double() as double:
        yield TelegramRig(client, double)
    assert not double.violations, double.violations


@contextmanager
def memory() -> Iterator[MemoryRig]:
    yield MemoryRig()


RIGS: dict[str, Callable[[], AbstractContextManager[Rig]]] = {
    "ptb": lambda: telegram(PtbMessenger),
    "aiogram": lambda: telegram(AiogramMessenger),
    "memory": memory,
    "web": web,
}
CARRIERS = ("ptb", "aiogram", "memory")

__all__ = ["CARRIERS", "NOWHERE", "RIGS", "Carrier", "Gone", "Rig", "TelegramRig"]
