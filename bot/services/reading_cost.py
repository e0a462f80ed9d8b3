"""What reading will cost the team: minutes a week, estimated from what is asked, of how many, and how many answered."""

from collections.abc import Sequence
from math import ceil
from typing import Final
from uuid import UUID

from bot.content import Content
from bot.services.rhythms import Rhythm
from bot.services.schedules import next_dialog
from dialogs.model import Dialog
from dialogs.question_forms import is_choice
from storage.unit import Unit

OWN_WORDS: Final = 30
"""Seconds for an answer in somebody's own words or voice."""
CHOICE: Final = 3
LOOKED_BACK: Final = 4
"""The last broadcasts of a cohort, from which the share of those who answer is known."""


def weekly_minutes(unit: Unit, cohort_id: UUID, dialogs: Sequence[Dialog], rhythm: Rhythm) -> int:
    """Return how many minutes a week it takes to read what comes back in a rhythm, one at least."""
    return max(1, ceil(_once(unit, cohort_id, dialogs) * rhythm.weekly / 60))


def minutes_each(unit: Unit, cohort_id: UUID, dialogs: Sequence[Dialog]) -> int:
    """Return how many minutes it takes to read one time of what comes back, one at least."""
    return max(1, ceil(_once(unit, cohort_id, dialogs) / 60))


def _once(unit: Unit, cohort_id: UUID, dialogs: Sequence[Dialog]) -> float:
    """Return how many seconds it takes to read one time."""
    people = len(unit.memberships.active(cohort_id))
    seconds = [sum(CHOICE if is_choice(step) else OWN_WORDS for step in each.questions) for each in dialogs]
    return people * _answering(unit, cohort_id) * sum(seconds) / max(1, len(seconds))


def present_minutes(unit: Unit, content: Content, cohort_id: UUID) -> int:
    """Return the same for all that comes back in a cohort already; 0 for nothing."""
    minutes = 0
    for each in unit.schedules.list([cohort_id]):
        dialog = next_dialog(unit, content, each) if each.state == "active" else None
        if dialog is not None:
            minutes += weekly_minutes(unit, cohort_id, [dialog], Rhythm.of(each.rule))
    return minutes


def _answering(unit: Unit, cohort_id: UUID) -> float:
    """Return which share of a cohort answered what it was asked last; all, where nothing was asked yet."""
    found = [unit.following.progress(each) for each in unit.following.page([cohort_id], LOOKED_BACK)]
    sent = sum(each.sent for each in found)
    return sum(each.finished + each.halfway for each in found) / sent if sent else 1.0
