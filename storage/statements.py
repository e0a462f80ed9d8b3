"""Running SQLAlchemy Core statements directly on the driver: compiled once, then only SQL and values.

A chat turn consists of some fifteen small statements. `Connection.execute` spends several times what SQLite needs for
one of them on events, contexts and result objects that nothing here uses. So the stores build their statements with
Core once, and this module runs the compiled SQL, with Core's own types converting values in both directions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, cast
from uuid import UUID, SafeUUID

from sqlalchemy import ColumnElement, Connection, Dialect, Insert, Select, Table, Update, UpdateBase, Uuid, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from storage.seal_rules import rule_of
from storage.sealed_statements import SEAL, Change, UnsealedWrite, Verified
from storage.seals import RowCheck, RowSealing, Seals


class Numbered:
    """An INSERT of one row, whose number is returned.

    SQLite knows the number of the row it wrote last; for RETURNING it would make a table, and take it away again.
    """

    def __init__(self, table: Table, number: ColumnElement[int]) -> None:
        """Say which column numbers the rows: on SQLite it has to be the table's key."""
        self._plain = insert(table)
        self._asking = insert(table).returning(number)

    def written(self, dialect: str) -> Insert:
        """Return what is run on a database."""
        return self._plain if dialect == "sqlite" else self._asking


Statement = Select[Any] | UpdateBase | Verified | Change | Numbered
Parameters = Mapping[str, Any]
_Converter = Callable[[Any], Any]
_NOTHING: Final[Parameters] = {}
_UNKNOWN: Final = SafeUUID.unknown


class Rows:
    """All rows a statement gave; `rowcount` is how many rows it wrote."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def first(self) -> Any:
        """Return the first row, or None."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """Return the first row's first value, or None when there is no row."""
        return self._rows[0][0] if self._rows else None

    def scalars(self) -> list[Any]:
        """Return every row's first value."""
        return [row[0] for row in self._rows]


class Runner:
    """Runs statements on one connection, in whatever transaction it is in.

    `seals` makes and checks the seals of rows; whoever opens a unit sets it. `waits` is whether a SQLite connection
    waits for another that writes.
    """

    __slots__ = ("_compiled", "connection", "driver", "seals", "waits")

    seals: Seals

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver: Any = connection.connection.dbapi_connection
        self.waits = True
        self._compiled = _COMPILED.setdefault(connection.dialect.name, {})

    def __call__(self, statement: Statement, parameters: Parameters | Sequence[Parameters] = _NOTHING) -> Rows:
        """Run a statement that lives as long as the program; once for each item if `parameters` is a list.

        Raises:
            sqlalchemy.exc.DBAPIError: as `Connection.execute` does.
        """
        known = self._compiled.get(statement)
        if known is None:
            if isinstance(statement, Change):
                return self._change(statement, cast("Parameters", parameters))
            first = parameters[0] if isinstance(parameters, list) else parameters
            known = self._compiled[statement] = _Compiled(statement, cast("Parameters", first), self.connection.dialect)
        try:
            if isinstance(parameters, list):
                cursor = self.driver.cursor()
                cursor.executemany(known.sql, [known.bind(each, self) for each in parameters])
            else:
                cursor = self.driver.execute(known.sql, known.bind(cast("Parameters", parameters), self))
            if known.tells_number:
                return Rows([(cursor.lastrowid,)], cursor.rowcount)
            return Rows(known.convert(cursor.fetchall(), self) if known.returns else [], cursor.rowcount)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise self._wrapped(known.sql, error) from error

    def listed(self, statement: Verified, parameters: Parameters) -> list[Any]:
        """Run a statement that takes lists, and return the rows whose seals fit."""
        return self.sound(statement, self.connection.execute(statement.whole, parameters).all())

    def sound(self, statement: Verified, rows: Sequence[Any]) -> list[Any]:
        """Return those rows of a statement that Core ran whose seals fit."""
        dialect = self.connection.dialect.name if statement.raw else None
        return _sound(rows, statement.checks(dialect), statement, self.seals)

    def _change(self, change: Change, parameters: Parameters) -> Rows:
        """Change sealed rows, each of which is checked first and sealed again; one that does not fit stays as it is."""
        changed = 0
        for row in self(change.look, parameters):
            written = change.written(row, parameters, self.seals)
            changed += self(change.write, written).rowcount
        return Rows([], changed)

    def _wrapped(self, sql: str, error: Exception) -> BaseException:
        dialect = self.connection.dialect
        # Parameters are hidden: what people said does not belong in a log.
        return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)


