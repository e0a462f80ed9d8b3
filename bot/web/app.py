"""All pages, wired: routes, what is refused before them, what every answer carries."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.adapters.web import WebMessenger
from bot.texts import Texts
from bot.web import guard
from bot.web.chat import Chat, Resolve
from bot.web.doors import Doors, PracticeDoors, broken, by_cookie, renewing
from bot.web.files import Files
from bot.web.practice import Practice
from bot.web.render import Renderer
from bot.web.stream import Streams
from bot.work import Desk

LARGEST_FORM = 1_000_000  # bytes; an over-long text still comes back to its page
OWN_HOSTS = ("127.0.0.1", "localhost")

Handler = Callable[[Request], Awaitable[Response]]


def create(desk: Desk, messenger: WebMessenger, texts: Texts, practice: Practice | None = None) -> Starlette:
    """Make the application; whoever serves it ends its open streams by `app.state.streams.close()`."""
    files = Files()
    renderer = Renderer(texts, files)
    streams = Streams(desk)
    doors = Doors(messenger, renderer)

    def chat(path: str, resolve: Resolve, wrap: Callable[[Handler], Handler]) -> list[Route]:
        pages = Chat(desk, messenger, renderer, streams, resolve)
        return [
            Route(path, wrap(pages.show), methods=["GET"]),
            Route(path, wrap(pages.say), methods=["POST"]),
            Route(f"{path}/events", pages.events, methods=["GET"]),
        ]

    routes = [
        Route("/health", doors.health, methods=["GET"]),
        Route("/static/{name}", files.serve, methods=["GET"]),
        Route("/join/{code}", doors.invite, methods=["GET"]),
        Route("/join/{code}", doors.join, methods=["POST"]),
        *chat("/chat", by_cookie, renewing),
    ]
    if practice is None:
        routes.append(Route("/", doors.front, methods=["GET"]))
    else:
        rooms = PracticeDoors(practice, renderer)
        routes += [
            Route("/", rooms.phones, methods=["GET"]),
            Route("/practice/again", rooms.again, methods=["POST"]),
            *chat("/practice/{slot}", rooms.resolve, lambda handler: handler),
        ]

    fixed = guard.headers(practice=practice is not None)
    middleware = [
        Middleware(guard.SafeHeaders, fixed=fixed),
        Middleware(TrustedHostMiddleware, allowed_hosts=["*"] if practice is None else OWN_HOSTS),
        Middleware(guard.OwnPagesOnly, trust_null=practice is None),
        Middleware(GZipMiddleware, minimum_size=1000),
    ]
    app = Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={HTTPException: doors.failed, Exception: broken(renderer, fixed)},
        max_body_size=LARGEST_FORM,
    )
    app.state.streams = streams
    return app
