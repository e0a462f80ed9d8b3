"""Sealing anew what versions before 0.2.0 sealed without padding, and hiding which question a row is about.

The migration notes that there is something to do, in one row, and this does it once the key is there. First come the
paths: whoever opens the database next replaces them all by their hashes before anything else is done, in batches, and
goes on where another was cut off. The values and files follow while the bot is awake, and last the database is written
anew, so that no page of it keeps what was replaced.

What stays as it was: the details of the trail, which its chain of hashes covers; chats of browsers, which only their
cookies open and which all have one length; keys, which all have one length; and what is damaged.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, cast
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Table,
    and_,
    bindparam,
    delete,
    func,
    null,
    select,
    text,
    tuple_,
    update,
)

from dialogs.model import Dialog, Step
from storage import day_keys, sealing, tables
from storage.alerts import Alert, insert_alert
from storage.answers import sealed_with
from storage.damage_scan import SEALED, SEALED_ELSEWHERE, place_of, written
from storage.database import serialise
from storage.people import key_owner
from storage.readings import BESIDE
from storage.support_requests import UNTOLD
from storage.tables import (
    alerts_before,
    answers,
    asides,
    audit,
    dialog_versions,
    media,
    people,
    person_keys,
    readings_begun,
    resealing,
    runs,
    support_requests,
)
from storage.unit import Storage, Unit
from storage.vault import BARE, DataKey, DecryptionError

Stage = Literal["paths", "values", "files", "compact", "done"]
BATCH: Final = 100
_PATHS_AT_ONCE: Final = 500
# What is there from before seals is taken as it is.
_SOURCE: Final = select(dialog_versions.c.source).where(dialog_versions.c.hash == bindparam("version"))
_STAGE: Final = select(resealing.c.stage)
_ALERT_BEFORE: Final = select(alerts_before.c.id).limit(1)
# Versions before 0.2.0 kept that an alert was not so on the trail alone.
_MISTAKEN: Final = select(audit.c.subject).where(audit.c.action == "alerts.mistaken")
COLUMNS: Final[tuple[Column[Any], ...]] = tuple(
    column
    for column in SEALED
    if isinstance(column.type, tables.Sealed) and column not in SEALED_ELSEWHERE and column is not audit.c.detail
)
"""The columns whose values are sealed anew."""
Spare = Callable[[Step, Mapping[str, Any]], bool]
"""Says whether an answer is shown with the same label once it has none stored."""


def stage(unit: Unit) -> Stage:
    """Return what comes next; `done` also where nothing ever had to be done."""
    return stage_of(unit.connection)


def stage_of(connection: Connection) -> Stage:
    """Return what comes next, as `stage` does."""
    return cast("Stage", connection.execute(_STAGE).scalar() or "done")


def reached(unit: Unit, stage: Stage) -> None:
    """Note what comes next."""
    unit.connection.execute(update(resealing).values(stage=stage))


def hide_paths(
    storage: Storage,
    now: Callable[[], datetime],
    is_spare: Spare,
    at_once: int = _PATHS_AT_ONCE,
    *,
    restored: bool = False,
) -> None:
    """Replace every path in the rows by its hash, if that is still to be done; the path goes to what is sealed.

    Alerts that an earlier version wrote are sealed. Answers lose their label where `is_spare` says so. It may be cut
    off anywhere, and begun again. Once all rows were sealed there is nothing left to hide, whatever a row says: what is
    not hidden then was written by somebody without the key. `restored`: this is a backup that is being brought back.
    """
    if not restored and sealing.is_done(storage, now):
        return
    with storage.reading(now()) as unit:
        hidden = stage(unit) != "paths"
    if not hidden:
        _hide_paths(storage, now, is_spare, at_once)
    seal_alerts(storage, now, at_once)


def _hide_paths(storage: Storage, now: Callable[[], datetime], is_spare: Spare, at_once: int) -> None:
    said = _Said(is_spare)
    for table in (answers, asides):
        after: int | None = 0
        while after is not None:
            with storage.unit(now()) as unit:
                serialise(unit.connection, "resealing")
                after = said.batch(unit, table, after, at_once)
    for table in (media, readings_begun):
        while True:
            with storage.unit(now()) as unit:
                serialise(unit.connection, "resealing")
                if not _rename(unit, table, at_once):
                    break
    with storage.unit(now()) as unit:
        if stage(unit) == "paths":
            _hide_requests(unit)
            reached(unit, "values")


def seal_alerts(storage: Storage, now: Callable[[], datetime], at_once: int = _PATHS_AT_ONCE) -> None:
    """Seal the alerts that an earlier version wrote in the clear, and take them off the disk, in batches."""
    with storage.reading(now()) as unit:
        if unit.connection.execute(_ALERT_BEFORE).first() is None:
            return
    more = True
    while more:
        with storage.unit(now()) as unit:
            serialise(unit.connection, "resealing")
            more = _seal_alerts(unit, at_once)
    if storage.database.dialect != "sqlite":
        storage.database.clean([alerts_before.name])


def _seal_alerts(unit: Unit, at_once: int) -> bool:
    mistaken = set(unit.connection.execute(_MISTAKEN).scalars())
    found = unit.connection.execute(select(alerts_before).limit(at_once)).mappings().all()
    for row in found:
        path = None if row["path"] is None else _hash(unit, row["run_id"], row["path"])
        insert_alert(unit, Alert(**{**row, "path": path, "mistaken": str(row["id"]) in mistaken}))
        unit.connection.execute(delete(alerts_before).where(alerts_before.c.id == row["id"]))
    unit.erasing = bool(found)
    return bool(found)


def _shown(column: Column[Any]) -> Any:
    """Build the condition that a column has a path, and not the hash of one."""
    return and_(column.is_not(None), func.substr(column, 1, 1) != "=", func.substr(column, 1, 2) != f"{BESIDE}=")


def _rename(unit: Unit, table: Table, at_once: int) -> bool:
    """Replace the paths in rows that hold nothing sealed; return whether there were any."""
    keys = list(table.primary_key.columns)
    found = unit.connection.execute(
        select(*keys, table.c.run_id, table.c.path).where(_shown(table.c.path)).limit(at_once)
    ).all()
    for *key, run_id, path in found:
        row = and_(*(column == value for column, value in zip(keys, key, strict=True)))
        unit.connection.execute(update(table).where(row).values(path=_hash(unit, run_id, path)))
    return bool(found)


def _hide_requests(unit: Unit) -> None:
    """Replace what people asked of the team by its hash: there are few of them."""
    asked = support_requests.c
    for id_, kind in unit.connection.execute(select(asked.id, asked.kind).where(asked.asked_for.is_(None))).all():
        hidden = {"kind": UNTOLD, "asked_for": unit.vault.path_hash(id_, kind)}
        unit.connection.execute(update(support_requests).where(asked.id == id_).values(hidden))


def _hash(unit: Unit, run_id: UUID | None, path: str) -> str | None:
    if run_id is None:
        return None
    if path.startswith(BESIDE):
        return BESIDE + unit.vault.path_hash(run_id, path.removeprefix(BESIDE))
    return unit.vault.path_hash(run_id, path)


class _Said:
    """Hides the paths of answers and asides, and seals them with what was said."""

    def __init__(self, is_spare: Spare) -> None:
        self._is_spare = is_spare
        self._steps: dict[str, Mapping[str, Step]] = {}

    def batch(self, unit: Unit, table: Table, after: int, at_once: int) -> int | None:
        """Hide the paths of the next rows; return the last row's number, or None when there are none left."""
        offered_to: ColumnElement[Any] = table.c.offered_to if table is asides else null()
        rows = table.join(runs, runs.c.id == table.c.run_id)
        found = unit.connection.execute(
            select(table, runs.c.dialog_hash.label("version"), person_keys.c.wrapped, offered_to.label("offered"))
            .select_from(rows.outerjoin(person_keys, person_keys.c.person_id == table.c.person_id))
            .where(table.c.seq > after, _shown(table.c.path))
            .order_by(table.c.seq)
            .limit(at_once)
        ).all()
        for row in found:
            changed = {"path": _hash(unit, row.run_id, row.path)}
            if row.offered is not None:
                changed["offered_to"] = _hash(unit, row.run_id, row.offered)
            unit.connection.execute(
                update(table).where(table.c.seq == row.seq).values(**changed, value=self._value(unit, table, row))
            )
        return found[-1].seq if found else None

    def _value(self, unit: Unit, table: Table, row: Any) -> bytes:
        """Return what was said with its path, sealed anew; what is damaged stays as it is."""
        key, place = _key(unit, row.person_id, row.wrapped), (table.name, "value", row.id.hex)
        try:
            plain = key.open(row.value, *place).decode() if key is not None else None
        except DecryptionError:
            plain = None
        if key is None or plain is None:
            return bytes(row.value)
        said = self._without_label(unit, row.version, row.path, plain) if table is answers else plain
        return key.seal(sealed_with(row.path, said), *place)

    def _without_label(self, unit: Unit, version: str, path: str, plain: str) -> str:
        """Return an answer's JSON, without its label where its question tells what is shown."""
        steps = self._steps.get(version)
        if steps is None:
            dialog = Dialog.from_dict(
                json.loads(unit.connection.execute(_SOURCE, {"version": version}).scalar() or "null")
            )
            steps = self._steps[version] = {step.name: step for step in dialog.steps}
        data = json.loads(plain)
        if path not in steps or not self._is_spare(steps[path], data):
            return plain
        del data["label"]
        return json.dumps(data, ensure_ascii=False)