class _Compiled:
    """A statement in one dialect's SQL, with the conversions of its values in both directions."""

    __slots__ = (
        "_checks",
        "_into",
        "_names",
        "_outof",
        "_pick",
        "_preset",
        "_sealing",
        "_size",
        "_verified",
        "returns",
        "sql",
        "tells_number",
    )

    def __init__(self, given: Statement, first: Parameters, dialect: Dialect) -> None:
        assert not isinstance(given, Change)
        self.tells_number = isinstance(given, Numbered) and dialect.name == "sqlite"
        if isinstance(given, Numbered):
            given = given.written(dialect.name)
        self._verified = given if isinstance(given, Verified) else None
        statement = given.whole if isinstance(given, Verified) else given
        self._checks = given.checks(dialect.name) if isinstance(given, Verified) else ()
        self._sealing = _sealing(statement, first)
        keys = [*first] if self._sealing is None else [*first, SEAL]
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        assert isinstance(compiled, SQLCompiler)
        if isinstance(statement, Insert | Update):
            _refuse_unsealed(statement, str(compiled), sealing=self._sealing is not None)
        if compiled.post_compile_params:
            raise TypeError("a statement that takes lists is for Connection.execute")
        self.sql = str(compiled)
        self._size = len(first)
        self._preset = {name: value for name, value in compiled.params.items() if name not in keys}
        # Drivers take values by position (SQLite) or by name (PostgreSQL).
        types = {name: bind.type for bind, name in compiled.bind_names.items()}
        self._names = None if compiled.positional else list(types)
        names = self._names or compiled.positiontup or []
        self._pick = itemgetter(*names) if len(names) > 1 else lambda given: tuple(given[name] for name in names)
        self._into = [
            (place, convert) for place, name in enumerate(names) if (convert := _writer(types[name], dialect))
        ]
        columns = _columns(statement)
        if self._verified is not None:
            columns = columns[: self._verified.width]  # what is only checked is not returned
        self.returns = bool(columns)
        self._outof = [
            (place, convert) for place, column in enumerate(columns) if (convert := _reader(column["type"], dialect))
        ]

    def bind(self, parameters: Parameters, runner: "Runner") -> Any:
        """Return the values in the form the driver takes, with the seal of a row that is to have one."""
        if len(parameters) != self._size:
            raise TypeError(f"{sorted(parameters)} is not what this statement was first run with")
        if self._sealing is not None:
            parameters = {**parameters, SEAL: self._sealing.seal(runner.seals, parameters)}
        values = list(self._pick({**self._preset, **parameters} if self._preset else parameters))
        for place, convert in self._into:
            values[place] = convert(values[place])
        return values if self._names is None else dict(zip(self._names, values, strict=True))

    def convert(self, rows: list[Any], runner: "Runner") -> list[Any]:
        """Return rows with their values converted to Python's; of `Verified`, those whose seals fit."""
        if self._verified is not None:
            rows = _sound(rows, self._checks, self._verified, runner.seals)
        if not self._outof:
            return rows
        converted = []
        for row in rows:
            values = list(row)
            for place, convert in self._outof:
                values[place] = convert(values[place])
            converted.append(values)
        return converted


def _sealing(statement: Select[Any] | UpdateBase, first: Parameters) -> RowSealing | None:
    """Return what seals the rows that a statement inserts; None where they have no seal, or bring one."""
    if not isinstance(statement, Insert) or SEAL in first:
        return None
    rule = rule_of(statement.table)
    return None if rule is None else RowSealing(statement.table, rule)


def _refuse_unsealed(statement: Insert | Update, sql: str, *, sealing: bool) -> None:
    """Raise UnsealedWrite for a statement that would leave a row with a seal of something else."""
    rule, name = rule_of(statement.table), str(statement.table)
    if rule is None:
        return
    _, _, assigned = sql.partition(" SET ")
    assigned = assigned.partition(" WHERE ")[0]
    names = {part.split("=")[0].strip().strip('"') for part in assigned.split(",")}
    if SEAL not in names and not names.isdisjoint(rule.names):
        raise UnsealedWrite(f"{name}: {sorted(names.intersection(rule.names))} are under a seal: use `Change`")
    if isinstance(statement, Insert) and not sealing and SEAL not in sql:
        raise UnsealedWrite(f"{name}: its rows have a seal")


def _sound(rows: Sequence[Any], checks: Sequence[RowCheck], verified: Verified, seals: Seals) -> list[Any]:
    """Return the rows whose seals fit, without what was only checked; or all, each with whether it fits."""
    width = verified.width
    if verified.told:
        return [(*row[:width], *(check.fits(seals, row) for check in checks)) for row in rows]
    if len(checks) == 1:
        fits = checks[0].fits
        return [row[:width] for row in rows if fits(seals, row)]
    return [row[:width] for row in rows if all(check.fits(seals, row) for check in checks)]


def _writer(type_: TypeEngine[Any], dialect: Dialect) -> _Converter | None:
    if isinstance(type_, Uuid) and dialect.name == "sqlite":
        return _hex
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _reader(type_: TypeEngine[Any], dialect: Dialect) -> _Converter | None:
    if isinstance(type_, Uuid) and dialect.name == "sqlite":
        return _id
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _hex(id_: UUID | None) -> str | None:
    return None if id_ is None else f"{id_.int:032x}"


@lru_cache(maxsize=256)  # a turn reads the ids of its person and its run again and again
def _id(text: str | None) -> UUID | None:
    # Does what UUID(text) does, without its checks: ids are a third of what is read.
    if text is None:
        return None
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int(text, 16))
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made


def _columns(statement: Statement) -> Sequence[Any]:
    columns: Sequence[Any] = (
        statement.column_descriptions
        if isinstance(statement, Select)
        else getattr(statement, "returning_column_descriptions", ())
    )
    return columns


_COMPILED: Final[dict[str, dict[Statement, _Compiled]]] = {}
