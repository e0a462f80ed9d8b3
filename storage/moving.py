"""Moving: every row is carried to another database, compared there, and the old one marked so that it opens no more.

The old database is held in one transaction: nobody else writes there until the end, and where the process dies it is as
if nothing had been begun. The new one takes the rows in many small ones, and its mark says that they have not all come.
Whoever begins again compares by hash what came before, and goes on behind it. Only when every table has the same number
and the same hash on both sides is the old one marked, and then the new one opened: between the two, neither opens.
"""

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import URL, Connection, Row, Table, func, inspect, make_url, select, text

from storage import copies, marks
from storage.database import BadUrl, Database, DatabaseNewer, file_of
from storage.marks import DatabaseMoved, MoveMark, MoveUnfinished
from storage.tables import audit, audit_head, metadata
from storage.vault import settle

Kind = Literal["empty", "unfinished", "former"]
"""What lies where rows are to go: nothing, a part of this same move, or what an earlier move away from there left."""
Progress = Callable[[str, float], None]
"""Called with a step (`copy`, `verify`) and how much of it is done, 0 to 1."""

SPARE: Final = 100_000_000  # bytes of disk that should stay free
_LAST: Final = (audit, audit_head)  # each try adds its own row to the trail: all before it need not be written again
_ORDER: Final = (*(table for table in metadata.sorted_tables if table not in _LAST), *_LAST)
_HOLDING: Final = (
    "SET LOCAL lock_timeout = '10s'",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",  # it waits while the other one writes
    "SET LOCAL synchronize_seqscans = off",  # rows are to come in the same order each time
)


class TargetRefused(Exception):
    """Rows cannot go there; nothing was changed.

    Attributes:
        why: `same`: it is the database they come from; `rows`: an organisation is there; `tables`: something else is;
            `moved`: it was moved elsewhere; `unfinished`: another move is under way there; `newer`: its schema is;
            `encoding`: it does not store all letters; `room`: the disk has too little room.
        facts: what the sentence that says so needs.
    """

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(why)
        self.why = why
        self.facts = facts


class NotTheSame(Exception):
    """After everything was carried, a table is not the same on both sides: its name is the text."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is to carry: rows of all tables, and bytes on the disk."""

    rows: int
    size: int


def place_of(url: str) -> str:
    """Return a database's URL as people may read it: without a password, and with a file's whole path.

    Raises:
        BadUrl: it is no URL of a database that Hilo knows.
    """
    if (file := file_of(url)) is not None:
        return f"sqlite:///{file.absolute()}"
    parsed = make_url(url)
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise BadUrl("neither a file nor a server")
    where = {name: value for name, value in parsed.query.items() if name in {"host", "port"}}
    shown = URL.create("postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, where)
    return shown.render_as_string().replace("%2F", "/")


def extent(connection: Connection) -> Extent:
    """Return how much a database holds."""
    rows = sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _ORDER)
    if connection.dialect.name == "sqlite":
        pages, page = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
        )
        return Extent(rows, pages * page)
    size: int = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return Extent(rows, size)


def look(source: str, url: str, size: int, own: Collection[UUID], proven: Callable[[MoveMark], bool]) -> Kind:
    """Look at where rows are to go, and change nothing there.

    Args:
        source: the URL of where they come from.
        url: of where they are to go.
        size: how many bytes they take.
        own: the moves by which rows came to where they are now.
        proven: whether a mark is of this organisation.

    Raises:
        TargetRefused: they cannot go there.
        BadUrl: it is no URL.
        DatabaseDown: it cannot be reached.
        OSError: its file cannot be made or opened.
    """
    file = file_of(url)
    if place_of(source) == place_of(url):
        raise TargetRefused("same")
    if file is not None:
        free, needed = shutil.disk_usage(file.absolute().parent).free, size * 5 // 4 + SPARE
        if free < needed:
            raise TargetRefused("room", need=f"{needed / 1e6:.0f}", free=f"{free / 1e6:.0f}")
        if not file.exists():
            return "empty"
    with _opened(url) as database:
        try:
            stored = database.version()
        except DatabaseMoved as moved:
            if moved.mark.id in own:
                return "former"
            raise TargetRefused("moved", to=moved.mark.place) from None
        except MoveUnfinished as unfinished:
            if proven(unfinished.mark):
                return "unfinished"
            raise TargetRefused("unfinished") from None
        with database.read() as connection:
            _check(connection, stored)
    return "empty"


def _check(connection: Connection, stored: str | None) -> None:
    if connection.dialect.name != "sqlite":
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise TargetRefused("encoding", encoding=encoding)
    there = set(inspect(connection).get_table_names())
    if stored is None and there:
        raise TargetRefused("tables")
    for table in _ORDER:
        if table.name in there and connection.execute(select(1).select_from(table).limit(1)).first() is not None:
            raise TargetRefused("rows")


