"""Retention: erase what participants told after the time they were promised, and no later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.turns import Turns
from bot.services import erasure, exports, recollections, recordings
from bot.services.support import NOTE_STAYS
from dialogs.run import Run
from storage import retention
from storage.erasure import erase_reach_note
from storage.retention import RetentionResult
from storage.unit import Unit

WORDS_STAY: Final = timedelta(days=90)
"""How long words stay in the web chat's thread; long enough for anything there that still waits for an answer."""
UNSENT_STAYS: Final = timedelta(days=30)
"""How long an unsent message can be sent again, while nobody decides."""
AT_ONCE: Final = 200  # runs or people, each hour
MONTHS: Final = 12


class RetentionSweep:
    """Erases what is older than the organisation's retention allows."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._after = 0  # the outbox row from which the next sweep goes on

    def pieces(self, unit: Unit) -> list[Callable[[Unit], object]]:
        """Return the work as small steps, so that replies need not wait long while it is done.

        Due are: people who left, answers, media and messages past their time, and words said long ago.
        """
        record = self._turns.organisation.record(unit)
        words, unsent = unit.now - WORDS_STAY, unit.now - UNSENT_STAYS
        pieces: list[Callable[[Unit], object]] = []
        if months := int(record.get("retention_months") or 0):
            before = earlier(unit.now, months, self._turns.organisation.zone(unit))
            words, unsent = max(words, before), max(unsent, before)
            left = _LeftBehind(before)
            pieces += [partial(left.erase, person_id) for person_id in retention.gone(unit, before, AT_ONCE)]
            pieces += [partial(left.end, *each) for each in retention.unfinished(unit, before, AT_ONCE)]
            pieces.append(left.forget)
        pieces += [partial(_unsay, rows) for rows in retention.wordy(unit, words)]
        parts, self._after = retention.parts(unit, words, self._after)
        pieces += [partial(_retire, words, part) for part in parts]
        pieces.append(partial(_give_up, unsent))
        pieces.append(partial(_shut, unit.now - NOTE_STAYS))
        return pieces


def _unsay(rows: Sequence[int], unit: Unit) -> None:
    retention.unsay(unit, rows)


def _give_up(before: datetime, unit: Unit) -> None:
    retention.give_up(unit, before)
    unit.invites.forget_nicknames()
    unit.organisation.enclose_names()
    unit.recollections.forget(unit.now - recollections.LASTS)


def _shut(before: datetime, unit: Unit) -> None:
    """Erase how people wanted to be reached, where nothing they asked for has been open since."""
    for person_id in unit.reach_notes.unneeded(before):
        person = unit.people.get(person_id)
        if person is not None:
            erase_reach_note(unit, person)


def _retire(before: datetime, part: tuple[int, int], unit: Unit) -> None:
    retention.retire(unit, before, *part)


@dataclass(slots=True)
class _LeftBehind:
    """What is left from before a moment; everything erased is in the audit."""

    before: datetime
    ended: int = 0

    def erase(self, person_id: UUID, unit: Unit) -> None:
        """Erase a person, if they are still among those who are gone."""
        if retention.is_gone(unit, self.before, person_id):
            erasure.erase_unasked(unit, person_id)
            self._note(unit, RetentionResult(0, 0, 0), people=1)

    def end(self, run_id: UUID, person_id: UUID, unit: Unit) -> None:
        """End a run that was left open, and drop its collected draft."""
        person = unit.people.get(person_id)
        row = unit.runs.read(run_id, person) if person else None
        if person is None or row is None or row.active_at >= self.before:
            return
        if row.damaged:
            unit.runs.end(row.id)
            self.ended += 1
            return
        run = replace(Run.restore(row.state, {}), status="expired", position="", draft=(), near=None, sources=())
        unit.runs.save(row.id, person, run.state(), run.status, run.prompt, ended_at=unit.now)
        self.ended += 1

    def forget(self, unit: Unit) -> None:
        """Erase answers, media and messages."""
        unit.media.renew(recordings.media(unit.organisation.get()))
        gone = retention.forget(unit, self.before)
        if gone or self.ended:
            self._note(unit, gone)

    def _note(self, unit: Unit, gone: RetentionResult, people: int = 0) -> None:
        detail = {
            "before": self.before.date().isoformat(),
            "answers": gone.answers,
            "media": gone.media,
            "messages": gone.messages,
            "runs": self.ended,
            "people": people,
        }
        unit.audit.add("tick", "retention.erased", "all", detail)
        exports.withdraw_all(unit)
        self.ended = 0


def earlier(now: datetime, months: int, zone: str) -> datetime:
    """Return the same local time so many calendar months before; the month's last day if it is shorter."""
    local = now.astimezone(ZoneInfo(zone))
    years, month = divmod(local.year * MONTHS + local.month - 1 - months, MONTHS)
    for day in range(local.day, local.day - 4, -1):
        try:
            return local.replace(year=years, month=month + 1, day=day).astimezone(UTC)
        except ValueError:  # no such day
            continue
    raise AssertionError("every month has 28 days")
