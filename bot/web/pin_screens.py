"""Locks: asking for the PIN, choosing one, and leaving quickly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.messengers.port import WEB
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import Texts
from bot.runtime.workers import Workers
from bot.services import care
from bot.services.links import new_code
from bot.services.organisation import OrganisationFacts
from bot.web import pins
from bot.web.language import PageTexts
from bot.web.pins import PinInput
from bot.web.render import Renderer
from bot.web.sessions import CHAT, IDLE, JOINING, ChatContext, Sessions, delete_cookies, scripted
from storage.people import Person
from storage.unit import Unit
from storage.web_pins import NICKNAME, PHONE, Pin, PinTries

AWAY = "/cal"  # a page that shows nothing of Hilo
PROVEN = timedelta(minutes=5)  # how long after the PIN was given it may be changed
MANY = 5  # wrong tries in a row that are written into the audit trail
CARD_SHOWN = timedelta(minutes=2)  # then the page with the numbers gives way to the lock
TOLD = 3  # wrong tries in a row that the person is told of once they are in: so many are no slip of their own


@dataclass(frozen=True, slots=True)
class PinAttempt:
    """The result of a try.

    Attributes:
        right: whether it was the PIN.
        shut: whether nothing was compared, since the way in is shut until one of the team opens it again.
        wait_until: from when one may try again; None: at once.
        early: whether nothing was compared, since one has to wait: it may well be the right one.
        problem: why this can be nobody's PIN, as a code of the catalogs; such a try is not counted.
    """

    right: bool
    wait_until: datetime | None = None
    early: bool = False
    problem: str | None = None
    shut: bool = False


class PinCheck:
    """Checks PINs. Every try is counted before it is checked, so that many at once get around nothing."""

    def __init__(self, workers: Workers, texts: Texts) -> None:
        self._workers = workers
        self._texts = texts

    async def kind(self, person_id: UUID) -> str | None:
        """Return the kind of PIN that a person chose, or None."""
        pin = await self._workers.read(lambda unit: unit.web_pins.get(unit.people.known(person_id)))
        return pin.kind if pin else None

    async def is_shut(self, person_id: UUID, way: str) -> bool:
        """Return whether a way in is shut."""
        return await self._workers.read(lambda unit: unit.web_pins.tries(person_id, way).shut_at is not None)

    async def attempt(self, person_id: UUID, given: PinInput, way: str = PHONE) -> PinAttempt:
        """Try a PIN on one of the ways in. What can be no PIN, such as a child's taps, is not counted.

        The tenth wrong try in a row shuts this way alone, until one of the team opens it again.
        """
        if problem := pins.problem(given):
            return PinAttempt(right=False, problem="pin.length" if problem == "pin.length" else "pin.wrong")

        def begin(unit: Unit) -> tuple[Pin | None, int | None, PinTries]:
            pin = unit.web_pins.get(unit.people.known(person_id))
            tried = unit.web_pins.count_try(person_id, way)
            if tried is not None:
                unit.web_pins.wait(person_id, way, pins.wait_after(tried, unit.now))
                if tried == MANY:
                    unit.audit.add("web", "pin.wrong", str(person_id), {"tries": tried, "way": way})
                if tried >= pins.MOST:  # before anyone knows whether it is right: if it is, the way opens again
                    unit.web_pins.shut(person_id, way)
            return pin, tried, unit.web_pins.tries(person_id, way)

        pin, tried, tries = await self._workers.write(begin)
        if pin is None:
            return PinAttempt(right=False)
        if tried is None:
            shut = tries.shut_at is not None
            return PinAttempt(right=False, wait_until=tries.wait_until, early=not shut, shut=shut)
        if await self._workers.hash(partial(pins.verify_pin, given, pin)):
            await self._workers.write(lambda unit: self._right(unit, person_id, way, tried - 1))
            self._workers.outbox.notify()
            return PinAttempt(right=True)
        if tried < pins.MOST:
            return PinAttempt(right=False, wait_until=pins.wait_after(tried, clock.now()))
        await self._workers.write(lambda unit: self._shut(unit, person_id, way))
        self._workers.outbox.notify()
        return PinAttempt(right=False, shut=True)

    def _right(self, unit: Unit, person_id: UUID, way: str, wrong: int) -> None:
        """Reset the count; after three or more wrong tries the person is told of them in their conversation."""
        unit.web_pins.reset_tries(person_id, way)
        speech = self._speech(unit, person_id) if wrong >= TOLD else None
        if speech is not None:
            said = self._texts.count("home.pin_tried", speech.language, wrong)
            speech.send(said, rows(speech.button("button.menu", targets.HOME)))

    def _shut(self, unit: Unit, person_id: UUID, way: str) -> None:
        """Audit that a way was shut; whoever tried elsewhere than on the person's phone is told of there."""
        unit.audit.add("web", "pin.shut", str(person_id), {"way": way})
        speech = self._speech(unit, person_id) if way != PHONE else None
        if speech is not None:
            speech.say(f"home.pin_shut.{way}", rows(speech.button("button.menu", targets.HOME)))

    def _speech(self, unit: Unit, person_id: UUID) -> Speech | None:
        """Return the speech to a person's conversation in a browser, or None."""
        person = unit.people.known(person_id)
        chat = unit.addresses.chat_in(person, WEB)
        return Speech(unit, self._texts, person, WEB, chat, language_of(person)) if chat is not None else None


