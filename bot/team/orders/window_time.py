"""Giving people more time to answer what is open of something that comes back."""

from typing import ClassVar, Final
from uuid import UUID

from bot.conversation.actions import Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.ids import short_id
from bot.rendering.speech import rows
from bot.services import schedules, windows
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.schedules import ScheduleError
from bot.team.kit.feature import Feature

LONGER: Final = (1, 3, 7)  # days


class OneWindow(Argument):
    """A schedule, and by how many days its open occurrence may be answered longer; `u`: that many less again."""

    layout: ClassVar[str] = "{schedule}[.{days}[{undo:u}]]"
    schedule: UUID
    days: int = 0
    undo: bool = False


WINDOW = Action(targets.WINDOW, FACILITATORS, (OneWindow,))


class WindowTime(Feature):
    """The screen that lengthens a window."""

    @handles(WINDOW)
    def window(self, screen: Screen, argument: OneWindow) -> Next:
        """Ask by how much, or do it, and say until when."""
        unit, organisation = screen.unit, self._turns.organisation
        shown = screen.button("button.return", targets.REPEATS, f"o{short_id(argument.schedule)}")
        try:
            schedule = schedules.reached(unit, argument.schedule, screen.person)
            if not argument.days:
                buttons = [
                    screen.labelled(
                        screen.speech.texts.count("window.days", screen.speech.language, days),
                        WINDOW,
                        OneWindow(schedule.id, days),
                    )
                    for days in LONGER
                ]
                screen.show(screen.words("window.ask"), rows(*buttons, shown))
                return None
            days = -argument.days if argument.undo else argument.days
            until = windows.lengthen(unit, schedule.id, days, screen.person)
        except (AlreadyDone, NotFound):
            return Then(targets.REPEATS, f"o{short_id(argument.schedule)}", screen)
        except ScheduleError as error:
            screen.show(screen.words(error.code, **error.facts), rows(shown, screen.menu()))
            return None
        zone = organisation.zone(unit, cohort=unit.cohorts.get(schedule.cohort_id))
        when = organisation.moment(screen.speech, zone, until)
        undo = screen.button("button.window_undo", WINDOW, OneWindow(schedule.id, argument.days, undo=True))
        ways = (shown,) if argument.undo else (undo, shown)
        screen.show(screen.words("window.done", when=when), rows(*ways, screen.menu()))
        return None