def receive(url: str, kind: Kind, mark: MoveMark) -> tuple[Database, MoveMark]:
    """Open the database where rows are to go, migrate it and mark it as one to which not everything has come.

    What an earlier move left there goes first: every row of it is where rows come from, or was erased there.

    Returns:
        It, and the mark: the one given, or that of the same move where it had been begun.
    """
    file = file_of(url)
    if kind == "former" and file is not None:
        for suffix in ("", "-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
    database = Database.open(url)
    try:
        known = None
        if kind != "empty" and (file is None or kind != "former"):
            with database.read() as connection:
                known = marks.find(connection)
        if isinstance(known, MoveUnfinished) and known.mark.revision == database.head():
            return database, known.mark
        if known is not None:
            with database.write() as connection:
                marks.lift(connection)
                _empty(connection, _ORDER)
        try:
            database.migrate()
        except DatabaseNewer:
            raise TargetRefused("newer") from None
        with database.write() as connection:
            marks.put(connection, marks.COMING, mark)
    except BaseException:
        database.dispose()
        raise
    return database, mark


def hold(connection: Connection) -> None:
    """Let nobody else write until the transaction ends; everybody may read."""
    if connection.dialect.name != "sqlite":
        for setting in _HOLDING:
            connection.exec_driver_sql(setting)
        names = ", ".join(table.name for table in _ORDER)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def carry(source: Connection, target: Database, progress: Progress) -> int:
    """Carry every row that is not there yet, and compare all of them; return how many there are.

    Raises:
        NotTheSame: what is there is not what is here.
    """
    told = _Share(extent(source).rows, lambda done: progress("copy", done))
    wanted = {}
    for place, table in enumerate(_ORDER):
        wanted[table] = _carry(source, target, _ORDER[place:], told)
    with target.write() as writing:
        if target.dialect != "sqlite":
            writing.exec_driver_sql("SET LOCAL synchronous_commit = on")  # what came before is on the disk with it
        copies.go_on_from(source, writing)
    progress("copy", 1.0)
    told = _Share(sum(number for number, _ in wanted.values()), lambda done: progress("verify", done))
    with target.read() as reading:
        for table, expected in wanted.items():
            if copies.digest(reading, table, told) != expected:
                raise NotTheSame(table.name)
    if (file := target.engine.url.database) and target.dialect == "sqlite":
        settle(Path(file).absolute().parent)
    progress("verify", 1.0)
    return told.all


def _carry(
    source: Connection, target: Database, tables: Sequence[Table], told: Callable[[int], None]
) -> tuple[int, str]:
    """Carry the first of some tables, behind what came before; where that is not the same, all are begun anew."""
    table, made = tables[0], copies.RowHash()
    with target.read() as reading:
        there = copies.digest(reading, table)
    with closing(copies.rows(source, table)) as found:
        for batch in copies.batches(islice(found, there[0])):
            made.add(batch)
            told(len(batch))
        if made.result() == there:
            _write(found, made, target, table, told)
            return made.result()
    told(-made.number)
    with target.write() as writing:
        _empty(writing, tables)
    made = copies.RowHash()
    with closing(copies.rows(source, table)) as found:
        _write(found, made, target, table, told)
    return made.result()


def _write(
    found: Iterator[Row[Any]], made: copies.RowHash, target: Database, table: Table, told: Callable[[int], None]
) -> None:
    for batch in copies.batches(found):
        made.add(batch)
        with target.write() as writing:
            copies.put(writing, table, batch)
        told(len(batch))


class _Share:
    """Counts rows, and tells how large a share of all they are."""

    def __init__(self, all_: int, tell: Callable[[float], None]) -> None:
        self.all, self._tell, self._done = all_, tell, 0

    def __call__(self, number: int) -> None:
        self._done += number
        self._tell(min(self._done / max(self.all, 1), 0.99))


def _empty(connection: Connection, tables: Sequence[Table]) -> None:
    there = set(inspect(connection).get_table_names())
    names = [table.name for table in tables if table.name in there]
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"TRUNCATE {', '.join(names)} CASCADE")
        return
    for name in reversed(names):
        connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608  our own names


def arrive(target: Database) -> None:
    """Take the mark off a database to which everything has come, and let it know how much it holds."""
    with target.write() as connection:
        marks.lift(connection)
    if target.dialect == "sqlite":
        target.checkpoint()
        return
    with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def same(one: Database, other: Database) -> bool:
    """Return whether two databases have the same rows, marks aside."""
    with one.read() as here, other.read() as there:
        return copies.digests(here) == copies.digests(there)


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database.open(url)
    try:
        yield database
    finally:
        database.dispose()
