"""Moving an organisation to another database: what is asked before it, what is done, and the way back."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.exc import DatabaseError

from bot import clock
from bot.app import App, EpochAway, check_epoch, locked, open_storage, present_key
from bot.cli.operate.restore import holds_anything, still
from bot.config import Config
from bot.errors import Problem
from storage import marks, moving
from storage.database import HEAD, BadUrl, Database, DatabaseDown, file_of
from storage.key_ring import open_vault
from storage.marks import DatabaseMoved, MoveMark, MoveUnfinished
from storage.moving import Extent, Kind, NotTheSame, Progress, TargetRefused
from storage.unit import Storage

MOVING: Final = "hilo move"
"""The name that a command holds on a database to which it moves rows, or whose mark it changes."""
MOVED: Final = "database.moved"
UNDONE: Final = "database.move_undone"
RATE: Final = 5_000  # rows a second, written and compared, on a small server that does other things, too
_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
_REFUSED: Final = {
    "same": "cli.move.refused.same",
    "rows": "cli.move.refused.rows",
    "tables": "cli.move.refused.tables",
    "moved": "cli.move.refused.moved",
    "unfinished": "cli.move.refused.unfinished",
    "newer": "cli.move.refused.newer",
    "encoding": "cli.move.refused.encoding",
    "room": "cli.move.refused.room",
}
_RIGHTS: Final = "42501"  # PostgreSQL's state for what the account may not do

NewOne = Literal["same", "used", "unknown"]
"""Whether anything happened in the new database since everything came to it, as far as it can be looked at."""


class MoveError(Problem):
    """What keeps an organisation from being moved; nothing is lost."""


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What will be done: from where to where, how much, and what lies there."""

    source: str
    place: str
    extent: Extent
    kind: Kind

    @property
    def minutes(self) -> int:
        """Return about how long it takes."""
        return max(1, round(self.extent.rows / RATE / 60))


@dataclass(frozen=True, slots=True)
class MoveDone:
    """What was done: how many rows came, from where, and to where."""

    rows: int
    source: str
    place: str


def move(config: Config, url: str, agreed: Callable[[MovePlan], bool], progress: Progress) -> MoveDone | None:
    """Move everything to another database, or go on with what was begun; None where it was not agreed to.

    Raises:
        MoveError: it cannot be done, or stopped; everything is where it was.
        DatabaseMoved: it was done already.
        ConfigError: a bot runs on this database.
    """
    with _of_target(url):
        place = moving.place_of(url)
    try:
        if not holds_anything(config):
            raise MoveError("cli.move.nothing")
    except DatabaseMoved as moved:
        return _finish(config, moved.mark, url, progress)
    with _carrying(), still(config), contextlib.closing(App.open(config)) as app:
        storage, source = app.storage, moving.place_of(config.database_url)
        with storage.reading(clock.now()) as unit:
            size = moving.extent(unit.connection)
            own = {UUID(subject) for _, _, subject in unit.audit.done(MOVED, _EVER)}
        with _of_target(url):
            kind = moving.look(
                config.database_url, url, size.size, own, lambda mark: mark.tag == _tag(storage, mark.id)
            )
        if not agreed(MovePlan(source, place, size, kind)):
            return None
        id_ = clock.new_id()
        mark = MoveMark(id_, source, clock.now(), HEAD, _tag(storage, id_))
        with _receiving(url, kind, mark) as (target, begun):
            with storage.unit(clock.now()) as unit:
                moving.hold(unit.connection)
                unit.audit.add("console", MOVED, begun.id.hex, {"from": source, "to": place})
                rows = moving.carry(unit.connection, target, progress)
                marks.put(unit.connection, marks.LEFT, replace(begun, place=place, at=unit.now))
            moving.arrive(target)
    return MoveDone(rows, source, place)


def _tag(storage: Storage, id_: UUID) -> bytes:
    """Return the keyed hash by which a move is known as this organisation's."""
    return storage.vault.lookup("move", id_.hex)


@contextlib.contextmanager
def _receiving(url: str, kind: Kind, mark: MoveMark) -> Iterator[tuple[Database, MoveMark]]:
    """Open the new database, to which nobody else moves anything meanwhile."""
    with contextlib.ExitStack() as stack:
        with _of_target(url):
            if file_of(url) is None:  # a file may have to give way first, and two moves from one folder there are not
                _alone(stack, url)
            target, begun = moving.receive(url, kind, mark)
        stack.callback(target.dispose)
        yield target, begun


def _alone(stack: contextlib.ExitStack, url: str) -> Database:
    database = Database.open(url)
    stack.callback(database.dispose)
    if not stack.enter_context(database.alone(MOVING)):
        raise MoveError("cli.move.busy", place=moving.place_of(url))
    return database


