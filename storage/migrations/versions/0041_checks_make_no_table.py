"""SQLite asks about each value by itself where it is checked what a column may hold: of a list it made a table.

Only how the checks are written changes, which SQLite allows to be done in place; no row is touched. See "Making Other
Kinds Of Table Schema Changes" in its documentation of ALTER TABLE.
"""

import re

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_LISTED = re.compile(r"CHECK \((\w+) IN \(('[^()]*')\)\)")


def _one_by_one(found: re.Match[str]) -> str:
    return "CHECK (" + " OR ".join(f"{found[1]} = {value}" for value in found[2].split(", ")) + ")"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    run = connection.exec_driver_sql
    tables = run("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%CHECK%'").all()
    version = run("PRAGMA schema_version").scalar_one()
    run("PRAGMA writable_schema = ON")
    try:
        for name, sql in tables:
            written = _LISTED.sub(_one_by_one, sql)
            run("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", (written, name))
        run(f"PRAGMA schema_version = {version + 1}")  # other connections read it anew
    finally:
        run("PRAGMA writable_schema = RESET")  # and this one: what does not read fails the next statement
