"""A backup that was put in place does not know what was sent since it was made: an admin says, before it is sent.

Held back are deliveries that were due by the moment at which it was put in place, and the first questions of whoever
had just come. What would be asked again by itself rests until its person comes.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.content import FIRST_DIALOG
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.speech import Speech
from bot.services.acts import Actor, actor_name, require
from bot.services.members import WELCOME_AT
from bot.services.notices import tell_admins
from bot.services.organisation import local_zone
from bot.services.permissions import ADMINS_OF_ALL, allowed
from storage.broadcasts import Broadcast
from storage.people import Person
from storage.restores import Restore
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class HeldBroadcast:
    """A broadcast of which deliveries are held back: to how many people."""

    broadcast: Broadcast
    people: int


def hold(unit: Unit) -> None:
    """Hold back what may have been sent since the newest backup that was put in place, and ask the admins about it."""
    restore = unit.restores.new()
    if restore is None:
        return
    held = unit.restores.hold(restore.restored_at)
    unit.restores.note_held()
    firsts = len(_first(unit, restore))
    if not held and not firsts:
        unit.restores.note_decided()
        return
    unit.audit.add("hilo", "restore.held", str(restore.id), {"people": held + firsts})
    tell_admins(
        unit,
        "notice.restored",
        look=lambda there: _ways_on(unit, there),
        day=lambda there: there.texts.day(restore.backup_at, local_zone(unit, there.person), there.language),
    )


def _ways_on(unit: Unit, there: Speech) -> Button:
    """Return the button below what an admin is told: to what is held back, if they may decide about it."""
    if there.person is not None and allowed(unit, there.person, ADMINS_OF_ALL):
        return there.button("button.restored", targets.RESTORED)
    return there.button("menu.checklist", targets.CHECKLIST)


def may_have_come(unit: Unit, moment: datetime) -> bool:
    """Return whether what was due at a moment may have been sent, and no admin has said so far."""
    restore = unit.restores.undecided()
    return restore is not None and moment <= restore.restored_at


def waiting(unit: Unit) -> tuple[list[HeldBroadcast], int]:
    """Return what is held back: the broadcasts, and how many people's first questions."""
    restore = unit.restores.undecided()
    if restore is None:
        return [], 0
    found = [(unit.broadcasts.get(id_), number) for id_, number in unit.restores.held()]
    return [HeldBroadcast(each, number) for each, number in found if each is not None], len(_first(unit, restore))


def decide(unit: Unit, by: Actor, broadcast_id: UUID, *, send: bool) -> int:
    """Send what is held back of a broadcast, or note that it had been sent; return to how many people.

    Of what is sent, what was due in a window that is over stays unsent. Raises NotAllowed.
    """
    require(unit, by, ADMINS_OF_ALL, targets.RESTORED)
    done = unit.restores.let_go(broadcast_id) if send else unit.restores.sent_before(broadcast_id)
    _note(unit, by, str(broadcast_id), done, send=send)
    return done


def decide_first(unit: Unit, by: Actor, *, send: bool) -> int:
    """Do the same for the first questions of whoever had just come; raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, targets.RESTORED)
    restore = unit.restores.undecided()
    found = _first(unit, restore) if restore is not None else []
    for person in found:
        unit.people.prefer(person, **{WELCOME_AT: unit.now.isoformat() if send else None})
    _note(unit, by, "first", len(found), send=send)
    return len(found)


def _note(unit: Unit, by: Actor, subject: str, people: int, *, send: bool) -> None:
    unit.audit.add(actor_name(by), "restore.sent" if send else "restore.kept", subject, {"people": people})
    if waiting(unit) == ([], 0):
        unit.restores.note_decided()


def _first(unit: Unit, restore: Restore) -> list[Person]:
    """Return whose first questions were to come by the moment at which a backup was put in place."""
    return [
        person
        for person in unit.people.each()
        if person.participation == "active"
        and (at := person.preferences.get(WELCOME_AT))
        and datetime.fromisoformat(at) <= restore.restored_at
        and not unit.runs.had(person.id, FIRST_DIALOG)
    ]
