"""What comes back: who is asked what, when next, how it was answered last; pausing, skipping, moving, ending."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import LABEL, Pager, Screen, short_id
from bot.messengers.port import Button
from bot.participant import waiting
from bot.participant.rhythm_ends import wishes_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import pairs, rows
from bot.rendering.texts import shorten
from bot.services import coming, schedule_changes, schedule_reviews, schedule_words, schedules, windows
from bot.services.permissions import FACILITATORS, cohorts_of
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.rhythms import Rhythm, moment_of
from bot.services.schedules import ScheduleError
from bot.team.kit.feature import Feature
from bot.team.orders.rhythm_choice import AN_HOUR, JOINING, ChosenRhythm, RhythmChoice, code_of, way_code
from dialogs.recurrence import BadRule
from storage.schedules import Schedule

SHOWN: Final = 5
LAST_SHOWN: Final = 3
WITH_A_DAY: Final = frozenset({"b", "r", "s", "u"})
FEW: Final = 3
"""How many have to say something before it is counted."""
NAME: Final = 24  # characters of a title, and of a group's name, on a button
SAID: Final = {
    "b": "begun",
    "p": "paused",
    "r": "resumed",
    "s": "skipped",
    "u": "unskipped",
    "e": "ended",
    "m": "extended",
    "f": "stays_over",
    "k": "goes_on",
}


class RepeatsPage(Argument):
    """A page of what comes back."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class OneRepeat(Argument):
    """One of them: open (`o`), just begun (`b`), pause, resume, skip, unskip, end (`e`), asked before (`x`).

    And the answers to whether it goes on: so many times more (`m`), it stays over (`f`), no reason to stop holds (`k`).
    """

    layout: ClassVar[str] = "{step}{schedule}"
    step: Literal["o", "b", "p", "r", "s", "u", "e", "x", "m", "f", "k"]
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
            "s": lambda which: schedule_changes.skip(unit, organisation, which, by),
            "u": lambda which: schedule_changes.unskip(unit, organisation, which, by),
            "e": lambda which: schedules.end(unit, which, by),
            "m": lambda which: schedule_reviews.extend(unit, organisation, which, by),
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
            if argument.step == "x" and done.state != "ended":
                self._ask_end(screen, done)
                return
            self._one(screen, done, self._said(screen, argument.step, done))

    def _said(self, screen: Screen, step: str, done: Schedule) -> str:
        """Return what was done and from when on it holds; '' where it is only shown."""
        if step in WITH_A_DAY and done.next_on is None:  # a way in: it comes to each by the day of joining
            return screen.words(f"repeats.way.{SAID[step]}")
        return screen.words(f"repeats.{SAID[step]}", day=self._day(screen, done)) if step in SAID else ""

    def _ask_end(self, screen: Screen, schedule: Schedule) -> None:
        """Ask before it ends, and say what becomes of what is open."""
        title = shorten(self._title(screen, schedule), LABEL * 2)
        end = screen.button("button.repeats_end_yes", REPEATS, OneRepeat("e", schedule.id))
        pause = screen.button("button.repeats_pause", REPEATS, OneRepeat("p", schedule.id))
        back = screen.button("button.return", REPEATS, OneRepeat("o", schedule.id))
        ways = (end, pause) if schedule.state == "active" else (end,)
        screen.show(screen.words("repeats.end.ask", title=title), rows(*ways, back))

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
        pager = Pager.of(len(present), SHOWN, page, joined=True)
        buttons = [
            screen.labelled(self._label(screen, each), REPEATS, OneRepeat("o", each.id)) for each in pager.cut(present)
        ]
        turns = pager.turns(lambda code, place: screen.button(code, REPEATS, RepeatsPage(place)))
        below = (screen.button("button.due", targets.DUE), screen.menu())
        screen.show(screen.words("repeats.list"), (*rows(*buttons), *turns, below))

    def _label(self, screen: Screen, schedule: Schedule) -> str:
        cohort = screen.unit.cohorts.get(schedule.cohort_id)
        where = shorten(cohort.name, NAME) if cohort else ""
        label = f"{shorten(self._title(screen, schedule), NAME)} · {where}"
        return label if schedule.state == "active" else f"{label} · {screen.words(f'repeats.state.{schedule.state}')}"

    def _title(self, screen: Screen, schedule: Schedule) -> str:
        dialogs = self._turns.content.of(screen.unit)
        return schedule_words.titles(screen.speech.texts, dialogs, schedule, screen.speech.language)

    def _one(self, screen: Screen, schedule: Schedule, lead: str, *undo: Button) -> None:
        """Show one: whom, what, how often, when next, how the last times were answered, and what can be done.

        `undo`: what takes back what was done just now.
        """
        cohort = screen.unit.cohorts.get(schedule.cohort_id)
        texts, language = screen.speech.texts, screen.speech.language
        told = screen.words(
            "repeats.one",
            title=shorten(self._title(screen, schedule), LABEL * 2),
            cohort=shorten(cohort.name, LABEL) if cohort else "",
            rhythm=schedule_words.told(texts, language, Rhythm.of(schedule.rule)),
        )
        state = (
            self._next(screen, schedule)
            if schedule.state == "active"
            else screen.words(f"repeats.why.{_why(schedule)}")
        )
        lines = [f"{told} {state}", *self._answered(screen, schedule), *self._wished(screen, schedule)]
        keyboard = self._keyboard(screen, schedule, lead, *undo)
        screen.show("\n\n".join(filter(None, [lead, "\n".join(lines)])), keyboard)

    def _next(self, screen: Screen, schedule: Schedule) -> str:
        """Return when the next one comes, which may lie ready already, and how many more there are."""
        upcoming = coming.coming_next(screen.unit, self._turns.organisation, schedule)
        if upcoming is None:
            return screen.words("repeats.way.nobody") if schedules.is_way(schedule) else self._last(screen, schedule)
        texts, language = screen.speech.texts, screen.speech.language
        told = screen.words("repeats.next", day=schedule_words.day_of(texts, language, upcoming))
        left = coming.days_left(schedule, upcoming)
        if not left:
            return told
        last = schedule_words.day_of(texts, language, left[-1].isoformat())
        return f"{told} {texts.count('repeats.left', language, len(left), day=last)}"

    def _last(self, screen: Screen, schedule: Schedule) -> str:
        """Return until when the last one, which went out, may be answered; '' where nothing is open."""
        found = windows.open_occurrence(screen.unit, schedule)
        until = screen.unit.schedules.window_ends(found) if found is not None else None
        if until is None:
            return ""
        zone = self._turns.organisation.zone(screen.unit, cohort=screen.unit.cohorts.get(schedule.cohort_id))
        return screen.words("repeats.last_open", moment=self._turns.organisation.moment(screen.speech, zone, until))

    def _answered(self, screen: Screen, schedule: Schedule) -> list[str]:
        lines = []
        for broadcast_id in screen.unit.schedules.occurrences(schedule.id, LAST_SHOWN):
            broadcast, counts = screen.unit.broadcasts.get(broadcast_id), screen.unit.following.progress(broadcast_id)
            if broadcast is not None and broadcast.cancelled_at is None and counts.sent:
                zone = self._turns.organisation.zone(screen.unit, cohort=screen.unit.cohorts.get(broadcast.cohort_id))
                day = screen.speech.texts.short_day(broadcast.due_at, zone, screen.speech.language)
                lines.append(screen.words("repeats.answered", day=day, finished=counts.finished, sent=counts.sent))
        return lines

    def _wished(self, screen: Screen, schedule: Schedule) -> list[str]:
        """Return the line that says how many of whom it came to wish that it goes on, where three and more said so."""
        wishes = wishes_of(screen.unit, schedule) if schedule.state == "ended" else {}
        if sum(wishes.values()) < FEW:
            return []
        few = screen.words("repeats.wish.few")
        told = [
            screen.words(f"repeats.wish.{wish}", n=wishes[wish] if wishes[wish] >= FEW else few)
            for wish in ("y", "l", "n")
            if wishes.get(wish)
        ]
        texts, language = screen.speech.texts, screen.speech.language
        return [screen.words("repeats.wishes", n=sum(wishes.values()), told=texts.all_of(told, language))]

    def _keyboard(self, screen: Screen, schedule: Schedule, lead: str, *undo: Button) -> tuple[tuple[Button, ...], ...]:
        def step(code: str, name: Literal["p", "r", "s", "u", "x", "m"]) -> Button:
            return screen.button(code, REPEATS, OneRepeat(name, schedule.id))

        back = (screen.button("button.repeats", REPEATS), screen.menu())
        if schedule.state == "ended":
            over = schedule.reason == schedules.LAST_MADE
            return ((step("button.over_more", "m") if over else step("button.repeats_again", "r"),), back)
        if schedule.state == "paused" and schedule.reason == schedule_reviews.UNTOLD:
            ways = [
                screen.button(f"button.untold.{name}", targets.UNTOLD, f"{mark}{short_id(schedule.id)}")
                for name, mark in (("tell", "t"), ("why", "w"), ("once", "m"))
            ]
            return (*rows(*ways, step("button.repeats_end", "x")), back)
        if schedule.state == "paused":
            words = screen.button("button.repeats_words", targets.REPEAT_WORDS, f"o{short_id(schedule.id)}")
            return ((step("button.repeats_resume", "r"), step("button.repeats_end", "x")), (words,), back)
        buttons = [
            step("button.repeats_pause", "p"),
            step("button.repeats_skip", "s"),
            screen.button("button.repeats_when", REPEATS_WHEN, Moved(_short(schedule))),
            screen.button("button.repeats_words", targets.REPEAT_WORDS, f"o{short_id(schedule.id)}"),
            screen.button("button.repeats_remind", targets.REPEAT_REMIND, short_id(schedule.id)),
            step("button.repeats_end", "x"),
        ]
        if coming.coming_next(screen.unit, self._turns.organisation, schedule) is None:
            # Nobody is on the way; or the last one went out.
            buttons = [buttons[0], *buttons[2:]] if schedules.is_way(schedule) else buttons[-1:]
        if not schedules.is_way(schedule) and windows.open_occurrence(screen.unit, schedule) is not None:
            buttons.insert(-1, screen.button("button.window", targets.WINDOW, short_id(schedule.id)))
        if lead and self._skipped(screen, schedule):
            undo = (*undo, step("button.repeats_unskip", "u"))
        return (*rows(*undo), *pairs(buttons), back)

    def _skipped(self, screen: Screen, schedule: Schedule) -> bool:
        """Return whether an occurrence that is still to come was left out."""
        return schedule_changes.may_unskip(screen.unit, self._turns.organisation, schedule)

    # Other days, or another hour.

    @handles(REPEATS_WHEN)
    def when(self, screen: Screen, argument: Moved) -> None:
        """Ask for what is not chosen yet, else change the rhythm and say from when on."""
        found = screen.unit.schedules.list([each.id for each in cohorts_of(screen.unit, screen.person)])
        schedule = next((each for each in found if _short(each) == argument.schedule), None)
        if schedule is None:
            self._list(screen, 0)
            return
        choice, way = self._choice(screen, schedule), schedules.is_way(schedule)
        chosen = ChosenRhythm(argument.days or (JOINING if way else ""), argument.minute)
        offered: tuple[ChosenRhythm, ...] = ()
        if screen.said:
            typed = choice.typed(chosen)
            if isinstance(typed, str):
                choice.days(ChosenRhythm(JOINING), typed) if way else choice.often(typed)
                waiting.ask(screen, REPEATS_WHEN, Moved(_short(schedule)), for_others=False)
                return
            chosen, offered = (typed, ()) if isinstance(typed, ChosenRhythm) else (typed[0], tuple(typed))
        try:
            if not chosen.days:
                choice.often()
            elif way and chosen.way is None:
                choice.days(ChosenRhythm(JOINING), "" if chosen.days == JOINING else "repeat.way.stays")
            elif chosen.pattern is None:
                choice.days(chosen)
            elif offered or chosen.minute is None:
                choice.check(self._turns.organisation, chosen)
                choice.hours(chosen, offered)
            else:
                self._move(screen, schedule, choice, chosen)
                return
        except BadRule as error:
            choice.often(f"repeat.bad.{error.code}")
        except ScheduleError as error:
            choice.often(error.code, **error.facts)
        days = "" if way and chosen.way is None else chosen.days
        waiting.ask(screen, REPEATS_WHEN, Moved(_short(schedule), days), for_others=False)

    def _choice(self, screen: Screen, schedule: Schedule) -> RhythmChoice:
        def to(label: str, chosen: ChosenRhythm) -> Button:
            return screen.labelled(label, REPEATS_WHEN, Moved(_short(schedule), chosen.days, chosen.minute))

        cohort = screen.unit.cohorts.get(schedule.cohort_id)
        zone = ZoneInfo(self._turns.organisation.zone(screen.unit, cohort=cohort))
        return RhythmChoice(screen, zone, to, screen.button("button.return", REPEATS, OneRepeat("o", schedule.id)))

    def _move(self, screen: Screen, schedule: Schedule, choice: RhythmChoice, chosen: ChosenRhythm) -> None:
        left, before = coming.times_left(schedule), Rhythm.of(schedule.rule)
        rhythm = ChosenRhythm(chosen.days, chosen.minute, left).rhythm(choice.zone.key, screen.unit.now)
        assert rhythm is not None
        if rhythm.way is None:
            rhythm = replace(rhythm, days=replace(rhythm.days, until=before.days.until))
        try:
            done = schedule_changes.change_rhythm(
                screen.unit, self._turns.organisation, schedule.id, rhythm, screen.person
            )
        except AlreadyDone:
            self._one(screen, schedule, screen.words("repeats.already"))
        except ScheduleError as error:
            choice.often(error.code, **error.facts)
            waiting.ask(screen, REPEATS_WHEN, Moved(_short(schedule)), for_others=False)
        else:
            minute = before.at.hour * AN_HOUR + before.at.minute
            days = code_of(before.days.pattern) if before.way is None else way_code(before.way.days)
            as_it_was = Moved(_short(done), days, minute)
            undo = screen.button("button.repeats_moved_back", REPEATS_WHEN, as_it_was)
            self._one(screen, done, self._told_moved(screen, done, choice.zone), undo)

    def _told_moved(self, screen: Screen, schedule: Schedule, zone: ZoneInfo) -> str:
        """Return from when on the change holds; and when that comes which lay ready already."""
        if schedules.is_way(schedule):
            return screen.words("repeats.way.moved")
        told = screen.words("repeats.moved", day=self._day(screen, schedule))
        upcoming = coming.coming_next(screen.unit, self._turns.organisation, schedule)
        if upcoming is not None and schedule.next_on is None:
            moment = self._turns.organisation.moment(screen.speech, zone.key, moment_of(upcoming, zone.key))
            return screen.words("repeats.moved.last", moment=moment)
        if upcoming is None or upcoming == schedule.next_on:
            return told
        moment = self._turns.organisation.moment(screen.speech, zone.key, moment_of(upcoming, zone.key))
        return f"{told} {screen.words('repeats.moved.made', moment=moment)}"


def _why(schedule: Schedule) -> str:
    """Return why nothing of a schedule goes out, as the end of a sentence's code."""
    reason = schedule.reason or "team"
    return "ended" if schedule.state == "ended" and reason == "team" else reason


def _short(schedule: Schedule) -> str:
    """Return the end of an id: with days and hour behind it, the whole one has no room on a button."""
    return schedule.id.hex[-8:]
