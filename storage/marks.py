"""The mark of a database from which everything was moved, or to which not everything has come yet.

It takes the place of the schema's revision, so that no version of Hilo opens such a database, however old it is. What
it says besides lies in a table that only such a database has. Where everything was moved away, triggers refuse
whatever a process would still write that had opened the database before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    insert,
    inspect,
    select,
    text,
)

from storage.tables import Moment, metadata

LEFT: Final = "moved"
"""In the place of the revision: everything was moved away."""
COMING: Final = "moving"
"""In the place of the revision: not everything has come yet."""
_VERSION: Final = text("SELECT version_num FROM alembic_version")
_SET_VERSION: Final = text("UPDATE alembic_version SET version_num = :version")
_table: Final = Table(
    "hilo_move",
    MetaData(),
    Column("id", Uuid, nullable=False),
    # The other database, as people read it: without a password.
    Column("place", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("revision", String(32), nullable=False),
    # Keyed with the organisation's key: whose move it is.
    Column("tag", LargeBinary, nullable=False),
)
_REFUSAL: Final = "everything in this database was moved to another one"
_EVENTS: Final = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class MoveMark:
    """Which move, to or from where, when it began, the schema's revision, and a keyed hash that says whose it is."""

    id: UUID
    place: str
    at: datetime
    revision: str
    tag: bytes


class DatabaseMoved(Exception):
    """Everything was moved from this database to another one, where Hilo goes on."""

    def __init__(self, mark: MoveMark) -> None:
        super().__init__(f"moved to {mark.place}")
        self.mark = mark


class MoveUnfinished(Exception):
    """Not everything that is to come to this database has come."""

    def __init__(self, mark: MoveMark) -> None:
        super().__init__(f"not everything has come from {mark.place}")
        self.mark = mark


def find(connection: Connection) -> DatabaseMoved | MoveUnfinished | None:
    """Return what the mark of a database says, as an error to raise; None where it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return found(connection, connection.execute(_VERSION).scalar())


def found(connection: Connection, version: str | None) -> DatabaseMoved | MoveUnfinished | None:
    """Return the same where it is known what stands in the place of the revision."""
    if version not in {LEFT, COMING}:
        return None
    mark = MoveMark(*connection.execute(select(_table)).one())
    return DatabaseMoved(mark) if version == LEFT else MoveUnfinished(mark)


def put(connection: Connection, version: str, mark: MoveMark) -> None:
    """Mark a database as `LEFT` or `COMING`; one that is left takes nothing more."""
    _table.create(connection)
    row = {"id": mark.id, "place": mark.place, "at": mark.at, "revision": mark.revision, "tag": mark.tag}
    connection.execute(insert(_table), row)
    connection.execute(_SET_VERSION, {"version": version})
    if version == LEFT:
        for statement in _shutting(connection.dialect.name):
            connection.exec_driver_sql(statement)


def lift(connection: Connection) -> None:
    """Take the mark off again: the database is one like any other, at the revision it had."""
    for statement in _opening(connection.dialect.name):
        connection.exec_driver_sql(statement)
    connection.execute(_SET_VERSION, {"version": connection.execute(select(_table.c.revision)).scalar_one()})
    _table.drop(connection)


def _shutting(dialect: str) -> Iterable[str]:
    names = [table.name for table in metadata.sorted_tables]
    if dialect == "sqlite":
        for name in names:
            for event in _EVENTS:
                yield (
                    f"CREATE TRIGGER hilo_move_{name}_{event} BEFORE {event} ON {name}"
                    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
                )
        return
    yield (
        "CREATE FUNCTION hilo_move_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    for name in names:
        yield (
            f"CREATE TRIGGER hilo_move BEFORE {' OR '.join(_EVENTS)} OR TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION hilo_move_refuse()"
        )


def _opening(dialect: str) -> Iterable[str]:
    if dialect == "sqlite":
        for table in metadata.sorted_tables:
            for event in _EVENTS:
                yield f"DROP TRIGGER IF EXISTS hilo_move_{table.name}_{event}"
    else:
        yield "DROP FUNCTION IF EXISTS hilo_move_refuse() CASCADE"  # and its triggers
