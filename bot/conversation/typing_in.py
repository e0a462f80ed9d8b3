"""What a circle said on a sheet, typed in by one of the team: it is kept when all of it was asked, and not before."""

from uuid import UUID

from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services import sheets
from bot.services.refusals import AlreadyDone, NotAllowed, NotFound
from dialogs.run import Run
from storage.people import Person
from storage.runs import TYPED_IN, RunRow


def over(speech: Speech, person: Person, row: RunRow, run: Run) -> None:
    """Keep what was typed in where all of it was asked, and say so; else say that nothing was kept."""
    card = row.state["card"]
    code = "paper.left"
    if run.status == "completed":
        try:
            sheets.say(speech.unit, person, UUID(card[TYPED_IN]), card["circle"], run.answers)
            code = "paper.kept"
        except (AlreadyDone, NotFound):
            code = "paper.twice"
        except NotAllowed:
            code = "staff.not_allowed"
    speech.say(
        code, rows(speech.button("button.paper_list", targets.SHEETS), speech.button("button.menu", targets.HOME))
    )