def _key(unit: Unit, person_id: UUID, wrapped: bytes | None) -> DataKey | None:
    return None if wrapped is None else unit.unwrapped(wrapped, key_owner(person_id), person_id)


class ValueSweep:
    """Seals values anew, column by column and batch by batch; one that was cut off is simply begun again.

    It goes through everything until it finds nothing to do, so a batch that was undone is done again.
    """

    def __init__(self, at_once: int = BATCH) -> None:
        self._at_once = at_once
        self._begin()

    def _begin(self) -> None:
        self._left = list(COLUMNS)
        self._after: Sequence[Any] | None = None
        self._sealed = 0

    def batch(self, unit: Unit) -> bool:
        """Seal the next values anew; return False once there are none, which is noted."""
        while self._left:
            column = self._left[0]
            found = list(_bare(unit, column, self._after, self._at_once))
            if found:
                self._after = found[-1][0]
                self._sealed += sum(_seal_anew(unit, column, *row) for row in found)
                return True
            self._left.pop(0)
            self._after = None
        if self._sealed:
            self._begin()
            return True
        if stage(unit) == "values":
            reached(unit, "files")
        return False


def _bare(unit: Unit, column: Column[Any], after: Sequence[Any] | None, at_once: int) -> Iterator[tuple[Any, ...]]:
    """Yield the next values of a column that are not padded: (row's key, what it was sealed for, key, value)."""
    table = column.table
    keys = list(table.primary_key.columns)
    person = people.c.id if table is people else table.c.get("person_id")
    wanted: list[Any] = [place_of(column).label("place"), column.label("blob")]
    source: Any = table
    if person is not None:
        wanted += [person.label("person"), person_keys.c.wrapped.label("wrapped")]
        source = table.outerjoin(person_keys, person_keys.c.person_id == person)
    if "day" in table.c:
        wanted.append(table.c.day.label("of_day"))
    statement = select(*(key.label(f"k{place}") for place, key in enumerate(keys)), *wanted).select_from(source)
    statement = statement.where(func.substr(column, 1, 1) == BARE).order_by(*keys).limit(at_once)
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after) if len(keys) > 1 else keys[0] > after[0])
    for row in map(dict, unit.connection.execute(statement).mappings()):
        yield [row[f"k{place}"] for place in range(len(keys))], row["place"], _key_of(unit, row), row["blob"]


