"""The ways in: an invite, and a personal link that opens once and then asks for the PIN that was chosen.

Merely looking at a page opens nothing, since programs that show previews of links look at them.
"""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.messengers.letterbox import NotKept
from bot.messengers.port import WEB, Incoming, Kind
from bot.messengers.web import WebMessenger
from bot.runtime.workers import Workers
from bot.services.code_guessing import InviteGuesses
from bot.services.earlier import has_earlier, shut_earlier
from bot.services.invites import FIRST, came_by, find, opens
from bot.services.links import forward_links, invite_forward, tell_opened
from bot.web.codes import KnownCodes
from bot.web.language import PageTexts
from bot.web.pin_screens import PinPages
from bot.web.pins import PinInput
from bot.web.render import Renderer
from bot.web.sessions import (
    CHAT,
    IDLE,
    JOINING,
    JOINING_AGE,
    Sessions,
    cookie,
    delete_cookies,
    keep_token,
    own_chat,
    pressed_token,
    set_cookie,
    takes_prefix,
)
from bot.web.visitors import place_of
from storage.unit import Unit
from storage.web_pins import LINK

SLOW: Final = 2.0  # seconds that the answer to one code of many takes
SLOWED_AT_ONCE: Final = 50
CODE = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Whose conversation a code leads to, and what it takes to enter by it.

    Attributes:
        person: whose conversation it opens.
        language: what they speak, or None.
        pin: the kind of PIN that is asked for, or None while they have none.
        link: the personal link's id, or None without one.
        fresh: True while the link was never opened.
    """

    person: UUID
    language: str | None
    pin: str | None
    link: UUID | None = None
    fresh: bool = False


class EntryPages:
    """The pages that lead into a conversation."""

    def __init__(
        self,
        workers: Workers,
        messenger: WebMessenger,
        renderer: Renderer,
        sessions: Sessions,
        locks: PinPages,
        codes: KnownCodes,
        public_url: str | None = None,
        guesses: InviteGuesses | None = None,
    ) -> None:
        """Build the pages; `public_url` is the base of links, by default the one of the request."""
        self._guesses = guesses
        self._codes = codes
        self._slowed = asyncio.Semaphore(SLOWED_AT_ONCE)
        self._public_url = public_url
        self._workers = workers
        self._messenger = messenger
        self._renderer = renderer
        self._sessions = sessions
        self._locks = locks

    async def invite(self, request: Request) -> Response:
        """Show where an invite leads; one that is used, over or unknown, and whoever was inside before, lead back."""
        code = _code(request)
        if await self._ended(request, code):
            return await self._over(request, code)
        return self._button(request, f"/join/{code}", first=await self._asks_first(request, code))

    async def join(self, request: Request) -> Response:
        """Join a conversation with an invite's code; a browser that has a conversation keeps it."""
        code = _code(request)
        if await self._ended(request, code):
            return await self._over(request, code)
        form = await request.form(max_fields=10, max_files=0)
        first = form.get(FIRST) == "1"
        if not first and await self._asks_first(request, code):  # it was used since the page was opened
            return self._button(request, f"/join/{code}", first=True)
        place = await self._sessions.resolve(request)
        if place is not None:
            chat = place.chat
            # Whoever put the cookie there may hold its token; and so long as nobody is in it, the whole conversation.
            await self._sessions.renew(request, place, alone=place.person is None)
        else:
            token = await self._new_token(request, form)
            chat = await self._sessions.open(request, token)
        said = f"/start {code} {FIRST}" if first else f"/start {code}"
        if not await self._say(request, chat, said, f"{form.get('nonce', '')}\0{code}"):
            return self._renderer.small(request, "join.later", 503, action=f"/join/{code}")
        if place is None:
            keep_token(request, token)
        return _inside(request)

    async def link(self, request: Request) -> Response:
        """Show where a personal link leads: a button, the PIN, or that it was used."""
        code = _code(request)
        known = await self._workers.read(lambda unit: _linked(unit, code))
        if known is None:
            return await self._gone(request)
        if await self._is_here(request, known):
            return RedirectResponse("/chat#end", 303)
        return self._door(request, f"/l/{code}", known)

    async def open_link(self, request: Request) -> Response:
        """Open a personal link: the first time at once, later with the PIN."""
        code = _code(request)
        known = await self._workers.read(lambda unit: _linked(unit, code))
        if known is None:
            return await self._gone(request)
        if await self._is_here(request, known):
            return RedirectResponse("/chat#end", 303)
        if known.pin is not None:
            return await self._by_pin(request, f"/l/{code}", known)
        token = await self._new_token(request, await request.form(max_fields=10, max_files=0))
        if await self._is_open(token):  # pressed twice
            keep_token(request, token)
            return _inside(request)
        return await self.enter(request, known, token)

    async def sms(self, request: Request) -> Response:
        """Open the SMS app of the one who hands a personal link over; this does not open the link itself."""
        code = _code(request)
        known = await self._workers.read(lambda unit: _linked(unit, code))
        if known is None or not known.fresh:
            return await self._gone(request)
        base = (self._public_url or str(request.base_url)).rstrip("/")
        made = forward_links(
            self._renderer.texts, known.language or self._renderer.language(request), f"{base}/l/{code}"
        )
        return self._renderer.small(request, "sms", back=made.sms if made else None)

    async def invite_sms(self, request: Request) -> Response:
        """Open the SMS app of the one who passes an invite's link on; this does not use the invite."""
        base = (self._public_url or str(request.base_url)).rstrip("/")
        link = f"{base}/join/{_code(request)}"
        language = self._renderer.language(request)
        return self._renderer.small(request, "tell", back=invite_forward(self._renderer.texts, language, link).sms)

    async def _over(self, request: Request, code: str) -> Response:
        """Say that an invite opens nothing: the same for one that is used, ended or never was."""
        status = 410 if await self.guessed(request, code) else 429
        return self._renderer.small(request, "ended", status, back=f"/join/{code}/back")

    async def _gone(self, request: Request) -> Response:
        return self._renderer.small(request, "gone", 404 if await self.guessed(request, "") else 429)

    async def guessed(self, request: Request, code: str) -> bool:
        """Count a code that opened nothing; whoever tries many waits for the answer. Return False for far too many."""
        if self._guesses is None:
            return True
        invite = await self._codes.find(code) if code else None
        soon = self._guesses.tried(place_of(request), self._workers.now(), str(invite or ""))
        if self._guesses.alarming and await self._workers.read(self._guesses.due):
            await self._workers.write(self._guesses.tell)
            self._workers.outbox.notify()
        if soon:
            return True
        if self._slowed.locked():
            return False
        async with self._slowed:
            await asyncio.sleep(SLOW)
        return True

    def _door(self, request: Request, action: str, known: LinkTarget) -> Response:
        if known.pin is not None:
            return self._locks.form(self._words(request, known), action, "ask", PinInput(known.pin, ()))
        return self._button(request, action, "link") if known.fresh else self._renderer.small(request, "burnt", 410)

    def _button(self, request: Request, action: str, page: str = "join", *, first: bool = False) -> Response:
        again = f"{action}/back" if page == "join" else None  # whoever left quickly is no second person
        response = self._renderer.small(request, page, action=action, again=again, first=first)
        if not cookie(request, CHAT) and not cookie(request, JOINING):
            set_cookie(request, response, JOINING, clock.new_chat(), JOINING_AGE)
        return response

    async def _by_pin(self, request: Request, action: str, known: LinkTarget) -> Response:
        if known.pin is None:
            return self._renderer.small(request, "burnt", 410)
        given = PinInput.read(await request.form(max_fields=10, max_files=0))
        words = self._words(request, known)
        if not given.whole:
            return self._locks.form(words, action, "ask", given)
        note = await self._locks.attempt(known.person, given, words, LINK)
        if note is not None:
            return self._locks.form(words, action, "ask", PinInput(known.pin, ()), note)
        # A new token: the one the browser had before the PIN was given must not open the conversation.
        return await self.enter(request, known, clock.new_chat())

    async def enter(self, request: Request, known: LinkTarget, token: str) -> Response:
        """Open a person's conversation in this browser; someone who had none in a browser gets one."""
        before, prefixed = await self._sessions.resolve(request), takes_prefix(request)

        def enter(unit: Unit) -> tuple[str, bool] | None:
            person = unit.people.known(known.person)
            unit.lock(person.id)
            opened = known.link is not None and unit.web_links.open(known.link)
            if known.pin is None and not opened:
                return None
            chat = unit.addresses.chat_in(person, WEB)
            new = chat is None
            shuts = known.pin is None and has_earlier(unit, person)
            if chat is None:
                chat = own_chat(unit, token)
                unit.addresses.link(person, WEB, chat, clock.new_id())
            if before is not None and before.session is not None:
                unit.web_sessions.close(before.session)  # its cookie is replaced
            unit.web_sessions.open(clock.new_id(), token, chat, unit.now + IDLE, prefixed=prefixed)
            if known.pin is None:  # the one who knows the PIN is the person
                tell_opened(unit, self._renderer.texts, person)
            if shuts:
                shut_earlier(unit, self._renderer.texts, person, chat)
            return chat, new

        entered = await self._workers.write(enter)
        if entered is None:
            return self._renderer.small(request, "burnt", 410)
        chat, new = entered
        self._workers.outbox.notify()
        if new:
            # So that the page does not open empty. If it is not kept in time, the menu is one press away.
            await self._say(request, chat, "/start", token)
        keep_token(request, token)
        return _inside(request)

    async def _say(self, request: Request, chat: str, text: str, nonce: str) -> bool:
        """Say something in the person's name; return False when it was not kept."""
        update = hashlib.sha256(f"{chat}\0{nonce}".encode()).hexdigest()
        language = self._renderer.language(request)
        try:
            await self._messenger.hand_over(Incoming(WEB, update, chat, Kind.TEXT, text=text, language=language))
        except NotKept:
            return False
        return True

    async def _ended(self, request: Request, code: str) -> bool:
        """Return whether an invite opens nothing more, unless it is being opened in this very browser."""
        if await self._sessions.resolve(request) is not None or await self._is_joining(request):
            return False
        if await self._codes.find(code) is None:  # made up: nothing is looked at for it
            return True
        return await self._workers.read(lambda unit: not opens(unit, code))

    async def _new_token(self, request: Request, form: FormData) -> str:
        """Return a token that no browser had before: of the same press, sent twice, the same.

        It takes the cookie and the nonce of the page that was pressed. Whoever planted the one knows not the other.
        """
        joining, nonce = cookie(request, JOINING), form.get("nonce")
        if joining is None or not isinstance(nonce, str) or not nonce:
            return clock.new_chat()
        return await self._workers.read(lambda unit: pressed_token(unit, joining, nonce))

    async def _is_open(self, token: str) -> bool:
        return await self._workers.read(lambda unit: unit.web_sessions.find(token) is not None)

    async def _asks_first(self, request: Request, code: str) -> bool:
        """Return whether somebody else came in by an invite, so that it is asked whether this is the first time."""
        if await self._sessions.resolve(request) is not None or await self._is_joining(request):
            return False
        invite = await self._workers.read(lambda unit: find(unit, code))
        return invite is not None and came_by(invite)

    async def _is_here(self, request: Request, known: LinkTarget) -> bool:
        """Return whether the person's conversation is open in this browser, locked or not."""
        place = await self._sessions.resolve(request)
        return place is not None and place.person == known.person

    async def _is_joining(self, request: Request) -> bool:
        """Return whether this press was sent before, and its answer has not come yet."""
        if request.method != "POST" or cookie(request, JOINING) is None:
            return False
        return await self._is_open(await self._new_token(request, await request.form(max_fields=10, max_files=0)))

    def _words(self, request: Request, known: LinkTarget) -> PageTexts:
        return PageTexts(self._renderer.texts, known.language or self._renderer.language(request))


def _inside(request: Request) -> Response:
    response = RedirectResponse("/chat#end", 303)
    delete_cookies(request, response, JOINING)
    return response


def target_of(unit: Unit, person_id: UUID, link: UUID | None = None, *, fresh: bool = False) -> LinkTarget | None:
    """Return where a person's conversation is entered; None for nobody."""
    person = unit.people.get(person_id)
    if person is None or person.lost:
        return None
    pin = unit.web_pins.get(person)
    return LinkTarget(person.id, person.language, pin.kind if pin else None, link, fresh)


def _linked(unit: Unit, code: str) -> LinkTarget | None:
    link = unit.web_links.find(code.upper())
    if link is None or link.revoked_at is not None:
        return None
    fresh = link.opened_at is None
    if fresh and link.expires_at <= unit.now:
        return None
    return target_of(unit, link.person_id, link.id, fresh=fresh)


def _code(request: Request) -> str:
    code: str = request.path_params["code"]
    if not CODE.fullmatch(code):
        raise HTTPException(404)
    return code
