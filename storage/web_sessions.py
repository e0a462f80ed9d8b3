"""Web sessions: which chat is open in which browser, and until when no PIN is asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, or_, select, update

from storage.addresses import address_lookup
from storage.database import insert_new
from storage.store import Store
from storage.tables import addresses, web_sessions
from storage.vault import DataKey, Vault

MESSENGER: Final = "web"
UNUSED: Final = timedelta(days=400)
"""How long a browser may stay away before it is asked for a link again."""
NOBODYS: Final = timedelta(hours=48)
"""How long a browser without a person stays open: as long as a stranger's words are kept."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """The web chat in one browser: which chat it is, and until when no PIN is asked for."""

    id: UUID
    chat: str
    seen_at: datetime
    open_until: datetime


_OPEN: Final = insert_new(web_sessions)
_SESSION: Final = select(
    web_sessions.c.id, web_sessions.c.chat, web_sessions.c.seen_at, web_sessions.c.open_until
).where(
    web_sessions.c.token == bindparam("token"),
    web_sessions.c.revoked_at.is_(None),
    web_sessions.c.seen_at > bindparam("since"),
)
_OPEN_UNTIL: Final = select(web_sessions.c.open_until).where(
    web_sessions.c.id == bindparam("session"), web_sessions.c.revoked_at.is_(None)
)
_SEEN: Final = (
    update(web_sessions)
    .where(web_sessions.c.id == bindparam("session"), web_sessions.c.revoked_at.is_(None))
    .values(seen_at=bindparam("now"), open_until=bindparam("until"))
)
_LOCK: Final = update(web_sessions).where(web_sessions.c.id == bindparam("session")).values(open_until=bindparam("now"))
_LOCK_OTHERS: Final = (
    update(web_sessions)
    .where(web_sessions.c.address == bindparam("at"), web_sessions.c.id != bindparam("session"))
    .values(open_until=bindparam("now"))
)
_REVOKE: Final = (
    update(web_sessions)
    .where(web_sessions.c.id == bindparam("session"), web_sessions.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_REVOKE_AT: Final = (
    update(web_sessions)
    .where(web_sessions.c.address == bindparam("at"), web_sessions.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
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

    def open(self, id: UUID, token: str, chat: str, until: datetime) -> None:  # noqa: A002 -- the column's own name
        """Open a chat in the browser that holds a token; if it is open there already, nothing changes."""
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
                "open_until": until,
            },
        )

    def find(self, token: str) -> WebSession | None:
        """Return the chat of the browser that holds a token; None if there is none or it is damaged."""
        vault = self._tx.vault
        row = self._execute(_SESSION, {"token": _hashed(vault, token), "since": self._tx.now - UNUSED}).first()
        if row is None:
            return None
        id_, chat, seen_at, open_until = row
        opened = self._tx.opened(_key(vault, token), chat, "web_sessions", "chat", id_.hex)
        if opened is None:
            return None
        return WebSession(id_, opened.decode(), seen_at, open_until)

    def open_until(self, session_id: UUID) -> datetime | None:
        """Return until when a browser's chat is open without a PIN; None once it was closed for good."""
        until: datetime | None = self._execute(_OPEN_UNTIL, {"session": session_id}).scalar()
        return until

    def note_seen(self, session_id: UUID, until: datetime) -> bool:
        """Record that someone is at a browser, so no PIN is needed until `until`; False when it was closed."""
        return self._execute(_SEEN, {"session": session_id, "now": self._tx.now, "until": until}).rowcount > 0

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

    def close_all(self, chat: str) -> int:
        """Close a chat in every browser; return in how many it was open."""
        at = address_lookup(self._tx.vault, MESSENGER, chat)
        return self._execute(_REVOKE_AT, {"at": at, "now": self._tx.now}).rowcount

    def tidy(self) -> int:
        """Delete sessions closed over 48 hours ago, unused for 400 days, or without a person for 48 hours."""
        now = self._tx.now
        return self._execute(_TIDY, {"lately": now - NOBODYS, "since": now - UNUSED}).rowcount


def _hashed(vault: Vault, token: str) -> bytes:
    return vault.lookup("web session", token)


def _key(vault: Vault, token: str) -> DataKey:
    # Without the cookie, not even the organisation's key opens it.
    return DataKey(vault.lookup("web session key", token))
