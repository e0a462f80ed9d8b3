"""Headers for every answer, and requests that are refused before any page sees them."""

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

A_YEAR = 365 * 24 * 3600
STALLED = 30.0  # seconds without a byte of a body
SLOWEST = 4096  # bytes a second: no phone's line is slower than that on average
AT_LEAST = 120.0  # seconds that any body may take
PATIENCE = 5  # how many times the limit is read from a body that is too large before the line is cut
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def headers(*, practice: bool, https: bool = False) -> dict[str, str]:
    """Return the headers of every answer; practice may frame its own pages, nobody else may frame any.

    With `https` (the pages' public address is one of https), browsers are told never to use plain HTTP.
    """
    ancestors = "'self'" if practice else "'none'"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:;"
        " media-src 'self' blob:; connect-src 'self';"
        f" form-action 'self'; base-uri 'none'; frame-src {ancestors}; frame-ancestors {ancestors}"
    )
    return {
        "content-security-policy": policy,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(self), geolocation=(), microphone=(self), payment=(), usb=()",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN" if practice else "DENY",
        "x-robots-tag": "noindex, nofollow",
        **({"strict-transport-security": f"max-age={A_YEAR}"} if https else {}),
    }


class SecurityHeadersMiddleware:
    """Adds headers to every answer; answers are not stored unless the page says otherwise."""

    def __init__(self, app: ASGIApp, fixed: Mapping[str, str]) -> None:
        self.app = app
        self.fixed = fixed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(dict(self.fixed))
                answer.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, send_safely if scope["type"] == "http" else send)


class CsrfMiddleware:
    """Refuses forms that another site's page posts in a visitor's name.

    Browsers say where a request comes from in `Sec-Fetch-Site`; older ones only in `Origin`, and that is `null`
    for our own forms, since our pages send no referrer. A `null` is accepted only where the cookie, which never
    travels across sites, proves who asks: not in practice, which has no cookie.
    """

    def __init__(self, app: ASGIApp, *, trust_null: bool) -> None:
        self.app = app
        self.trust_null = trust_null

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not self._own(scope):
            await PlainTextResponse("cross-site request refused\n", status_code=403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _own(self, scope: Scope) -> bool:
        asked = Headers(scope=scope)
        site = asked.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = asked.get("origin")
        if origin is None or origin == "null":
            return self.trust_null or origin is None
        return urlsplit(origin).netloc.lower() == asked.get("host", "").lower()


class RequestTimeout(Exception):
    """A request's body did not come in time."""


class SlowBodyMiddleware:
    """Hangs up on a body that stalls or trickles: a few of those would keep everybody else from sending."""

    def __init__(self, app: ASGIApp, limit: Callable[[str], int]) -> None:
        """Wrap an application; `limit` returns the bytes that may be sent to a path."""
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        end = asyncio.get_running_loop().time() + AT_LEAST + self.limit(scope["path"]) / SLOWEST
        whole = begun = False

        async def heard() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(min(asyncio.get_running_loop().time() + STALLED, end)):
                    message = await receive()
            except TimeoutError:
                raise RequestTimeout from None
            whole = not message.get("more_body", False)
            return message

        async def answered(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, heard, answered)
        except ClientDisconnect:
            return  # whoever hung up needs no answer, and it is no failure of ours
        except RequestTimeout:
            if not begun:
                answer = PlainTextResponse("too slow\n", status_code=408, headers={"connection": "close"})
                await answer(scope, receive, send)


class BodyLimitMiddleware:
    """Answers a body that declares itself too large with a page.

    The body is read first, as far as that is reasonable: a browser that is still sending shows no answer.
    """

    def __init__(self, app: ASGIApp, limit: Callable[[str], int], answer: Callable[[Request], Response]) -> None:
        """Wrap an application; `limit` returns the bytes that may be sent to a path."""
        self.app = app
        self.limit = limit
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            length = Headers(scope=scope).get("content-length", "0")
            limit = self.limit(scope["path"])
            if not length.isdecimal() or int(length) > limit:
                await _hear_out(receive, limit * PATIENCE)
                await self.answer(Request(scope))(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def _hear_out(receive: Receive, most: int) -> None:
    heard, more = 0, True
    while more and heard <= most:
        message = await receive()
        heard += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
