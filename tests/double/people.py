"""The people's side: what someone with a phone does and sees. Every method may be called from any thread."""

import asyncio
import functools
import itertools
import mimetypes
import time
from typing import TYPE_CHECKING, Any

from tests.double.methods import keep_file
from tests.double.world import Account, Chat, Message, Person, Press, World

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 5.0  # seconds a test waits for something to appear


class Screen:
    """One chat as somebody sees it."""

    def __init__(self, world: World, account: Account, chat: Chat) -> None:
        self._world = world
        self._account = account
        self._chat = chat
        self._mark = 0  # what had been shown when this person last did something

    @property
    def id(self) -> int:
        """The chat's number."""
        return self._chat.id

    @property
    def messages(self) -> list[Message]:
        """What is in the chat now, oldest first."""
        with self._world.changed:
            return self._chat.shown

    @property
    def said(self) -> list[Message]:
        """What the bot said, oldest first."""
        return [message for message in self.messages if not message.mine]

    @property
    def last(self) -> Message:
        """The newest message of the bot. Raises IndexError when it said nothing."""
        return self.said[-1]

    @property
    def labels(self) -> list[str]:
        """What the buttons of the newest keyboard say."""
        return next((message.labels for message in reversed(self.said) if message.keyboard), [])

    def is_known(self) -> None:
        """Have opened the bot long ago."""
        with self._world.changed:
            self._account.chats[self.id] = self._chat

    def screen(self) -> str:
        """Draw the chat: the person's words after `> `, buttons as `[ one ] [ two ]`."""
        return "\n".join(line for message in self.messages for line in message.lines())

    def sees(self, text: str, patience: float = PATIENCE, *, since: int | None = None) -> Message:
        """Wait until the bot says something that holds `text`, or changes a message so that it does.

        Only what came since this person's last own act counts, or since a point that `seen` returned. Raises
        AssertionError with the screen after `patience` seconds. Blocks; `wait_for` is its like inside a loop.
        """
        mark = self._mark if since is None else since
        return self._until(lambda: self._find(text, mark), patience, f"nothing said {text!r}")

    async def wait_for(self, text: str, patience: float = PATIENCE, *, since: int | None = None) -> Message:
        """Do what `sees` does without blocking the loop."""
        mark = self._mark if since is None else since
        look = functools.partial(self._find, text, mark)
        return await asyncio.to_thread(self._until, look, patience, f"nothing said {text!r}")

    def seen(self) -> int:
        """Return a point in time for `since`."""
        with self._world.changed:
            return self._world.seen

    def _find(self, text: str, mark: int) -> Message | None:
        for message in reversed(self.said):
            if message.seen > mark and (text in message.words or text in message.labels):
                return message
        return None

    def _until(self, look: "Callable[[], Message | None]", patience: float, otherwise: str) -> Message:
        end = time.monotonic() + patience
        with self._world.changed:
            while (found := look()) is None:
                left = end - time.monotonic()
                if left <= 0 or not self._world.changed.wait(left):
                    raise AssertionError(f"{otherwise}; on the screen:\n{self.screen()}")
            return found

    def _say(self, sender: Person, text: str | None, content: dict[str, Any], reply_to: int | None) -> Message:
        with self._world.changed:
            self._mark = self._world.seen
            replied = self._chat.messages[reply_to] if reply_to is not None else None
            date = int(self._world.now())
            message = Message(0, sender, date, text, content=content, reply_to=replied)
            return self._world.put(self._account, self._chat, message)


