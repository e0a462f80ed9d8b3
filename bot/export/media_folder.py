"""Write voice notes and photos as files beside: in a folder, each named by its id, the same in every export."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bot.export.atomic_write import writing
from bot.media.store import MediaStore
from storage.unit import Unit

FOLDER: Final = "media"


class MediaFolder:
    """Writes the files that cells refer to.

    Attributes:
        count: how many files were written.
        size: their bytes.
        damaged: how many files do not open, or are not where they should be.
    """

    def __init__(
        self, reading: Callable[[], AbstractContextManager[Unit]], media_store: MediaStore, files: Path, out: Path
    ) -> None:
        """Build the writer.

        Args:
            reading: opens a unit that reads.
            media_store: where the files are.
            files: the folder written to.
            out: the folder it becomes part of, named in errors.
        """
        self._reading = reading
        self._media_store = media_store
        self._folder = files / FOLDER
        self._out = out
        self._known: dict[str, str] = {}
        self.count = 0
        self.size = 0
        self.damaged = 0

    def refer(self, piece: Mapping[str, Any]) -> str:
        """Write the file of a piece at its first mention; return its path, or kind and id where there is no file."""
        id_ = piece["id"]
        if id_ not in self._known:
            self._known[id_] = self._write(id_) or bare(piece)
        return self._known[id_]

    def _write(self, id_: str) -> str | None:
        with self._reading() as unit:
            found = self._media_store.open(unit, UUID(id_))
            item = unit.media.get(UUID(id_)) if found is None else None
        if found is None:
            self.damaged += item is not None and item.file is not None
            return None
        with writing(self._out):
            self._folder.mkdir(exist_ok=True)
            name = f"{id_}{Path(found.name).suffix}"
            (self._folder / name).write_bytes(found.data)
        self.count += 1
        self.size += len(found.data)
        return f"{FOLDER}/{name}"


def bare(piece: Mapping[str, Any]) -> str:
    """Return kind and id of a voice note or photo that is not beside: it was left out, or erased."""
    return f"{piece['media']}:{piece['id']}"
