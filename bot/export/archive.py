"""Pack everything an export writes into one file, the workbook alone or an archive, and put that file aside."""

import hashlib
import logging
import shutil
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

from bot.errors import Problem
from bot.export import build
from bot.export.atomic_write import NoRoom, writing
from bot.export.request import ExportedFile, ExportRequest, Tell
from bot.media.store import MediaStore
from bot.rendering.texts import Texts
from bot.services import exports
from bot.services.permissions import may_export
from storage.unit import Storage

log = logging.getLogger(__name__)

TRIES: Final = 2  # an order whose process died twice is not tried a third time
MEGABYTE: Final = 1_000_000
MOST: Final = 50  # megabytes; Telegram accepts no more from a bot, unless its Bot API server is one's own
MEMORY: Final = Path("/dev/shm")  # noqa: S108  what is not sealed should not lie on a disk, not even for a moment
TYPES: Final = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
    ".sav": "application/x-spss-sav",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


class ArchiveTooLarge(Exception):
    """The file is larger than a messenger accepts."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A file in memory, and a description of its contents; `name` tells the day and nothing else."""

    name: str
    mime: str
    data: bytes = field(repr=False)
    written: Sequence[ExportedFile]


@dataclass(frozen=True, slots=True)
class QueuedExport:
    """An order that waits for its file.

    Attributes:
        name: names the temporary files; every order has another.
        order: what is asked for.
        person_id: who asks.
        attempts: how often it was begun before.
        most: megabytes that the file may have.
    """

    name: str
    order: ExportRequest
    person_id: UUID | None
    attempts: int
    most: int = MOST

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        person = self.person_id.hex if self.person_id else None
        tried = {"attempts": self.attempts, "most": self.most}
        return {"name": self.name, "order": self.order.to_dict(), "person": person, **tried}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild an order from what `to_dict` returned."""
        person = UUID(data["person"]) if data["person"] else None
        return cls(data["name"], ExportRequest.from_dict(data["order"]), person, data["attempts"], data["most"])


@dataclass(frozen=True, slots=True)
class FinishedExport:
    """A file that was put aside: what a message needs to send it, and a description of its contents."""

    held: dict[str, object]
    written: Sequence[ExportedFile]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        written = [[each.dialog, each.path.name, each.rows, each.media, each.cut] for each in self.written]
        return {"held": self.held, "written": written}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild the file from what `to_dict` returned; of each path only the file's name is left."""
        written = [ExportedFile(dialog, Path(name), *counts) for dialog, name, *counts in data["written"]]
        return cls(data["held"], written)


def prepare(
    storage: Storage,
    now: datetime,
    asked: QueuedExport,
    texts: Texts,
    media_store: MediaStore,
    home: Path,
    tell: Tell = build.nobody,
) -> FinishedExport | str:
    """Make an order's file and put it aside; return it, or the code of why there is none. `tell` hears how far it is.

    An error while the file is made is logged by its kind and not raised.
    """
    order = asked.order
    if asked.attempts >= TRIES:
        return "export.failed"
    with storage.reading(now) as unit:
        person = unit.people.get(asked.person_id) if asked.person_id else None
        if person is None or not may_export(unit, person, order.cohort_id):
            return "staff.not_allowed"
    try:
        parcel = pack(storage, now, order, texts, media_store, home, asked.name, tell, asked.most)
        if parcel is None:
            return "export.nothing"
        with writing(home):
            handle = media_store.set_aside(parcel.data, now)
        held = {"parked": handle, "kind": "document", "mime": parcel.mime, "name": parcel.name}
        told = exports.document({**held, "size": len(parcel.data)}, order.cohort_id)
        return FinishedExport(told, parcel.written)
    except ArchiveTooLarge:
        return "export.too_much.media" if order.media else "export.too_much"
    except NoRoom:
        return "export.no_room"
    except Problem as problem:
        log.error("export: %s", problem.code)  # noqa: TRY400  the trace adds nothing
    except Exception as error:  # noqa: BLE001  an order gets an answer, whatever happens; only the kind is logged
        log.error("export: %s", type(error).__name__)  # noqa: TRY400  a trace may hold words
    return "export.failed"


def pack(
    storage: Storage,
    now: datetime,
    order: ExportRequest,
    texts: Texts,
    media_store: MediaStore,
    home: Path,
    name: str,
    tell: Tell = build.nobody,
    most: int = MOST,
) -> Archive | None:
    """Pack an order's files; return None where there is nothing to export. Slow: not for the writer thread.

    Unsealed files lie in memory meanwhile, where the system has a place for that, else in `home`, in a folder named
    after `name`, which is deleted.

    Raises:
        ArchiveTooLarge: the file is larger than `most` megabytes.
        NoRoom: the disk is full.
    """
    if order.form == "xlsx":
        order = replace(order, book=False)
    try:
        place = MEMORY if MEMORY.is_dir() else home
        return _in(place, home, name, storage, now, order, texts, media_store, tell, most)
    except NoRoom:
        return _in(home, home, name, storage, now, order, texts, media_store, tell, most)


def _in(
    place: Path,
    home: Path,
    name: str,
    storage: Storage,
    now: datetime,
    order: ExportRequest,
    texts: Texts,
    media_store: MediaStore,
    tell: Tell,
    most: int,
) -> Archive | None:
    folder = place / f"{_prefix(home)}{name}"
    with writing(place):
        folder.mkdir(mode=0o700)
    try:
        written = build.write(storage, now, order, folder, texts, media_store, tell)
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        if not files:
            return None
        with writing(place):
            whole = files[0] if len(files) == 1 else _archive(folder, files, most)
            if whole.stat().st_size > most * MEGABYTE:
                raise ArchiveTooLarge
            called = f"hilo-{build.today(storage, now):%Y-%m-%d}{whole.suffix}"
            return Archive(called, TYPES[whole.suffix], whole.read_bytes(), written)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _archive(folder: Path, files: Sequence[Path], most: int) -> Path:
    if sum(path.stat().st_size for path in files if path.parent != folder) > most * MEGABYTE:
        raise ArchiveTooLarge  # voice notes and photos cannot be compressed further
    whole = folder / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
            path.unlink()
    return whole


def sweep(home: Path, name: str = "") -> None:
    """Delete unsealed files that a killed process left: those of the order of this name, or of all."""
    for place in (MEMORY, home):
        for left in place.glob(f"{_prefix(home)}{name}*"):
            shutil.rmtree(left, ignore_errors=True)


def sweep_closed(home: Path, orders: Collection[str]) -> None:
    """Delete unsealed files that a killed process left, but those of orders that wait still, by their names."""
    prefix = _prefix(home)
    for place in (MEMORY, home):
        for left in place.glob(f"{prefix}*"):
            if not left.name.removeprefix(prefix).startswith(tuple(orders)):
                shutil.rmtree(left, ignore_errors=True)


def _prefix(home: Path) -> str:
    """Return a prefix for this installation's folders: others on the same machine have theirs in the same place."""
    return f"hilo-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]}-"
