"""Which conversation a browser has open: its cookie, when it locks, and what was being written then.

On https and on this machine the cookies' names begin with `__Host-`: a browser takes such a cookie from this site alone
and by an encrypted line, so nobody can plant one. Elsewhere (plain http in a local network) browsers refuse them, and
the names are plain. A token under a plain name that is older than that is exchanged once.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import clock
from bot.conversation.actions import ARRIVING
from bot.messengers.port import WEB
from bot.runtime.workers import Workers
from bot.services.phones import watched
from bot.web.visitors import KnownBrowsers
from storage.unit import Unit
from storage.web_sessions import next_token

PREFIX = "__Host-"
HERE = frozenset({"127.0.0.1", "localhost", "::1"})  # this machine, which browsers trust as they trust https
CHAT = "hilo"  # the cookie that opens a conversation
JOINING = "hilo-joining"  # the same before the button is pressed, so that pressing twice opens one
CHAT_AGE = 400 * 24 * 3600  # browsers keep no cookie longer
JOINING_AGE = 3600
TOKEN_LENGTH = 40
IDLE = timedelta(minutes=10)  # after that the PIN is asked for
SEEN_EVERY = timedelta(minutes=1)  # a page in frequent use is not written down each time
DRAFTS = 1000
FRESH = "hilo.token"  # in the scope of a request: the token that its answer sets


@dataclass(frozen=True, slots=True)
class ChatContext:
    """The conversation of a request.

    Attributes:
        chat: its secret address.
        path: the path of its page.
        session: the browser it is open in.
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


class SessionCookieMiddleware:
    """Sets the cookie of whichever token a request was given, whatever page answers it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start" and FRESH in scope:
                carrier = Response()
                set_cookie(Request(scope), carrier, CHAT, scope[FRESH], CHAT_AGE)
                message["headers"] = [*message["headers"], *_cookies_of(carrier)]
            await send(message)

        await self.app(scope, receive, send_with if scope["type"] == "http" else send)


def _cookies_of(response: Response) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in response.raw_headers if name == b"set-cookie"]


class Sessions:
    """The browsers in which a conversation is open."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self.drafts = Drafts()
        self._known = KnownBrowsers()

    async def resolve(self, request: Request) -> ChatContext | None:
        """Return the conversation of a browser; None where none is open.

        An old token under the plain name is exchanged here, where names have the prefix, and the answer sets the new.
        """
        prefixed = takes_prefix(request)
        token = fresh(request) or cookie(request, CHAT)
        if token is None:
            return await self._resolve_old(request) if prefixed else None
        found = await self._workers.read(lambda unit: conversation_of(unit, token, prefixed=prefixed))
        if found is None:
            self._known.drop(token)
            return None
        place, exchanging = found
        self._known.add(token)
        if exchanging and place.session is not None and fresh(request) is None:
            session = place.session
            await self._workers.write(lambda unit: unit.web_sessions.came(session))
        return place

    async def _resolve_old(self, request: Request) -> ChatContext | None:
        old = _token(request, CHAT)
        if old is None:
            return None

        def exchanged(unit: Unit) -> None:
            session = unit.web_sessions.find(old)
            if session is not None and not session.prefixed:
                unit.web_sessions.exchange(session, old)

        # What somebody made up is looked up beside the writer, and never gets to it.
        if await self._workers.read(lambda unit: _is_old(unit, old)):
            await self._workers.write(exchanged)
        return await self._exchanged(request, old)

    async def _exchanged(self, request: Request, old: str) -> ChatContext | None:
        """Return the conversation of a token that was exchanged, by this request or by one of another tab."""

        def find(unit: Unit) -> tuple[str, tuple[ChatContext, bool] | None]:
            token = next_token(unit.vault, old)
            there = unit.web_sessions.find_exchanged(old) is not None
            return token, conversation_of(unit, token, prefixed=True) if there else None

        token, found = await self._workers.read(find)
        if found is None:
            return None
        keep_token(request, token)
        self._known.add(token)
        return found[0]

    async def renew(self, request: Request, place: ChatContext, *, alone: bool = False) -> None:
        """Give a browser another token, so that the one it had until now opens nothing; `alone`: close all others."""
        session, token, prefixed = place.session, fresh(request) or cookie(request, CHAT), takes_prefix(request)
        if session is None or token is None:
            return
        new = clock.new_chat()

        def renewed(unit: Unit) -> bool:
            found = unit.web_sessions.find(token)
            if found is None or found.id != session:
                return False
            unit.web_sessions.renew(found, new, prefixed=prefixed)
            if alone:
                unit.web_sessions.close_others(found.chat, found.id)
            return True

        if await self._workers.write(renewed):
            self._known.add(new)
            keep_token(request, new)

    def known(self, request: Request) -> str | None:
        """Return the token of a browser whose conversation was found lately, without looking it up."""
        token = cookie(request, CHAT)
        return token if token is not None and token in self._known else None

    async def seen(self, place: ChatContext) -> None:
        """Note that the page is in use."""
        session = place.session
        if session is not None and not place.locked and place.rested:
            await self._workers.write(lambda unit: unit.web_sessions.note_seen(session, unit.now + IDLE))

    async def open(self, request: Request, token: str) -> str:
        """Open a new conversation in the browser that gets a token; return its address.

        The address is made from the token, so that opening twice opens one.
        """

        def opened(unit: Unit) -> str:
            chat = own_chat(unit, token)
            unit.web_sessions.open(clock.new_id(), token, chat, unit.now + IDLE, prefixed=takes_prefix(request))
            return chat

        chat = await self._workers.write(opened)
        self._known.add(token)
        return chat


