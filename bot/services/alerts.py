"""Acts on alerts: one of the team takes an alert or gives it back, and the others are told."""

from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services.acts import ConversationPort
from bot.services.permissions import may_see_alert, told_of
from bot.services.refusals import AlreadyDone, NotAllowed
from storage.alerts import RINGS, Alert
from storage.people import Person
from storage.unit import Unit


def see_to(unit: Unit, by: Person, alert: Alert, *, mistaken: bool = False) -> None:
    """Take an alert; `mistaken`: it was read, and it is not so.

    Raises:
        NotAllowed: this person may not see the alert.
        AlreadyDone: somebody has taken it.
    """
    _require(unit, by, alert)
    if not unit.alerts.seen(alert.id, by.id):
        raise AlreadyDone
    unit.audit.add(str(by.id), "alerts.mistaken" if mistaken else "alerts.seen", str(alert.id), {})


def leave(unit: Unit, by: Person, alert: Alert) -> None:
    """Give an alert back to the others.

    Raises:
        NotAllowed: this person may not see the alert.
        AlreadyDone: this person had not taken it.
    """
    _require(unit, by, alert)
    if not unit.alerts.left(alert.id, by.id):
        raise AlreadyDone
    unit.audit.add(str(by.id), "alerts.left", str(alert.id), {})


def tell_team(unit: Unit, conversation: ConversationPort, by: Person, alert: Alert, code: str) -> None:
    """Tell the rest of the team what somebody did about an alert; the admins too, if they were told of the alert."""
    told = {*told_of(unit, unit.people.known(alert.person_id), alert.cohort_id)}
    if alert.repeated_at is not None:
        told.update(unit.roles.admins())
    told.discard(alert.person_id)
    name = by.display_name
    for member_id in sorted(told):
        member = unit.people.get(member_id) if member_id != by.id else None
        if member is None or member.messenger is None or member.chat is None:
            continue
        there = conversation.speech(unit, member)
        ways = []
        text = there.words(code, name=name)
        left = sum(may_see_alert(unit, member.id, each) for each in unit.alerts.open() if each.strength == RINGS)
        if code == "alert.taken" and left:
            # The notice says not which alert was taken: without the number left, all would seem to be taken.
            text = there.texts.count("alert.taken.one", there.language, left, name=name)
            ways.append(there.button("button.alerts", targets.ALERT))
        look = there.button("button.alert_open", targets.ALERT, f"o{alert.id.hex}")
        there.send(text, rows(look, *ways, there.button("button.menu", targets.HOME)))


def _require(unit: Unit, by: Person, alert: Alert) -> None:
    if not may_see_alert(unit, by.id, alert):
        raise NotAllowed(targets.ALERT)
