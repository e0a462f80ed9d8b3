"""The doors of the web chat: what is open in which browser, personal links, and the PINs people chose."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from storage.addresses import address_lookup
from storage.database import insert_new, upsert
from storage.store import Store, from_json, to_json
from storage.tables import addresses, invite_uses, invites, web_links, web_pins, web_sessions
from storage.vault import DataKey, Vault

if TYPE_CHECKING:
    from storage.people import Person

MESSENGER: Final = "web"
UNUSED: Final = timedelta(days=400)
"""A browser that was not seen for so long is asked for a link again."""
NOBODYS: Final = timedelta(hours=48)
"""How long a browser stays open in which there is nobody (any more): as long as a stranger's words are kept."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """The web chat in one browser: which chat it is, and until when no PIN is asked for."""

    id: UUID
    chat: str
    seen_at: datetime
    open_until: datetime


@dataclass(frozen=True, slots=True)
class WebLink:
    """A personal link: whose it is, and whether it was opened before."""

    id: UUID
    person_id: UUID
    expires_at: datetime
    opened_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pin:
    """A chosen PIN: its kind (`digits`, `pictures`), salted hash, and the tries since it was last right."""

    kind: str
    salt: bytes
    hash: bytes
    wrong: int
    wait_until: datetime | None


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

