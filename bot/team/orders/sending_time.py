"""When a draft is sent: moments as buttons, or typed as people say them and read back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Final, Literal
from zoneinfo import ZoneInfo

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.participant import waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services.permissions import FACILITATORS
from bot.team.kit.feature import Feature
from bot.team.orders import drafts, ordering

MOMENTS_SHOWN: Final = 4
DAYS_SHOWN: Final = 6
HOURS: Final = (9, 13, 18)  # offered as buttons
FINER: Final = (8, 10, 12, 16, 18, 20)  # the same on a day that was chosen
SOON: Final = timedelta(minutes=15)
A_DAY: Final = timedelta(days=1)
MINUTE: Final = 60


class SendTime(Argument):
    """When: show some moments, now, or show days to choose from."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "now", "other"] = ""


class AtMinute(Argument):
    """A moment, in minutes since 1970."""

    layout: ClassVar[str] = "{minute}"
    minute: int


class OneDay(Argument):
    """A day, of which the hour is still to be chosen."""

    layout: ClassVar[str] = "d{day}"
    day: date


ASK_WHEN = Action(targets.ASK_WHEN, FACILITATORS, (SendTime, AtMinute, OneDay))


class SendingTime(Feature):
    """The screens on which the moment of a draft is chosen or typed."""

    @handles(ASK_WHEN)
    def when(self, screen: Screen, argument: SendTime | AtMinute | OneDay) -> None:
        """Take a moment, pressed or typed, or show some."""
        ready = ordering.ready(self._turns, screen)
        if ready is None:
            return
        draft, cohort, _ = ready
        if draft.sent is not None:
            ordering.look(self._turns, screen)
            return
        zone = ZoneInfo(drafts.zone_of(self._turns, screen.unit, cohort))
        if screen.said:
            self._typed(screen, zone, argument)
        elif argument == SendTime("now"):
            self._take(screen, None)
        elif argument == SendTime("other"):
            today = screen.unit.now.astimezone(zone).date()
            self._days(screen, zone, [today + each * A_DAY for each in range(2, 2 + DAYS_SHOWN)])
        elif isinstance(argument, OneDay):
            self._hours(screen, zone, argument.day)
        elif isinstance(argument, AtMinute):
            at = datetime.fromtimestamp(argument.minute * MINUTE, ZoneInfo("UTC"))
            if at > screen.unit.now:
                self._take(screen, at)
            else:
                self._moments(screen, zone, "ask.when.past")
        else:
            self._moments(screen, zone)

    def _take(self, screen: Screen, at: datetime | None) -> None:
        """Put a moment into the draft, None for now, and show its confirmation, which says the moment in words."""
        at = at.astimezone(ZoneInfo("UTC")) if at is not None else None
        person = drafts.change(screen.unit, screen.person, at=at)
        ordering.confirm(self._turns, replace(screen, person=person))

    def _typed(self, screen: Screen, zone: ZoneInfo, argument: SendTime | AtMinute | OneDay) -> None:
        """Take what was typed if it is one moment to come; else read back what it may be, or say what is needed."""
        from dialogs import moments  # noqa: PLC0415  its tables are not needed before somebody types a moment

        local, language = screen.unit.now.astimezone(zone).replace(tzinfo=None), screen.speech.language
        found = None
        if isinstance(argument, OneDay):  # an hour alone is one of that day
            found = moments.upcoming(f"{argument.day.isoformat()} {screen.said}", language, local)
        if found is None or not (found.moments or found.past):
            found = moments.upcoming(screen.said, language, local)
        if found is None:
            self._moments(screen, zone, "ask.when.unknown")
        elif found.past:
            self._moments(screen, zone, "ask.when.past")
        elif found.sure:
            at = found.moments[0].replace(tzinfo=zone)
            self._take(screen, at if at > screen.unit.now else None)
        elif found.moments:
            self._read_back(screen, zone, [each.replace(tzinfo=zone) for each in found.moments])
        elif len(found.days) == 1:
            self._hours(screen, zone, found.days[0])
        else:
            self._days(screen, zone, found.days)

    def _moments(self, screen: Screen, zone: ZoneInfo, code: str = "ask.when") -> None:
        now = screen.unit.now
        today = drafts.midnight(now, zone.key)
        offered = [
            moment
            for day in (today, today + A_DAY)
            for hour in HOURS
            if (moment := day.replace(hour=hour)) > now + SOON
        ]
        buttons = [screen.button("button.ask_now", ASK_WHEN, SendTime("now"))]
        buttons += [self._moment(screen, zone, each) for each in offered[:MOMENTS_SHOWN]]
        buttons.append(screen.button("button.ask_moment", ASK_WHEN, SendTime("other")))
        self._ask(screen, code, buttons, SendTime())

    def _read_back(self, screen: Screen, zone: ZoneInfo, found: Sequence[datetime]) -> None:
        """Ask which of some moments was meant."""
        buttons = [self._moment(screen, zone, each) for each in found]
        buttons.append(screen.button("button.ask_moment", ASK_WHEN, SendTime("other")))
        self._ask(screen, "ask.when.this" if len(found) == 1 else "ask.when.which", buttons, SendTime())

    def _days(self, screen: Screen, zone: ZoneInfo, days: Sequence[date]) -> None:
        """Ask which day, by buttons."""
        buttons = [screen.labelled(_capital(self._day(screen, zone, each)), ASK_WHEN, OneDay(each)) for each in days]
        self._ask(screen, "ask.when.day", buttons, SendTime())

    def _hours(self, screen: Screen, zone: ZoneInfo, day: date) -> None:
        """Ask at what hour of a day, which stands in words above."""
        moments = [datetime(day.year, day.month, day.day, hour, tzinfo=zone) for hour in FINER]
        coming = [each for each in moments if each > screen.unit.now + SOON]
        if not coming:
            self._moments(screen, zone, "ask.when.past")
            return
        buttons = [self._moment(screen, zone, each) for each in coming]
        self._ask(screen, "ask.when.hour", buttons, OneDay(day), day=self._day(screen, zone, day))

    def _moment(self, screen: Screen, zone: ZoneInfo, moment: datetime) -> Button:
        told = _capital(self._turns.organisation.moment(screen.speech, zone.key, moment))
        return screen.labelled(told, ASK_WHEN, AtMinute(int(moment.timestamp()) // MINUTE))

    def _day(self, screen: Screen, zone: ZoneInfo, day: date) -> str:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
        return self._turns.organisation.day(screen.speech, zone.key, noon)

    def _ask(self, screen: Screen, code: str, buttons: Sequence[Button], about: Argument, **facts: object) -> None:
        back = screen.button("button.ask_back", ordering.ASK_ORDER)
        screen.show(screen.words(code, **facts), rows(*buttons, back))
        waiting.ask(screen, ASK_WHEN, about, for_others=False)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