def _finish(config: Config, left: MoveMark, url: str, progress: Progress) -> MoveDone:
    """Open the new database, where the process had died just before that; everything is compared once more.

    Raises:
        DatabaseMoved: that was done.
        MoveError: it cannot be done, or Hilo was updated in between.
    """
    file = file_of(url)
    if file is not None and not file.exists():
        raise DatabaseMoved(left)
    with _carrying(), contextlib.ExitStack() as stack:
        stack.enter_context(locked(config))
        source = _alone(stack, config.database_url)
        with _of_target(url):
            target = _alone(stack, url)
            with target.read() as reading:
                known = marks.find(reading)
        if not isinstance(known, MoveUnfinished) or known.mark.id != left.id:
            raise DatabaseMoved(left)
        if left.revision != HEAD:
            raise MoveError("cli.move.updated", place=left.place)
        with source.read() as reading:
            rows = moving.carry(reading, target, progress)
        moving.arrive(target)
    return MoveDone(rows, moving.place_of(config.database_url), moving.place_of(url))


@contextlib.contextmanager
def _of_target(url: str) -> Iterator[None]:
    """Say of errors that they are about the new database: nothing has come there so far."""
    try:
        yield
    except BadUrl as error:
        raise MoveError("cli.move.url") from error
    except TargetRefused as error:
        facts = {"place": moving.place_of(url), **error.facts}
        raise MoveError(_REFUSED[error.why], **facts) from error
    except (DatabaseDown, OSError) as error:
        raise MoveError("cli.move.unreachable", place=moving.place_of(url), problem=error) from error
    except DatabaseError as error:
        rights = getattr(error.orig, "sqlstate", None) == _RIGHTS
        code = "cli.move.rights" if rights else "cli.move.unreachable"
        raise MoveError(code, place=moving.place_of(url), problem=_first_line(error)) from error


@contextlib.contextmanager
def _carrying() -> Iterator[None]:
    """Say of errors, and of Ctrl+C, that the move stopped in the middle and can go on.

    Around everything: where a server has gone, letting go of its locks fails, too.
    """
    try:
        yield
    except NotTheSame as error:
        raise MoveError("cli.move.differs", table=error) from error
    except KeyboardInterrupt as error:
        raise MoveError("cli.move.interrupted") from error
    except (DatabaseDown, OSError) as error:
        raise MoveError("cli.move.stopped", problem=error) from error
    except DatabaseError as error:
        raise MoveError("cli.move.stopped", problem=_first_line(error)) from error


def _first_line(error: DatabaseError) -> str:
    return str(error.orig).partition("\n")[0]


def undo(config: Config, agreed: Callable[[MoveMark, NewOne], bool]) -> MoveMark | None:
    """Take the mark off this database, so that Hilo goes on here; None where it was not agreed to.

    Where the new one can be looked at it gets a mark instead.

    Raises:
        MoveError: nothing was moved from here, the new one was used since, or somebody was erased there.
        ConfigError: a bot runs on it.
    """
    file = file_of(config.database_url)
    if file is not None and not file.exists():
        raise MoveError("cli.move.nothing")
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(config))
        here = _alone(stack, config.database_url)
        with here.read() as reading:
            known = marks.find(reading)
        if not isinstance(known, DatabaseMoved):
            raise MoveError("cli.move.not_moved")
        mark = known.mark
        _check_epoch(config, here, mark)
        new_one = _new_one(here, mark)
        if new_one == "used":
            raise MoveError("cli.move.used", place=mark.place)
        if not agreed(mark, new_one):
            return None
        if new_one == "same":
            _shut(mark, moving.place_of(config.database_url))
        with here.write() as writing:
            marks.lift(writing)
    storage = open_storage(config)
    try:
        with storage.unit(clock.now()) as unit:
            unit.audit.add("console", UNDONE, mark.id.hex, {"to": mark.place})
    finally:
        storage.database.dispose()
    return mark


def _check_epoch(config: Config, here: Database, mark: MoveMark) -> None:
    """Check that what was left here still opens; raises MoveError where somebody was erased since."""
    storage = Storage(here, open_vault(here, present_key(config), None, config.epochs))
    try:
        with storage.reading(clock.now()) as unit:
            check_epoch(config, unit)
    except EpochAway:
        if config.epochs is None:
            raise
        raise MoveError("cli.move.over", place=mark.place) from None


def _new_one(here: Database, mark: MoveMark) -> NewOne:
    file = file_of(mark.place)
    if file is not None and not file.exists():
        return "unknown"
    there = Database.open(mark.place)
    try:
        with there.read() as reading:
            known = marks.find(reading)
        if known is not None and known.mark.id != mark.id:
            return "unknown"
        return "same" if isinstance(known, MoveUnfinished) or moving.same(here, there) else "used"
    except (DatabaseError, DatabaseDown, OSError):
        return "unknown"
    finally:
        there.dispose()


def _shut(mark: MoveMark, place: str) -> None:
    """Mark the new database as left behind, unless its mark says already that not everything came."""
    there = Database.open(mark.place)
    try:
        with there.write() as writing:
            if marks.find(writing) is None:
                marks.put(writing, marks.LEFT, replace(mark, place=place))
    finally:
        there.dispose()