def _is_old(unit: Unit, token: str) -> bool:
    session = unit.web_sessions.find(token)
    return session is not None and not session.prefixed


def conversation_of(unit: Unit, token: str, *, prefixed: bool) -> tuple[ChatContext, bool] | None:
    """Return the conversation of a token, and whether that replaced an old one which is taken still.

    A token belongs to its kind of cookie: one with the prefix is taken from no plain one.
    """
    session = unit.web_sessions.find(token)
    if session is None or session.prefixed != prefixed:
        return None
    person = unit.people.at(WEB, session.chat)
    has_pin = person is not None and unit.web_pins.exists(person.id)
    place = ChatContext(
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
    return place, session.exchanging


def pressed_token(unit: Unit, joining: str, nonce: str) -> str:
    """Return the token of a press: the same for the same press twice, and told by nobody who knows one half of it."""
    return unit.vault.lookup("web press", f"{joining}\0{nonce}").hex()[:TOKEN_LENGTH]


def own_chat(unit: Unit, token: str) -> str:
    """Return the address of the conversation that begins in the browser with this token."""
    return unit.vault.lookup("web chat", token).hex()[:TOKEN_LENGTH]


def takes_prefix(request: Request) -> bool:
    """Return whether browsers take cookies with the prefix from this address: by https, or on this machine."""
    return encrypted(request) or request.url.hostname in HERE


def cookie(request: Request, name: str) -> str | None:
    """Return the token that a cookie of this address holds, or None."""
    return _token(request, f"{PREFIX}{name}" if takes_prefix(request) else name)


def _token(request: Request, name: str) -> str | None:
    value = request.cookies.get(name, "")
    return value if len(value) == TOKEN_LENGTH and set(value) <= set("0123456789abcdef") else None


def fresh(request: Request) -> str | None:
    """Return the token that this very request was given, or None: its answer sets the cookie."""
    token: str | None = request.scope.get(FRESH)
    return token


def keep_token(request: Request, token: str) -> None:
    """Have the answer to a request set the cookie that opens the conversation."""
    request.scope[FRESH] = token


def set_cookie(request: Request, response: Response, name: str, value: str, age: int) -> None:
    """Set a cookie that no script reads and no other site sends; under the prefix, and then the plain one goes."""
    prefixed = takes_prefix(request)
    response.set_cookie(
        f"{PREFIX}{name}" if prefixed else name,
        value,
        max_age=age,
        path="/",
        secure=prefixed,
        httponly=True,
        samesite="strict",
    )
    if prefixed and name in request.cookies:
        response.delete_cookie(name, path="/")


def delete_cookies(request: Request, response: Response, *names: str) -> None:
    """Delete cookies in the browser, under whichever name it has them."""
    if CHAT in names:
        request.scope.pop(FRESH, None)
    for name in names:
        if takes_prefix(request):
            response.delete_cookie(f"{PREFIX}{name}", path="/", secure=True, httponly=True, samesite="strict")
        if not takes_prefix(request) or name in request.cookies:
            response.delete_cookie(name, path="/")


def encrypted(request: Request) -> bool:
    """Return whether the connection is encrypted: the page came by https, or is available by https only."""
    return request.url.scheme == "https" or bool(request.app.state.https)


def scripted(request: Request) -> bool:
    """Return whether the page's own script asks, which wants no page back."""
    return request.headers.get("accept", "") == "application/json"
