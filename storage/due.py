"""The earliest moment at which anything is due, so that nobody has to look before."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, literal_column, select

from storage.database import written
from storage.store import Transaction
from storage.tables import broadcasts, deliveries, inbox, outbox, panels, runs

_UNFINISHED: Final = written("queued", "sending")  # the condition of the partial index
_FIRST: Final = select(
    select(func.min(inbox.c.next_at)).where(inbox.c.state == literal_column("'pending'")).scalar_subquery(),
    select(func.min(outbox.c.due_at))
    .where(outbox.c.state.in_(_UNFINISHED), outbox.c.state == literal_column("'queued'"))
    .scalar_subquery(),
    select(deliveries.c.due_at)
    .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
    .where(deliveries.c.state == literal_column("'due'"), broadcasts.c.cancelled_at.is_(None))
    .order_by(deliveries.c.due_at)
    .limit(literal_column("1"))
    .scalar_subquery(),
    select(func.min(runs.c.resume_at))
    .where(runs.c.resume_at.is_not(None), runs.c.status.in_(written("offered", "open", "postponed")))
    .scalar_subquery(),
    select(func.min(panels.c.until))
    .where(panels.c.until.is_not(None), panels.c.kind.in_(written("page", "media")))
    .scalar_subquery(),
)


def first(tx: Transaction) -> datetime | None:
    """Return the moment at which the first update, message, delivery, run or page is due, or None."""
    return min((moment for moment in tx.run(_FIRST).first() if moment is not None), default=None)
