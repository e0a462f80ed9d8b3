"""Whether what comes back is said once more to whoever has not finished, and after how long."""

from datetime import timedelta
from typing import ClassVar, Final
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import reminders, schedules
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.schedules import ScheduleError
from bot.team.kit.feature import Feature
from bot.team.orders.repeats import OneRepeat
from storage.schedules import Schedule

AFTER: Final = (4, 24, 48)
"""After how many hours: the same evening, the next day, the day after."""
AN_HOUR: Final = timedelta(hours=1)


class RemindingAfter(Argument):
    """After how many hours one that comes back is said once more; 0: it is not; none: the choices."""

    layout: ClassVar[str] = "{schedule}[.{hours}]"
    schedule: UUID
    hours: int | None = None


REPEAT_REMIND = Action(targets.REPEAT_REMIND, FACILITATORS, (RemindingAfter,))


class RepeatReminder(Feature):
    """The screen on which that is chosen."""

    @handles(REPEAT_REMIND)
    def remind(self, screen: Screen, argument: RemindingAfter) -> None:
        """Show what can be chosen and what holds, or choose."""
        unit, lead = screen.unit, ""
        try:
            schedule = schedules.reached(unit, argument.schedule, screen.person)
            if argument.hours is not None:
                after = AN_HOUR * argument.hours if argument.hours else None
                schedule = schedules.remind(unit, schedule.id, after, screen.person)
                lead = f"{screen.words('repeats.reminder.done')}\n\n"
        except NotFound:
            screen.show(screen.words("repeats.none"), rows(screen.button("button.repeats", targets.REPEATS)))
            return
        except AlreadyDone:
            lead = f"{screen.words('repeats.already')}\n\n"
        except ScheduleError as error:
            lead = f"{screen.words(error.code, **error.facts)}\n\n"
        present = reminders.after(schedule.rule)
        offered = [hours for hours in AFTER if hours * 60 < schedule.window_minutes]
        buttons = [
            screen.button(f"button.repeats_remind.{hours}", REPEAT_REMIND, RemindingAfter(schedule.id, hours))
            for hours in (0, *offered)
            if present != (AN_HOUR * hours if hours else None)
        ]
        back = screen.button("button.return", targets.REPEATS, OneRepeat("o", schedule.id))
        screen.show(f"{lead}{screen.words('repeats.reminder')} {_holds(screen, schedule)}", rows(*buttons, back))


def _holds(screen: Screen, schedule: Schedule) -> str:
    """Return what holds now."""
    present = reminders.after(schedule.rule)
    if present is None:
        return screen.words("repeats.reminder.none")
    hours = present // AN_HOUR
    code = f"repeats.reminder.{hours}" if hours in AFTER else "repeats.reminder.hours"
    return screen.words(code) if hours in AFTER else screen.speech.texts.count(code, screen.speech.language, hours)
