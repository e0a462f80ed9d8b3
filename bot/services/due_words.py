"""What is due next, what is late, and why, in sentences."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.content import Content
from bot.messengers import registry
from bot.rendering.texts import Texts, shorten
from bot.services import due
from bot.services.organisation import OrganisationFacts
from bot.services.schedule_words import titles
from dialogs import wording
from dialogs.model import Dialog
from storage.schedules import Schedule
from storage.unit import Unit

TITLE: Final = 28  # characters of a title, and of a group's name
HOUR: Final = "%H:%M"


@dataclass(frozen=True, slots=True)
class DueWords:
    """Says what is due: in a language, by the hour of a zone, of some cohorts (None: of all)."""

    unit: Unit
    texts: Texts
    content: Content
    organisation: OrganisationFacts
    language: str
    zone: str
    cohorts: Collection[UUID] | None = None

    def lines(self, *, awake: bool = True) -> list[str]:
        """Return a line for each thing that is due next, is late, rests or waits for an admin."""
        broadcasts, messages = due.late(self.unit, self.cohorts, awake=awake)
        return [
            *(self._coming(each) for each in due.coming(self.unit, self.organisation, self.cohorts)),
            *(self._late(each) for each in broadcasts),
            *(self._late_messages(each) for each in messages),
            *(self._rests(each) for each in due.resting(self.unit, self.cohorts)),
            *([self._say("due.restored")] if due.asks_admin(self.unit) else []),
        ]

    def _coming(self, each: due.Coming) -> str:
        facts = {**self._what(each.broadcast_id, each.schedule, each.cohort_id), "when": self._when(each.at)}
        if each.people is None:
            return self._say("due.next", **facts)
        return self.texts.count("due.next.people", self.language, each.people, **facts)

    def _late(self, each: due.LateBroadcast) -> str:
        facts = {**self._what(each.broadcast_id, None, each.cohort_id), "since": self._when(each.since)}
        return f"{self.texts.count('due.late', self.language, each.people, **facts)} {self._why(each.why)}"

    def _late_messages(self, each: due.LateMessages) -> str:
        facts = {"where": registry.of(each.messenger).title, "since": self._when(each.since)}
        return f"{self.texts.count('due.late.messages', self.language, each.number, **facts)} {self._why(each.why)}"

    def _why(self, why: due.Why) -> str:
        return self._say(f"due.why.{why}")

    def _rests(self, schedule: Schedule) -> str:
        facts = self._what(None, schedule, schedule.cohort_id)
        return self._say("due.rests", **facts, why=self._say(f"repeats.why.{schedule.reason}"))

    def _what(self, broadcast_id: UUID | None, schedule: Schedule | None, cohort_id: UUID) -> dict[str, str]:
        cohort = self.unit.cohorts.get(cohort_id)
        title = self._title(broadcast_id) if schedule is None else self._titles(schedule)
        return {"title": shorten(title, TITLE), "cohort": shorten(cohort.name, TITLE) if cohort else ""}

    def _title(self, broadcast_id: UUID | None) -> str:
        broadcast = self.unit.broadcasts.get(broadcast_id) if broadcast_id is not None else None
        found = self.unit.versions.get(broadcast.dialog_hash) if broadcast is not None else None
        return wording.choose(Dialog.from_dict(json.loads(found)).title, self.language) if found else ""

    def _titles(self, schedule: Schedule) -> str:
        return titles(self.texts, self.content.of(self.unit), schedule, self.language)

    def _when(self, moment: datetime) -> str:
        hour = f"{moment.astimezone(ZoneInfo(self.zone)):{HOUR}}"
        return self._say("missed.moment", day=self.texts.day(moment, self.zone, self.language), hour=hour)

    def _say(self, code: str, **facts: object) -> str:
        return self.texts.say(code, self.language, **facts)


def fitting(lines: Sequence[str], most: int) -> list[str]:
    """Return as many lines as have room."""
    shown = list(lines)
    while len("\n".join(shown)) > most:
        shown.pop()
    return shown
