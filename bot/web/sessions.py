"""Which conversation a browser has open: its cookie, how long it stays open, what it was writing when it closed."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from bot import clock
from bot.conversation.actions import ARRIVING
from bot.messengers.port import WEB
from bot.workers import Workers
from storage.unit import Unit

CHAT = "hilo"  # the cookie that opens a conversation
JOINING = "hilo-joining"  # the same before she pressed the button, so that pressing twice opens one
LATER = "hilo-later"  # she does not want a PIN now
CHAT_AGE = 400 * 24 * 3600  # browsers keep no cookie longer
JOINING_AGE = 3600
TOKEN_LENGTH = 40
IDLE = timedelta(minutes=10)  # after that the PIN is asked for
SEEN_EVERY = timedelta(seconds=30)  # a page that is used often is not written down each time
DRAFTS = 1000


@dataclass(frozen=True, slots=True)
class ChatContext:
    """Where a request's conversation is.

    Attributes:
        chat: its secret address.
        path: the path of its page.
        session: the browser it is open in, or None in practice.
        person: whose it is, or None before she is someone here.
        language: what she speaks, or None for someone who has not chosen.
        taking_part: True once she is past joining.
        stranger: whether nothing may be kept of what is sent from here, since nobody has agreed to that.
        has_pin: whether she chose a PIN.
        locked: whether it has to be given before anything is shown.
        rested: whether she was last seen a while ago.
    """

    chat: str
    path: str
    session: UUID | None = None
    person: UUID | None = None
    language: str | None = None
    taking_part: bool = False
    stranger: bool = False
    has_pin: bool = False
    locked: bool = False
    rested: bool = False


class Drafts:
    """What was being written when a page was locked: in memory alone, given back to the same browser once."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kept: OrderedDict[UUID, str] = OrderedDict()

    def save(self, session: UUID, text: str) -> None:
        """Keep words for a browser, in the place of earlier ones."""
        if not text.strip():
            return
        self._kept.pop(session, None)
        self._kept[session] = text
        while len(self._kept) > DRAFTS:
            self._kept.popitem(last=False)

    def take(self, session: UUID) -> str:
        """Give them back, or nothing."""
        return self._kept.pop(session, "")


class Sessions:
    """The browsers in which a conversation is open."""

    def __init__(self, workers: Workers) -> None:
        """Keep what they stand on."""
        self._workers = workers
        self.drafts = Drafts()

    async def resolve(self, request: Request) -> ChatContext | None:
        """Find the conversation of a browser; None where nothing is open."""
        token = cookie(request, CHAT)
        return await self._workers.read(lambda unit: _place(unit, token)) if token else None

    async def seen(self, place: ChatContext) -> None:
        """Note that someone is using a page."""
        session = place.session
        if session is not None and not place.locked and place.rested:
            await self._workers.write(lambda unit: unit.web_sessions.note_seen(session, unit.now + IDLE))

    async def open(self, token: str) -> str:
        """Open a new conversation in the browser that has a token; returns its address.

        It comes from the token, so that opening twice opens one.
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
        person is not None and person.participation in {"active", "paused"},
        person is None or person.participation in ARRIVING,
        has_pin,
        has_pin and session.open_until <= unit.now,
        session.seen_at + SEEN_EVERY <= unit.now,
    )


def own_chat(unit: Unit, token: str) -> str:
    """Return the address of the conversation that begins in the browser with this token."""
    return unit.vault.lookup("web chat", token).hex()[:TOKEN_LENGTH]


def cookie(request: Request, name: str) -> str | None:
    """Return the token that a cookie holds, or None."""
    value = request.cookies.get(name, "")
    return value if len(value) == TOKEN_LENGTH and set(value) <= set("0123456789abcdef") else None


def set_cookie(request: Request, response: Response, name: str, value: str, age: int | None, path: str) -> None:
    """Set a cookie that no script reads and no other site brings along; without an age it ends with the browser."""
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
    """Tell whether nobody on the way reads along: the page came by https, or is nowhere to be had but there."""
    return request.url.scheme == "https" or bool(request.app.state.https)


def scripted(request: Request) -> bool:
    """Tell whether the page's own script asks, which wants no page back."""
    return request.headers.get("accept", "") == "application/json"
