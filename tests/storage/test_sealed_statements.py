"""What checks and seals rows is built at its first use; here all of it is."""

import importlib
import pkgutil
from collections.abc import Iterator

from sqlalchemy.dialects import postgresql, sqlite

import storage
from storage.sealed_statements import Change, Verified


def test_every_statement_that_checks_or_seals_can_be_built() -> None:
    """A mistake in one is found before somebody's turn runs it for the first time."""
    found = list(_of_the_stores())

    assert len(found) > 150
    for name, statement in found:
        verified = statement.look if isinstance(statement, Change) else statement
        assert len(verified.whole.selected_columns) > verified.width > 0, name
        for dialect in (sqlite.dialect(), postgresql.dialect()):
            assert str(verified.whole.compile(dialect=dialect)).startswith(("SELECT", "WITH")), name
            if isinstance(statement, Change):
                assert str(statement.write.compile(dialect=dialect)).startswith("UPDATE"), name


def _of_the_stores() -> Iterator[tuple[str, Verified | Change]]:
    for module in pkgutil.iter_modules(storage.__path__, "storage."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Verified | Change):
                yield f"{module.name}.{name}", value
