"""Find what still tells by its length what somebody chose: values and files of an earlier version, and its backups."""

import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli.operate.backup import DATA, MANIFEST, PADDED
from bot.media.store import MediaStore
from storage import resealing
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class LengthsLeft:
    """How much is not sealed anew yet; `compact`: that is done, and the next start writes the database anew."""

    values: int
    files: int
    compact: bool


def left(unit: Unit, media_store: MediaStore) -> LengthsLeft | None:
    """Count what is not sealed anew yet; None: nothing is left."""
    stage = resealing.stage(unit)
    if stage == "done":
        return None
    found = [file for file in resealing.files(unit) if not media_store.is_padded(file)]
    return LengthsLeft(resealing.left(unit), len(found), stage == "compact")


def telling(places: Iterable[Path]) -> Iterator[Path]:
    """Yield the backups in some folders that have values which are not padded."""
    for place in places:
        for path in sorted(place.glob(f"hilo-*{DATA}")) if place.is_dir() else ():
            if not _is_padded(path):
                yield path


def _is_padded(path: Path) -> bool:
    """Return whether a backup's manifest says that all values in it are padded; True where it cannot be read."""
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
            for entry in tar:
                if entry.name == MANIFEST and entry.isreg() and entry.size <= _MOST and (of := tar.extractfile(entry)):
                    return bool(json.loads(of.read()).get(PADDED))
    except (OSError, tarfile.TarError, EOFError, ValueError, AttributeError):
        pass  # damaged, or being written: whoever restores it is told
    return True


_MOST: Final = 50_000_000  # bytes of a manifest, which names every file
