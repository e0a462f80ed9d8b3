"""Leases on the database's clock, and the processes that take them: of PostgreSQL alone, since SQLite has one process.

What one process alone may do has a row in `leases`: who does it, until when, and the number of its taking, which grows
each time. Whoever works under it asks for that number in each transaction (`check`), and so keeps the row from
being taken until its end. Nothing here is a lock that outlives its transaction: a machine that vanished holds nothing
but a moment that passes.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, literal_column, select, text, update

from storage.connections import LeaseLost
from storage.database import Database, insert_new, serialise
from storage.epochs import write_synced
from storage.store import Transaction
from storage.tables import Moment, leases, processes

LENGTH: Final = timedelta(seconds=10)
"""How long a lease holds after it was last renewed; a process that was not seen for so long counts as dead."""
IDLE: Final = timedelta(seconds=8)
"""After so long the server ends a transaction whose process does nothing: one that was stopped would hold its locks."""
OFF: Final = timedelta(seconds=10)
"""A machine's clock that differs more from the database's is said to be wrong."""
SWEPT: Final = timedelta(days=1)
"""How long a dead process is listed."""

RESTORE: Final = "hilo restore"
"""The name that a command holds while it puts a backup in place."""
WORD: Final = "processes.word"
"""The file whose word tells whether processes see the same folder."""

_NOBODY: Final = ""
_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
_NOW: Final[Any] = func.clock_timestamp(type_=Moment)
_AFTER: Final[Any] = _NOW + func.make_interval(0, 0, 0, 0, 0, 0, bindparam("seconds"))
_SWEPT: Final[Any] = _NOW - func.make_interval(0, 0, 0, 0, 0, 0, SWEPT.total_seconds())


# Only at a start: when the server itself was restarted, nobody has a connection for a while.
_GONE: Final = text(
    "UPDATE processes SET seen_at = seen_at - make_interval(secs => :seconds) WHERE id <> :me AND NOT EXISTS"
    " (SELECT 1 FROM pg_stat_activity AS activity WHERE activity.datname = current_database()"
    " AND activity.application_name = 'hilo ' || replace(processes.id::text, '-', ''))"
)
_FREE_GONE: Final = text(
    "UPDATE leases SET until = '2020-01-01 00:00+00' WHERE until > clock_timestamp() AND NOT EXISTS"
    " (SELECT 1 FROM pg_stat_activity AS activity WHERE activity.datname = current_database()"
    " AND activity.application_name = 'hilo ' || leases.holder)"
)


def _brief(idle: timedelta) -> Any:
    """Let the server end a transaction whose process does nothing for so long; it holds for the transaction alone."""
    return func.set_config(
        literal_column("'idle_in_transaction_session_timeout'"),
        literal_column(f"'{int(idle.total_seconds() * 1000)}'"),
        literal_column("true"),
    )


def checking(idle: timedelta = IDLE) -> Select[Any]:
    """Return the statement of `check`. A renewal does not wait for its lock, and whoever takes the lease does."""
    return (
        select(_brief(idle))
        .select_from(leases)
        .where(leases.c.name == bindparam("of"), leases.c.taking == bindparam("at"))
        .with_for_update(read=True, key_share=True)
    )


_CHECK: Final = checking()
# What a stopped process has open holds its locks: in the middle of a few statements it is not even idle.
_END_DEAD: Final = text(
    "SELECT pg_terminate_backend(activity.pid) FROM pg_stat_activity AS activity JOIN processes"
    " ON activity.application_name = 'hilo ' || replace(processes.id::text, '-', '')"
    " WHERE activity.datname = current_database() AND activity.xact_start IS NOT NULL"
    " AND processes.seen_at < clock_timestamp() - make_interval(secs => :seconds)"
)
_ADD: Final = insert_new(leases)
_RENEW: Final = (
    update(leases)
    .where(leases.c.holder == bindparam("me"))
    .values(until=_AFTER)
    .returning(leases.c.name, leases.c.taking)
)
_FREE: Final = (
    select(leases.c.name)
    .where(leases.c.name.in_(bindparam("names", expanding=True)), leases.c.until <= _NOW)
    .order_by(leases.c.name)
    .with_for_update(skip_locked=True)
)
_TAKE: Final = (
    update(leases)
    .where(leases.c.name == bindparam("of"))
    .values(holder=bindparam("me"), until=_AFTER, taking=leases.c.taking + 1)
    .returning(leases.c.taking)
)
_LEFT: Final = select(func.min(func.extract("epoch", leases.c.until - _NOW))).where(
    leases.c.name.in_(bindparam("names", expanding=True)), leases.c.holder != bindparam("me")
)
_GIVE_BACK: Final = update(leases).where(leases.c.holder == bindparam("me")).values(holder=_NOBODY, until=_LONG_AGO)
_SEEN: Final = update(processes).where(processes.c.id == bindparam("me"))
_HOLDS: Final = select(leases.c.name, leases.c.holder).where(leases.c.until > _NOW)
_AGE: Final = func.extract("epoch", _NOW - processes.c.began_at)
_SILENT: Final = func.extract("epoch", _NOW - processes.c.seen_at)
_ALL: Final = select(
    *(processes.c.id, processes.c.part, processes.c.version, processes.c.folder, _AGE, _SILENT),
    *(processes.c.off, processes.c.kept, processes.c.turns, processes.c.sent, processes.c.due),
).order_by(processes.c.began_at)


class FolderElsewhere(Exception):
    """The processes that live see another folder of epochs than this one does."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a process did since it began: updates kept, turns played, messages sent, deliveries begun."""

    kept: int = 0
    turns: int = 0
    sent: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """One process over this database.

    Attributes:
        id: its own, another one at each start.
        part: what it was started for: `run`, `web`.
        version: of Hilo, with its schema.
        folder: the word that it reads in the folder of epochs.
        age: since its start.
        silent: since it was last seen.
        off: how far its machine's clock is behind the database's.
        did: what it did.
        holds: names of the leases that it holds.
    """

    id: UUID
    part: str
    version: str
    folder: str
    age: timedelta
    silent: timedelta
    off: timedelta
    did: Work
    holds: tuple[str, ...]

    @property
    def is_alive(self) -> bool:
        """Return whether it was seen lately."""
        return self.silent < LENGTH

    @property
    def is_off(self) -> bool:
        """Return whether its machine's clock is wrong, or the database's."""
        return abs(self.off) > OFF


