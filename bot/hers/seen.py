"""What someone had seen when she spoke: nothing she says counts for a question that was not on her screen yet."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.messenger import Incoming
from dialogs.run import Run
from storage.runs import RunRow
from storage.unit import Unit

GLANCE = timedelta(seconds=1)  # nobody reads a question and answers it in less


def seen(unit: Unit, incoming: Incoming, reply_to: int | None = None) -> tuple[UUID, int | None] | None:
    """Return the run and prompt she spoke to: of the message she replied to, else the newest older than her own."""
    spoken = datetime.fromtimestamp(incoming.at, UTC) - GLANCE if incoming.at else None
    return unit.outbox.newest_prompt(incoming.messenger, incoming.chat, incoming.order, reply_to, spoken)


def saw(unit: Unit, row: RunRow, incoming: Incoming) -> bool:
    """Tell whether the open question of a run was the newest one that she had seen."""
    run, spoken_to = Run.restore(row.state, {}), seen(unit, incoming)
    if spoken_to is None:
        return not incoming.order  # nobody knows
    if spoken_to[0] != row.id:
        return False
    if row.status == "offered":
        return spoken_to[1] is not None
    if spoken_to[1] is None:  # it was put off, or stopped, and that was all she had seen
        return row.status != "open"
    return run.question_of(spoken_to[1]) == run.position
