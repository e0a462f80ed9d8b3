"""What an export reads is what the registry of tables says: SQLite itself tells, column by column."""

import sqlite3
from pathlib import Path

import pytest

from bot.export import build
from bot.export.request import ExportRequest
from bot.media.store import MediaStore
from storage import reading_copy
from storage.rule_kinds import Exported, NotExported
from storage.table_rules import RULES
from storage.tables import metadata
from tests.bot.rig import Rig, texts
from tests.bot.water import answered


def test_an_export_reads_the_tables_that_say_so(filled: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that are exported are read, those that say that they only help may be, and no other is."""
    answered(filled, "Colibrí", "Hubo junta.")
    read: set[str] = set()

    def note(action: int, table: str | None, *_rest: str | None) -> int:
        if action == sqlite3.SQLITE_READ and table in metadata.tables:
            read.add(str(table))
        return sqlite3.SQLITE_OK

    # Read in place, as where there is no room for a copy; and the same connection reads next: it is kept.
    monkeypatch.setattr(reading_copy, "_folder", lambda _: None)
    with filled.storage.reading(filled.now) as unit:
        driver = unit.connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
    driver.set_authorizer(note)
    for long in (False, True):
        order = ExportRequest(long=long, book=True)
        assert build.write(filled.storage, filled.now, order, tmp_path / f"out-{long}", texts(), MediaStore(tmp_path))
    driver.set_authorizer(None)
    exported = {table.name for table, rule in RULES.items() if isinstance(rule.exporting, Exported)}
    helping = {
        table.name for table, rule in RULES.items() if isinstance(rule.exporting, NotExported) and rule.exporting.read
    }

    # Nobody said anything by voice here.
    assert exported - {"media"} <= read
    assert read <= exported | helping
    assert helping <= read
