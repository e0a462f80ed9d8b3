"""Acts on broadcasts: ordering, cancelling, closing, reminding, and noting the share-back.

An order becomes a fixed list of deliveries, in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.errors import Problem
from bot.rendering import targets
from bot.services import own_zone, purposes
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import FACILITATORS
from bot.services.refusals import ActRefused, NotAllowed
from bot.services.versions import save_version
from dialogs.model import Dialog
from storage.cohorts import Cohort
from storage.unit import Unit

CLOSED: Final = "closed"
"""Key in a cohort's context: since when it is closed, so that nobody is asked by it."""
TOLD: Final = "told"
"""Key in a cohort's context: the broadcasts whose results its people were told."""


class OrderError(Problem, ActRefused):
    """A broadcast that cannot be ordered."""


@dataclass(frozen=True, slots=True)
class OrderResult:
    """A broadcast and to how many people it goes. `again`: the same order was given before."""

    broadcast_id: UUID
    people: int
    again: bool


def order(
    unit: Unit,
    dialog: Dialog,
    cohort: Cohort,
    purpose: str | Mapping[str, Any],
    *,
    key: str,
    ordered_by: Actor,
    due_at: datetime | None = None,
    purpose_id: UUID | None = None,
) -> OrderResult:
    """Order a broadcast: fix its people, the dialog's version and the purpose, and write one delivery for each person.

    Args:
        unit: the transaction.
        dialog: what to ask.
        cohort: whom: its active members.
        purpose: why, in words that the people asked can read; or a whole card (see `bot.services.purposes`).
        key: names this order; the same key again orders nothing.
        ordered_by: the actor.
        due_at: when, by the cohort's zone, and by that hour of their own for whoever has another; now if None.
        purpose_id: the id of a card that an earlier order already had.

    Raises:
        NotAllowed: the actor may not order, or does not reach the cohort.
        OrderError: a closed or an empty cohort, or a new purpose that is no sentence.
    """
    require(unit, ordered_by, FACILITATORS, targets.ASK_SEND, cohort.id)
    card = card_of(purpose, is_new=purpose_id is None)
    people = _asked_by(unit, cohort)
    save_version(unit, dialog)
    broadcast_id, moment = clock.new_id(), due_at or unit.now
    fresh = unit.broadcasts.order(
        broadcast_id,
        key,
        dialog.version,
        cohort.id,
        purpose=card,
        purpose_id=purpose_id or clock.new_id(),
        ordered_by=ordered_by.id if ordered_by else None,
        due_at=moment,
        people=[(clock.new_id(), each, at) for each, at in own_zone.moments(unit, cohort, people, moment).items()],
    )
    if fresh:
        unit.audit.add(actor_name(ordered_by), "broadcast.ordered", str(broadcast_id), {"people": len(people)})
    return OrderResult(broadcast_id, len(people), again=not fresh)


def _asked_by(unit: Unit, cohort: Cohort) -> Sequence[UUID]:
    """Return whom an order of a cohort goes to; raise OrderError for a closed or an empty one."""
    if cohort.context.get(CLOSED):
        raise OrderError("order.closed", cohort=cohort.name)
    if people := unit.memberships.active(cohort.id):
        return people
    raise OrderError("order.nobody", cohort=cohort.name)


def card_of(purpose: str | Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
    """Return a purpose as a card; raise OrderError if a new one gives no reason."""
    card = {"why": purpose} if isinstance(purpose, str) else dict(purpose)
    words = " ".join(str(card.get("why") or "").split())
    if is_new and not purposes.is_reason(words):
        raise OrderError("order.purpose")
    return {**card, "why": words}


def cancel(unit: Unit, broadcast_id: UUID, by: Actor) -> bool:
    """Cancel a broadcast and withdraw its unsent messages; False if it was cancelled before; raises NotAllowed."""
    _require(unit, by, targets.HALT, broadcast_id)
    if not unit.broadcasts.cancel(broadcast_id):
        return False
    unit.following.withdraw(broadcast_id)
    stopped = unit.following.progress(broadcast_id).cancelled
    unit.audit.add(actor_name(by), "broadcast.cancelled", str(broadcast_id), {"people": stopped})
    return True


def close(unit: Unit, broadcast_id: UUID, by: Actor) -> bool:
    """Close a broadcast: nothing more is sent, and the scheduler ends open runs; return False if it was closed before.

    Raises:
        NotAllowed: the actor may not, or does not reach the cohort.
    """
    _require(unit, by, targets.ORDER_END, broadcast_id)
    if not unit.broadcasts.close(broadcast_id):
        return False
    unit.following.withdraw(broadcast_id)
    ended = unit.following.end(broadcast_id)
    unit.audit.add(actor_name(by), "broadcast.closed", str(broadcast_id), {"open": ended})
    return True


def remind(unit: Unit, broadcast_id: UUID, by: Actor) -> int | None:
    """Remind everybody who may be reminded, each in their hours; return how many, or None if it was done before.

    Raises:
        NotAllowed: the actor may not, or does not reach the cohort.
    """
    _require(unit, by, targets.ORDER_REMIND, broadcast_id)
    reminded = unit.following.remind(broadcast_id)
    if reminded is not None:
        unit.audit.add(actor_name(by), "broadcast.reminded", str(broadcast_id), {"people": reminded})
    return reminded


def mark_told(unit: Unit, by: Actor, broadcast_id: UUID, *, told: bool) -> None:
    """Note whether a cohort's people were told what came of a broadcast.

    Raises:
        NotAllowed: the actor may not, or reaches no such broadcast.
    """
    broadcast = unit.broadcasts.get(broadcast_id)
    cohort = unit.cohorts.get(broadcast.cohort_id) if broadcast else None
    if cohort is None:
        raise NotAllowed(targets.TOLD)
    require(unit, by, FACILITATORS, targets.TOLD, cohort.id)
    kept = [name for name in cohort.context.get(TOLD) or () if name != broadcast_id.hex]
    kept += [broadcast_id.hex] if told else []
    unit.cohorts.change(replace(cohort, context={**cohort.context, TOLD: kept}))
    unit.audit.add(actor_name(by), "broadcast.told" if told else "broadcast.untold", str(broadcast_id), {})


def _require(unit: Unit, by: Actor, tried: str, broadcast_id: UUID) -> None:
    broadcast = unit.broadcasts.get(broadcast_id) if by else None
    require(unit, by, FACILITATORS, tried, broadcast.cohort_id if broadcast else None)


def still_going(unit: Unit, person_id: UUID) -> int:
    """Count the broadcasts that somebody ordered and that still go out: they do not stop with a role."""
    going = unit.following.going_out([cohort.id for cohort in unit.cohorts.list()])
    orders = (unit.broadcasts.get(broadcast_id) for broadcast_id, _ in going)
    return sum(each is not None and each.ordered_by == person_id for each in orders)
