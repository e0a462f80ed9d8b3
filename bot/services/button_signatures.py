"""How long buttons are read that were signed as up to 0.1.0: ninety days from the first start after the update.

The moment is a fact of the organisation's record, written once, at a start. It is looked at only for a press that
carries an old signature: all other presses cost nothing.
"""

from datetime import datetime, timedelta
from typing import Final

from storage.unit import Unit

READ_FOR: Final = timedelta(days=90)
_UNTIL: Final = "old_buttons_until"


def note(unit: Unit) -> None:
    """Write down until when old buttons are read, at the first start that does not find it; not where nobody is yet."""
    if _UNTIL in unit.organisation.get():
        return
    anybody = bool(unit.roles.grants())
    unit.organisation.note(**{_UNTIL: (unit.now + READ_FOR if anybody else unit.now).isoformat()})


def read(unit: Unit) -> bool:
    """Return whether buttons of the old form are still read; they are where no start has written it down."""
    until = unit.organisation.get().get(_UNTIL)
    return until is None or unit.now < datetime.fromisoformat(until)
