"""The store of voice notes and photos: each a file of its own beside the database, sealed with its person's key.

A file is on the disk before the row that names it is committed, and is deleted after the row is gone: a crash in
between leaves a file that no row names, which `sweep` deletes.
"""

import hashlib
import os
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

from bot import clock
from bot.media import strip, stripping
from bot.messengers.port import LARGEST_FILE, Attachment, FileExpired, Streamed
from dialogs.model import Media, MediaKind
from storage import padding
from storage.media import MediaRow
from storage.unit import Unit
from storage.vault import PADDED, DataKey, DecryptionError, Vault

FOLDER: Final = "media"
DOCUMENTS: Final = "documents"  # a folder of its own: few files, which are looked through every minute
GRACE: Final = timedelta(hours=1)  # by then a transaction that still has to name its file is done
PARKED_FOR: Final = timedelta(hours=48)  # as long as an update can wait
DOCUMENT_FOR: Final = timedelta(hours=1)
NAMES: Final = {
    "audio/ogg": "voice.ogg",
    "audio/mp4": "voice.m4a",
    "audio/webm": "voice.webm",
    "audio/mpeg": "voice.mp3",
    "image/jpeg": "photo.jpg",
    "image/png": "photo.png",
    "image/webp": "photo.webp",
}
_PARKED: Final = "parked-"
_DOCUMENT: Final = "document-"
_GOING: Final = "-going"  # ends the name of a document that is being fetched
EVERY_DOCUMENT: Final = "document-*"
"""Stands for all documents among names of files to delete."""
_HANDLE: Final = re.compile(r"((?:parked|document)-[0-9a-f]{32}):([0-9a-f]{64})")
_RECORDING: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_AT_ONCE: Final = 500  # names asked for in one query


class MediaRefused(Exception):
    """A voice note or photo that cannot be kept.

    Attributes:
        code: `too_large`, `too_many_pixels`, `expired`, `truncated`, `unknown_format` or `not_fetched`; `media.<code>`
            is its sentence.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """A sealed file on the disk, and the data for its row; `size` is what its length on the disk tells."""

    id: UUID
    person_id: UUID
    kind: str
    mime: str
    size: int
    seconds: int | None
    file: str


@dataclass(frozen=True, slots=True)
class MediaHandle:
    """A row's data on a sealed file, and the key that opens it: all that is needed to open it outside a transaction."""

    item: MediaRow
    file: str
    key: DataKey


def find(unit: Unit, media_id: UUID | str) -> MediaHandle | None:
    """Find a voice note or photo by its id (or the id's hex); None when it was erased or never existed."""
    item = unit.media.get(UUID(media_id) if isinstance(media_id, str) else media_id)
    person = unit.people.get(item.person_id) if item else None
    if item is None or item.file is None or person is None:
        return None
    return MediaHandle(item, item.file, person.key)


@dataclass(slots=True)
class FetchResult:
    """The result of fetching a voice note or photo, for the turn it is part of.

    Attributes:
        kind: what it was sent as, `voice` or `photo`.
        refused: why it cannot be kept (see `MediaRefused`), or None.
        shelved: its sealed file, which stays only if `save` is called in the turn's transaction.
        taken: True once `save` was called.
    """

    kind: str
    refused: str | None = None
    shelved: StoredMedia | None = None
    taken: bool = False

    @property
    def media(self) -> Media | None:
        """What an answer records about it."""
        it = self.shelved
        return None if it is None else Media(cast("MediaKind", it.kind), it.id.hex, it.seconds)

    def save(self, unit: Unit, run_id: UUID | None = None, path: str | None = None) -> None:
        """Write the file's row: it then belongs to the person, and to this answer."""
        if self.shelved is None or self.taken:
            return
        add(unit, self.shelved, run_id, path)
        self.taken = True


def add(unit: Unit, it: StoredMedia, run_id: UUID | None = None, path: str | None = None) -> None:
    """Write the row of a stored file."""
    unit.media.add(
        it.id,
        it.person_id,
        it.kind,
        it.mime,
        it.size,
        it.file,
        unit.now,
        seconds=it.seconds,
        run_id=run_id,
        path=path,
    )


class _Pieces(Iterator[bytes]):
    """The pieces of a file, of which the first was read to see that it opens; `close` lets go of the file."""

    def __init__(self, pieces: Generator[bytes, None, None]) -> None:
        self._pieces = pieces
        self._first = [next(pieces, b"")]
        self._closed = False

    def __next__(self) -> bytes:
        piece = self._first.pop() if self._first else next(self._pieces)
        if self._closed:
            self._pieces.close()
        return piece

    def close(self) -> None:
        self._closed = True
        with suppress(ValueError):  # a thread reads a piece just now, and lets go of the file after it
            self._pieces.close()


@dataclass(frozen=True, slots=True)
class TakenDocument:
    """A document while somebody fetches it; nobody else can meanwhile."""

    streamed: Streamed
    _pieces: _Pieces
    _path: Path
    _going: Path

    def done(self) -> None:
        """Delete it: it was fetched."""
        self._pieces.close()
        self._going.unlink(missing_ok=True)

    def again(self) -> None:
        """Put it back: the line broke. Where it was deleted meanwhile, it stays so."""
        self._pieces.close()
        with suppress(FileNotFoundError):
            self._going.rename(self._path)


