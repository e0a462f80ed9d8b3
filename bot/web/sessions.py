"""Which conversation a browser has open: its cookie, when it locks, and what was being written then."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from bot import clock
from bot.conversation.actions import ARRIVING
from bot.messengers.port import WEB
from bot.services.phones import watched
from bot.web.visitors import KnownBrowsers
from bot.workers import Workers
from storage.unit import Unit

CHAT = "hilo"  # the cookie that opens a conversation
JOINING = "hilo-joining"  # the same before the button is pressed, so that pressing twice opens one
CHAT_AGE = 400 * 24 * 3600  # browsers keep no cookie longer
JOINING_AGE = 3600
TOKEN_LENGTH = 40
IDLE = timedelta(minutes=10)  # after that the PIN is asked for
SEEN_EVERY = timedelta(seconds=30)  # a page in frequent use is not written down each time
DRAFTS = 1000


@dataclass(frozen=True, slots=True)
class ChatContext:
    """The conversation of a request.

    Attributes:
        chat: its secret address.
        path: the path of its page.
        session: the browser it is open in, or None in practice.
        person: whose it is, or None while they have no row yet.
        language: what they speak, or None for someone who has not chosen.
        stranger: whether nothing sent from here may be kept, since nobody has agreed to that.
        has_pin: whether they chose a PIN.
        locked: whether the PIN has to be given before anything is shown.
        watched: whether others may see the phone: not once the person said that nobody does.
        rested: whether they were last seen a while ago (30 seconds).
    """

    chat: str
    path: str
    session: UUID | None = None
    person: UUID | None = None
    language: str | None = None
    stranger: bool = False
    has_pin: bool = False
    locked: bool = False
    rested: bool = False
    watched: bool = True


class Drafts:
    """What was being written when a page was locked: kept in memory only, given back once, to the same browser."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, str] = OrderedDict()

    def save(self, session: UUID, text: str) -> None:
        """Keep words for a browser, in place of earlier ones."""
        if not text.strip():
            return
        self._kept.pop(session, None)
        self._kept[session] = text
        while len(self._kept) > DRAFTS:
            self._kept.popitem(last=False)

    def take(self, session: UUID) -> str:
        """Return and forget the words of a browser, '' where there are none."""
        return self._kept.pop(session, "")


class Sessions:
    """The browsers in which a conversation is open."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self.drafts = Drafts()
        self._known = KnownBrowsers()

    async def resolve(self, request: Request) -> ChatContext | None:
        """Return the conversation of a browser; None where none is open."""
        token = cookie(request, CHAT)
        place = await self._workers.read(lambda unit: _place(unit, token)) if token else None
        if place is not None:
            self._known.add(token or "")
        elif token is not None:
            self._known.drop(token)
        return place

    def known(self, request: Request) -> str | None:
        """Return the token of a browser whose conversation was found lately, without looking it up."""
        token = cookie(request, CHAT)
        return token if token is not None and token in self._known else None

    async def seen(self, place: ChatContext) -> None:
        """Note that the page is in use."""
        session = place.session
        if session is not None and not place.locked and place.rested:
            await self._workers.write(lambda unit: unit.web_sessions.note_seen(session, unit.now + IDLE))

    async def open(self, token: str) -> str:
        """Open a new conversation in the browser that has a token; return its address.

        The address is made from the token, so that opening twice opens one.
        """

        def opened(unit: Unit) -> str:
            chat = own_chat(unit, token)
            unit.web_sessions.open(clock.new_id(), token, chat, unit.now + IDLE)
            return chat

        return await self._workers.write(opened)


def _place(unit: Unit, token: str) -> ChatContext | None:
    session = unit.web_sessions.find(token)
    if session is None:
        return None
    person = unit.people.at(WEB, session.chat)
    has_pin = person is not None and unit.web_pins.exists(person.id)
    return ChatContext(
        session.chat,
        "/chat",
        session.id,
        person.id if person else None,
        person.language if person else None,
        person is None or person.participation in ARRIVING,
        has_pin,
        has_pin and session.open_until <= unit.now,
        session.seen_at + SEEN_EVERY <= unit.now,
        person is None or watched(person),
    )


def own_chat(unit: Unit, token: str) -> str:
    """Return the address of the conversation that begins in the browser with this token."""
    return unit.vault.lookup("web chat", token).hex()[:TOKEN_LENGTH]


def cookie(request: Request, name: str) -> str | None:
    """Return the token that a cookie holds, or None."""
    value = request.cookies.get(name, "")
    return value if len(value) == TOKEN_LENGTH and set(value) <= set("0123456789abcdef") else None


def set_cookie(request: Request, response: Response, name: str, value: str, age: int | None, path: str) -> None:
    """Set a cookie that no script reads and no other site sends; without an age it ends with the browser session."""
    response.set_cookie(
        name,
        value,
        max_age=age,
        path=path,
        secure=encrypted(request),
        httponly=True,
        samesite="strict",
    )


def encrypted(request: Request) -> bool:
    """Return whether the connection is encrypted: the page came by https, or is available by https only."""
    return request.url.scheme == "https" or bool(request.app.state.https)


def scripted(request: Request) -> bool:
    """Return whether the page's own script asks, which wants no page back."""
    return request.headers.get("accept", "") == "application/json"
