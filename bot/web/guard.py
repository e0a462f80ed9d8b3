"""What every answer carries, and which requests are refused before any page sees them."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def headers(*, practice: bool) -> dict[str, str]:
    """Return the headers of every answer; practice may frame its own pages, nobody else may frame any."""
    ancestors = "'self'" if practice else "'none'"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        f" form-action 'self'; base-uri 'none'; frame-src {ancestors}; frame-ancestors {ancestors}"
    )
    return {
        "content-security-policy": policy,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN" if practice else "DENY",
        "x-robots-tag": "noindex, nofollow",
    }


class SafeHeaders:
    """Adds headers to every answer; what no page says otherwise is not to be stored."""

    def __init__(self, app: ASGIApp, fixed: Mapping[str, str]) -> None:
        """Wrap an application."""
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


class OwnPagesOnly:
    """Refuses what another site's page posts in a visitor's name.

    Browsers say where a request comes from in `Sec-Fetch-Site`; older ones only in `Origin`, and that is `null`
    for our own forms, since our pages send no referrer. A `null` is let through only where the cookie, which never
    travels across sites, is what proves who asks: not in practice, which has no cookie.
    """

    def __init__(self, app: ASGIApp, *, trust_null: bool) -> None:
        """Wrap an application."""
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
