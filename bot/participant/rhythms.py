"""How a participant wants what comes back: as it comes, less often, at another moment, by coming in, or not at all."""

from datetime import date, datetime, timedelta
from typing import ClassVar, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.actions import ACTIVE, Action, Next, Played, handles
from bot.conversation.screen import LABEL, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant.rhythm_telling import OneRhythm, Step, rhythm_button, told
from bot.rendering import targets
from bot.rendering.arguments import Argument, Page
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import coming, listening, own_time, planning, schedule_words, week
from bot.services.organisation import weekday
from bot.services.own_time import OwnMoment, Way
from bot.services.permissions import EVERYONE
from bot.services.phones import watched
from bot.services.rhythms import Rhythm, moment_of
from dialogs.recurrence import Weekly
from storage.people import Person
from storage.runs import RunRow
from storage.schedules import Schedule
from storage.unit import Unit

SHOWN: Final = 5
EVERY_DAY_ON: Final = "9999"
CHOICES: Final[dict[Way, tuple[Step, ...]]] = {
    "": ("d", "l", "y", "n"),
    "half": ("a", "d", "y", "n"),
    "month": ("a", "d", "y", "n"),
    "own": ("a", "n"),
    "no": ("a", "y"),
}
WAYS: Final[dict[str, Way]] = {"k": "", "a": "", "y": "own", "n": "no", "h": "half", "m": "month"}
SAID: Final = {
    "k": "rhythm.kept",
    "a": "rhythm.told_again",
    "y": "rhythm.own",
    "n": "rhythm.no",
    "h": "rhythm.half",
    "m": "rhythm.month",
}
QUIET_WORDS: Final = frozenset({"rhythm.told_again", "rhythm.own", "rhythm.way.all", "rhythm.way.own"})
"""What says that Hilo tells, or does not: on a page, where nothing rings, it says what waits there."""
DAYS_SHOWN, HOURS_SHOWN = 4, 5
HOURS: Final = (8, 11, 14, 17, 20)


class OwnHour(Argument):
    """A day of one that comes back, as days after its own, and an hour on it; none: its hours."""

    layout: ClassVar[str] = "w{schedule}.{days}[.{at}]"
    schedule: UUID
    days: int
    at: str = ""


class GoOn(Argument):
    """How all that comes back goes on, once that was asked."""

    layout: ClassVar[str] = "g.{way}"
    way: Literal["same", "month", "own", "no"]


class Reminding(Argument):
    """Whether reminders reach the participant."""

    layout: ClassVar[str] = "r.{way}"
    way: Literal["on", "off"]


WINDOW_KEPT: Final = "window_kept"
"""Preference: that a window closed over something that a person had answered in part, until they were told."""

RHYTHM = Action(targets.RHYTHM, EVERYONE, (Page, OneRhythm, OwnHour, GoOn, Reminding), states=ACTIVE)
NOT_TODAY = Action("not_today", EVERYONE, states=ACTIVE)


