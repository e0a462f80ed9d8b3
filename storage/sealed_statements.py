"""The two doors to tables whose rows have seals: `Verified` reads them, `Change` writes over them.

A plain INSERT is sealed by `storage.statements` as it is run. A plain UPDATE of what a seal is over is refused there,
since it would leave the seal of something else.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Update, bindparam, select, type_coerce, update
from sqlalchemy.types import NullType

from storage.seal_rules import rule_of, sealed_columns
from storage.seals import SEAL, RowCheck, RowSealing, Seals

__all__ = ["SEAL", "Change", "UnsealedWrite", "Verified"]


class UnsealedWrite(TypeError):
    """A statement would write what a seal is over, and leave the row without one that fits."""


class Verified:
    """A SELECT of which only those rows are returned whose seals fit.

    Attributes:
        told: whether rows that do not fit are returned too, and each with one truth value a table at its end.
        raw: for statements that Core runs: what is checked stays as the driver gives it, since converting the ids and
            moments of thousands of rows would cost more than checking them.
    """

    def __init__(self, statement: Select[Any], *tables: Any, told: bool = False, raw: bool = False) -> None:
        """Check the rows of these tables, or aliases, that the statement reads."""
        self._statement = statement
        self._tables = tables
        self.told = told
        self.raw = raw

    # At its first use: a bot uses some of these in its first hours, and all of them are megabytes.
    @cached_property
    def whole(self) -> Select[Any]:
        """The statement with the columns that have to be checked."""
        statement = self._statement
        for table in self._tables:
            columns = (*sealed_columns(table), table.c[SEAL])
            statement = statement.add_columns(
                *(_as_it_is(column, f"{table.name}_{column.name}") for column in columns) if self.raw else columns
            )
        return statement

    @cached_property
    def width(self) -> int:
        """How many columns it returns."""
        return len(self._statement.selected_columns)

    def checks(self, dialect: str | None) -> tuple[RowCheck, ...]:
        """Return what checks each table, in what this dialect's driver returns; None: in what Core returns."""
        found: list[RowCheck] = []
        place = self.width
        for table in self._tables:
            found.append(RowCheck(table, place, dialect))
            place = found[-1].end
        return tuple(found)


def _as_it_is(column: Any, name: str) -> ColumnElement[Any]:
    return type_coerce(column, NullType()).label(f"checked_{name}")


Made = Callable[[Mapping[str, Any]], Any]
"""Makes a column's new value of the row as it is."""


class Change:
    """An UPDATE of rows that have seals: each is read, checked, changed and sealed again.

    A row whose seal does not fit is not touched, so that nobody's forgery is ever sealed.
    """

    def __init__(self, table: Any, *where: ColumnElement[bool], **values: Any) -> None:
        """Say which rows, and what they become: a bound parameter, a constant, None, or a function of the row."""
        rule = rule_of(table)
        assert rule is not None
        self._table = table
        self._where = where
        # A row is found by its primary key: on what it is sealed for there may be no index.
        self._key = tuple(column.name for column in table.primary_key.columns)
        self._beside = tuple(column for column in table.primary_key.columns if column.name not in rule.names)
        self._names = (*rule.names, SEAL, *(column.name for column in self._beside))
        self._values = values
        self._sealing = RowSealing(table, rule)

    @cached_property
    def look(self) -> Verified:
        """What reads the rows, each of which is checked."""
        columns = (*sealed_columns(self._table), self._table.c[SEAL], *self._beside)
        return Verified(select(*columns).where(*self._where).with_for_update(of=self._table), self._table)

    @cached_property
    def write(self) -> Update:
        """What writes one row, unless it changed since it was read."""
        table = self._table
        same = [table.c[name] == bindparam(f"at_{name}") for name in self._key]
        changed = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in (*self._values, SEAL)}
        return update(table).where(*same, table.c[SEAL] == bindparam("was")).values(changed)

    def written(self, row: Sequence[Any], parameters: Mapping[str, Any], seals: Seals) -> dict[str, Any]:
        """Return the parameters of `write` for one row."""
        now = dict(zip(self._names, row, strict=True))
        became = {name: self._became(value, now, parameters) for name, value in self._values.items()}
        seal = self._sealing.seal(seals, {**now, **became})
        places = {f"at_{name}": now[name] for name in self._key}
        return {**places, "was": now[SEAL], **{f"to_{name}": value for name, value in became.items()}, "to_seal": seal}

    def _became(self, value: Any, row: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
        if isinstance(value, BindParameter):
            return parameters[str(value.key)]
        return value(row) if callable(value) else value
