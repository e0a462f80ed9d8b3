"""What comes back: who is asked what, when next, how it was answered last; pausing, skipping, moving, ending."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.messengers.port import Button
from bot.participant import waiting
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import pairs, rows
from bot.rendering.texts import shorten
from bot.services import schedule_words, schedules
from bot.services.permissions import FACILITATORS, cohorts_of
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.rhythms import Rhythm
from bot.services.schedules import ScheduleError
from bot.team.kit.feature import Feature
from bot.team.orders.rhythm_choice import ChosenRhythm, RhythmChoice
from dialogs import wording
from dialogs.recurrence import BadRule
from storage.schedules import Schedule

SHOWN: Final = 5
LAST_SHOWN: Final = 3
NAME: Final = 24  # characters of a title, and of a group's name, on a button


class RepeatsPage(Argument):
    """A page of what comes back."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class OneRepeat(Argument):
    """One of them: open (`o`), just begun (`b`), pause, resume, skip, unskip, end (`e`)."""

    layout: ClassVar[str] = "{step}{schedule}"
    step: Literal["o", "b", "p", "r", "s", "u", "e"]
    schedule: UUID


class Moved(Argument):
    """Which one gets other days or another hour, by the end of its id, and what was chosen so far."""

    layout: ClassVar[str] = "{schedule}[.{days}[.{minute}]]"
    schedule: str
    days: str = ""
    minute: int | None = None


REPEATS = Action(
    targets.REPEATS,
    FACILITATORS,
    (RepeatsPage, OneRepeat),
    commands=("repeats",),
    offered=111,
    menu=MenuPlace("more", 3),
)
REPEATS_WHEN = Action("rw", FACILITATORS, (Moved,))  # short: 64 bytes hold it, seven days and the hour


