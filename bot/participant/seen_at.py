"""What someone had seen when she spoke: nothing she says counts for a question that was not on her screen yet."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.messengers.port import Incoming
from dialogs.run import Run
from storage.runs import RunRow
from storage.thread import SpokenTo
from storage.unit import Unit

GLANCE = timedelta(seconds=1)  # nobody reads a question and answers it in less


def spoken_to(unit: Unit, incoming: Incoming, reply_to: int | None = None) -> SpokenTo:
    """Return the run and prompt of the message she replied to, else of the newest older than her own.

    Beside it stands what she may have had before her as well, of which nobody knows.
    """
    # A messenger tells whole seconds, the one in which she spoke.
    spoken = datetime.fromtimestamp(incoming.at + 1, UTC) if incoming.at else unit.now + GLANCE
    return unit.outbox.spoken_to(incoming.messenger, incoming.chat, incoming.order, reply_to, spoken)


def likely(found: SpokenTo, incoming: Incoming) -> bool:
    """Tell whether she had probably read what nobody knows of: there was time to, or she replied to such a message."""
    if found.doubted_at is None or found.named:
        return found.named
    return bool(incoming.at) and found.doubted_at < datetime.fromtimestamp(incoming.at or 0, UTC) - GLANCE


def seen(unit: Unit, incoming: Incoming) -> tuple[UUID, int | None] | None:
    """Return the run and prompt that she had probably seen last when she spoke."""
    found = spoken_to(unit, incoming)
    return found.doubtful if likely(found, incoming) else found.known


def saw(unit: Unit, row: RunRow, incoming: Incoming) -> bool:
    """Tell whether the open question of a run was the newest one that she had seen."""
    run, last = Run.restore(row.state, {}), seen(unit, incoming)
    if last is None:
        return not incoming.order  # nobody knows
    if last[0] != row.id:
        return False
    if row.status == "offered":
        return last[1] is not None
    if last[1] is None:  # it was put off, or stopped, and that was all she had seen
        return row.status != "open"
    return run.question_of(last[1]) == run.position