class RhythmScreens:
    """The screens on which a participant chooses."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(RHYTHM)
    def rhythm(self, screen: Screen, argument: Page | OneRhythm | OwnHour | GoOn | Reminding) -> None:
        """Show what comes back, or one of it, or note how the participant wants it."""
        screen = screen.with_speech(screen.speech, listening.acted(screen.unit, screen.person))
        found = own_time.present(screen.unit, screen.person)
        match argument:
            case GoOn(way):
                self._go_on(screen, found, way)
            case Reminding(way):
                person = screen.unit.people.prefer(screen.person, **{own_time.NO_REMINDERS: way == "off" or None})
                self._list(screen.with_speech(screen.speech, person), found)
            case OneRhythm(step, schedule_id) if schedule := _one_of(found, schedule_id):
                self._step(screen, schedule, step)
            case OwnHour(schedule_id, days, at) if schedule := _one_of(found, schedule_id):
                self._hour(screen, schedule, days, at)
            case _:
                self._list(screen, found)

    def came(self, unit: Unit, person: Person) -> None:
        """Tell somebody who comes that what they had answered is kept, if a window closed over it meanwhile."""
        if person.preferences.get(WINDOW_KEPT) and person.participation == "active":
            person = unit.people.prefer(person, **{WINDOW_KEPT: None})
            self._turns.speech(unit, person).say("window.kept")

    def _list(self, screen: Screen, found: list[Schedule]) -> None:
        if not found:
            screen.show(screen.words("rhythm.none"), rows(screen.menu()))
            return
        shown = found[:SHOWN]
        labels = [self._labelled(screen, each) for each in shown]
        if len({*labels}) < len(labels):
            labels = [f"{place} · {label}" for place, label in enumerate(labels, 1)]
        buttons = [
            screen.labelled(label, RHYTHM, OneRhythm("o", each.id)) for each, label in zip(shown, labels, strict=True)
        ]
        off = bool(screen.person.preferences.get(own_time.NO_REMINDERS))
        if off or screen.speech.can.rings:  # on a page nothing rings, and so nothing reminds
            buttons.append(
                screen.button(f"button.reminders.{'on' if off else 'off'}", RHYTHM, Reminding("on" if off else "off"))
            )
        text = screen.words("rhythm.list") + (f"\n\n{screen.words('rhythm.reminders.off')}" if off else "")
        screen.show(text, rows(*buttons, screen.button("button.return", targets.HOW)))

    def _labelled(self, screen: Screen, schedule: Schedule) -> str:
        """Return what one is, how often it comes, and how it is wanted; on a phone that others see not what it is."""
        texts, language, way = screen.speech.texts, screen.speech.language, own_time.way_of(screen.person, schedule.id)
        wanted = [screen.words(f"rhythm.wanted.{way}")] if way else []
        if watched(screen.person):
            return " · ".join((self._called(screen, schedule), *wanted))
        title = schedule_words.titles(texts, self._turns.content.of(screen.unit), schedule, language)
        days = schedule_words.days(texts, language, Rhythm.of(schedule.rule))
        return " · ".join((shorten(title, LABEL), *(wanted or [days])))

    def _called(self, screen: Screen, schedule: Schedule) -> str:
        """Return how often one comes."""
        days = schedule_words.told(screen.speech.texts, screen.speech.language, Rhythm.of(schedule.rule))
        return _capital(days)

    def _step(self, screen: Screen, schedule: Schedule, step: Step) -> None:
        match step:
            case "o":
                self._one(screen, schedule)
            case "l":
                ways = [_way(screen, each, schedule) for each in ("h", "m")]
                screen.show(screen.words("rhythm.less"), rows(*ways, self._back(screen, schedule)))
            case "d":
                self._days(screen, schedule)
            case "b":
                own_time.choose_moment(screen.unit, screen.person, schedule.id, None)
                self._ask_now(screen, schedule)
                self._moved(screen, schedule, screen.words("rhythm.usual", rhythm=self._called(screen, schedule)))
            case "t":
                self._not_today(screen, schedule)
            case "u":
                self._after_all(screen, schedule)
            case _:
                self._choose(screen, schedule, step)

    def _one(self, screen: Screen, schedule: Schedule) -> None:
        way = own_time.way_of(screen.person, schedule.id)
        present = screen.words(_by_sound(screen, f"rhythm.way.{way or 'all'}"))
        lines = [told(self._turns, screen.speech, screen.person, schedule), present]
        own = own_time.chosen_moment(screen.person, schedule.id)
        if own is not None and way not in {"own", "no"}:
            lines[-1] += " " + screen.words("rhythm.at_own", moment=self._moment(screen, schedule, own))
        steps = sorted(CHOICES[way], key=lambda step: step != "y") if watched(screen.person) else CHOICES[way]
        buttons = [_way(screen, step, schedule, again=way in {"half", "month"}) for step in steps]
        if own_time.not_today(screen.person, schedule.id, self._today(screen)):
            buttons.append(_way(screen, "u", schedule))
        elif way not in {"own", "no"} and self._of_today(screen, schedule):
            buttons.append(_way(screen, "t", schedule))
        screen.show("\n\n".join(lines), rows(*buttons, screen.button("button.return", RHYTHM), screen.menu()))

    def _back(self, screen: Screen, schedule: Schedule) -> Button:
        return screen.button("button.return", RHYTHM, OneRhythm("o", schedule.id))

    def _choose(self, screen: Screen, schedule: Schedule, step: Step) -> None:
        person = own_time.choose(screen.unit, screen.person, schedule.id, WAYS[step])
        if step in {"y", "n"}:
            week.counts_alone(screen.unit, person)
        self._ask_now(screen, schedule)
        if step == "n":
            self._end(screen, schedule)
        less = step in {"h", "m"}
        back: Step = "a" if less or step in {"y", "n"} else "y"
        told = screen.words(_by_sound(screen, SAID[step]))
        if less and (day := self._own_next(screen, schedule, WAYS[step])) is not None:
            next_one = schedule_words.day_of(screen.speech.texts, screen.speech.language, day)
            told = f"{told} {screen.words('rhythm.yours', day=next_one)}"
        screen.show(told, rows(_way(screen, back, schedule, again=less), screen.menu()))

    def _ask_now(self, screen: Screen, schedule: Schedule) -> None:
        """Let come what waited until the participant had said how they want it."""
        person = screen.unit.people.get(screen.person.id) or screen.person
        planning.ask_now(screen.unit, self._turns.organisation, person, schedule.id)

    def _own_next(self, screen: Screen, schedule: Schedule, way: Way) -> str | None:
        """Return the next occurrence that comes to a participant who wants it less often; None where none is left."""
        rhythm = Rhythm.of(schedule.rule)
        last = screen.unit.reached.last_begun(schedule.id, screen.person.id)
        upcoming = coming.coming_next(screen.unit, self._turns.organisation, schedule)
        while upcoming is not None and own_time.too_early(way, schedule, last, upcoming):
            upcoming = rhythm.after(date.fromisoformat(upcoming[:10]))
        return upcoming

    def _end(self, screen: Screen, schedule: Schedule) -> None:
        """End what is open of it: the participant does not want to be asked this."""
        for row in self._open(screen, schedule):
            self._turns.expire(screen.unit, screen.person, row)

    def _open(self, screen: Screen, schedule: Schedule) -> list[RunRow]:
        unit, person = screen.unit, screen.person
        found = unit.schedules.earlier_runs(schedule.id, person.id, EVERY_DAY_ON)
        return [row for run_id in found if (row := unit.runs.get(run_id, person)) is not None]

    # Another day or hour.

    def _zone(self, screen: Screen) -> str:
        return self._turns.organisation.zone(screen.unit, screen.person)

    def _window(self, screen: Screen, schedule: Schedule) -> tuple[datetime, datetime]:
        """Return when the next occurrence comes to everybody in the participant's zone, and until when it is open."""
        zone, wall = self._zone(screen), Rhythm.of(schedule.rule).at
        day = (schedule.next_on or screen.unit.schedules.last_made(schedule.id) or screen.unit.now.isoformat())[:10]
        at = moment_of(f"{day}T{wall:%H:%M}", zone)
        return at, at + timedelta(minutes=schedule.window_minutes)

    def _hours_on(self, screen: Screen, schedule: Schedule, days: int) -> list[str]:
        """Return the hours of a day that lie inside the window, and within the participant's hours."""
        zone, (opens, closes) = self._zone(screen), self._window(screen, schedule)
        day = opens.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
        organisation = self._turns.organisation
        walls = sorted({*(f"{hour:02}:00" for hour in HOURS), f"{Rhythm.of(schedule.rule).at:%H:%M}"})
        found = []
        for wall in walls:
            at = moment_of(f"{day.isoformat()}T{wall}", zone)
            if opens <= at < closes and organisation.next_moment(screen.unit, screen.person, at=at) == at:
                found.append(wall)
        return found[:HOURS_SHOWN]

    def _days(self, screen: Screen, schedule: Schedule) -> None:
        """Offer the days of the window that have an hour to choose."""
        days = [each for each in range(DAYS_SHOWN) if self._hours_on(screen, schedule, each)]
        buttons = [
            screen.labelled(_capital(self._day(screen, schedule, each)), RHYTHM, OwnHour(schedule.id, each))
            for each in days
        ]
        if own_time.chosen_moment(screen.person, schedule.id) is not None:
            buttons.append(_way(screen, "b", schedule))
        text = screen.words("rhythm.days" if days else "rhythm.days.none")
        screen.show(text, rows(*buttons, self._back(screen, schedule)))

    def _day(self, screen: Screen, schedule: Schedule, days: int) -> str:
        """Return a day of the window: by its name where it is always the same one, else as days after."""
        language, pattern = screen.speech.language, Rhythm.of(schedule.rule).days.pattern
        if isinstance(pattern, Weekly) and len(set(pattern.weekdays)) == 1:
            return screen.words("time.on", day=weekday((next(iter(pattern.weekdays)) + days) % 7, language))
        if days:
            return screen.speech.texts.count("rhythm.days.after", language, days)
        return screen.words("rhythm.days.same")

    def _hour(self, screen: Screen, schedule: Schedule, days: int, at: str) -> None:
        """Offer the hours of a day, or note the one that was chosen; what has not begun moves to it."""
        found = self._hours_on(screen, schedule, days)
        wall = f"{at[:2]}:{at[2:]}"
        if wall not in found:
            buttons = [
                screen.labelled(
                    _capital(self._clock(screen, each)),
                    RHYTHM,
                    OwnHour(schedule.id, days, each.replace(":", "")),
                )
                for each in found
            ]
            days_again = screen.button("button.return", RHYTHM, OneRhythm("d", schedule.id))
            screen.show(screen.words("rhythm.hours"), rows(*buttons, days_again))
            return
        chosen = OwnMoment(days, wall)
        week.counts_alone(screen.unit, own_time.choose_moment(screen.unit, screen.person, schedule.id, chosen))
        moment = self._moment(screen, schedule, chosen)
        self._moved(screen, schedule, screen.words("rhythm.moved", moment=moment), _way(screen, "b", schedule))

    def _moved(self, screen: Screen, schedule: Schedule, said: str, *ways: Button) -> None:
        person = screen.unit.people.get(screen.person.id) or screen.person
        planning.replan(screen.unit, self._turns.organisation, person)
        screen.show(said, rows(*ways, _way(screen, "d", schedule), screen.menu()))

    def _clock(self, screen: Screen, wall: str) -> str:
        zone = self._zone(screen)
        clock = self._turns.organisation.clock(screen.speech, zone, moment_of(f"2026-01-15T{wall}", zone))
        return screen.words("rhythm.hours.at", clock=clock)

    def _moment(self, screen: Screen, schedule: Schedule, own: OwnMoment) -> str:
        return f"{self._day(screen, schedule, own.days)} {self._clock(screen, own.at)}"

    # Not today.

    def _today(self, screen: Screen) -> date:
        return screen.unit.now.astimezone(ZoneInfo(self._zone(screen))).date()

    def _of_today(self, screen: Screen, schedule: Schedule) -> bool:
        """Return whether something of it is open, or is to come today."""
        zone, today = ZoneInfo(self._zone(screen)), self._today(screen)
        planned = screen.unit.schedules.planned_for(screen.person.id)
        comes = any(
            each.schedule_id == schedule.id and each.due_at.astimezone(zone).date() == today for each in planned
        )
        return comes or bool(self._open(screen, schedule))

    @handles(NOT_TODAY)
    def typed_not_today(self, screen: Screen) -> Next:
        """Leave out all that comes back today, as somebody typed; what is open by hand is put off.

        That comes to nobody by itself again, so it is asked until when.
        """
        screen = screen.with_speech(screen.speech, listening.acted(screen.unit, screen.person))
        unit, person = screen.unit, screen.person
        found = [
            each
            for each in own_time.present(unit, person)
            if own_time.way_of(person, each.id) != "no" and self._of_today(screen, each)
        ]
        row = unit.runs.open(person)
        if found and row is not None and row.status != "postponed" and not self._comes_back(screen, row, found):
            self._leave_out_all(screen, found)
            undo = _way(screen, "u", found[0]) if len(found) == 1 else screen.button("button.rhythms", RHYTHM)
            screen.show(screen.words("rhythm.not_today_either"), rows(undo))
            return Played(row, self._turns.act(unit, person, row, targets.LATER))
        if len(found) == 1:
            self._not_today(screen, found[0])
            return None
        if found:
            self._leave_out_all(screen, found)
            screen.show(screen.words("rhythm.not_today"), rows(screen.button("button.rhythms", RHYTHM), screen.menu()))
            return None
        if row is not None:
            return Played(row, self._turns.act(unit, person, row, targets.LATER))
        screen.show(screen.words("rhythm.nothing_today"), rows(screen.menu()))
        return None

    def _comes_back(self, screen: Screen, row: RunRow, found: list[Schedule]) -> bool:
        """Return whether a run is of what comes back."""
        return any(row.id == each.id for schedule in found for each in self._open(screen, schedule))

    def _leave_out_all(self, screen: Screen, found: list[Schedule]) -> None:
        for each in found:
            person = screen.unit.people.get(screen.person.id) or screen.person
            self._leave_out(screen.with_speech(screen.speech, person), each)

    def _not_today(self, screen: Screen, schedule: Schedule) -> None:
        """Leave out what is open of it, or comes today, and say when the next one comes."""
        if not self._of_today(screen, schedule):
            screen.show(screen.words("rhythm.nothing_today"), rows(screen.menu()))
            return
        self._leave_out(screen, schedule)
        text = screen.words("rhythm.not_today")
        if schedule.next_on is not None:
            day = schedule_words.day_of(screen.speech.texts, screen.speech.language, schedule.next_on)
            text = f"{text} {screen.words('rhythm.next', day=day)}"
        screen.show(text, rows(_way(screen, "u", schedule), screen.menu()))

    def _leave_out(self, screen: Screen, schedule: Schedule) -> None:
        """Leave out what is open of it, or comes today; nobody is told."""
        unit, person = screen.unit, screen.person
        found = self._open(screen, schedule)
        for row in found:
            if self._turns.answers(unit, person, row):
                self._turns.expire(unit, person, row)  # what was answered is kept, and counts
            else:
                self._turns.set_aside(unit, person, row)
                unit.left_out.leave_out(row.id, "today")
        if not found:
            own_time.leave_out(unit, person, schedule.id, self._today(screen))

    def _after_all(self, screen: Screen, schedule: Schedule) -> None:
        """Take it back: what was left out is asked again, or comes today as it would have."""
        unit, person = screen.unit, screen.person
        person = own_time.leave_out(unit, person, schedule.id, None)
        run_id = unit.left_out.newest(schedule.id, person.id, "today")
        row = unit.runs.get(run_id, person) if run_id is not None else None
        if row is not None:
            unit.left_out.put_back(row.id)
            self._turns.take_up(unit, person, row)
        elif unit.left_out.comes_after_all(schedule.id, person.id, "today") or self._of_today(screen, schedule):
            screen.show(screen.words("rhythm.after_all"), rows(screen.menu()))
        else:
            screen.show(screen.words("rhythm.nothing_today"), rows(screen.menu()))

    # How all of it goes on.

    def _go_on(self, screen: Screen, found: list[Schedule], way: str) -> None:
        """Note how the participant wants all that comes back, once that was asked."""
        chosen: Way = {"same": "", "month": "month", "own": "own", "no": "no"}[way]  # type: ignore[assignment]  # of `Way`
        person = screen.person
        for schedule in found if chosen else ():
            person = own_time.choose(screen.unit, person, schedule.id, chosen)
        settings = screen.button("button.rhythms", RHYTHM)
        screen.show(screen.words(f"listen.{way}"), rows(settings, screen.menu()))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _by_sound(screen: Screen, code: str) -> str:
    """Return the code of a sentence about being told, in its own version where nothing rings."""
    return screen.speech.timed(code) if code in QUIET_WORDS else code


def _one_of(found: list[Schedule], schedule_id: UUID) -> Schedule | None:
    return next((each for each in found if each.id == schedule_id), None)


def _way(screen: Screen, step: Step, schedule: Schedule, *, again: bool = False) -> Button:
    """Return the button to a step, in place; `again`: each time again, for who has it less often."""
    code = "button.rhythm.each" if step == "a" and again else rhythm_button(screen.speech, step)
    return screen.button(code, RHYTHM, OneRhythm(step, schedule.id))
