"""Finds and reads dialogs: the shipped ones in `dialogs/library/`, and the organisation's own.

Its own lie in a folder beside the data, or were written in chat and lie in the database. One of a folder with the name
of a shipped one takes its place; those of the chat have names of their own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import dialogs
from dialogs.issues import Issue
from dialogs.model import Dialog
from dialogs.reader import read
from storage.unit import Unit

LIBRARY = Path(dialogs.__file__).parent / "library"
FIRST_DIALOG = "welcome"  # how Hilo is to treat her: asked once, the evening after she came in


class UnknownDialog(LookupError):
    """No dialog has this name; `args` are the name and the names there are."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file: its dialog, or the issues that stand in the way (warnings may stand beside a dialog)."""

    path: Path
    dialog: Dialog | None
    issues: tuple[Issue, ...]

    @property
    def name(self) -> str:
        """The dialog's name: the file's, without its ending."""
        return self.path.stem


def find(path: Path) -> Found:
    """Read one file. A file that cannot be decoded is an issue like any other."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return Found(path, None, (Issue("not_utf8", "error", 1, "", {}),))
    except (PermissionError, IsADirectoryError):
        return Found(path, None, (Issue("unreadable", "error", 1, "", {}),))
    reading = read(text, path.stem)
    return Found(path, reading.dialog, reading.issues)


@lru_cache(maxsize=1)
def _shipped() -> tuple[Found, ...]:
    return tuple(find(path) for path in sorted(LIBRARY.glob("*.yaml")))


@cache
def wizard(name: str) -> Dialog:
    """Return one of the team's own dialogs, read when it is first begun; raises UnknownDialog."""
    path = LIBRARY / "staff" / f"{name}.yaml"
    dialog = find(path).dialog if path.is_file() else None
    if dialog is None:
        raise UnknownDialog(name, [])
    return dialog


class Content:
    """Every dialog there is, by name."""

    def __init__(self, own: Path) -> None:
        """Take the library and the `own` folder, which need not exist; read when first asked for."""
        self.own = own
        self.written: dict[str, Dialog] = {}

    @cached_property
    def files(self) -> dict[str, Found]:
        """Every file by its dialog's name, those with errors too."""
        mine = (find(path) for path in sorted(self.own.glob("*.yaml"))) if self.own.is_dir() else ()
        return {found.name: found for found in (*_shipped(), *mine)}

    def reload(self) -> None:
        """Read the `own` folder again: someone may have edited a file."""
        vars(self).pop("files", None)

    def refresh(self, unit: Unit) -> None:
        """Read anew what was written in chat: this process, or another one, may have changed it."""
        known = {dialog.version: dialog for dialog in self.written.values()}
        self.written = {
            own.name: known.get(own.hash) or Dialog.from_dict(json.loads(own.source)) for own in unit.own_dialogs.list()
        }

    def dialog(self, name: str) -> Dialog:
        """Return the dialog of this name; raises UnknownDialog, also for one that has errors."""
        if name in self.written:
            return self.written[name]
        found = self.files.get(name)
        if found is None or found.dialog is None:
            raise UnknownDialog(name, sorted(dialog.name for dialog in self.all()))
        return found.dialog

    def all(self) -> Iterator[Dialog]:
        """Every dialog for leaders that can be used, what was written in chat first."""
        files = (f.dialog for f in self.files.values() if f.dialog is not None and f.dialog.kind != "staff")
        return iter([*self.written.values(), *(dialog for dialog in files if dialog.name not in self.written)])

    def shipped(self, name: str) -> bool:
        """Tell whether a dialog came with Hilo, and is not the organisation's own."""
        found = self.files.get(name)
        return name not in self.written and found is not None and found.path.is_relative_to(LIBRARY)

    def broken(self) -> Iterator[Found]:
        """Files that have errors and are left aside until mended."""
        return (found for found in self.files.values() if found.dialog is None)
