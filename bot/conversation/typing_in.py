"""What was said on a sheet, typed in by one of the team: it is kept when all of it was asked, and not before."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services import own_paper, sheets
from bot.services.own_paper import WHOSE, Agreement, OwnPaperError
from bot.services.refusals import AlreadyDone, NotAllowed, NotFound
from dialogs.run import Run
from storage.people import Person
from storage.runs import TYPED_IN, RunRow


def over(speech: Speech, person: Person, row: RunRow, run: Run) -> None:
    """Keep what was typed in where all of it was asked, and say so; else say that nothing was kept."""
    told = speech.words("paper.left")
    if run.status == "completed":
        try:
            told = _keep(speech, person, row.state["card"], run)
        except (AlreadyDone, NotFound):
            told = speech.words("paper.twice")
        except NotAllowed:
            told = speech.words("staff.not_allowed")
    speech.send(
        told, rows(speech.button("button.paper_list", targets.SHEETS), speech.button("button.menu", targets.HOME))
    )


def _keep(speech: Speech, person: Person, card: Mapping[str, Any], run: Run) -> str:
    """Keep what a circle said, or one person; return what is said of it."""
    unit, sheet_id = speech.unit, UUID(card[TYPED_IN])
    if WHOSE not in card:
        sheets.say(unit, person, sheet_id, card["circle"], run.answers)
        return speech.words("paper.kept")
    whose = unit.people.get(UUID(card[WHOSE]))
    if whose is None:
        raise NotFound
    name = speech.mentioned(whose)
    try:
        own_paper.keep(unit, person, sheet_id, whose.id, Agreement.of(card["agreement"]), run, speech.language)
    except OwnPaperError as problem:
        return speech.words(problem.code, name=name)
    return speech.words("paper.own.kept", name=name)
