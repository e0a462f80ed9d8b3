"""The answers of a run that were given in words or by voice, and the choice among them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from bot.conversation.screen import Pager
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import shorten
from bot.services import totals
from bot.services.refusals import NotAllowed
from bot.team.kit import opened_runs
from bot.team.kit.arguments import PageOf
from bot.team.kit.reading_arguments import AnswerOf
from dialogs import wording
from dialogs.model import Step
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

SHOWN = 5
LABEL = 48  # characters of a question on a button


def row_of(unit: Unit, reader: Person, run_id: UUID, tried: str) -> RunRow:
    """Return a run that the reader may read; raises NotAllowed for any other."""
    found = opened_runs.opened(unit, reader, run_id, unit.readings.owner(run_id))
    if found is None:
        raise NotAllowed(tried)
    return found[1]


def answered(turns: Turns, unit: Unit, row: RunRow) -> list[tuple[int, Step]]:
    """Return the questions of a run that were answered in words or by voice, each with its place."""
    given = turns.answers(unit, unit.people.known(row.person_id), row)
    asked = enumerate(turns.dialog(unit, row.dialog_hash).questions)
    return [(place, step) for place, step in asked if not totals.closed(step) and step.name in given]


def choice(
    speech: Speech, row: RunRow, steps: Sequence[tuple[int, Step]], page: int, button: Callable[[str, Argument], Button]
) -> Keyboard:
    """Return a page of buttons to these answers.

    Args:
        speech: the speech.
        row: the run.
        steps: the questions, each with its place.
        page: the number of the page.
        button: makes a button from its label and what it carries.
    """
    pager = Pager.of(len(steps), SHOWN, page, joined=True)
    buttons = [
        button(shorten(wording.choose(step.label, speech.language), LABEL), AnswerOf(row.id, place))
        for place, step in pager.cut(steps)
    ]
    turns = pager.turns(lambda code, number: button(speech.words(code), PageOf(row.id, number)))
    return rows(*buttons) + turns
