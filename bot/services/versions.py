"""Saving a dialog's current version, so that its runs can be finished with it."""

import json

from dialogs.model import Dialog
from storage.unit import Unit


def save_version(unit: Unit, dialog: Dialog) -> None:
    """Save a dialog as it is now, under its hash; an equal one is saved only once."""
    source = json.dumps(dialog.to_dict(), ensure_ascii=False, sort_keys=True)
    unit.versions.save(dialog.version, dialog.name, dialog.kind, source, unit.now)
