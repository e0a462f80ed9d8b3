"""Take what a messenger brings: before any page, and before anything that visitors have to pass."""

import asyncio
import hmac
import json
from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.config import ConfigError
from bot.messengers.letterbox import NotKept
from bot.messengers.webhook import Webhook

LARGEST: Final = 1_000_000  # bytes of one update; the longest message with everything about it has some thousands
PATIENCE: Final = 30.0  # seconds that its body may take
AGAIN: Final = 2  # seconds after which it is to come again where it could not be kept


class UpdateTooLarge(Exception):
    """The body is larger than any update."""


class WebhookMiddleware:
    """Answers requests to a webhook's path, and passes on all others.

    The secret is looked at before anything of the body is read; whoever does not show it learns and costs nothing. What
    was brought is confirmed once it is kept, and comes again otherwise. No allowance of visitors' is asked: a messenger
    brings everybody's updates from a few places.
    """

    def __init__(self, app: ASGIApp, webhooks: Sequence[Webhook]) -> None:
        """Wrap an application."""
        self.app = app
        self._webhooks = {each.hook.path: each for each in webhooks}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        webhook = self._webhooks.get(scope["path"]) if scope["type"] == "http" else None
        if webhook is None:
            await self.app(scope, receive, send)
            return
        try:
            answer = await _taken(webhook, scope, receive)
        except ClientDisconnect:
            return
        await answer(scope, receive, send)


def take(app: Starlette, webhooks: Sequence[Webhook]) -> None:
    """Let an application that serves nothing yet take what is brought; raises ConfigError where a page has the path."""
    for each in webhooks:
        asked = {"type": "http", "method": "POST", "path": each.hook.path, "root_path": "", "headers": []}
        if any(route.matches(asked)[0] is not Match.NONE for route in app.routes):
            raise ConfigError("config.webhook", value=each.hook.url)
    app.add_middleware(WebhookMiddleware, webhooks=webhooks)


async def _taken(webhook: Webhook, scope: Scope, receive: Receive) -> Response:
    """Take an update, and return the answer to whoever brings it."""
    headers = Headers(scope=scope)
    given = headers.get(webhook.hook.header, "")
    if not hmac.compare_digest(given.encode("latin-1"), webhook.hook.secret.encode()):
        webhook.refused += 1
        return _closing(403)
    if scope["method"] != "POST":
        return _closing(405)
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _body(headers, receive)
        update = json.loads(body)
    except UpdateTooLarge:
        return _closing(413)
    except TimeoutError:
        return _closing(408)
    except (ValueError, RecursionError):
        return _closing(400)
    try:
        await webhook.bring(update)
    except NotKept:
        return Response(status_code=503, headers={"retry-after": str(AGAIN)})
    return Response(status_code=200)


def _closing(status: int) -> Response:
    """Return an empty answer after which the line is closed, so that nothing more of a body is read."""
    return Response(status_code=status, headers={"connection": "close"})


async def _body(headers: Headers, receive: Receive) -> bytes:
    """Read a body of at most `LARGEST` bytes; raises UpdateTooLarge before more of it is kept."""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST:
        raise UpdateTooLarge
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > LARGEST:
            raise UpdateTooLarge
        more = message.get("more_body", False)
    return bytes(body)
