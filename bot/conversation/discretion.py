"""Which answers are not to stand in a participant's chat."""

from uuid import UUID

from bot.content import FIRST_DIALOG
from bot.services import phones
from dialogs.model import Dialog
from dialogs.run import Run
from dialogs.value_class import value_class
from storage.people import Person
from storage.unit import Unit


@value_class
class Discretion:
    """Tells which answers of a run are not to stand in the chat.

    Attributes:
        unit: the transaction.
        person: whose run it is.
        dialog: at the version the run began with.
        run_id: the run.
        run: the run after the turn.
        rehearsal: whether nothing of it is kept for anybody: a rehearsal, or a wizard.
    """

    unit: Unit
    person: Person
    dialog: Dialog
    run_id: UUID
    run: Run
    rehearsal: bool

    @property
    def watched_phone(self) -> bool:
        """Whether others may see the phone; of the team's wizards, whether they said so."""
        told = self.run.answers.get("phone") if self.dialog.name == FIRST_DIALOG else None
        said = told.value if told else self.person.preferences.get("phone")
        return said != phones.OWN and not (self.dialog.kind == "staff" and said is None)

    def quiet_about(self, path: str) -> bool:
        """Return whether an answer is not to stand in the chat: on such a phone none, on any phone a discreet one."""
        return self.watched_phone or self.dialog.step(path).discreet

    def hides(self, path: str) -> bool:
        """Return whether an earlier answer is not repeated: what is never in the chat, and what raised an alert."""
        return self.quiet_about(path) or (not self.rehearsal and self.raised(path))

    def raised(self, path: str) -> bool:
        """Return whether what was said to a question raised an alert: a tap on that question alone opens it."""
        return self.unit.vault.path_hash(self.run_id, path) in self.unit.alerts.raised_in(self.run_id)
