"""When updates were last fetched, from when to when some may have been missed, and whose question to say once more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists, func, literal_column, select, update

from storage.database import upsert, written
from storage.store import Store
from storage.tables import Moment, fetches, outbox, runs


@dataclass(frozen=True, slots=True)
class Missed:
    """From when to when updates of a messenger may have been missed."""

    messenger: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class OpenPrompt:
    """A question that was open when fetching began again: whose run, and when it was sent."""

    run_id: UUID
    person_id: UUID
    sent_at: datetime


_WORKED: Final = select(fetches.c.worked_at).where(fetches.c.messenger == bindparam("of"))
_insert = upsert(fetches)
_NOTE: Final = _insert.on_conflict_do_update(
    index_elements=["messenger"], set_={"worked_at": _insert.excluded.worked_at}
)
# A second gap that comes before the first was seen to makes it longer.
_MISS: Final = (
    update(fetches)
    .where(fetches.c.messenger == bindparam("of"))
    .values(
        missed_since=func.coalesce(fetches.c.missed_since, bindparam("since", type_=Moment)),
        missed_until=bindparam("until"),
    )
)
_MISSED: Final = select(fetches.c.messenger, fetches.c.missed_since, fetches.c.missed_until).where(
    fetches.c.missed_until.is_not(None)
)
_SEEN_TO: Final = (
    update(fetches).where(fetches.c.messenger == bindparam("of")).values(missed_since=None, missed_until=None)
)
_once, _twice = outbox.alias("once"), outbox.alias("twice")
# What Hilo said by itself once more already is not said a third time: then two rows that nobody's turn led to follow
# each other in a run, and the second shows what is open.
_SAID_TWICE: Final = exists().where(
    _twice.c.run_id == runs.c.id,
    _twice.c.prompt == runs.c.prompt,
    _twice.c.turn.is_(None),
    # The run is told by the other row: `runs` would be another one in here, and any run's row would do.
    exists().where(_once.c.run_id == _twice.c.run_id, _once.c.turn.is_(None), _once.c.seq < _twice.c.seq),
)
_asking = runs.alias("asking")
_OPEN: Final = (
    select(runs.c.id, runs.c.person_id, func.max(outbox.c.sent_at))
    .join(outbox, (outbox.c.run_id == runs.c.id) & (outbox.c.prompt == runs.c.prompt))
    .where(
        runs.c.status.in_(written("offered", "open", "postponed")),
        runs.c.status != literal_column("'postponed'"),
        runs.c.started_by != literal_column("'staff'"),
        outbox.c.kind == literal_column("'message'"),
        outbox.c.messenger == bindparam("of"),
        # Said twice, so that the database begins with what is open, and not with all that was ever sent there.
        outbox.c.run_id.in_(select(_asking.c.id).where(_asking.c.status.in_(written("offered", "open", "postponed")))),
        outbox.c.state.in_(written("sent", "unknown")),
        ~_SAID_TWICE,
    )
    .group_by(runs.c.id, runs.c.person_id)
    .having(func.max(outbox.c.sent_at).between(bindparam("after", type_=Moment), bindparam("before", type_=Moment)))
    .order_by(runs.c.id)
)
_NEVER: Final = select(fetches.c.messenger, fetches.c.worked_at)


class Fetches(Store):
    """When each messenger's updates were last fetched."""

    __slots__ = ()

    def worked_at(self, messenger: str) -> datetime | None:
        """Return when fetching a messenger's updates was last noted, or None."""
        found: datetime | None = self._execute(_WORKED, {"of": messenger}).scalar()
        return found

    def all(self) -> dict[str, datetime]:
        """Return when each messenger's updates were last fetched."""
        return dict(list(self._execute(_NEVER)))

    def note(self, messenger: str) -> None:
        """Note that fetching works now."""
        self._execute(_NOTE, {"messenger": messenger, "worked_at": self._tx.now})

    def miss(self, messenger: str, since: datetime) -> None:
        """Note that updates may have been missed from a moment until now."""
        self._execute(_MISS, {"of": messenger, "since": since, "until": self._tx.now})

    def missed(self) -> list[Missed]:
        """List from when to when updates may have been missed, as long as that is not seen to."""
        return [Missed(*row) for row in self._execute(_MISSED)]

    def seen_to(self, messenger: str) -> None:
        """Forget that updates were missed: everybody concerned was asked again."""
        self._execute(_SEEN_TO, {"of": messenger})

    def open_prompts(self, messenger: str, after: datetime, before: datetime) -> list[OpenPrompt]:
        """List open questions of participants that were sent after one moment and before another."""
        parameters = {"of": messenger, "after": after, "before": before - timedelta(microseconds=1)}
        return [OpenPrompt(*row) for row in self._execute(_OPEN, parameters)]
