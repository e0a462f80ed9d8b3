"""What comes back and waits, since nothing was given back: tell the people now, say why not, or once more."""

from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.participant import waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.ids import short_id
from bot.rendering.speech import rows
from bot.services import schedule_reviews, schedule_words, schedules
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.schedules import ScheduleError
from bot.team.kit.feature import Feature
from bot.team.orders.repeats import OneRepeat
from storage.schedules import Schedule


class OneUntold(Argument):
    """A schedule that waits: tell its people (`t`), say why not (`w`), or let it come once more (`m`)."""

    layout: ClassVar[str] = "{step}{schedule}"
    step: Literal["t", "w", "m"]
    schedule: UUID


UNTOLD = Action(targets.UNTOLD, FACILITATORS, (OneUntold,))


class UntoldScreens(Feature):
    """The three ways on."""

    @handles(UNTOLD)
    def untold(self, screen: Screen, argument: OneUntold) -> Next:
        """Lead to what is to be told, ask why not, or let it come once more."""
        unit, by, organisation = screen.unit, screen.person, self._turns.organisation
        back = Then(targets.REPEATS, OneRepeat("o", argument.schedule), screen)
        try:
            schedule = schedules.reached(unit, argument.schedule, by)
            if argument.step == "m":
                self._goes_on(screen, schedule_reviews.once_more(unit, organisation, schedule.id, by), "once")
                return None
            if argument.step == "w":
                return self._why(screen, schedule)
        except (AlreadyDone, NotFound):
            return back
        except ScheduleError as error:
            screen.show(screen.words(error.code, **error.facts), rows(screen.button("button.repeats", targets.REPEATS)))
            return None
        left = schedule_reviews.untold(unit, schedule)
        return Then(targets.TOLD, f"o{short_id(left[0])}", screen) if left else back

    def _why(self, screen: Screen, schedule: Schedule) -> Next:
        """Ask why the people are not told, or take what was typed."""
        organisation = self._turns.organisation
        again = screen.words("repeats.why_not")
        if screen.said:
            try:
                done = schedule_reviews.say_why_not(screen.unit, organisation, schedule.id, screen.said, screen.person)
            except ScheduleError as error:
                again = screen.words(error.code, **error.facts)
            else:
                self._goes_on(screen, done, "why_not")
                return None
        screen.show(again, rows(screen.button("button.return", targets.REPEATS, OneRepeat("o", schedule.id))))
        waiting.ask(screen, UNTOLD, OneUntold("w", schedule.id))
        return None

    def _goes_on(self, screen: Screen, schedule: Schedule, code: str) -> None:
        texts, language = screen.speech.texts, screen.speech.language
        day = schedule_words.day_of(texts, language, schedule.next_on) if schedule.next_on else ""
        told = screen.words(f"repeats.{code}.done", day=day)
        back = screen.button("button.repeats", targets.REPEATS, OneRepeat("o", schedule.id))
        screen.show(told, rows(back, screen.menu()))