class User(Screen):
    """Someone who talks with the bot in private."""

    def __init__(self, world: World, account: Account, person: Person) -> None:
        super().__init__(world, account, Chat(person.id, person))
        self.person = person

    def say(self, text: str, reply_to: int | None = None) -> int:
        """Write to the bot; returns the message's number."""
        return self._give(text, {}, reply_to)

    def start(self, payload: str = "") -> int:
        """Open the bot by a link `t.me/bot?start=payload` and press Start."""
        return self.say(f"/start {payload}".strip())

    def voice(self, data: bytes = b"OggS", seconds: int = 3, reply_to: int | None = None) -> int:
        """Send a voice note."""
        return self._file("voice", data, {"duration": seconds, "mime_type": "audio/ogg"}, None, reply_to)

    def photo(self, data: bytes = b"\xff\xd8", caption: str | None = None, reply_to: int | None = None) -> int:
        """Send a photo, which Telegram offers in two sizes."""
        with self._world.changed:
            small = keep_file(self._account, data[: len(data) // 2]) | {"width": 90, "height": 67}
            large = keep_file(self._account, data) | {"width": 1280, "height": 960}
        content = {"photo": [small, large]} | ({"caption": caption} if caption else {})
        return self._give(None, content, reply_to)

    def document(self, data: bytes = b"%PDF", name: str = "list.pdf", caption: str | None = None) -> int:
        """Send a file."""
        mime = mimetypes.guess_type(name)[0]
        more = {"file_name": name} | ({"mime_type": mime} if mime else {})
        return self._file("document", data, more, caption, None)

    def sticker(self, emoji: str = "👍") -> int:
        """Send a sticker."""
        more = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._file("sticker", b"RIFF", {"emoji": emoji, **more}, None, None)

    def location(self) -> int:
        """Send a place, which no adapter reads."""
        return self._give(None, {"location": {"latitude": 17.06, "longitude": -96.72}}, None)

    def edit(self, message: int, text: str) -> None:
        """Change the words of an own message."""
        with self._world.changed:
            self._mark = self._world.seen
            mine = self._chat.messages[message]
            mine.text, mine.edited = text, int(self._world.now())
            self._world.touch(mine)
            self._tell("edited_message", mine.to_api(self._chat), ("chat", self.id))

    def delete(self, message: int) -> None:
        """Delete a message; a bot is never told."""
        with self._world.changed:
            self._chat.messages[message].deleted = True

    def press(self, label: str, message: int | None = None) -> str:
        """Press the button that says `label`, on the newest keyboard which has it or on the given message.

        Returns the press's number, for `answered`. Raises LookupError, telling what could be pressed.
        """
        for shown in reversed(self.said):
            if message is None or shown.id == message:
                for button in itertools.chain.from_iterable(shown.buttons):
                    if button["text"] == label and "callback_data" in button:
                        return self.press_data(button["callback_data"], shown.id)
        offered = [one.labels for one in self.said if one.keyboard]
        raise LookupError(f"no button says {label!r}; there are {offered}")

    def press_data(self, data: str, message: int) -> str:
        """Press a button by what it carries, whether or not it is still there, or ever was."""
        with self._world.changed:
            self._mark = self._world.seen
            number = str(4_000_000_000_000_000_000 + self._world.number())
            self._account.presses[number] = Press(self._world.now())
            query = {
                "id": number,
                "from": self.person.to_api(),
                "message": self._chat.messages[message].to_api(self._chat),
                "chat_instance": str(self.id * 7919),
                "data": data,
            }
            self._tell("callback_query", query, ("presser", self.person.id))
            return number

    def answered(self, press: str) -> bool:
        """True when the bot answered a press, so that its button spins no more."""
        with self._world.changed:
            return self._account.presses[press].answered

    def block(self) -> None:
        """Block the bot."""
        self._chat.blocked = True
        self._membership("member", "kicked")

    def unblock(self) -> None:
        """Unblock the bot."""
        self._chat.blocked = False
        self._membership("kicked", "member")

    def vanish(self) -> None:
        """Delete the account; the bot learns it when it writes."""
        self._chat.deactivated = True

    def _give(self, text: str | None, content: dict[str, Any], reply_to: int | None) -> int:
        with self._world.changed:
            self._account.chats.setdefault(self.id, self._chat)  # a bot may not write before
            message = self._say(self.person, text, content, reply_to)
            self._tell("message", message.to_api(self._chat), ("chat", self.id))
            return message.id

    def _file(self, kind: str, data: bytes, more: dict[str, Any], caption: str | None, reply_to: int | None) -> int:
        with self._world.changed:
            file = keep_file(self._account, data) | more
        return self._give(None, {kind: file} | ({"caption": caption} if caption else {}), reply_to)

    def _membership(self, before: str, after: str) -> None:
        with self._world.changed:
            self._mark = self._world.seen
            change = {
                "chat": self._chat.to_api(),
                "from": self.person.to_api(),
                "date": int(self._world.now()),
                "old_chat_member": self._member(before),
                "new_chat_member": self._member(after),
            }
            self._tell("my_chat_member", change, ("chat", self.id))

    def _member(self, status: str) -> dict[str, Any]:
        member = {"user": self._account.person.to_api(), "status": status}
        return member | ({"until_date": 0} if status == "kicked" else {})

    def _tell(self, kind: str, body: dict[str, Any], queue: tuple[str, int]) -> None:
        self._world.tell(self._account, kind, body, queue)


class Group(Screen):
    """A group the bot was added to. With privacy on, as bots are by default, it hears commands and replies alone."""

    def __init__(self, world: World, account: Account, title: str) -> None:
        super().__init__(world, account, Chat(-(900_000 + world.number()), title=title))
        account.chats[self.id] = self._chat

    def say(self, user: User, text: str, reply_to: int | None = None) -> int:
        """Let someone write in the group."""
        with self._world.changed:
            message = self._say(user.person, text, {}, reply_to)
            to_bot = message.reply_to is not None and not message.reply_to.mine
            if text.startswith("/") or to_bot:
                self._world.tell(self._account, "message", message.to_api(self._chat), ("chat", self.id))
            return message.id
