"""Seals: a keyed hash over the columns of a row that say who may do what, or lead it to its reader.

One canonical form on every database: the table's name, the number of the list of columns, and the values of these in
its order, as a JSON array in ASCII without spaces. An id is its 32 hex digits, a moment its text in UTC to the
microsecond (`2026-03-01 08:15:00.000000`), true and false are 1 and 0, bytes are hex, and nothing is `null`, which is
not the empty text. A seal is `number | key id (4 bytes) | HMAC-SHA-256, cut to 16 bytes`.

`storage.statements` makes and checks them: whoever writes rows through it seals them, whoever reads through
`Verified` gets only those that fit. `storage.seal_rules` says which tables have them.
"""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Column, LargeBinary, Uuid

from storage.damage import SEAL, Damage, Damaged
from storage.seal_rules import SealedColumns, identity, rule_of
from storage.tables import Moment, WholeMinute, to_minute, utc_text

if TYPE_CHECKING:
    from storage.vault import Vault

__all__ = ["SEAL", "RowCheck", "RowSealing", "Seals", "canonical", "plain_of", "stored_plain_of"]

_MARK: Final = 5  # bytes before the hash: the list's number, and the key's id
_KNOWN: Final = 2000  # rows
_ENCODE: Final = json.JSONEncoder(separators=(",", ":")).encode
Plain = Callable[[Any], Any]


class Seals:
    """Makes and checks the seals of one installation's rows, and notes those that do not fit.

    Attributes:
        put_back: rows whose seals fit, but of which the trail says that they ended: an old state of them was put back.
            They count for nothing either.
    """

    __slots__ = ("_damage", "_keys", "_known", "_vault", "put_back")

    put_back: frozenset[Damaged]

    def __init__(self, vault: "Vault", damage: Damage) -> None:
        self._vault = vault
        self._damage = damage
        # A turn reads the same rows again and again: what was found to fit, fits.
        self._known: set[tuple[Any, ...]] = set()
        self.put_back = frozenset()
        self._keys: object = None

    def make(self, table: str, number: int, values: Sequence[Any]) -> bytes:
        """Return the seal of a row with these values, in their canonical form, with the newest key there is."""
        key = self._vault.seals.newest()
        return bytes((number,)) + key.id + key.tag(canonical(table, number, values))

    def fit(self, table: str, number: int, values: Sequence[Any], seal: bytes | None) -> bool:
        """Return whether a row's seal is over these values."""
        if self._keys is not self._vault.seals.all or len(self._known) > _KNOWN:
            self._known.clear()
            self._keys = self._vault.seals.all
        row = (table, number, seal, *values)
        if row in self._known:
            return True
        if seal is None or seal[0] != number:
            return False
        key = self._vault.seals.find(seal[1:_MARK])
        sound = key is not None and hmac.compare_digest(key.tag(canonical(table, number, values)), seal[_MARK:])
        if sound:
            self._known.add(row)
        return sound

    def look_back(self, found: frozenset[Damaged]) -> None:
        """Let rows that were put back count for nothing from now on, and note them."""
        self.put_back = found
        for each in found:
            self.refuse(each)

    def refuse(self, found: Damaged) -> None:
        """Note a row whose seal does not fit: it counts as if it were not there."""
        self._damage.note(found)


def canonical(table: str, number: int, values: Sequence[Any]) -> bytes:
    """Return what a seal is made over."""
    return _ENCODE([table, number, *values]).encode()


def _hex(value: UUID | None) -> str | None:
    return None if value is None else value.hex


