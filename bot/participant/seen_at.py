"""What a person had seen when they spoke: words never count for a question that was not on their screen yet."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.messengers.port import Incoming
from dialogs.run import Run
from storage.runs import RunRow
from storage.thread import SpokenTo
from storage.unit import Unit

GLANCE = timedelta(seconds=1)  # nobody reads a question and answers it in less


def spoken_to(unit: Unit, incoming: Incoming, reply_to: int | None = None) -> SpokenTo:
    """Return the run and prompt of the message that was replied to, else of the newest one older than the reply.

    The result also holds the newer prompt that may have been seen as well, where that is unknown.
    """
    # A messenger gives whole seconds: the message may have been sent until the end of that second.
    spoken = datetime.fromtimestamp(incoming.at + 1, UTC) if incoming.at else unit.now + GLANCE
    return unit.outbox.spoken_to(incoming.messenger, incoming.chat, incoming.order, reply_to, spoken)


def likely(found: SpokenTo, incoming: Incoming) -> bool:
    """Return whether the doubtful prompt was probably read: there was time to, or the reply names it."""
    if found.doubted_at is None or found.named:
        return found.named
    return bool(incoming.at) and found.doubted_at < datetime.fromtimestamp(incoming.at or 0, UTC) - GLANCE


def seen(unit: Unit, incoming: Incoming) -> tuple[UUID, int | None] | None:
    """Return the run and prompt that a person had probably seen last when they spoke."""
    found = spoken_to(unit, incoming)
    return found.doubtful if likely(found, incoming) else found.known


def saw(unit: Unit, row: RunRow, incoming: Incoming) -> bool:
    """Return whether the open question of a run was the newest one that the person had seen."""
    run, last = Run.restore(row.state, {}), seen(unit, incoming)
    if last is None:
        return not incoming.order  # it is unknown
    if last[0] != row.id:
        return False
    if row.status == "offered":
        return last[1] is not None
    if last[1] is None:  # it was put off or stopped, and that was the last thing seen
        return row.status != "open"
    return run.question_of(last[1]) == run.position