def check(tx: Transaction, name: str, taking: int) -> None:
    """Keep a lease from being taken until this transaction ends; raises LeaseLost where it was taken before."""
    if tx.run(_CHECK, {"of": name, "at": taking}).first() is None:
        raise LeaseLost(f"another process has the lease {name}")


def renew(connection: Connection, me: UUID, length: timedelta = LENGTH) -> dict[str, int]:
    """Let what a process holds hold for another while; return the number of taking of each."""
    found = connection.execute(_RENEW, {"me": me.hex, "seconds": length.total_seconds()})
    return {row.name: row.taking for row in found}


def take(connection: Connection, me: UUID, names: Collection[str], length: timedelta = LENGTH) -> dict[str, int]:
    """Take those of some leases that have run out; return the new number of taking of each.

    One under which somebody writes just now is passed over: that transaction may still be committed.
    """
    if not names:
        return {}
    connection.execute(_ADD, [{"name": each, "holder": _NOBODY, "until": _LONG_AGO} for each in names])
    free = connection.execute(_FREE, {"names": list(names)}).scalars().all()
    seconds = length.total_seconds()
    return {
        name: connection.execute(_TAKE, {"of": name, "me": me.hex, "seconds": seconds}).scalar_one() for name in free
    }


def end_dead(connection: Connection) -> int:
    """End the transactions of processes that were not seen lately, which hold locks; return how many."""
    return len(connection.execute(_END_DEAD, {"seconds": LENGTH.total_seconds()}).all())