_ADD_LINK: Final = insert(web_links)
_LINK: Final = select(
    web_links.c.id, web_links.c.person_id, web_links.c.expires_at, web_links.c.opened_at, web_links.c.revoked_at
).where(web_links.c.lookup == bindparam("lookup"))
_OPEN_LINK: Final = (
    update(web_links)
    .where(
        web_links.c.id == bindparam("link"),
        web_links.c.opened_at.is_(None),
        web_links.c.revoked_at.is_(None),
        web_links.c.expires_at > bindparam("now"),
    )
    .values(opened_at=bindparam("at"))
)
_REVOKE_UNOPENED: Final = (
    update(web_links)
    .where(web_links.c.person_id == bindparam("person"), web_links.c.opened_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_REVOKE_LINKS: Final = (
    update(web_links)
    .where(web_links.c.person_id == bindparam("person"), web_links.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_WHOSE: Final = (
    select(invite_uses.c.person_id)
    .join(invites, invites.c.id == invite_uses.c.invite_id)
    .where(invites.c.lookup == bindparam("lookup"), invites.c.uses == 1, invites.c.revoked_at.is_(None))
)

_PIN: Final = select(web_pins.c.pin, web_pins.c.wrong, web_pins.c.wait_until).where(
    web_pins.c.person_id == bindparam("person_id")
)
_HAS_PIN: Final = select(web_pins.c.person_id).where(web_pins.c.person_id == bindparam("person_id"))
_INSERT_PIN: Final = upsert(web_pins)
_CHOOSE: Final = _INSERT_PIN.on_conflict_do_update(
    index_elements=["person_id"],
    set_={name: _INSERT_PIN.excluded[name] for name in ("pin", "wrong", "wait_until", "chosen_at")},
)
_TRY: Final = (
    update(web_pins)
    .where(
        web_pins.c.person_id == bindparam("person"),
        or_(web_pins.c.wait_until.is_(None), web_pins.c.wait_until <= bindparam("now")),
    )
    .values(wrong=web_pins.c.wrong + 1)
    .returning(web_pins.c.wrong)
)
_WAIT: Final = update(web_pins).where(web_pins.c.person_id == bindparam("person")).values(wait_until=bindparam("until"))
_RIGHT: Final = update(web_pins).where(web_pins.c.person_id == bindparam("person")).values(wrong=0, wait_until=None)
_FORGET: Final = delete(web_pins).where(web_pins.c.person_id == bindparam("person"))


class Doors(Store):
    """The doors. A token or a code is kept nowhere: whoever has it finds its row."""

    __slots__ = ()

    def open(self, id: UUID, token: str, chat: str, until: datetime) -> None:  # noqa: A002 -- the column's own name
        """Open a chat in the browser that holds a token; nothing changes where that was done before."""
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

    def session(self, token: str) -> WebSession | None:
        """Find what is open in the browser that holds a token; nothing where that is damaged."""
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
        """Tell until when a browser's chat is open without a PIN; None once it was closed for good."""
        until: datetime | None = self._execute(_OPEN_UNTIL, {"session": session_id}).scalar()
        return until

    def seen(self, session_id: UUID, until: datetime) -> bool:
        """Note that someone is at a browser now, so that no PIN is asked for until then; False when it was closed."""
        return self._execute(_SEEN, {"session": session_id, "now": self._tx.now, "until": until}).rowcount > 0

    def lock(self, session_id: UUID) -> None:
        """Ask for the PIN from now on."""
        self._execute(_LOCK, {"session": session_id, "now": self._tx.now})

    def close(self, session_id: UUID) -> None:
        """Close a browser's chat for good: its token opens nothing any more."""
        self._execute(_REVOKE, {"session": session_id, "now": self._tx.now})

    def close_all(self, chat: str) -> int:
        """Close a chat in every browser; gives in how many it was open."""
        at = address_lookup(self._tx.vault, MESSENGER, chat)
        return self._execute(_REVOKE_AT, {"at": at, "now": self._tx.now}).rowcount

    def tidy(self) -> int:
        """Forget browsers that were closed or not used for long, and those in which there is nobody any more."""
        now = self._tx.now
        return self._execute(_TIDY, {"lately": now - NOBODYS, "since": now - UNUSED}).rowcount

    def link(self, id: UUID, person_id: UUID, code: str, expires_at: datetime) -> None:  # noqa: A002 -- the column's own name
        """Add a personal link; those before it that were never opened open nothing any more."""
        self._execute(_REVOKE_UNOPENED, {"person": person_id, "now": self._tx.now})
        lookup = self._tx.vault.lookup("web link", code)
        row = {"id": id, "person_id": person_id, "lookup": lookup, "made_at": self._tx.now, "expires_at": expires_at}
        self._execute(_ADD_LINK, row)

    def find_link(self, code: str) -> WebLink | None:
        """Find a personal link by its code, opened, expired and revoked ones too."""
        row = self._execute(_LINK, {"lookup": self._tx.vault.lookup("web link", code)}).first()
        return row and WebLink(*row)

    def open_link(self, link_id: UUID) -> bool:
        """Open a link for the first time; False when it was opened before, expired or was revoked."""
        now = self._tx.now
        return self._execute(_OPEN_LINK, {"link": link_id, "now": now, "at": now}).rowcount > 0

    def revoke_links(self, person_id: UUID) -> None:
        """Let none of a person's links open anything any more."""
        self._execute(_REVOKE_LINKS, {"person": person_id, "now": self._tx.now})

    def invited(self, code: str) -> UUID | None:
        """Tell whose an invite became that was for one person alone."""
        owner: UUID | None = self._execute(_WHOSE, {"lookup": self._tx.vault.lookup("invite", code)}).scalar()
        return owner

    def has_pin(self, person_id: UUID) -> bool:
        """Tell whether a person has chosen a PIN."""
        return self._execute(_HAS_PIN, {"person_id": person_id}).first() is not None

    def pin(self, person: "Person") -> Pin | None:
        """Give the PIN a person chose; where it is damaged, one that nothing typed is."""
        row = self._execute(_PIN, {"person_id": person.id}).first()
        if row is None:
            return None
        sealed, wrong, wait_until = row
        opened = self._tx.opened(person.key, sealed, "web_pins", "pin", person.id.hex, person_id=person.id)
        if opened is None:
            # Her door stays shut, and the way on is that of whoever forgot hers.
            return Pin("digits", b"", b"", wrong, wait_until)
        kept = from_json(opened)
        return Pin(kept["kind"], bytes.fromhex(kept["salt"]), bytes.fromhex(kept["hash"]), wrong, wait_until)

    def choose_pin(self, person: "Person", kind: str, salt: bytes, hash: bytes) -> None:  # noqa: A002 -- what it is
        """Set or change a person's PIN."""
        kept = to_json({"kind": kind, "salt": salt.hex(), "hash": hash.hex()})
        self._execute(
            _CHOOSE,
            {
                "person_id": person.id,
                "pin": person.key.seal(kept, "web_pins", "pin", person.id.hex),
                "wrong": 0,
                "wait_until": None,
                "chosen_at": self._tx.now,
            },
        )

    def lock_others(self, chat: str, session_id: UUID) -> None:
        """Ask for the PIN in every other browser."""
        at = address_lookup(self._tx.vault, MESSENGER, chat)
        self._execute(_LOCK_OTHERS, {"at": at, "session": session_id, "now": self._tx.now})

    def try_pin(self, person_id: UUID) -> int | None:
        """Count a try, before anyone knows whether it is right; None while she has to wait or has no PIN."""
        tried: int | None = self._execute(_TRY, {"person": person_id, "now": self._tx.now}).scalar()
        return tried

    def wait(self, person_id: UUID, until: datetime | None) -> None:
        """Let nobody try until then."""
        self._execute(_WAIT, {"person": person_id, "until": until})

    def right(self, person_id: UUID) -> None:
        """Begin to count anew: a try was right."""
        self._execute(_RIGHT, {"person": person_id})

    def forget_pin(self, person_id: UUID) -> None:
        """Forget a person's PIN."""
        self._execute(_FORGET, {"person": person_id})


def _hashed(vault: Vault, token: str) -> bytes:
    return vault.lookup("web session", token)


def _key(vault: Vault, token: str) -> DataKey:
    # Without the cookie not even the organisation's key opens it.
    return DataKey(vault.lookup("web session key", token))
