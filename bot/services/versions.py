"""Saving a dialog's present version, so that a run begun with it can be finished with it."""

import json

from dialogs.model import Dialog
from storage.unit import Unit


def save_version(unit: Unit, dialog: Dialog) -> None:
    """Save a dialog as it is now, under its hash; the same one is saved once."""
    source = json.dumps(dialog.to_dict(), ensure_ascii=False, sort_keys=True)
    unit.versions.save(dialog.version, dialog.name, dialog.kind, source, unit.now)