def now(connection: Connection) -> datetime:
    """Return the database's moment."""
    moment: datetime = connection.execute(select(_NOW)).scalar_one()
    return moment


def left(connection: Connection, me: UUID, names: Collection[str]) -> float:
    """Return the seconds until the first of some leases that others hold may be taken; infinite where there is none."""
    found = connection.execute(_LEFT, {"me": me.hex, "names": list(names)}).scalar() if names else None
    return float("inf") if found is None else max(0.0, float(found))


def alive(connection: Connection) -> list[Process]:
    """List the processes that were seen lately, the oldest first."""
    return [each for each in listed(connection) if each.is_alive]


def listed(connection: Connection) -> list[Process]:
    """List all processes of the last day, the oldest first, the dead ones among them."""
    holds: defaultdict[str, list[str]] = defaultdict(list)
    for name, holder in connection.execute(_HOLDS):
        holds[holder].append(name)
    return [
        Process(
            *(id_, part, version, folder),
            *(timedelta(seconds=float(age)), timedelta(seconds=float(silent)), timedelta(seconds=off)),
            Work(*did),
            tuple(sorted(holds[id_.hex])),
        )
        for id_, part, version, folder, age, silent, off, *did in connection.execute(_ALL)
    ]


def enter(connection: Connection, me: UUID, part: str, version: str, folder: "SharedFolder") -> None:
    """List a process that begins, if it sees the folder that the living ones see.

    The first one puts a new word there, so that a copy of the folder has another one. One that was killed, so that the
    server knows no connection of it any more, counts as dead at once: whoever starts it again need not wait.

    Raises:
        FolderElsewhere: it sees another folder.
    """
    serialise(connection, "processes")
    connection.execute(_GONE, {"me": me, "seconds": LENGTH.total_seconds()})
    connection.execute(_FREE_GONE)
    others = [each for each in alive(connection) if each.id != me]
    word = folder.read() if others else folder.mark()
    if any(each.folder != word for each in others):
        raise FolderElsewhere
    _add(connection, me, part, version, word, Work())


def seen(
    connection: Connection, me: UUID, part: str, version: str, word: str, did: Work, off: timedelta = timedelta(0)
) -> None:
    """Note that a process lives, what it did, and how far its machine's clock is behind the database's.

    One that was taken for dead and swept is listed again.
    """
    told = {"folder": word, "off": round(off.total_seconds()), **asdict(did)}
    if not connection.execute(_SEEN.values(seen_at=_NOW, **told), {"me": me}).rowcount:
        _add(connection, me, part, version, word, did)


def _add(connection: Connection, me: UUID, part: str, version: str, word: str, did: Work) -> None:
    about = {"id": me, "part": part, "version": version, "folder": word, **asdict(did)}
    connection.execute(insert(processes).values(**about, began_at=_NOW, seen_at=_NOW))


def leave(connection: Connection, me: UUID) -> None:
    """Give back what a process holds, and list it no longer."""
    connection.execute(_GIVE_BACK, {"me": me.hex})
    connection.execute(delete(processes).where(processes.c.id == me))


def sweep(connection: Connection) -> None:
    """Forget processes that were not seen for a day."""
    connection.execute(delete(processes).where(processes.c.seen_at < _SWEPT))


def is_named(database: Database, name: str) -> bool:
    """Return whether a command on any machine holds a name (`Database.alone`)."""
    with database.alone(name, looks=True) as free:
        return not free


class SharedFolder:
    """A folder that all processes have to share: a random word in it tells whether they do."""

    def __init__(self, path: Path) -> None:
        self._file = path / WORD

    def mark(self) -> str:
        """Put a new word there, and return it."""
        word = secrets.token_hex(16)
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_synced(self._file, word.encode())
        return word

    def read(self) -> str:
        """Return the word, '' where there is none."""
        try:
            return self._file.read_text("ascii")
        except FileNotFoundError:
            return ""
