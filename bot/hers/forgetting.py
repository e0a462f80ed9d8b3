"""Forgetting by itself: what she told is kept as long as she was told it would be, and no longer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.organisation import DEFAULT_ZONE
from bot.turns import Turns
from dialogs.run import Run
from storage import retention
from storage.erasure import erase
from storage.unit import Unit

WORDS_STAY: Final = timedelta(days=90)
"""How long what was said stays in the web chat's thread; long enough for whatever is still to be answered there."""
AT_ONCE: Final = 200  # runs or people of one step
MONTHS: Final = 12


class Forgetting:
    """Erases what is older than it may be."""

    def __init__(self, turns: Turns) -> None:
        """Take what knows the organisation's record."""
        self._turns = turns

    def step(self, unit: Unit) -> None:
        """Erase what is due: answers, media and messages past their time, people who left, words said long ago."""
        record = self._turns.organisation.record(unit)
        words = unit.now - WORDS_STAY
        if months := int(record.get("retention_months") or 0):
            before = earlier(unit.now, months, str(record.get("zone") or DEFAULT_ZONE))
            self._forget(unit, before)
            words = max(words, before)
        retention.retire(unit, words)

    def _forget(self, unit: Unit, before: datetime) -> None:
        people = retention.gone(unit, before, AT_ONCE)
        for person_id in people:
            erase(unit, person_id)
        ended = [self._end(unit, *each) for each in retention.unfinished(unit, before, AT_ONCE)]
        gone = retention.forget(unit, before)
        if gone or people or any(ended):
            detail = {
                "before": before.date().isoformat(),
                "answers": gone.answers,
                "media": gone.media,
                "messages": gone.messages,
                "runs": sum(ended),
                "people": len(people),
            }
            unit.audit.add("tick", "retention.erased", "all", detail)

    def _end(self, unit: Unit, run_id: UUID, person_id: UUID) -> bool:
        """End a run that was left lying, with whatever was gathered in it."""
        person = unit.people.get(person_id)
        row = unit.runs.get(run_id, person) if person else None
        if person is None or row is None:
            return False
        run = replace(Run.restore(row.state, {}), status="expired", position="", draft=(), near=None, sources=())
        unit.runs.save(row.id, person, run.state(), run.status, run.prompt, ended_at=unit.now)
        return True


def earlier(now: datetime, months: int, zone: str) -> datetime:
    """Return the same hour so many calendar months before, in a zone; of a shorter month, its last day."""
    local = now.astimezone(ZoneInfo(zone))
    years, month = divmod(local.year * MONTHS + local.month - 1 - months, MONTHS)
    for day in range(local.day, local.day - 4, -1):
        try:
            return local.replace(year=years, month=month + 1, day=day).astimezone(UTC)
        except ValueError:  # no such day
            continue
    raise AssertionError("every month has 28 days")
