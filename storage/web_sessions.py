"""Web sessions: which chat is open in which browser, and until when no PIN is asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, or_, select

from storage.addresses import address_lookup
from storage.database import insert_new
from storage.sealed_statements import Change, Verified
from storage.store import Store
from storage.tables import addresses, to_minute, web_sessions
from storage.vault import DataKey, Vault

MESSENGER: Final = "web"
UNUSED: Final = timedelta(days=400)
"""How long a browser may stay away before it is asked for a link again."""
NOBODYS: Final = timedelta(hours=48)
"""How long a browser without a person stays open: as long as a stranger's words are kept."""
UNDER_WAY: Final = timedelta(minutes=1)
"""How long an exchanged token is still taken once the new one has come: requests of other tabs are under way."""
_TOKEN_LENGTH: Final = 40
_MINUTE: Final = timedelta(minutes=1) - timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class WebSession:
    """The web chat in one browser: which chat it is, and until when no PIN is asked for.

    Attributes:
        id: its id, which stays when its token changes.
        chat: the chat's address.
        seen_at: when somebody was last at it.
        open_until: until when no PIN is asked for.
        prefixed: whether its token is taken only from a cookie that no other site can plant.
        exchanging: whether its token replaced another one that is taken still.
    """

    id: UUID
    chat: str
    seen_at: datetime
    open_until: datetime
    prefixed: bool = False
    exchanging: bool = False


_OPEN: Final = insert_new(web_sessions)
_SESSION: Final = Verified(
    select(
        web_sessions.c.id,
        web_sessions.c.chat,
        web_sessions.c.seen_at,
        web_sessions.c.open_until,
        web_sessions.c.prefixed,
        web_sessions.c.former,
        web_sessions.c.former_until,
    ).where(
        web_sessions.c.token == bindparam("token"),
        web_sessions.c.revoked_at.is_(None),
        web_sessions.c.seen_at > bindparam("since"),
    ),
    web_sessions,
)
_THIS: Final = web_sessions.c.id == bindparam("session")
_UNREVOKED: Final = web_sessions.c.revoked_at.is_(None)
_ELSEWHERE: Final = web_sessions.c.address == bindparam("at"), web_sessions.c.id != bindparam("session")
_OPEN_UNTIL: Final = Verified(select(web_sessions.c.open_until).where(_THIS, _UNREVOKED), web_sessions)
_SEEN: Final = Change(web_sessions, _THIS, _UNREVOKED, seen_at=bindparam("now"), open_until=bindparam("until"))
_RENEW: Final = Change(
    web_sessions,
    _THIS,
    _UNREVOKED,
    token=bindparam("hash"),
    chat=bindparam("sealed"),
    prefixed=bindparam("as_prefixed"),
    former=bindparam("before"),
    former_until=None,
)
_CAME: Final = Change(
    web_sessions,
    _THIS,
    web_sessions.c.former.is_not(None),
    web_sessions.c.former_until.is_(None),
    former_until=bindparam("until"),
)
_LOCK: Final = Change(web_sessions, _THIS, open_until=bindparam("now"))
_LOCK_OTHERS: Final = Change(web_sessions, *_ELSEWHERE, open_until=bindparam("now"))
_REVOKE: Final = Change(web_sessions, _THIS, _UNREVOKED, revoked_at=bindparam("now"))
_REVOKE_OTHERS: Final = Change(web_sessions, *_ELSEWHERE, _UNREVOKED, revoked_at=bindparam("now"))
_REVOKE_AT: Final = Change(
    web_sessions, web_sessions.c.address == bindparam("at"), _UNREVOKED, revoked_at=bindparam("now")
)
_TIDY: Final = delete(web_sessions).where(
    or_(
        web_sessions.c.revoked_at < bindparam("lately"),
        web_sessions.c.seen_at < bindparam("since"),
        (web_sessions.c.seen_at < bindparam("lately"))
        & ~exists().where(addresses.c.messenger == MESSENGER, addresses.c.lookup == web_sessions.c.address),
    )
)