class PinPages:
    """The pages that lock a conversation, open it again, and leave it."""

    FACES: ClassVar = {"ask": "pin.ask", "choose": "pin.choose", "again": "pin.again"}

    def __init__(self, workers: Workers, renderer: Renderer, sessions: Sessions, public_url: str | None) -> None:
        """Build the pages; `public_url` is the base of the link that leads back."""
        self._workers = workers
        self._renderer = renderer
        self._sessions = sessions
        self._public_url = public_url
        self._lock = PinCheck(workers, renderer.texts)
        self._organisation = OrganisationFacts()
        self._proven: dict[UUID, datetime] = {}

    # --- for the other pages of a conversation

    async def seen(self, place: ChatContext) -> None:
        """Note that the page is in use."""
        await self._sessions.seen(place)

    def keep_draft(self, place: ChatContext, text: str) -> None:
        """Keep what was being written until the PIN is given."""
        if place.session:
            self._sessions.drafts.save(place.session, text)

    def draft(self, place: ChatContext) -> str:
        """Return what was being written."""
        return self._sessions.drafts.take(place.session) if place.session else ""

    async def asking(
        self, request: Request, place: ChatContext, note: str = "", given: PinInput | None = None
    ) -> Response:
        """Show the lock: nothing of the conversation, not even whose it is."""
        kind = await self._lock.kind(place.person) if place.person else None
        if not note and place.person and await self._lock.is_shut(place.person, PHONE):
            note = self._words(request, place)("pin.shut")
        given = given or PinInput(kind or "digits", (), then=request.query_params.get("then", ""))
        return self.form(self._words(request, place), f"{place.path}/unlock", "ask", given, note, kind=kind)

    def form(
        self,
        words: PageTexts,
        action: str,
        face: str,
        given: PinInput,
        note: str = "",
        *,
        kind: str | None = None,
        status: int = 200,
    ) -> Response:
        """Return the page with the field for digits, or with pictures."""
        return self._renderer.page(
            "pin.html",
            words,
            status,
            action=action,
            face=face,
            title=self.FACES[face],
            kind=kind or given.kind,
            given=given,
            note=note,
            pictures=pins.PICTURES,
            count=pins.PICTURED,
        )

    async def right(self, person: UUID, given: PinInput) -> bool:
        """Try a PIN by nickname; return whether it is right, and nothing about why not."""
        return (await self._lock.attempt(person, given, NICKNAME)).right

    async def attempt(self, person: UUID, given: PinInput, words: PageTexts, way: str = PHONE) -> str | None:
        """Try a PIN; return what to say about it, or None when it is right."""
        tried = await self._lock.attempt(person, given, way)
        if tried.right:
            return None
        return wrong(words, tried, clock.now())

    # --- pages

    async def unlock(self, request: Request) -> Response:
        """Take the PIN, and open the conversation again."""
        place = await self._sessions.resolve(request)
        if place is None or place.session is None or place.person is None:
            return RedirectResponse("/chat", 303)
        given = PinInput.read(await request.form(max_fields=10, max_files=0))
        if not given.whole:
            return await self.asking(request, place, given=given)
        session, words = place.session, self._words(request, place)
        note = await self.attempt(place.person, given, words)
        if note is not None:
            return await self.asking(request, place, note, PinInput(given.kind, (), then=given.then))
        await self._workers.write(lambda unit: unit.web_sessions.note_seen(session, unit.now + IDLE))
        # A new token: one that somebody held before the PIN was given must not open the conversation.
        await self._sessions.renew(request, place)
        self._prove(session)
        return RedirectResponse(f"{place.path}/pin" if given.then else f"{place.path}#end", 303)

    async def lock(self, request: Request) -> Response:
        """Lock now; what was being written comes back with the PIN."""
        place = await self._sessions.resolve(request)
        if place is None or place.session is None:
            return RedirectResponse("/chat", 303)
        form = await request.form(max_fields=10, max_files=0)
        session, text = place.session, form.get("text")
        self.keep_draft(place, text if isinstance(text, str) else "")
        self._proven.pop(session, None)
        await self._workers.write(lambda unit: unit.web_sessions.lock(session))
        if scripted(request):
            return Response(status_code=204)
        return RedirectResponse(place.path if place.has_pin else f"{place.path}/pin", 303)

    async def here(self, request: Request) -> Response:
        """Note, for an open page, that someone is reading or writing."""
        place = await self._sessions.resolve(request)
        if place is None or place.locked:
            return Response(status_code=423)
        await self.seen(place)
        return Response(status_code=204)

    async def leave(self, request: Request) -> Response:
        """Close the conversation in this browser for good, and clear what the browser kept of it."""
        place = await self._sessions.resolve(request)
        if place is not None and place.session is not None:
            session = place.session
            self._sessions.drafts.take(session)
            self._proven.pop(session, None)
            await self._workers.write(lambda unit: unit.web_sessions.close(session))
        response = Response(status_code=204) if scripted(request) else RedirectResponse(AWAY, 303)
        delete_cookies(request, response, CHAT, JOINING)
        # Our cookies are deleted by name: "cookies" here would delete those of the organisation's other pages, too.
        response.headers["clear-site-data"] = '"cache", "storage"'
        return response

    async def support(self, request: Request) -> Response:
        """Show where to turn, also while the conversation is locked: nothing of it is on this page."""
        place = await self._sessions.resolve(request)
        if place is None:
            return RedirectResponse("/chat", 303)
        words = self._words(request, place)
        card = await self._workers.read(lambda unit: self._care_card(unit, place, words.language))
        return self._renderer.page("care.html", words, card=card, place=place, seconds=int(CARD_SHOWN.total_seconds()))

    def _care_card(self, unit: Unit, place: ChatContext, language: str) -> str:
        person = unit.people.get(place.person) if place.person else None
        speech = Speech(unit, self._renderer.texts, person, WEB, place.chat, language)
        return care.card(self._organisation, speech) or speech.words("support.none")

    async def choosing(self, request: Request) -> Response:
        """Show where a PIN is chosen; where there is one already, it is asked for first."""
        place = await self._sessions.resolve(request)
        if place is None or place.person is None:
            return RedirectResponse("/chat", 303)
        if place.locked or not self._may_change(place):
            return await self.asking(request, place, given=PinInput(*_asked(await self._lock.kind(place.person))))
        kind = "pictures" if request.query_params.get("kind") == "pictures" else "digits"
        return self.form(self._words(request, place), f"{place.path}/pin", "choose", PinInput(kind, ()))

    async def choose(self, request: Request) -> Response:
        """Keep the new PIN, given twice, and show the link that leads back."""
        place = await self._sessions.resolve(request)
        if place is None or place.person is None or place.session is None:
            return RedirectResponse("/chat", 303)
        if place.locked or not self._may_change(place):
            return await self.asking(request, place, given=PinInput(*_asked(await self._lock.kind(place.person))))
        words, action = self._words(request, place), f"{place.path}/pin"
        given = PinInput.read(await request.form(max_fields=10, max_files=0))
        face = "again" if given.first else "choose"
        if not given.whole:
            return self.form(words, action, face, given)
        if not given.first and (problem := pins.problem(given)):
            return self.form(words, action, "choose", PinInput(given.kind, ()), words(problem), status=422)
        if given.kind == "pictures" and not given.first:
            return self.form(words, action, "again", PinInput("pictures", (), first=given.pieces))
        if given.pieces != (given.first or tuple(given.again)):
            return self.form(words, action, "choose", PinInput(given.kind, ()), words("pin.differ"), status=422)
        code = await self._chosen(place, given)
        await self._sessions.renew(request, place)
        link = f"{self._public_url or str(request.base_url).rstrip('/')}/l/{code}"
        return self._renderer.page("kept.html", words, link=link, place=place)

    async def _chosen(self, place: ChatContext, given: PinInput) -> str:
        person_id, session, code = place.person, place.session, new_code()
        assert person_id is not None
        assert session is not None
        salt, hashed = await self._workers.hash(partial(pins.hash_pin, given))

        def keep(unit: Unit) -> None:
            person: Person = unit.people.known(person_id)
            unit.lock(person.id)
            unit.web_pins.choose(person, given.kind, salt, hashed)
            unit.web_sessions.note_seen(session, unit.now + IDLE)
            unit.web_sessions.lock_others(place.chat, session)
            unit.web_links.add(clock.new_id(), person.id, code, unit.now + timedelta(days=1))
            link = unit.web_links.find(code)
            assert link is not None
            # The link asks for the PIN from its first use on.
            unit.web_links.open(link.id)
            unit.audit.add(person.id, "pin.chosen", str(person.id), {})

        await self._workers.write(keep)
        return code

    def _may_change(self, place: ChatContext) -> bool:
        """Return whether the PIN may be changed: when there is none yet, or within five minutes of giving it."""
        if not place.has_pin:
            return True
        proven = self._proven.get(place.session) if place.session else None
        return proven is not None and proven > clock.now()

    def _prove(self, session: UUID) -> None:
        now = clock.now()
        self._proven = {each: until for each, until in self._proven.items() if until > now}
        self._proven[session] = now + PROVEN

    def _words(self, request: Request, place: ChatContext | None) -> PageTexts:
        language = place.language if place else None
        return PageTexts(self._renderer.texts, language or self._renderer.language(request))


def _asked(kind: str | None) -> tuple[str, tuple[str, ...], str, tuple[str, ...], str]:
    return kind or "digits", (), "", (), "pin"


def wrong(words: PageTexts, tried: PinAttempt, now: datetime) -> str:
    """Return a friendly sentence that a PIN was wrong, or came too early, and when to try again."""
    if tried.problem is not None:
        return words(tried.problem)
    if tried.shut:
        return words("pin.shut")
    if tried.wait_until is None or tried.wait_until <= now:
        return words("pin.wrong")
    code = "pin.early" if tried.early else "pin.wait"
    seconds = int((tried.wait_until - now).total_seconds()) + 1
    if seconds <= 90:  # noqa: PLR2004  up to here people count seconds
        return words.count(f"{code}.seconds", seconds)
    return words.count(f"{code}.minutes", -(-seconds // 60))
