"""Acts on alerts: one of the team takes an alert or gives it back, and the others are told."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import support
from bot.services.acts import ConversationPort
from bot.services.notices import words_of
from bot.services.permissions import may_see_alert, told_of
from bot.services.refusals import AlreadyDone, NotAllowed
from dialogs.run import Answer
from storage.alerts import RINGS, WORDS, Alert
from storage.people import Person
from storage.support_requests import SupportRequest
from storage.unit import Unit

_MISTAKEN: Final = "alerts.mistaken"


def see_to(unit: Unit, by: Person, alert: Alert, *, not_so: bool = False) -> None:
    """Take an alert; `not_so`: it was read, and it is not so.

    Raises:
        NotAllowed: this person may not see the alert.
        AlreadyDone: somebody has taken it.
    """
    _require(unit, by, alert)
    if not unit.alerts.seen(alert.id, by.id):
        raise AlreadyDone
    if not_so:
        unit.alerts.mistook(alert.id)
    unit.audit.add(str(by.id), _MISTAKEN if not_so else "alerts.seen", str(alert.id), {})


def mistaken(unit: Unit, by: Person, alert: Alert) -> bool:
    """Note that an alert which rang was not so; return whether that is new.

    Raises:
        NotAllowed: this person may not see the alert.
    """
    _require(unit, by, alert)
    if alert.mistaken:
        return False
    with suppress(AlreadyDone):  # read before, by anybody
        see_to(unit, by, alert)
    unit.alerts.mistook(alert.id)
    unit.audit.add(str(by.id), _MISTAKEN, str(alert.id), {})
    return True


def words_of_alert(unit: Unit, person: Person, alert: Alert) -> str:
    """Return the words that raised an alert, as they are now, without what was asked; '' where none are kept."""
    if alert.message_id is not None:
        message = unit.messages.get(alert.message_id)
        return message.body if message is not None and message.direction != "held" else ""
    row = unit.runs.read(alert.run_id, person) if alert.run_id else None
    if row is None:
        return ""
    answers, asides = unit.answers.of(row.id, person), unit.asides.of(row.id, person)
    path = unit.alerts.path(alert, {*answers, *(each.path for each in asides)})
    said = [words_of(Answer.from_dict(json.loads(answers[path][1])).value)] if path in answers else []
    said += [words_of(each.pieces) for each in asides if each.path == path]
    return "\n".join(said)


def read(unit: Unit, by: Person, alert: Alert) -> None:
    """Take an alert that was read; one without words stays open as a request: nothing else would be left of it.

    Raises:
        NotAllowed: this person may not see the alert.
        AlreadyDone: somebody has taken it.
    """
    see_to(unit, by, alert)
    person = unit.people.get(alert.person_id)
    if person is not None and alert.strength == RINGS and alert.wordless:
        support.asked(unit, person, alert.cohort_id)


def unasked(unit: Unit, reader: Person, requests: Iterable[SupportRequest]) -> list[Alert]:
    """Return the open alerts a reader may see, without those that an open request says as well (`support.open_for`)."""
    asks = {support.key(each) for each in requests}
    mine = (each for each in unit.alerts.open() if may_see_alert(unit, reader.id, each))
    return [each for each in mine if each.strength != RINGS or support.key(each) not in asks]


def within(unit: Unit, alerts: Sequence[Alert]) -> set[UUID]:
    """Return the conversations in which everything a person wrote raised these alerts, or was added to them."""
    raised = [*alerts, *(more for each in alerts for more in unit.alerts.added(each))]
    messages = {each.message_id for each in raised if each.message_id is not None}
    found = set()
    for message in filter(None, map(unit.messages.get, messages)):
        held = unit.messages.conversation(message.conversation)
        if held is not None and all(each.id in messages for each in unit.messages.said(held)):
            found.add(held.id)
    return found


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


def has_words(unit: Unit, person: Person, alert: Alert) -> bool:
    """Return whether an alert holds words to be read, and not only that something was asked for."""
    if any(each.source == WORDS for each in (alert, *unit.alerts.added(alert))):
        return True
    beside = unit.asides.of(alert.run_id, person) if alert.run_id else ()
    return unit.alerts.path(alert, {each.path for each in beside}) is not None


def tell_team(unit: Unit, conversation: ConversationPort, by: Person, alert: Alert, code: str) -> int:
    """Tell the rest of the team what somebody did about an alert; the admins too, if they were told of the alert.

    Return how many were told.
    """
    number = 0
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
        number += 1
    return number


def _require(unit: Unit, by: Person, alert: Alert) -> None:
    if not may_see_alert(unit, by.id, alert):
        raise NotAllowed(targets.ALERT)
