"""Opening what somebody answered for whoever may read it, and noting that it was read."""

from collections.abc import Mapping
from uuid import UUID

from bot.conversation.turns import Turns
from bot.services.permissions import may_reach
from bot.team.kit.answer_pages import AnswerPage
from storage.people import Person
from storage.readings import beside
from storage.runs import RunRow
from storage.unit import Unit


def opened(
    unit: Unit, reader: Person, run_id: UUID | None, person_id: UUID | None
) -> tuple[Person, RunRow, Mapping[str, int]] | None:
    """Return a run with its person and its answers' numbers; None if it has none or the reader may not read it."""
    author = unit.people.get(person_id) if person_id else None
    row = unit.runs.read(run_id, author) if author and run_id else None
    if author is None or row is None or row.cohort_id is None or row.started_by == "staff":
        return None
    numbers = unit.answers.numbers(row.id)
    numbers |= {beside(path): seq for path, seq in unit.asides.numbers(row.id).items()}
    if not may_reach(unit, reader, row.cohort_id) or not numbers:
        return None
    return author, row, numbers


def note_read(
    turns: Turns, unit: Unit, reader: Person, row: RunRow, part: int, numbers: Mapping[str, int], leaf: AnswerPage
) -> None:
    """Note that a page of a run was read, and which answers were shown to their end; the others still wait."""
    unit.audit.add(str(reader.id), "answers.read", str(row.id), {"page": part})
    whole = [step.name for step in turns.dialog(unit, row.dialog_hash).questions]
    unit.readings.add(reader.id, row.id, row.person_id, numbers, leaf.of(row.id), whole=whole)
