"""Find and read dialogs: those shipped in `dialogs/library/`, and the organisation's own.

Own dialogs lie in a folder beside the data, or were written in chat and lie in the database. One in the folder replaces
a shipped dialog of the same name; those written in chat have names of their own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import dialogs
from dialogs.issues import Issue
from dialogs.model import Dialog
from dialogs.reader import read
from storage.own_dialogs import OwnDialog
from storage.unit import Unit

LIBRARY = Path(dialogs.__file__).parent / "library"
FIRST_DIALOG = "welcome"  # how Hilo should address a participant: asked once, the evening after they joined


class UnknownDialog(LookupError):
    """No dialog has this name; `args` are the name and the names there are."""


@dataclass(frozen=True, slots=True)
class DialogFile:
    """One dialog file: its dialog, or the issues that keep it from being used (warnings may stand beside a dialog)."""

    path: Path
    dialog: Dialog | None
    issues: tuple[Issue, ...]

    @property
    def name(self) -> str:
        """The dialog's name: the file's, without its ending."""
        return self.path.stem


def find(path: Path) -> DialogFile:
    """Read one file. A file that cannot be decoded gets an issue like any other."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return DialogFile(path, None, (Issue("not_utf8", "error", 1, "", {}),))
    except (PermissionError, IsADirectoryError):
        return DialogFile(path, None, (Issue("unreadable", "error", 1, "", {}),))
    reading = read(text, path.stem)
    return DialogFile(path, reading.dialog, reading.issues)


@lru_cache(maxsize=1)
def _shipped() -> tuple[DialogFile, ...]:
    return tuple(find(path) for path in sorted(LIBRARY.glob("*.yaml")))


@cache
def wizard(name: str) -> Dialog:
    """Return one of the team's wizards, read when first begun; raises UnknownDialog."""
    path = LIBRARY / "staff" / f"{name}.yaml"
    dialog = find(path).dialog if path.is_file() else None
    if dialog is None:
        raise UnknownDialog(name, [])
    return dialog


@dataclass(frozen=True, slots=True)
class Dialogs:
    """Every dialog at one moment, by name.

    Attributes:
        files: every file by its dialog's name, those with errors too.
        written: dialogs written in chat, the most recently changed first.
    """

    files: Mapping[str, DialogFile]
    written: Mapping[str, Dialog]

    def dialog(self, name: str) -> Dialog:
        """Return the dialog of this name; raises UnknownDialog, also for one with errors."""
        if name in self.written:
            return self.written[name]
        found = self.files.get(name)
        if found is None or found.dialog is None:
            raise UnknownDialog(name, sorted(dialog.name for dialog in self.all()))
        return found.dialog

    def all(self) -> Iterator[Dialog]:
        """Every usable dialog for participants, those written in chat first."""
        files = (f.dialog for f in self.files.values() if f.dialog is not None and f.dialog.kind != "staff")
        return iter([*self.written.values(), *(dialog for dialog in files if dialog.name not in self.written)])

    def shipped(self, name: str) -> bool:
        """Return whether a dialog came with Hilo and is not the organisation's own."""
        found = self.files.get(name)
        return name not in self.written and found is not None and found.path.is_relative_to(LIBRARY)

    def with_errors(self) -> Iterator[DialogFile]:
        """Files that have errors and are not used until they are mended."""
        return (found for found in self.files.values() if found.dialog is None)


class Content:
    """Reads dialogs: files once, and dialogs written in chat as a transaction sees them."""

    def __init__(self, own: Path) -> None:
        """Use the library and the folder `own`, which need not exist; files are read when first asked for."""
        self.own = own
        self._versions: dict[str, Dialog] = {}  # by hash, so no entry can be out of date

    @cached_property
    def files(self) -> dict[str, DialogFile]:
        """Every file by its dialog's name, those with errors too."""
        mine = (find(path) for path in sorted(self.own.glob("*.yaml"))) if self.own.is_dir() else ()
        return {found.name: found for found in (*_shipped(), *mine)}

    def of(self, unit: Unit) -> Dialogs:
        """Return the dialogs as a transaction sees them, its own uncommitted changes included."""
        return Dialogs(self.files, {own.name: self._dialog(own) for own in unit.own_dialogs.list()})

    def in_files(self) -> Dialogs:
        """Return the dialogs in files only, for where there is no database."""
        return Dialogs(self.files, {})

    def _dialog(self, own: OwnDialog) -> Dialog:
        if own.hash not in self._versions:
            self._versions[own.hash] = Dialog.from_dict(json.loads(own.source))
        return self._versions[own.hash]