class Repeats(Feature):
    """The list of what comes back, and the screen of each."""

    @handles(REPEATS)
    def repeats(self, screen: Screen, argument: RepeatsPage | OneRepeat) -> None:
        """Show the list, or one of it; or do what its button says, and say from when on it holds."""
        if isinstance(argument, RepeatsPage):
            self._list(screen, argument.page)
            return
        unit, organisation, by = screen.unit, self._turns.organisation, screen.person
        acts: Mapping[str, Callable[[UUID], Schedule]] = {
            "p": lambda which: schedules.pause(unit, which, by),
            "r": lambda which: schedules.resume(unit, organisation, which, by),
            "s": lambda which: schedules.skip(unit, which, by),
            "u": lambda which: schedules.unskip(unit, organisation, which, by),
            "e": lambda which: schedules.end(unit, which, by),
        }
        act = acts.get(argument.step)
        try:
            done = act(argument.schedule) if act else schedules.reached(unit, argument.schedule, by)
        except NotFound:
            self._list(screen, 0)
        except AlreadyDone:
            self._one(screen, schedules.reached(unit, argument.schedule, by), screen.words("repeats.already"))
        except ScheduleError as error:
            shown = schedules.reached(unit, argument.schedule, by)
            self._one(screen, shown, screen.words(error.code, **error.facts))
        else:
            self._one(screen, done, self._said(screen, argument.step, done))

    def _said(self, screen: Screen, step: str, done: Schedule) -> str:
        """Return what was done and from when on it holds; '' where it is only shown."""
        if step == "o":
            return ""
        day = self._day(screen, done)
        code = {"b": "begun", "p": "paused", "r": "resumed", "s": "skipped", "u": "unskipped", "e": "ended"}[step]
        return screen.words(f"repeats.{code}", day=day)

    def _day(self, screen: Screen, schedule: Schedule) -> str:
        if schedule.next_on is None:
            return ""
        return schedule_words.day_of(screen.speech.texts, screen.speech.language, schedule.next_on)

    def _list(self, screen: Screen, page: int) -> None:
        found = screen.unit.schedules.list([each.id for each in cohorts_of(screen.unit, screen.person)])
        present = [each for each in found if each.state != "ended"] + [each for each in found if each.state == "ended"]
        if not present:
            screen.show(screen.words("repeats.none"), rows(screen.button("menu.ask", targets.ASK), screen.menu()))
            return
        pager = Pager.of(len(present), SHOWN, page)
        buttons = [
            screen.labelled(self._label(screen, each), REPEATS, OneRepeat("o", each.id)) for each in pager.cut(present)
        ]
        turns = pager.turns(lambda code, place: screen.button(code, REPEATS, RepeatsPage(place)))
        screen.show(screen.words("repeats.list"), (*rows(*buttons), *turns, (screen.menu(),)))

    def _label(self, screen: Screen, schedule: Schedule) -> str:
        cohort = screen.unit.cohorts.get(schedule.cohort_id)
        where = shorten(cohort.name, NAME) if cohort else ""
        label = f"{shorten(self._title(screen, schedule), NAME)} · {where}"
        return label if schedule.state == "active" else f"{label} · {screen.words(f'repeats.state.{schedule.state}')}"

    def _title(self, screen: Screen, schedule: Schedule) -> str:
        known = {each.name: each for each in self._turns.content.of(screen.unit).all()}
        titles = [
            wording.choose(known[each.name].title, screen.speech.language)
            for each in schedule.dialogs
            if each.name in known
        ]
        return screen.speech.texts.all_of(titles, screen.speech.language) if titles else schedule.dialogs[0].name

    def _one(self, screen: Screen, schedule: Schedule, lead: str) -> None:
        """Show one: whom, what, how often, when next, how the last times were answered, and what can be done."""
        cohort = screen.unit.cohorts.get(schedule.cohort_id)
        texts, language = screen.speech.texts, screen.speech.language
        told = screen.words(
            "repeats.one",
            title=shorten(self._title(screen, schedule), LABEL * 2),
            cohort=shorten(cohort.name, LABEL) if cohort else "",
            rhythm=schedule_words.told(texts, language, Rhythm.of(schedule.rule)),
        )
        state = (
            screen.words("repeats.next", day=self._day(screen, schedule))
            if schedule.state == "active"
            else screen.words(f"repeats.why.{_why(schedule)}")
        )
        lines = [f"{told} {state}", *self._answered(screen, schedule)]
        screen.show("\n\n".join(filter(None, [lead, "\n".join(lines)])), self._keyboard(screen, schedule, lead))

    def _answered(self, screen: Screen, schedule: Schedule) -> list[str]:
        lines = []
        for broadcast_id in screen.unit.schedules.occurrences(schedule.id, LAST_SHOWN):
            broadcast, counts = screen.unit.broadcasts.get(broadcast_id), screen.unit.following.progress(broadcast_id)
            if broadcast is not None and broadcast.cancelled_at is None and counts.sent:
                zone = self._turns.organisation.zone(screen.unit, cohort=screen.unit.cohorts.get(broadcast.cohort_id))
                day = screen.speech.texts.short_day(broadcast.due_at, zone, screen.speech.language)
                lines.append(screen.words("repeats.answered", day=day, finished=counts.finished, sent=counts.sent))
        return lines

    def _keyboard(self, screen: Screen, schedule: Schedule, lead: str) -> tuple[tuple[Button, ...], ...]:
        def step(code: str, name: Literal["p", "r", "s", "u", "e"]) -> Button:
            return screen.button(code, REPEATS, OneRepeat(name, schedule.id))

        back = (screen.button("button.repeats", REPEATS), screen.menu())
        if schedule.state == "ended":
            return ((step("button.repeats_resume", "r"),), back)
        if schedule.state == "paused":
            return ((step("button.repeats_resume", "r"), step("button.repeats_end", "e")), back)
        buttons = [
            step("button.repeats_pause", "p"),
            step("button.repeats_skip", "s"),
            screen.button("button.repeats_when", REPEATS_WHEN, Moved(_short(schedule))),
            step("button.repeats_end", "e"),
        ]
        undo = rows(step("button.repeats_unskip", "u")) if lead and self._skipped(screen, schedule) else ()
        return (*undo, *pairs(buttons), back)

    def _skipped(self, screen: Screen, schedule: Schedule) -> bool:
        """Return whether an occurrence that is still to come was left out."""
        return schedules.before_skipping(screen.unit, self._turns.organisation, schedule) is not None

    # Other days, or another hour.

    @handles(REPEATS_WHEN)
    def when(self, screen: Screen, argument: Moved) -> None:
        """Ask for what is not chosen yet, else change the rhythm and say from when on."""
        found = screen.unit.schedules.list([each.id for each in cohorts_of(screen.unit, screen.person)])
        schedule = next((each for each in found if _short(each) == argument.schedule), None)
        if schedule is None:
            self._list(screen, 0)
            return
        choice = self._choice(screen, schedule)
        chosen = ChosenRhythm(argument.days, argument.minute)
        offered: tuple[ChosenRhythm, ...] = ()
        if screen.said:
            typed = choice.typed(chosen)
            if isinstance(typed, str):
                choice.often(typed)
                waiting.ask(screen, REPEATS_WHEN, Moved(_short(schedule)), for_others=False)
                return
            chosen, offered = (typed, ()) if isinstance(typed, ChosenRhythm) else (typed[0], tuple(typed))
        try:
            if not chosen.days:
                choice.often()
            elif chosen.pattern is None:
                choice.days(chosen)
            elif offered or chosen.minute is None:
                choice.hours(chosen, offered)
            else:
                self._move(screen, schedule, choice, chosen)
                return
        except BadRule as error:
            choice.often(f"repeat.bad.{error.code}")
        waiting.ask(screen, REPEATS_WHEN, Moved(_short(schedule), chosen.days), for_others=False)

    def _choice(self, screen: Screen, schedule: Schedule) -> RhythmChoice:
        def to(label: str, chosen: ChosenRhythm) -> Button:
            return screen.labelled(label, REPEATS_WHEN, Moved(_short(schedule), chosen.days, chosen.minute))

        cohort = screen.unit.cohorts.get(schedule.cohort_id)
        zone = ZoneInfo(self._turns.organisation.zone(screen.unit, cohort=cohort))
        return RhythmChoice(screen, zone, to, screen.button("button.return", REPEATS, OneRepeat("o", schedule.id)))

    def _move(self, screen: Screen, schedule: Schedule, choice: RhythmChoice, chosen: ChosenRhythm) -> None:
        left = schedules.times_left(schedule)
        rhythm = ChosenRhythm(chosen.days, chosen.minute, left).rhythm(screen.unit.now.astimezone(choice.zone).date())
        assert rhythm is not None
        try:
            done = schedules.change_rhythm(screen.unit, self._turns.organisation, schedule.id, rhythm, screen.person)
        except AlreadyDone:
            self._one(screen, schedule, screen.words("repeats.already"))
        except ScheduleError as error:
            choice.often(error.code, **error.facts)
        else:
            self._one(screen, done, screen.words("repeats.moved", day=self._day(screen, done)))


def _why(schedule: Schedule) -> str:
    """Return why nothing of a schedule goes out, as the end of a sentence's code."""
    reason = schedule.reason or "team"
    return "ended" if schedule.state == "ended" and reason == "team" else reason


def _short(schedule: Schedule) -> str:
    """Return the end of an id: with days and hour behind it, the whole one has no room on a button."""
    return schedule.id.hex[-8:]
