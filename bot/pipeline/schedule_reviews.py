"""Ask the team, and whoever was asked, whether something that comes back goes on: the scheduler's part of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant import rhythm_ends
from bot.rendering import targets
from bot.rendering.speech import Speech
from bot.rendering.texts import shorten
from bot.services import schedule_reviews, schedule_words, schedules
from bot.services.schedule_reviews import UNTOLD
from bot.services.week import next_message
from bot.team.orders.repeats import OneRepeat
from bot.team.orders.untold import OneUntold
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

ANOTHER = timedelta(minutes=1)  # until it is looked whether there is another one
TITLE = 28  # characters
STOPS = 200  # characters of the organisation's own words


class ScheduleReviews:
    """Asks whether a schedule goes on."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def rest_untold(self, unit: Unit, schedule: Schedule) -> None:
        """Let a schedule wait of which nothing was given back, and ask whoever answers for it."""
        schedules.rest(unit, schedule, UNTOLD)

        def buttons(there: Speech) -> list[Button]:
            return [
                there.button("button.untold.tell", targets.UNTOLD, OneUntold("t", schedule.id)),
                there.button("button.untold.why", targets.UNTOLD, OneUntold("w", schedule.id)),
                there.button("button.untold.once", targets.UNTOLD, OneUntold("m", schedule.id)),
            ]

        self._tell(unit, schedule, "notice.schedule.untold", buttons)

    def hourly(self, unit: Unit) -> None:
        """Let go on what was told about; after eight weeks ask whether one of the team's reasons to stop holds."""
        schedule_reviews.go_on_told(unit, self._turns.organisation)
        for schedule in schedule_reviews.to_review(unit):
            schedule_reviews.reviewed(unit, schedule)
            self._tell(unit, schedule, "notice.schedule.review", self._review_buttons(schedule))

    def _review_buttons(self, schedule: Schedule) -> Callable[[Speech], list[Button]]:
        def buttons(there: Speech) -> list[Button]:
            return [
                there.button("button.review_goes_on", targets.REPEATS, OneRepeat("k", schedule.id)),
                there.button("button.review_pause", targets.REPEATS, OneRepeat("p", schedule.id)),
                there.button("button.review_end", targets.REPEATS, OneRepeat("x", schedule.id)),
            ]

        return buttons

    def closed(self, unit: Unit, broadcast_id: UUID) -> None:
        """Ask both sides whether to go on, once the last window of the last occurrence has closed."""
        schedule_id = unit.schedules.of_occurrence(broadcast_id)
        schedule = unit.schedules.get(schedule_id) if schedule_id is not None else None
        if schedule is None or not schedule_reviews.is_last(unit, schedule, broadcast_id):
            return

        def buttons(there: Speech) -> list[Button]:
            return [
                there.button("button.over_more", targets.REPEATS, OneRepeat("m", schedule.id)),
                there.button("button.over_fine", targets.REPEATS, OneRepeat("f", schedule.id)),
            ]

        self._tell(unit, schedule, "notice.schedule.over", buttons)
        for person_id in unit.schedules.members(schedule.cohort_id):
            unit.people.look(person_id, unit.now)

    def ask_participant(
        self, unit: Unit, person: Person, next_allowed: Callable[[Unit, Person], datetime]
    ) -> tuple[datetime | None, bool]:
        """Ask a participant, once, whether something that is over should go on; return when to look again."""
        over = rhythm_ends.to_ask(unit, person) if person.participation == "active" and person.chat else None
        if over is None:
            return None, False
        moment = next_allowed(unit, person)
        enough = next_message(unit, self._turns.organisation, person)
        if moment > unit.now or (enough is not None and enough > unit.now):
            return max(moment, enough or moment), False
        return unit.now + ANOTHER, rhythm_ends.ask(self._turns, unit, person, over)

    def _tell(self, unit: Unit, schedule: Schedule, code: str, buttons: Callable[[Speech], list[Button]]) -> None:
        cohort = unit.cohorts.get(schedule.cohort_id)

        def words(there: Speech) -> str:
            dialogs = self._turns.content.of(unit)
            title = schedule_words.titles(there.texts, dialogs, schedule, there.language)
            stops = self._turns.organisation.stops_when(there)
            stated = there.words("notice.schedule.stops", why=shorten(stops, STOPS)) if stops else ""
            return there.words(
                code,
                title=shorten(title, TITLE),
                cohort=shorten(cohort.name, TITLE) if cohort else "",
                stops=stated or there.words("notice.schedule.stops.none"),
            )

        schedule_reviews.tell_team(unit, schedule, words, buttons)