def _bytes(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _truth(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _moment(value: datetime | None) -> str | None:
    return utc_text(value)


def _minute(value: datetime | None) -> str | None:
    return None if value is None else utc_text(to_minute(value))


def plain_of(column: Column[Any]) -> Plain | None:
    """Return what makes a column's value canonical; None where it is so by itself."""
    kind = column.type
    if isinstance(kind, Uuid):
        return _hex
    if isinstance(kind, WholeMinute):
        return _minute
    if isinstance(kind, Moment):
        return _moment
    if isinstance(kind, LargeBinary):
        return _bytes
    return _truth if isinstance(kind, Boolean) else None


def stored_plain_of(column: Column[Any], dialect: str) -> Plain | None:
    """Return what makes canonical what the driver returns for a column; None where it is so by itself.

    SQLite keeps ids, moments and truth in just this form.
    """
    if dialect != "sqlite" or isinstance(column.type, LargeBinary):
        return plain_of(column)
    return None


class RowSealing:
    """Over which values of one table's row a seal is, and how they become canonical."""

    __slots__ = ("_default", "_names", "_number", "_plain", "_table")

    def __init__(self, table: Any, rule: SealedColumns) -> None:
        self._table, self._number, self._names = table.name, rule.number, rule.names
        self._plain = [plain_of(table.c[name]) for name in rule.names]
        self._default = [_default(table.c[name]) for name in rule.names]

    def seal(self, seals: Seals, given: Mapping[str, Any]) -> bytes:
        """Return the seal of a row; a column that is not given has its default."""
        values = []
        for name, plain, default in zip(self._names, self._plain, self._default, strict=True):
            value = given.get(name, default)
            values.append(value if plain is None else plain(value))
        return seals.make(self._table, self._number, values)


def _default(column: Column[Any]) -> Any:
    """Return what the database itself puts into a column that is not given."""
    if column.server_default is None:
        return None
    default = str(getattr(column.server_default, "arg", ""))
    if isinstance(column.type, Boolean):
        return default == "true"
    return int(default) if default.isdecimal() else default


class RowCheck:
    """Checks one table's seal within the rows that a statement returns.

    Attributes:
        end: the place after its columns, of which the last is the seal.
    """

    __slots__ = ("_key", "_number", "_owner", "_place", "_plain", "_table", "end")

    def __init__(self, table: Any, place: int, dialect: str | None) -> None:
        """Look from a place on; `dialect`: what rows come straight from whose driver, None: from Core."""
        rule = rule_of(table)
        assert rule is not None
        columns = [table.c[name] for name in rule.names]
        self._table = getattr(table, "element", table).name
        self._number, self._place, self.end = rule.number, place, place + len(columns) + 1
        plain = [plain_of(each) if dialect is None else stored_plain_of(each, dialect) for each in columns]
        self._plain = [(at, each) for at, each in enumerate(plain) if each is not None]
        known_by = {column.name for column in identity(getattr(table, "element", table))}
        self._key = [at for at, each in enumerate(columns) if each.name in known_by]
        owner = "id" if self._table == "people" else "person_id"
        self._owner = rule.names.index(owner) if owner in rule.names else None

    def fits(self, seals: Seals, row: Sequence[Any]) -> bool:
        """Return whether a row's seal fits, and note it where it does not."""
        fault = self.fault(seals, row)
        if fault is not None:
            seals.refuse(fault)
        return fault is None

    def fault(self, seals: Seals, row: Sequence[Any]) -> Damaged | None:
        """Return what is wrong where a row's seal does not fit; what an outer join did not find has none, and fits."""
        values = list(row[self._place : self.end - 1])
        if values[0] is None:
            return None
        try:
            for at, plain in self._plain:
                values[at] = plain(values[at])
            sound = seals.fit(self._table, self._number, values, row[self.end - 1])
        except (TypeError, ValueError, AttributeError, IndexError):
            sound = False  # what is there is not even of the column's kind
        if sound and not seals.put_back:
            return None
        found = Damaged(self._table, SEAL, " ".join(str(values[at]) for at in self._key), self._person(values))
        return None if sound and found not in seals.put_back else found

    def _person(self, values: Sequence[Any]) -> UUID | None:
        try:
            return None if self._owner is None else UUID(str(values[self._owner]))
        except ValueError:
            return None
