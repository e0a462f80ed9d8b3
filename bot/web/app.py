"""Build the web application: routes, checks before them, and what every answer carries."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.media.store import MediaStore
from bot.messengers.web import WebMessenger
from bot.rendering.texts import Texts
from bot.runtime.workers import Workers
from bot.services.code_guessing import InviteGuesses
from bot.web import middleware
from bot.web.chat import ChatPages, Resolve
from bot.web.codes import fresh_links, invite_codes
from bot.web.coming_back import ComingBackPages
from bot.web.entry import EntryPages
from bot.web.files import Files
from bot.web.flood import FloodMiddleware, Guests
from bot.web.limits import PageLimits
from bot.web.media import LARGEST_UPLOAD, MediaPages
from bot.web.pages import PracticePages, PublicPages, on_failure
from bot.web.pin_screens import PinPages
from bot.web.practice import Practice, PracticeSessions
from bot.web.render import Renderer
from bot.web.server import lines_allowed
from bot.web.sessions import CHAT, CHAT_AGE, SessionCookieMiddleware, Sessions, cookie, fresh, set_cookie
from bot.web.stream import IN_ALL, Streams

LONGEST_ZONE = 200  # bytes of a form with a zone's name
LARGEST_FORM = 1_000_000  # bytes; an over-long text still comes back to its page
OWN_HOSTS = ("127.0.0.1", "localhost")

Handler = Callable[[Request], Awaitable[Response]]


def post(path: str, handler: Handler, most: int = LARGEST_FORM) -> Route:
    """Make a route that accepts forms of at most `most` bytes, whatever length they claim."""
    return Route(path, handler, methods=["POST"], max_body_size=most)


def create(
    workers: Workers,
    messenger: WebMessenger,
    texts: Texts,
    practice: Practice | None = None,
    *,
    media_store: MediaStore | None = None,
    public_url: str | None = None,
    limits: PageLimits | None = None,
    guesses: InviteGuesses | None = None,
) -> Starlette:
    """Make the application; its server ends the open streams by `app.state.streams.close()`.

    Args:
        workers: where rows are read and written.
        messenger: takes what people say.
        texts: the catalogs.
        practice: the two phones of practice, or None for the real pages.
        media_store: keeps voice notes and photos; without it pages neither accept nor show any.
        public_url: base of the links that lead back, or None to use the one of the request.
        limits: what one conversation may send; without them, and in practice, anything.
        guesses: counts codes that open nothing.
    """
    files = Files()
    renderer = Renderer(
        texts, files, media=media_store is not None, public_url=public_url, practice=practice is not None
    )
    # At most half of the lines: the others are for whoever says something.
    streams, sessions = Streams(workers, min(IN_ALL, lines_allowed() // 2)), Sessions(workers)
    messenger.types = streams.types
    codes = invite_codes(workers)
    locks, doors = PinPages(workers, renderer, sessions, public_url), PublicPages(renderer)
    parts = _Parts(workers, messenger, renderer, streams, media_store, limits if practice is None else None)

    routes = _always(doors, files) + (parts.practice(practice) if practice is not None else [])
    if practice is None:
        entry = EntryPages(workers, messenger, renderer, sessions, locks, codes, public_url, guesses)
        back = _ways_back(ComingBackPages(workers, renderer, sessions, locks, entry, public_url))
        routes += [Route("/cal", doors.month, methods=["GET"]), post("/chat/leave", locks.leave), *back]
        routes += [*_ways_in(entry), *_locks(locks, "/chat"), *parts.chat("/chat", sessions.resolve, locks, renewing)]

    https = (public_url or "").startswith("https://")
    fixed = middleware.headers(practice=practice is not None, https=https)
    good = {"/join/": codes.opening, "/l/": fresh_links(workers).opening}
    guests = Guests(sessions.known, good) if practice is None else None
    app = Starlette(
        routes=routes,
        middleware=_middleware(fixed, doors, guests, renderer),
        exception_handlers={HTTPException: doors.failed, Exception: on_failure(renderer, fixed)},
    )
    app.state.streams, app.state.https, app.state.codes = streams, https, codes
    return app


@dataclass(frozen=True, slots=True)
class _Parts:
    """What every chat page is built from."""

    workers: Workers
    messenger: WebMessenger
    renderer: Renderer
    streams: Streams
    media_store: MediaStore | None
    limits: PageLimits | None

    def chat(
        self, path: str, resolve: Resolve, locks: PinPages | None, wrap: Callable[[Handler], Handler]
    ) -> list[Route]:
        pages = ChatPages(self.workers, self.messenger, self.renderer, self.streams, resolve, locks, self.limits)
        routes = [
            Route(path, wrap(pages.show), methods=["GET"]),
            post(path, wrap(pages.say)),
            post(f"{path}/zone", pages.zone, LONGEST_ZONE),
            Route(f"{path}/events", pages.events, methods=["GET"]),
        ]
        if self.media_store is not None:
            album = MediaPages(
                self.workers, self.messenger, self.renderer, pages, resolve, self.media_store, self.limits
            )
            routes += [
                post(f"{path}/media", album.send, LARGEST_UPLOAD),
                Route(f"{path}/media/{{name}}", album.show, methods=["GET"]),
            ]
        return routes

    def practice(self, practice: Practice) -> list[Route]:
        rooms, held = PracticePages(practice, self.renderer), PracticeSessions(self.workers, practice, self.renderer)
        locks, place = PinPages(self.workers, self.renderer, held, None), "/practice/{slot}"
        return [
            Route("/", rooms.phones, methods=["GET"]),
            post("/practice/again", rooms.restart),
            *_locks(locks, place),
            *self.chat(place, held.resolve, locks, lambda handler: handler),
        ]


def _middleware(
    fixed: Mapping[str, str], doors: PublicPages, guests: Guests | None, renderer: Renderer
) -> list[Middleware]:
    """Return what stands before every page; practice, which has no sessions, is on this machine alone."""
    flood = [Middleware(FloodMiddleware, guests=guests, renderer=renderer, fixed=fixed)] if guests else []
    return [
        *flood,
        Middleware(middleware.SecurityHeadersMiddleware, fixed=fixed),
        Middleware(TrustedHostMiddleware, allowed_hosts=["*"] if guests else OWN_HOSTS),
        Middleware(middleware.CsrfMiddleware, trust_null=guests is not None),
        Middleware(middleware.SlowBodyMiddleware, limit=largest),
        Middleware(middleware.BodyLimitMiddleware, limit=largest, answer=doors.too_large),
        Middleware(SessionCookieMiddleware),
        Middleware(GZipMiddleware, minimum_size=1000),
    ]


def largest(path: str) -> int:
    """Return how many bytes may be sent to a path."""
    return LARGEST_UPLOAD if path.endswith("/media") else LARGEST_FORM


def _always(doors: PublicPages, files: Files) -> list[Route]:
    return [
        Route("/health", doors.health, methods=["GET"]),
        Route("/favicon.ico", doors.no_icon, methods=["GET"]),
        Route("/static/{name}", files.serve, methods=["GET"]),
    ]


def _ways_back(back: ComingBackPages) -> list[Route]:
    return [
        Route("/", back.front, methods=["GET"]),
        Route("/enter", back.form, methods=["GET"]),
        post("/enter", back.enter),
        Route("/join/{code}/back", back.form, methods=["GET"]),
        post("/join/{code}/back", back.enter),
        Route("/sms", back.sms, methods=["GET"]),
    ]


def _ways_in(entry: EntryPages) -> list[Route]:
    return [
        Route("/join/{code}", entry.invite, methods=["GET"]),
        post("/join/{code}", entry.join),
        Route("/join/{code}/sms", entry.invite_sms, methods=["GET"]),
        Route("/l/{code}", entry.link, methods=["GET"]),
        post("/l/{code}", entry.open_link),
        Route("/l/{code}/sms", entry.sms, methods=["GET"]),
    ]


def _locks(locks: PinPages, chat: str) -> list[Route]:
    return [
        post(f"{chat}/unlock", locks.unlock),
        post(f"{chat}/lock", locks.lock),
        post(f"{chat}/here", locks.here),
        Route(f"{chat}/support", locks.support, methods=["GET"]),
        Route(f"{chat}/pin", locks.choosing, methods=["GET"]),
        post(f"{chat}/pin", locks.choose),
    ]


def renewing(handler: Handler) -> Handler:
    """Renew a conversation's cookie while its page is used."""

    async def handle(request: Request) -> Response:
        response = await handler(request)
        token = cookie(request, CHAT)
        if token and fresh(request) is None and response.status_code < 400:  # noqa: PLR2004  where one is open
            set_cookie(request, response, CHAT, token, CHAT_AGE)
        return response

    return handle
