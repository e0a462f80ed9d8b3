"""Running SQLAlchemy Core statements directly on the driver: compiled once, then only SQL and values.

A chat turn consists of some fifteen small statements. `Connection.execute` spends several times what SQLite needs for
one of them on events, contexts and result objects that nothing here uses. So the stores build their statements with
Core once, and this module runs the compiled SQL, with Core's own types converting values in both directions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, cast
from uuid import UUID, SafeUUID

from sqlalchemy import Connection, Dialect, Select, UpdateBase, Uuid
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Statement = Select[Any] | UpdateBase
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
    """Runs statements on one connection, in whatever transaction it is in."""

    __slots__ = ("_compiled", "connection", "driver")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver: Any = connection.connection.dbapi_connection
        self._compiled = _COMPILED.setdefault(connection.dialect.name, {})

    def __call__(self, statement: Statement, parameters: Parameters | Sequence[Parameters] = _NOTHING) -> Rows:
        """Run a statement that lives as long as the program; once for each item if `parameters` is a list.

        Raises:
            sqlalchemy.exc.DBAPIError: as `Connection.execute` does.
        """
        known = self._compiled.get(statement)
        if known is None:
            first = parameters[0] if isinstance(parameters, list) else parameters
            known = self._compiled[statement] = _Compiled(statement, cast("Parameters", first), self.connection.dialect)
        try:
            if isinstance(parameters, list):
                cursor = self.driver.cursor()
                cursor.executemany(known.sql, [known.bind(each) for each in parameters])
            else:
                cursor = self.driver.execute(known.sql, known.bind(cast("Parameters", parameters)))
            return Rows(known.convert(cursor.fetchall()) if known.returns else [], cursor.rowcount)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise self._wrapped(known.sql, error) from error

    def _wrapped(self, sql: str, error: Exception) -> BaseException:
        dialect = self.connection.dialect
        # Parameters are hidden: what people said does not belong in a log.
        return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)


class _Compiled:
    """A statement in one dialect's SQL, with the conversions of its values in both directions."""

    __slots__ = ("_into", "_names", "_outof", "_pick", "_preset", "_size", "returns", "sql")

    def __init__(self, statement: Statement, first: Parameters, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(first))
        assert isinstance(compiled, SQLCompiler)
        if compiled.post_compile_params:
            raise TypeError("a statement that takes lists is for Connection.execute")
        self.sql = str(compiled)
        self._size = len(first)
        self._preset = {name: value for name, value in compiled.params.items() if name not in first}
        # Drivers take values by position (SQLite) or by name (PostgreSQL).
        types = {name: bind.type for bind, name in compiled.bind_names.items()}
        self._names = None if compiled.positional else list(types)
        names = self._names or compiled.positiontup or []
        self._pick = itemgetter(*names) if len(names) > 1 else lambda given: tuple(given[name] for name in names)
        self._into = [
            (place, convert) for place, name in enumerate(names) if (convert := _writer(types[name], dialect))
        ]
        columns = _columns(statement)
        self.returns = bool(columns)
        self._outof = [
            (place, convert) for place, column in enumerate(columns) if (convert := _reader(column["type"], dialect))
        ]

    def bind(self, parameters: Parameters) -> Any:
        """Return the values in the form the driver takes."""
        if len(parameters) != self._size:
            raise TypeError(f"{sorted(parameters)} is not what this statement was first run with")
        values = list(self._pick({**self._preset, **parameters} if self._preset else parameters))
        for place, convert in self._into:
            values[place] = convert(values[place])
        return values if self._names is None else dict(zip(self._names, values, strict=True))

    def convert(self, rows: list[Any]) -> list[Any]:
        """Return rows with their values converted to Python's."""
        if not self._outof:
            return rows
        converted = []
        for row in rows:
            values = list(row)
            for place, convert in self._outof:
                values[place] = convert(values[place])
            converted.append(values)
        return converted


def _writer(type_: TypeEngine[Any], dialect: Dialect) -> _Converter | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _reader(type_: TypeEngine[Any], dialect: Dialect) -> _Converter | None:
    if isinstance(type_, Uuid) and dialect.name == "sqlite":
        return _id
    return type_.dialect_impl(dialect).result_processor(dialect, None)


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
