"""Where messengers bring updates, how that goes, and what was refused there or came again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, ColumnElement, Connection, Update, bindparam, case, select, update

from storage.database import upsert
from storage.store import Store
from storage.tables import Moment, WholeMinute, webhooks

COUNTED_FOR: Final = timedelta(days=1)
"""For how long after the last one the refused and the repeated are counted on."""


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """What is known of a messenger's webhook.

    Attributes:
        url: the address that was set by us, or None.
        failed_at: the minute of the last failure that was looked into, by the messenger's clock.
        problem: why nothing can be brought now, in the messenger's words, or None.
        waiting: how many updates waited there at the last look.
        refused: how many requests came without the secret, the last one at `refused_at`.
        repeated: how many updates came again, the last one at `repeated_at`.
    """

    url: str | None = None
    failed_at: datetime | None = None
    problem: str | None = None
    waiting: int = 0
    refused: int = 0
    refused_at: datetime | None = None
    repeated: int = 0
    repeated_at: datetime | None = None


_insert = upsert(webhooks)
_SET: Final = _insert.on_conflict_do_update(index_elements=["messenger"], set_={"url": _insert.excluded.url})
_REMOVED: Final = update(webhooks).where(webhooks.c.messenger == bindparam("of")).values(url=None, problem=None)
_LOOKED: Final = (
    update(webhooks)
    .where(webhooks.c.messenger == bindparam("of"))
    .values(failed_at=bindparam("failed", type_=WholeMinute), problem=bindparam("why"), waiting=bindparam("number"))
)
_OF: Final = select(
    webhooks.c.url,
    webhooks.c.failed_at,
    webhooks.c.problem,
    webhooks.c.waiting,
    webhooks.c.refused,
    webhooks.c.refused_at,
    webhooks.c.repeated,
    webhooks.c.repeated_at,
).where(webhooks.c.messenger == bindparam("of"))


def _more(count: Column[int], last: Column[datetime]) -> ColumnElement[int]:
    """Return a count with more in it; it begins anew where the last one was long ago."""
    return case((last > bindparam("since", type_=Moment), count), else_=0) + bindparam("number")


_REFUSED: Final = (
    update(webhooks)
    .where(webhooks.c.messenger == bindparam("of"))
    .values(refused=_more(webhooks.c.refused, webhooks.c.refused_at), refused_at=bindparam("now"))
)
_REPEATED: Final = (
    update(webhooks)
    .where(webhooks.c.messenger == bindparam("of"))
    .values(repeated=_more(webhooks.c.repeated, webhooks.c.repeated_at), repeated_at=bindparam("now"))
)


def known_url(connection: Connection, messenger: str) -> str | None:
    """Return the address that was set by us, read without any key."""
    found: str | None = connection.execute(select(webhooks.c.url).where(webhooks.c.messenger == messenger)).scalar()
    return found


class Webhooks(Store):
    """The webhooks of messengers that bring their updates."""

    __slots__ = ()

    def of(self, messenger: str) -> WebhookRow:
        """Return what is known of a messenger's webhook; of one that never had any, nothing."""
        row = self._execute(_OF, {"of": messenger}).first()
        return WebhookRow(*row) if row else WebhookRow()

    def note_set(self, messenger: str, url: str) -> None:
        """Note that we had updates brought to an address."""
        self._execute(_SET, {"messenger": messenger, "url": url})

    def note_removed(self, messenger: str) -> None:
        """Note that updates are brought nowhere any more."""
        self._execute(_REMOVED, {"of": messenger})

    def note_look(self, messenger: str, failed_at: datetime | None, problem: str | None, waiting: int) -> None:
        """Note what a look at it showed."""
        self._execute(_LOOKED, {"of": messenger, "failed": failed_at, "why": problem, "number": waiting})

    def note_refused(self, messenger: str, number: int) -> None:
        """Count requests that came without the secret."""
        self._count(_REFUSED, messenger, number)

    def note_repeated(self, messenger: str, number: int) -> None:
        """Count updates that came again."""
        self._count(_REPEATED, messenger, number)

    def _count(self, statement: Update, messenger: str, number: int) -> None:
        now = self._tx.now
        self._execute(statement, {"of": messenger, "since": now - COUNTED_FOR, "now": now, "number": number})
