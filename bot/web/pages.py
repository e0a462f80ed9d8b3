"""The pages around the chat: the front page, practice, health, a calendar, and errors."""

import calendar
import logging
from collections.abc import Awaitable, Callable

from babel.dates import format_skeleton, get_day_names
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot import clock
from bot.web.language import PageTexts
from bot.web.practice import SLOTS, Practice
from bot.web.render import Renderer
from bot.web.sessions import scripted
from dialogs import lang, languages

NOT_FOUND = 404

log = logging.getLogger(__name__)


class PublicPages:
    """The pages that belong to no conversation."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    async def health(self, request: Request) -> Response:  # noqa: ARG002  a route's handler gets it
        """Answer that the server works."""
        return JSONResponse({"status": "ok"})

    async def no_icon(self, request: Request) -> Response:  # noqa: ARG002  a route's handler gets it
        """Answer browsers that look for an icon where a page names none."""
        return Response(status_code=204)

    async def month(self, request: Request) -> Response:
        """Show a calendar of this month and nothing of Hilo: the page shown after leaving quickly."""
        language = self._renderer.language(request)
        locale, today = languages.formatting_locale(language), clock.now().date()
        weeks = calendar.Calendar(lang.rules_of(language).week_begins)
        names = get_day_names("short", locale=locale)
        return self._renderer.page(
            "month.html",
            PageTexts(self._renderer.texts, language),
            title=format_skeleton("yMMMM", today, locale=locale),
            days=[names[day] for day in weeks.iterweekdays()],
            weeks=weeks.monthdayscalendar(today.year, today.month),
            today=today.day,
        )

    def too_large(self, request: Request) -> Response:
        """Say that something is too large, with a link back to where it was sent from."""
        words = PageTexts(self._renderer.texts, self._renderer.language(request))
        if scripted(request):
            return JSONResponse({"note": words("media.too_large")}, 413)
        path = request.url.path.removesuffix("/media")
        known = path == "/chat" or path.startswith("/practice/")
        return self._renderer.small(request, "too_large", 413, back=f"{path}#end" if known else None)

    async def failed(self, request: Request, error: Exception) -> Response:
        """Answer for pages that do not exist and requests that are wrong."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self._renderer.small(request, "missing" if status == NOT_FOUND else "refused", status)


class PracticePages:
    """Practice: two phones on one page, and starting over."""

    def __init__(self, practice: Practice, renderer: Renderer) -> None:
        self._practice = practice
        self._renderer = renderer

    async def phones(self, request: Request) -> Response:
        """Show both phones."""
        language = self._renderer.language(request)
        await self._practice.visit(language)
        return self._renderer.page("practice.html", PageTexts(self._renderer.texts, language), slots=SLOTS)

    async def restart(self, request: Request) -> Response:
        """Start over."""
        await self._practice.restart(self._renderer.language(request))
        return RedirectResponse("/", 303)


def on_failure(renderer: Renderer, fixed: dict[str, str]) -> Callable[[Request, Exception], Awaitable[HTMLResponse]]:
    """Return the handler of our own failures; it runs outside of all middleware, so it adds the headers itself."""

    async def answer(request: Request, error: Exception) -> HTMLResponse:
        log.error("a page failed: %s", type(error).__name__)
        response = renderer.small(request, "broken", 500)
        response.headers.update(fixed | {"cache-control": "no-store"})
        return response

    return answer
