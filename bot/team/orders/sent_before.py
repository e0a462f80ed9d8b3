"""A broadcast of the same dialog to the same cohort, which went out lately or waits to."""

from datetime import timedelta
from typing import Final

from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from dialogs.model import Dialog
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.unit import Unit

LATELY: Final = timedelta(hours=1)


def found(turns: Turns, unit: Unit, cohort: Cohort, dialog: Dialog) -> Broadcast | None:
    """Return the newest that went out within `LATELY`, or waits; None without one."""
    for each in unit.broadcasts.list([cohort.id]):
        waits = each.due_at > unit.now and each.closed_at is None
        if each.cancelled_at or each.on_paper or not (waits or max(each.ordered_at, each.due_at) > unit.now - LATELY):
            continue
        if turns.dialog(unit, each.dialog_hash).name == dialog.name:
            return each
    return None


def told(turns: Turns, screen: Screen, before: Broadcast, cohort: Cohort, title: str) -> str:
    """Return the question whether to send it once more: when it goes out, or since when and by whom it did."""
    unit, speech = screen.unit, screen.speech
    if before.due_at > unit.now and before.closed_at is None:
        when = turns.organisation.moment(speech, turns.organisation.zone(unit, cohort=cohort), before.due_at)
        return speech.words("ask.twice.waits", when=when, title=title, cohort=cohort.name)
    sent = max(before.ordered_at, before.due_at)
    minutes = max(1, int((unit.now - sent).total_seconds()) // 60)
    code = "ask.twice.mine" if before.ordered_by == screen.person.id else "ask.twice"
    if sent > before.ordered_at:  # it was ordered for later, or comes back by itself
        code = "ask.twice.out"
    return speech.texts.count(code, speech.language, minutes, title=title, cohort=cohort.name)
