"""The page's own address, for whoever has no conversation in this browser: back by nickname and PIN, or ask for a link.

Nothing that these pages answer depends on whether a nickname exists, so that nobody learns here who takes part.
"""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.product_languages import LANGUAGES
from bot.runtime.workers import Workers
from bot.services.invites import who_came
from bot.services.links import ask_for_link, notice_forward
from bot.services.recollections import LONGEST, ask_back
from bot.web import pins
from bot.web.entry import CODE, EntryPages, LinkTarget, target_of
from bot.web.pin_screens import PinPages
from bot.web.pins import PinInput
from bot.web.rate_limit import RateLimit
from bot.web.render import Renderer
from bot.web.sessions import Sessions
from bot.web.visitors import place_of
from dialogs import languages
from dialogs.replies import folded
from storage.unit import Unit

# Tries from one place, where a whole group may share one line; and from everywhere.
TRIES: Final = (40, timedelta(seconds=30), 300, timedelta(seconds=2))
LONGEST_NAME: Final = 60  # characters
ANSWERED_AFTER: Final = 0.6  # seconds after which a wrong try is answered, whatever there was to look at
MOST_NAMESAKES: Final = 3  # in different groups
ELSEWHERE: Final = frozenset({"cross-site", "same-site"})


class ComingBackPages:
    """The front page and what its form leads to."""

    def __init__(
        self,
        workers: Workers,
        renderer: Renderer,
        sessions: Sessions,
        locks: PinPages,
        entry: EntryPages,
        public_url: str | None,
    ) -> None:
        """Build the pages; `public_url` is the base of the address that is passed on."""
        self._workers = workers
        self._renderer = renderer
        self._sessions = sessions
        self._locks = locks
        self._entry = entry
        self._public_url = public_url
        self._turnstile = RateLimit(*TRIES)

    async def front(self, request: Request) -> Response:
        """Lead to the conversation that is open in this browser; without one, show the way back."""
        if await self._sessions.resolve(request) is not None:
            return RedirectResponse("/chat#end", 303)
        if request.headers.get("sec-fetch-site") in ELSEWHERE:
            # A link in another app brings no cookie along, so the same page is asked for once more, from here.
            return self._renderer.small(request, "onward", onward="/")
        return self._renderer.enter(request)

    async def form(self, request: Request) -> Response:
        """Show the form, for digits or pictures: the front page's, or the one of an invite that was used before."""
        kind = "pictures" if request.query_params.get("kind") == "pictures" else "digits"
        return self._renderer.enter(request, given=PinInput(kind, ()), action=_action(request))

    async def enter(self, request: Request) -> Response:
        """Take a nickname: with its PIN it opens the conversation; or the team is told that a link is asked for.

        With an invite's code whoever came in by it is meant: the only one needs no nickname, and a code that never was
        reaches nobody.
        """
        code, action = request.path_params.get("code"), _action(request)
        form = await request.form(max_fields=10, max_files=0)
        given = PinInput.read(form)
        nickname, remembered = _line(form.get("nickname"), LONGEST_NAME), _line(form.get("remembered"), LONGEST)
        asks = form.get("do") == "ask"
        if not nickname and code is None:
            return self._renderer.enter(request, "enter.no_name", given=PinInput(given.kind, given.pieces), status=422)
        again = partial(
            self._renderer.enter, request, nickname=nickname, remembered=remembered, action=action, given=given
        )
        if not asks and not given.whole:
            return again()
        emptied = PinInput(given.kind, ())
        if self._workers.hashes_many or not self._turnstile.passes(place_of(request), clock.now()):
            return again("enter.many", given=emptied, status=429)
        found = await self._workers.read(lambda unit: _meant(unit, code, nickname))
        if code is not None and not found:
            await self._entry.guessed(request, code)
        if asks:
            await self._workers.write(lambda unit: ask(unit, code, nickname, remembered))
            return self._renderer.small(request, "asked" if code is None else "asked_back", back="/")
        time = asyncio.get_running_loop().time
        begun = time()
        known = await self._proven(found, given)
        if known is not None:
            # A new token: the one the browser had before the PIN was given must not open the conversation.
            return await self._entry.enter(request, known, clock.new_chat())
        await asyncio.sleep(max(0.0, begun + ANSWERED_AFTER - time()))
        return again("enter.wrong", given=emptied, status=403)

    async def _proven(self, found: list[LinkTarget], given: PinInput) -> LinkTarget | None:
        """Return the one of this nickname whose PIN it is; every try counts, for each whose it could be."""
        tried = [each for each in found if each.pin == given.kind]
        for each in tried:
            if await self._locks.right(each.person, given):
                return each
        # So that it costs as much where nothing was compared: no such nickname, a way that is shut, one that rests.
        await self._workers.hash(partial(pins.hash_pin, given))
        return None

    async def sms(self, request: Request) -> Response:
        """Open the SMS app of whoever passes on that something is there; the page knows nobody and nothing more."""
        tag = request.query_params.get("language", "")
        language = tag if languages.base(tag) in LANGUAGES else self._renderer.language(request)
        base = self._public_url or str(request.base_url)
        return self._renderer.small(request, "tell", back=notice_forward(self._renderer.texts, language, base).sms)


def _line(said: object, longest: int) -> str:
    """Return what was typed into a field, in one line; empty for anything else."""
    return " ".join((said if isinstance(said, str) else "").split())[:longest]


def _action(request: Request) -> str:
    code = request.path_params.get("code")
    if code is not None and not CODE.fullmatch(code):
        raise HTTPException(404)
    return "/enter" if code is None else f"/join/{code}/back"


def _meant(unit: Unit, code: str | None, nickname: str) -> list[LinkTarget]:
    """Return who is meant: by an invite's code those who came in with it, else those of the nickname."""
    if code is None:
        return _namesakes(unit, nickname)
    found = (target_of(unit, person.id) for person in who_came(unit, code, nickname))
    return [each for each in found if each is not None][:MOST_NAMESAKES]


def _namesakes(unit: Unit, nickname: str) -> list[LinkTarget]:
    """Return the people of a nickname, accents and capitals aside; everybody is looked at, whoever is asked for."""
    sought, found = folded(nickname), {}
    groups = [unit.people.list(cohort.id) for cohort in unit.cohorts.list()]
    team = {each.person_id for each in unit.roles.grants()}
    colleagues = [person for person in map(unit.people.get, sorted(team)) if person is not None]
    for group in (*groups, colleagues):
        for person in group:
            if not person.lost and sought in {folded(person.nickname or ""), folded(person.pseudonym)}:
                pin = unit.web_pins.get(person)
                found[person.id] = LinkTarget(person.id, person.language, pin.kind if pin else None)
    return list(found.values())[:MOST_NAMESAKES]


def ask(unit: Unit, code: str | None, nickname: str, remembered: str) -> None:
    """Note that somebody asks for the link of a nickname, or comes with an invite that was used before."""
    if code is not None:
        ask_back(unit, code, nickname, remembered)
        return
    for each in _namesakes(unit, nickname):
        person = unit.people.get(each.person)
        if person is not None:
            ask_for_link(unit, person)
