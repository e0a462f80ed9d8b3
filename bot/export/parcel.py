"""One file to send of everything an export writes: the workbook alone, or an archive."""

import hashlib
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from bot import clock
from bot.export import making
from bot.export.order import Order, Written
from bot.export.staging import NoRoom, writing
from bot.media import Shelf
from bot.texts import Texts
from storage.unit import Storage

MOST: Final = 50_000_000  # bytes; Telegram takes no more of a bot
MEMORY: Final = Path("/dev/shm")  # noqa: S108  what is not sealed should not lie on a disk, not even for a moment
TYPES: Final = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
    ".sav": "application/x-spss-sav",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


class TooMuch(Exception):
    """It is larger than a messenger takes."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file in memory, and what is in it. `name` tells the day and nothing else."""

    name: str
    mime: str
    data: bytes = field(repr=False)
    written: Sequence[Written]


def pack(storage: Storage, now: datetime, order: Order, texts: Texts, shelf: Shelf, home: Path) -> Parcel | None:
    """Make a parcel of an order; None where there is nothing to export. Slow: not for the writer thread.

    What lies unsealed on the way lies in memory where the system has a place for that, else in `home`, and goes.

    Raises:
        TooMuch: it is larger than `MOST`.
        NoRoom: there is no room for it.
    """
    if order.form == "xlsx":
        order = replace(order, book=False)
    try:
        return _in(MEMORY if MEMORY.is_dir() else home, home, storage, now, order, texts, shelf)
    except NoRoom:
        return _in(home, home, storage, now, order, texts, shelf)


def _in(
    place: Path, home: Path, storage: Storage, now: datetime, order: Order, texts: Texts, shelf: Shelf
) -> Parcel | None:
    folder = place / f"{_prefix(home)}{clock.new_file()}"
    with writing(place):
        folder.mkdir(mode=0o700)
    try:
        written = making.write(storage, now, order, folder, texts, shelf)
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        if not files:
            return None
        with writing(place):
            whole = files[0] if len(files) == 1 else _archive(folder, files)
            if whole.stat().st_size > MOST:
                raise TooMuch
            name = f"hilo-{making.today(storage, now):%Y-%m-%d}{whole.suffix}"
            return Parcel(name, TYPES[whole.suffix], whole.read_bytes(), written)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _archive(folder: Path, files: Sequence[Path]) -> Path:
    if sum(path.stat().st_size for path in files if path.parent != folder) > MOST:
        raise TooMuch  # voice notes and photos get no smaller
    whole = folder / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
            path.unlink()
    return whole


def sweep(home: Path) -> None:
    """Take away what a killed process left unsealed."""
    for place in (MEMORY, home):
        for left in place.glob(f"{_prefix(home)}*"):
            shutil.rmtree(left, ignore_errors=True)


def _prefix(home: Path) -> str:
    """Name this installation's folders: others of the same machine have theirs in the same place."""
    return f"hilo-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]}-"
