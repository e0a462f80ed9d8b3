"""Voice notes and photos. The sealed files are in the media folder; the rows describe them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import answers, media
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class MediaRow:
    """A voice note or photo.

    `path` is the hash of its question's path; `size` is its bytes up to the next twentieth; `file` is None once the
    file was erased.
    """

    id: UUID
    person_id: UUID
    run_id: UUID | None
    path: str | None
    kind: str
    mime: str
    size: int
    seconds: int | None
    file: str | None
    received_at: datetime


_ADD: Final = insert(media)
_ALL: Final = select(
    media.c.id,
    media.c.person_id,
    media.c.run_id,
    media.c.path,
    media.c.kind,
    media.c.mime,
    media.c.size,
    media.c.seconds,
    media.c.file,
    media.c.received_at,
).order_by(media.c.received_at, media.c.id)
_GET: Final = Verified(_ALL.where(media.c.id == bindparam("id")), media)
_BRINGS: Final = select(func.max(answers.c.seq)).where(
    answers.c.run_id == bindparam("run_id"), answers.c.path == bindparam("path")
)
_ERASED: Final = update(media).where(media.c.id == bindparam("item")).values(file=None)
_MOVE: Final = update(media).where(media.c.id == bindparam("item")).values(path=bindparam("to"))
_RESIZE: Final = (
    update(media).where(media.c.id == bindparam("item"), media.c.file.is_not(None)).values(size=bindparam("to"))
)
_RENEW: Final = update(media).where(media.c.id == bindparam("item")).values(received_at=bindparam("at"))
_FILES: Final = select(media.c.file).where(media.c.file.in_(bindparam("names", expanding=True)))


class MediaRows(Store):
    """The voice notes and photos.

    A file is sealed whole with its person's key: `key.seal(bytes, "media", "file", id.hex)`.
    """

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person_id: UUID,
        kind: str,
        mime: str,
        size: int,
        file: str,
        received_at: datetime,
        *,
        seconds: int | None = None,
        run_id: UUID | None = None,
        path: str | None = None,
    ) -> None:
        """Add a `voice` or `photo` whose sealed file is in the media folder, linked to its answer.

        The answer has to be stored before: the newest one of that path is taken.
        """
        of = {"run_id": run_id, "path": _hash(self._tx.vault, run_id, path)}
        brings = None if path is None else self._execute(_BRINGS, of).scalar()
        self._execute(
            _ADD,
            {
                "id": id,
                "person_id": person_id,
                **of,
                "answer_seq": brings,
                "kind": kind,
                "mime": mime,
                "size": size,
                "seconds": seconds,
                "file": file,
                "received_at": received_at,
            },
        )

    def get(self, id: UUID) -> MediaRow | None:  # noqa: A002 -- the column's own name
        """Return an item, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and _item(row)

    def named(self, files: Collection[str]) -> set[str]:
        """Return which of these files belong to an item; the others belong to nobody."""
        # The number of names varies, so this is not one of the statements compiled once.
        return set(self._tx.connection.execute(_FILES, {"names": list(files)}).scalars()) if files else set()

    def move(self, id: UUID, run_id: UUID, path: str) -> None:  # noqa: A002 -- the column's own name
        """Link an item to another answer of its run."""
        self._execute(_MOVE, {"item": id, "to": self._tx.vault.path_hash(run_id, path)})

    def renew(self, ids: Collection[UUID]) -> None:
        """Let the time for which items are kept begin anew: the organisation still uses them."""
        for each in ids:
            self._execute(_RENEW, {"item": each, "at": self._tx.now})

    def resize(self, id: UUID, size: int) -> bool:  # noqa: A002 -- the column's own name
        """Record what a file's length tells now; return False when there is no such file any more."""
        return self._execute(_RESIZE, {"item": id, "to": size}).rowcount > 0

    def erased(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Record that an item's file is gone."""
        self._execute(_ERASED, {"item": id})


def _hash(vault: Vault, run_id: UUID | None, path: str | None) -> str | None:
    return None if run_id is None or path is None else vault.path_hash(run_id, path)


def _item(row: Sequence[Any]) -> MediaRow:
    return MediaRow(*row)