class WebSessions(Store):
    """The web sessions. A token is stored nowhere: its keyed hash finds the row, and only the token opens it."""

    __slots__ = ()

    def open(self, id: UUID, token: str, chat: str, until: datetime, *, prefixed: bool = False) -> None:  # noqa: A002 -- the column's own name
        """Open a chat in the browser that holds a token; if it is open there already, nothing changes.

        `prefixed`: the token is kept in a cookie that no other site can plant, and taken from no other.
        """
        vault = self._tx.vault
        self._execute(
            _OPEN,
            {
                "id": id,
                "token": _hashed(vault, token),
                "address": address_lookup(vault, MESSENGER, chat),
                "chat": _key(vault, token).seal(chat.encode(), "web_sessions", "chat", id.hex),
                "opened_at": self._tx.now,
                "seen_at": self._tx.now,
                "open_until": _whole(until),
                "prefixed": prefixed,
            },
        )

    def find(self, token: str) -> WebSession | None:
        """Return the chat of the browser that holds a token; None if there is none or it is damaged."""
        return self._find(token)

    def find_exchanged(self, token: str) -> WebSession | None:
        """Return the chat of a browser whose token was exchanged, while requests with the old one may be under way."""
        return self._find(next_token(self._tx.vault, token), _hashed(self._tx.vault, token))

    def _find(self, token: str, former: bytes | None = None) -> WebSession | None:
        vault, now = self._tx.vault, self._tx.now
        row = self._execute(_SESSION, {"token": _hashed(vault, token), "since": now - UNUSED}).first()
        if row is None:
            return None
        id_, chat, seen_at, open_until, prefixed, before, until = row
        taken = before is not None and (until is None or until > now)
        if former is not None and (before != former or not taken):
            return None
        opened = self._tx.opened(_key(vault, token), chat, "web_sessions", "chat", id_.hex)
        if opened is None:
            return None
        return WebSession(id_, opened.decode(), seen_at, open_until, prefixed, before is not None and until is None)

    def exchange(self, session: WebSession, token: str) -> str:
        """Exchange a session's token for one in a prefixed cookie, and return that.

        The new one follows from the old one and the key, so that two tabs that exchange at once get the same. The old
        one is taken until the new one has come, so that an answer that is lost loses nothing.
        """
        new = next_token(self._tx.vault, token)
        self._renew(session, new, prefixed=True, former=_hashed(self._tx.vault, token))
        return new

    def came(self, session_id: UUID) -> None:
        """Note that an exchanged token has come: the old one ends soon."""
        self._execute(_CAME, {"session": session_id, "until": _whole(self._tx.now + UNDER_WAY)})

    def renew(self, session: WebSession, token: str, *, prefixed: bool) -> None:
        """Give a session another token; the one it had opens nothing from now on."""
        self._renew(session, token, prefixed=prefixed, former=None)

    def _renew(self, session: WebSession, token: str, *, prefixed: bool, former: bytes | None) -> None:
        vault = self._tx.vault
        self._execute(
            _RENEW,
            {
                "session": session.id,
                "hash": _hashed(vault, token),
                "sealed": _key(vault, token).seal(session.chat.encode(), "web_sessions", "chat", session.id.hex),
                "as_prefixed": prefixed,
                "before": former,
            },
        )

    def open_until(self, session_id: UUID) -> datetime | None:
        """Return until when a browser's chat is open without a PIN; None once it was closed for good."""
        until: datetime | None = self._execute(_OPEN_UNTIL, {"session": session_id}).scalar()
        return until

    def note_seen(self, session_id: UUID, until: datetime) -> bool:
        """Record that someone is at a browser, so no PIN is needed until `until`; False when it was closed."""
        return self._execute(_SEEN, {"session": session_id, "now": self._tx.now, "until": _whole(until)}).rowcount > 0

    def lock(self, session_id: UUID) -> None:
        """Ask for the PIN from now on."""
        self._execute(_LOCK, {"session": session_id, "now": self._tx.now})

    def lock_others(self, chat: str, session_id: UUID) -> None:
        """Ask for the PIN in every other browser with this chat."""
        at = address_lookup(self._tx.vault, MESSENGER, chat)
        self._execute(_LOCK_OTHERS, {"at": at, "session": session_id, "now": self._tx.now})

    def close(self, session_id: UUID) -> None:
        """Close a browser's chat for good: its token opens nothing any more."""
        self._execute(_REVOKE, {"session": session_id, "now": self._tx.now})

    def close_others(self, chat: str, session_id: UUID) -> None:
        """Close a chat in every other browser."""
        at = address_lookup(self._tx.vault, MESSENGER, chat)
        self._execute(_REVOKE_OTHERS, {"at": at, "session": session_id, "now": self._tx.now})

    def close_all(self, chat: str) -> int:
        """Close a chat in every browser; return in how many it was open."""
        at = address_lookup(self._tx.vault, MESSENGER, chat)
        return self._execute(_REVOKE_AT, {"at": at, "now": self._tx.now}).rowcount

    def tidy(self) -> int:
        """Delete sessions closed over 48 hours ago, unused for 400 days, or without a person for 48 hours."""
        now = self._tx.now
        return self._execute(_TIDY, {"lately": now - NOBODYS, "since": now - UNUSED}).rowcount


def next_token(vault: Vault, token: str) -> str:
    """Return the token for which another one is exchanged: whoever has that one, and not the key, cannot tell it."""
    return vault.lookup("web session, next", token).hex()[:_TOKEN_LENGTH]


def _whole(until: datetime) -> datetime:
    """Return the end of a moment's minute, so that nothing ends before its time."""
    return to_minute(until + _MINUTE)


def _hashed(vault: Vault, token: str) -> bytes:
    return vault.lookup("web session", token)


def _key(vault: Vault, token: str) -> DataKey:
    # Without the cookie, not even the organisation's key opens it.
    return DataKey(vault.lookup("web session key", token))