def number_of(handle: str) -> str:
    """Return the number of the file that a handle opens: its name without what it begins with."""
    return handle.partition(":")[0].rpartition("-")[2]


def document_files(number: str) -> tuple[str, ...]:
    """Return the names that a document with this number may have now."""
    return f"{_DOCUMENT}{number}", f"{_DOCUMENT}{number}{_GOING}", f"{_PARKED}{number}"


class MediaStore:
    """The folder of sealed files, and the folders of recordings that came with dialogs."""

    def __init__(self, home: Path, recordings: Sequence[Path] = ()) -> None:
        """Keep files in `home`/media, made at first use; recordings are looked for in these folders, in order."""
        self._folder = home / FOLDER
        self._documents = home / DOCUMENTS
        self._recordings = recordings

    def put(self, person_id: UUID, key: DataKey, data: bytes, seconds: int | None = None) -> StoredMedia:
        """Strip a voice note or photo, seal it and write it to the disk; no row yet. Slow: not for the writer thread.

        Raises:
            MediaRefused: it is too large, damaged, or of no known format.
            OSError: it could not be stripped or written now.
        """
        if len(data) > LARGEST_FILE:
            raise MediaRefused("too_large")
        try:
            clean = stripping.clean(data)
        except strip.MalformedMedia:
            raise MediaRefused("truncated") from None
        except strip.TooManyPixels:
            raise MediaRefused("too_many_pixels") from None
        except strip.UnsupportedMedia:
            raise MediaRefused("unknown_format" if data else "truncated") from None
        id_, file = clock.new_id(), clock.new_file()
        self._write(file, key.seal(clean.data, "media", "file", id_.hex))
        size = padding.rounded(len(clean.data))
        return StoredMedia(id_, person_id, clean.kind, clean.mime, size, seconds, file)

    def open(self, unit: Unit, media_id: UUID | str) -> Attachment | None:
        """Find and open a voice note or photo at once, for a caller that holds the transaction open anyway.

        None when it was erased, is damaged or never existed.
        """
        found = find(unit, media_id)
        if found is None:
            return None
        try:
            sealed = self.sealed(found.file)
        except FileNotFoundError:
            return None
        item = found.item
        data = unit.opened(found.key, sealed, "media", "file", item.id.hex, person_id=item.person_id)
        return None if data is None else _attachment(item, data)

    def sealed(self, file: str) -> bytes:
        """Return a file's sealed bytes; raises OSError where there is none."""
        return (self._folder / file).read_bytes()

    def unseal(self, found: MediaHandle) -> Attachment | None:
        """Open the file of a voice note or photo; None when it is gone or damaged. Slow: not within a transaction."""
        try:
            data = found.key.open(self.sealed(found.file), "media", "file", found.item.id.hex)
        except (FileNotFoundError, DecryptionError):
            return None
        return _attachment(found.item, data)

    def is_padded(self, file: str) -> bool:
        """Return whether a file is padded, or gone."""
        try:
            with (self._folder / file).open("rb") as source:
                return source.read(1) == PADDED
        except FileNotFoundError:
            return True

    def pad(self, found: MediaHandle) -> None:
        """Seal a file of an earlier version anew, padded; one that is gone or damaged stays. Slow, as `put` is."""
        row = found.item.id.hex
        try:
            data = found.key.open(self.sealed(found.file), "media", "file", row)
        except (FileNotFoundError, DecryptionError):
            return
        fresh = clock.new_file()
        self._write(fresh, found.key.seal(data, "media", "file", row))
        (self._folder / fresh).replace(self._folder / found.file)

    def stream(self, found: MediaHandle) -> Streamed | None:
        """Open the file of a voice note or photo, to be sent in pieces; None when it is gone or damaged."""
        item = found.item
        opened = self._pieces(found.file, found.key, "file", item.id.hex)
        return opened and Streamed(item.kind, item.mime, NAMES.get(item.mime, item.kind), *opened)

    def take_document(self, told: Mapping[str, Any], now: datetime) -> TakenDocument | None:
        """Open a document to be fetched once, in pieces; None when it is gone, too old, or being fetched by somebody.

        Whoever takes it says how that ended: `done` deletes it, `again` leaves it for another try.
        """
        known = _HANDLE.fullmatch(told["parked"])
        if known is None or not self._lasts(known[1], now):
            return None
        file, material = known.groups()
        path, going = self._path(file), self._path(file + _GOING)
        try:
            path.rename(going)
        except FileNotFoundError:
            return None
        opened = self._pieces(going.name, DataKey(bytes.fromhex(material)), "parked", file)
        if opened is None:
            return None
        return TakenDocument(Streamed("document", told["mime"], told["name"], *opened), opened[1], path, going)

    def _pieces(self, file: str, key: DataKey, column: str, row: str) -> "tuple[int, _Pieces] | None":
        """Return a sealed file's original size and its pieces; None when it is gone or damaged."""
        path = self._path(file)
        try:
            size, pieces = key.open_pieces(path, "media", column, row)
            return size, _Pieces(pieces)
        except (FileNotFoundError, DecryptionError):
            return None

    def recording(self, name: str) -> Attachment | None:
        """Open a recording that came with a dialog, by its file's name; None when there is none of that name."""
        if not _RECORDING.fullmatch(name):
            return None
        for folder in self._recordings:
            try:
                clean = strip.clean((folder / name).read_bytes())
            except (FileNotFoundError, strip.MalformedMedia, strip.UnsupportedMedia):
                continue
            again = f"{name}:{hashlib.sha256(clean.data).hexdigest()}"
            return Attachment(clean.kind, clean.mime, NAMES[clean.mime], clean.data, again=again)
        return None

    def delete(self, files: Iterable[str]) -> None:
        """Delete files by their names; one that is gone already is no error."""
        for file in files:
            if file == EVERY_DOCUMENT:
                self.delete([path.name for path in self._documents.glob(EVERY_DOCUMENT)])
            else:
                self._path(file).unlink(missing_ok=True)

    def expire(self, now: datetime) -> None:
        """Delete documents that nobody fetched within an hour."""
        for path in self._documents.glob(EVERY_DOCUMENT):
            if not self._lasts(path.name, now):
                path.unlink(missing_ok=True)

    def _path(self, file: str) -> Path:
        return (self._documents if file.startswith(_DOCUMENT) else self._folder) / file

    def sweep(self, unit: Unit) -> int:
        """Delete files that no row names, an hour old at least (what pages sent: two days); return how many."""
        gone = 0
        old = self._older(unit.now.timestamp())
        while names := list(islice(old, _AT_ONCE)):
            nobodys = set(names) - unit.media.named(names)
            self.delete(nobodys)
            gone += len(nobodys)
        return gone

    # Files put aside between a page and the inbox.

    def park(self, data: bytes) -> str:
        """Put bytes aside until their update is handled; return the handle for `Incoming.file`.

        They are sealed with a key that only the handle contains, so they are out of reach once the inbox blanks the
        update. Raises MediaRefused for too many bytes.
        """
        if len(data) > LARGEST_FILE:
            raise MediaRefused("too_large")
        return self._set_aside(_PARKED, data)

    def set_aside(self, data: bytes, now: datetime) -> str:
        """Put a document aside until it is sent, or downloaded from a page; return its handle, as `park` does.

        It stays for an hour at most, and nothing but the handle opens it.
        """
        handle = self._set_aside(_DOCUMENT, data)
        os.utime(self._path(handle.partition(":")[0]), (now.timestamp(), now.timestamp()))
        return handle

    def _set_aside(self, prefix: str, data: bytes) -> str:
        file, material = prefix + clock.new_file(), Vault.generate()
        self._write(file, DataKey(material).seal(data, "media", "parked", file))
        return f"{file}:{material.hex()}"

    def discard(self, handle: str) -> None:
        """Delete what was put aside, once its update is handled; any other handle is a messenger's own."""
        known = _HANDLE.fullmatch(handle)
        if known is not None:
            self.delete([known[1]])

    def document(self, told: Mapping[str, Any], now: datetime) -> Attachment | None:
        """Open a document by an outbox row's data on it (`parked`, `mime`, `name`); None when it is gone or too old."""
        try:
            if self._lasts(told["parked"].partition(":")[0], now):
                return Attachment("document", told["mime"], told["name"], self.parked(told["parked"]))
        except FileExpired:
            pass
        return None

    def _lasts(self, file: str, now: datetime) -> bool:
        """Return whether a document is there and not older than an hour."""
        try:
            return self._path(file).stat().st_mtime >= (now - DOCUMENT_FOR).timestamp()
        except FileNotFoundError:
            return False

    def parked(self, handle: str) -> bytes:
        """Return what was put aside; raises FileExpired when it no longer exists."""
        known = _HANDLE.fullmatch(handle)
        if known is None:
            raise FileExpired("no such file")
        file, material = known.groups()
        try:
            sealed = self._path(file).read_bytes()
            return DataKey(bytes.fromhex(material)).open(sealed, "media", "parked", file)
        except (FileNotFoundError, DecryptionError):
            raise FileExpired("no such file") from None

    def _write(self, file: str, sealed: bytes) -> None:
        path = self._path(file)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(sealed)
            target.flush()
            os.fsync(target.fileno())
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _older(self, now: float) -> Iterator[str]:
        """Yield the names of files that no open transaction can be about."""
        if not self._folder.is_dir():
            return
        with os.scandir(self._folder) as entries:
            for entry in entries:
                grace = PARKED_FOR if entry.name.startswith(_PARKED) else GRACE
                with suppress(FileNotFoundError):  # deleted by its owner since the folder was listed
                    if entry.stat().st_mtime < now - grace.total_seconds():
                        yield entry.name


def _attachment(item: MediaRow, data: bytes) -> Attachment:
    return Attachment(item.kind, item.mime, NAMES.get(item.mime, item.kind), data, item.seconds)
