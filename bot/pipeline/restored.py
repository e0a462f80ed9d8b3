"""After a backup was put in place: hold back, before anything else is done, what may have been sent since it was made.

It is done once in a process, in its first step: a backup is put in place while no bot runs.
"""

from bot.pipeline.occurrences import Occurrences
from bot.services import restored
from storage.unit import Unit


class RestoredBackup:
    """What the scheduler does after a backup was put in place."""

    def __init__(self, occurrences: Occurrences) -> None:
        """Build it; the occurrences of the time since are made before they are held back."""
        self._occurrences = occurrences
        self._looked = False

    def hold(self, unit: Unit) -> None:
        """Hold back what may have been sent, and ask the admins; nothing where no backup was put in place."""
        if self._looked:
            return
        self._looked = True
        if unit.restores.new() is None:
            return
        for work in self._occurrences.due(unit):
            work()
        restored.hold(unit)

    def undone(self) -> None:
        """Look again: the step was rolled back."""
        self._looked = False
