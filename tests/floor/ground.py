"""An installation that an earlier version left behind: unpacked, put into a database of its schema, and opened."""

import itertools
import json
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Connection, Date, DateTime, MetaData, Table, Uuid, insert, select, text

from bot.messengers.port import Button
from bot.pipeline.send_results import recover
from dialogs.wording import is_spare
from storage import resealing, sealing
from storage.database import REVISIONS, Database
from storage.unit import Storage
from tests.bot.phone import Phone
from tests.bot.ready import vault_of
from tests.bot.rig import Rig
from tests.memory import Message
from tests.storage.world import opened

FLOORS = sorted(Path(__file__).parent.glob("*.tar.xz"))
MESSENGER = "telegram"

MOVED = {
    "alembic_version": "its row says which revision it is",
    "alerts": "its rows wait in `alerts_before` to be sealed; `tests.floor.contents` compares what they say",
}
"""Tables of an earlier version whose rows are kept otherwise now, and how."""


@dataclass(frozen=True)
class Ground:
    """One installation as its version left it. `told` is what was in it (`tests.floor.make`)."""

    home: Path
    url: str
    told: dict[str, Any]

    @property
    def now(self) -> datetime:
        """The moment at which it was left."""
        return datetime.fromisoformat(self.told["now"])

    def storage(self, database: Database) -> Storage:
        """Open its rows with its key."""
        return Storage(database, vault_of(self.home))

    def tables(self) -> MetaData:
        """Return its tables as they are now."""
        found = MetaData()
        with opened(self.url) as database, database.read() as connection:
            found.reflect(connection)
        return found

    def rows(self, known: MetaData) -> dict[str, set[tuple[str, ...]]]:
        """Return the key of every row by table, by what is the primary key in `known`: later it may be another."""
        with opened(self.url) as database, database.read() as connection:
            return {table.name: _keys(connection, table) for table in known.sorted_tables if table.name not in MOVED}


def unpack(archive: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Unpack an archive; returns the installation's folder, and what was in it."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    told = json.loads((folder / "told.json").read_text("utf-8"))
    for person in told["contents"]["people"].values():
        # 0.1.0 had a column for a zone, and no screen, page or command that wrote it: none was anybody's choice.
        person["known"][2] = person["preferences"].get("zone")
    return folder / "home", told


def load(file: Path, revision: str, url: str) -> None:
    """Put every row of a SQLite file into an empty database, in the schema it was written in."""
    with closing(sqlite3.connect(file)) as source, opened(url) as database:
        database.migrate(known=REVISIONS[: REVISIONS.index(revision) + 1])
        old = MetaData()
        old.reflect(database.engine)
        with database.write() as connection:
            for table in old.sorted_tables:
                if table.name != "alembic_version":
                    _load(source, connection, table)


def _load(source: sqlite3.Connection, connection: Connection, table: Table) -> None:
    names = [column.name for column in table.c]
    found = source.execute(f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608  the schema's own names
    rows = [{name: _value(table, name, value) for name, value in zip(names, row, strict=True)} for row in found]
    if rows:
        connection.execute(insert(table), rows)
    if rows and "seq" in table.c:
        last = {"name": table.name, "last": max(row["seq"] for row in rows)}
        connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'seq'), :last)"), last)


def _value(table: Table, name: str, value: Any) -> Any:
    """Read what SQLite keeps as text or number."""
    if value is None:
        return None
    match table.c[name].type:
        case Uuid():
            return UUID(value)
        case DateTime():
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        case Date():
            return date.fromisoformat(value)
        case Boolean():
            return bool(value)
    return value


def _keys(connection: Connection, table: Table) -> set[tuple[str, ...]]:
    rows = connection.execute(select(*table.primary_key.columns))
    return {tuple(str(value).replace("-", "") for value in row) for row in rows}


class Later(Rig):
    """This version, started where an earlier one stopped, with every chat as it stood."""

    def __init__(self, ground: Ground) -> None:
        """Migrate, and begin as the bot does."""
        with opened(ground.url) as database:
            database.migrate()
            resealing.hide_paths(ground.storage(database), lambda: ground.now, is_spare)
            sealing.begin(ground.storage(database), lambda: ground.now)
            with ground.storage(database).reading(ground.now) as unit:
                record = unit.organisation.get()
        super().__init__(ground.home, ground.now, record, ground.url)
        self.told = ground.told
        self._phones = 1000  # whoever comes now has a new one
        messenger = self.messenger
        messenger.name = MESSENGER
        for chat, messages in ground.told["threads"].items():
            messenger._chats[chat] = [_message(*drawn) for drawn in messages]
        last = max(message.order for messages in messenger._chats.values() for message in messages)
        messenger._orders = itertools.count(last + 1).__next__
        messenger._numbers = itertools.count(last + 1).__next__
        with self.unit() as unit:
            recover(unit)

    def of(self, name: str) -> Phone:
        """Return somebody's phone."""
        return Phone(self, self.told["chats"][name])


def _message(order: int, words: str | None, mine: bool, rows: list[list[list[Any]]]) -> Message:
    keyboard = tuple(tuple(Button(*button) for button in row) for row in rows)
    return Message(order, words, mine=mine, keyboard=keyboard)
