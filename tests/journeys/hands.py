"""The hands of a respondent: what she sees and does, on Telegram and in a browser without JavaScript."""

from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Protocol, TypeVar

import httpx

from storage.unit import Unit
from tests.bot import samples
from tests.bot.web.page import Page
from tests.double import User

T = TypeVar("T")


class Bot(Protocol):
    """What hands are put to: a running bot, in this process or in one of its own."""

    @property
    def address(self) -> str:
        """Where its pages are."""

    def settle(self) -> None:
        """Wait until everything that was said is handled and answered."""

    def read(self, work: Callable[[Unit], T]) -> T:
        """Look at the database."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of the bot on her screen: its number, words and buttons."""

    order: int
    text: str
    labels: tuple[str, ...]


class Hand(Protocol):
    """One person at one messenger. Every act ends when the bot has answered it."""

    messenger: str

    @property
    def chat(self) -> str:
        """Her address."""

    def screen(self) -> list[Shown]:
        """What the bot said, as it stands now, oldest first."""

    def start(self, code: str) -> None:
        """Open an invite."""

    def say(self, text: str) -> None:
        """Write."""

    def press(self, label: str) -> None:
        """Press the newest button of a label."""

    def record(self) -> None:
        """Send a voice note."""


class TelegramHand:
    """Someone on Telegram."""

    messenger = "telegram"

    def __init__(self, bot: Bot, user: User) -> None:
        self._bot = bot
        self._user = user

    @property
    def chat(self) -> str:
        return str(self._user.id)

    def screen(self) -> list[Shown]:
        return [Shown(message.id, message.words, tuple(message.labels)) for message in self._user.said]

    def start(self, code: str) -> None:
        self._user.start(code)
        self._bot.settle()

    def say(self, text: str) -> None:
        self._user.say(text)
        self._bot.settle()

    def press(self, label: str) -> None:
        self._user.press(label)
        self._bot.settle()

    def record(self) -> None:
        self._user.voice(samples.ogg())
        self._bot.settle()


class WebHand:
    """Someone in a browser that runs no script: forms alone."""

    messenger = "web"

    def __init__(self, bot: Bot, language: str) -> None:
        self._bot = bot
        headers = {"accept-language": language}
        self._client = httpx.Client(base_url=bot.address, headers=headers, follow_redirects=True)
        self._page = ""

    def close(self) -> None:
        """Close the browser."""
        self._client.close()

    @property
    def chat(self) -> str:
        token = self._client.cookies["__Host-hilo"]
        found = self._bot.read(lambda unit: unit.web_sessions.find(token))
        assert found is not None
        return found.chat

    def screen(self) -> list[Shown]:
        self._page = self._client.get("/chat").text
        return Thread(self._page).shown

    def start(self, code: str) -> None:
        form = Page(self._client.get(f"/join/{code}").text).forms[0]
        self._sent(self._client.post(form.action, data=form.fields))

    def say(self, text: str) -> None:
        form = Page(self._page).composer
        self._sent(self._client.post(form.action, data=form.written(text)))

    def press(self, label: str) -> None:
        form = next(form for form in reversed(Page(self._page).forms) if label in form.buttons)
        self._sent(self._client.post(form.action, data=form.pressed(label)))

    def record(self) -> None:
        form = next(form for form in Page(self._page).forms if form.action.endswith("/media"))
        files = {"voice": ("voice.ogg", samples.ogg(), "audio/ogg")}
        self._sent(self._client.post(form.action, data=form.fields, files=files))

    def _sent(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        self._bot.settle()
        self._page = self._client.get("/chat").text


class Thread(HTMLParser):
    """Reads the bot's bubbles of a page."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.shown: list[Shown] = []
        self._order = 0
        self._text: list[str] = []
        self._labels: list[str] = []
        self._inside = ""
        self.feed(content)
        self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where a bubble begins, and what of it comes next."""
        given = dict(attrs)
        kinds = (given.get("class") or "").split()
        if tag == "div" and "said" in kinds:
            self._end()
            self._order = int((given.get("id") or "m0")[1:]) if "theirs" in kinds else 0
        elif tag == "div" and "words" in kinds:
            self._inside = "words"
        elif tag == "span" and "sr" in kinds and self._inside:
            self._inside = "aside"
        elif tag == "button" and "key" in kinds:
            self._inside = "key"
            self._labels.append("")

    def handle_endtag(self, tag: str) -> None:
        """Leave what was open."""
        if tag == "span" and self._inside == "aside":
            self._inside = "words"
        elif tag in {"div", "button"}:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Collect words and labels."""
        if self._inside == "words":
            self._text.append(data)
        elif self._inside == "key":
            self._labels[-1] += data

    def _end(self) -> None:
        if self._order:
            self.shown.append(Shown(self._order, "".join(self._text).strip(), tuple(self._labels)))
        self._order, self._text, self._labels = 0, [], []