def _key_of(unit: Unit, row: Mapping[str, Any]) -> DataKey | None:
    if row.get("person") is not None:
        return _key(unit, row["person"], row["wrapped"])
    return day_keys.key_of(unit, row["of_day"]) if "of_day" in row else unit.vault.organisation_key


def _seal_anew(
    unit: Unit, column: Column[Any], identity: Sequence[Any], place: Any, key: DataKey | None, blob: bytes
) -> bool:
    """Seal one value anew; return False where it is damaged or nobody's any more, and stays."""
    names = column.table.name, column.name, written(place)
    if key is None:
        return False
    try:
        again = key.seal(key.open(blob, *names), *names)
    except DecryptionError:
        return False
    keys = zip(column.table.primary_key.columns, identity, strict=True)
    row = and_(*(each == value for each, value in keys), column == blob)
    changed: CursorResult[Any] = unit.connection.execute(update(column.table).where(row).values({column.name: again}))
    return changed.rowcount > 0


TABLES: Final = tuple(sorted({column.table.name for column in COLUMNS}))
"""The tables that are written anew at the end."""


def size(storage: Storage) -> int:
    """Return how many bytes the database takes."""
    database = storage.database
    if database.dialect == "sqlite":
        return Path(str(database.engine.url.database)).stat().st_size
    with database.read() as connection:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def compact(storage: Storage, now: Callable[[], datetime]) -> None:
    """Write the database anew, which ends the work; where a reader kept part of the log, it is done another time."""
    if storage.database.compact(TABLES):
        with storage.unit(now()) as unit:
            reached(unit, "done")


def left(unit: Unit) -> int:
    """Count the values that are not padded yet, and the rows that still name their question."""
    found = 0
    for column in COLUMNS:
        bare = select(func.count()).select_from(column.table).where(func.substr(column, 1, 1) == BARE)
        found += int(unit.connection.execute(bare).scalar() or 0)
    for table in (answers, asides, media, readings_begun):
        shown = select(func.count()).select_from(table).where(_shown(table.c.path))
        found += int(unit.connection.execute(shown).scalar() or 0)
    told = select(func.count()).select_from(support_requests).where(support_requests.c.asked_for.is_(None))
    bare = select(func.count()).select_from(alerts_before)
    return found + sum(int(unit.connection.execute(each).scalar() or 0) for each in (told, bare))


_ITEMS: Final = select(media.c.id).where(media.c.file.is_not(None)).order_by(media.c.id)


def files(unit: Unit) -> list[str]:
    """List the names of all files of voice notes and photos."""
    return list(unit.connection.execute(select(media.c.file).where(media.c.file.is_not(None))).scalars())


def items(unit: Unit) -> list[UUID]:
    """List the voice notes and photos that have a file."""
    return list(unit.connection.execute(_ITEMS).scalars())
