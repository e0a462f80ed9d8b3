"""The commands about what comes back: `hilo broadcast --every`, and `hilo schedule`."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

import typer

from bot import clock
from bot.app import App
from bot.cli import administration, beforehand, console
from bot.cli.administration import AdministrationError, cohort_named
from bot.cli.console import opened, say, words
from bot.cli.help import Program
from bot.cli.options import Practice
from bot.services import schedule_changes, schedule_reviews, schedule_words
from bot.services import schedules as acts
from bot.services.coming import coming_next
from bot.services.refusals import AlreadyDone
from bot.services.rhythms import Rhythm, first_day
from bot.services.schedules import ScheduleError
from dialogs import wording
from dialogs.recurrence import AfterJoining, BadRule, Recurrence
from dialogs.rhythms import rhythm, why_none
from storage.schedules import Schedule
from storage.unit import Unit

SHORT_ID = 8
MOST_HOURS = 31 * 24
NEXT_SHOWN = 3
CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")

schedule = Program(help=words("cli.schedule.help"), no_args_is_help=True)
Which = Annotated[str, typer.Argument(metavar="ID", help=words("cli.schedule.id"))]


def rhythm_of(every: str, zone: str, now: datetime, times: int | None, until: str | None) -> Rhythm:
    """Read what `--every` and its companions say; raises AdministrationError or ScheduleError for what cannot be."""
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise administration.unreadable(until or "", "cli.error.date") from error
    try:
        found = rhythm(every, console.LANGUAGE)
        if found is None and (why := why_none(every, console.LANGUAGE)):
            raise ScheduleError(f"repeat.bad.{why}")
        if found is None or found.pattern is None:
            raise AdministrationError("cli.error.every", given=every)
        hour = found.hours[0] if found.sure else _of_the_clock(every, found.hours)
        if hour is None:
            raise AdministrationError("cli.error.every", given=every)
        counted = times if times is not None or last is not None else acts.TIMES
        start = first_day(hour, zone, now)
        first = Recurrence(found.pattern, start, 1).after(start - timedelta(days=1))
        if last is not None and first is not None and start <= last < first:
            days = {
                name: console.TEXTS.day_of(day, console.LANGUAGE) for name, day in (("first", first), ("until", last))
            }
            raise AdministrationError("cli.error.until_first", **days)
        return Rhythm(Recurrence(found.pattern, start, counted, last), hour)
    except BadRule as error:
        raise ScheduleError(f"repeat.bad.{error.code}") from error


def _of_the_clock(every: str, meant: Sequence[time]) -> time | None:
    """Return which of the hours was typed as HH:MM: a terminal's hours are those of a day, as in `--at`."""
    typed = [hour.zfill(len("HH:MM")) for hour in CLOCK.findall(every)]
    return next((hour for hour in meant if f"{hour:%H:%M}" in typed), None)


def way_of(after: str, at: str | None) -> Rhythm:
    """Read what `--after-joining` and `--at` say; raises AdministrationError or ScheduleError for what cannot be."""
    try:
        days = tuple(sorted({int(day) for day in after.replace(",", " ").split()}))
        return Rhythm.joining(AfterJoining(days), time.fromisoformat((at or "").zfill(len("HH:MM"))))
    except BadRule as error:
        raise ScheduleError(f"repeat.way.{error.code}") from error
    except ValueError as error:
        raise AdministrationError("cli.error.after_joining", given=f"{after} {at or ''}".strip()) from error


def begin_way(
    it: App, unit: Unit, names: Sequence[str], to: str, purpose: str, way: Rhythm, key: str | None, *, sure: bool
) -> Schedule:
    """Begin a way in, once it was said what it costs; raises AdministrationError, ScheduleError, or Problem."""
    dialogs = [it.content.of(unit).dialog(name) for name in names]
    named = f"console:{key or clock.new_id().hex}"
    cohort = cohort_named(unit, to)
    if (begun := unit.schedules.keyed(named)) is not None:
        return begun  # by the same command before: nothing new is to be asked
    beforehand.tell_schedule(it, unit, cohort, dialogs, way, sure=sure)
    return acts.begin(unit, it.content, it.turns.organisation, dialogs, cohort, purpose, way, key=named, by=None)


def begin(
    it: App,
    unit: Unit,
    names: Sequence[str],
    to: str,
    purpose: str,
    every: str,
    times: int | None,
    until: str | None,
    key: str | None,
    remind: int | None = None,
    *,
    sure: bool,
) -> Schedule:
    """Begin a schedule, with a reminder after so many hours, once it was said what it costs.

    Raises AdministrationError, ScheduleError, or Problem for a no.
    """
    cohort = cohort_named(unit, to)
    zone = it.turns.organisation.zone(unit, cohort=cohort)
    asked = rhythm_of(every, zone, unit.now, times, until)
    if asked.coming(zone, unit.now) is None:
        raise ScheduleError("repeat.never")
    dialogs = [it.content.of(unit).dialog(name) for name in names]
    named = f"console:{key or clock.new_id().hex}"
    if unit.schedules.keyed(named) is None:
        acts.check_week(unit, it.turns.organisation, asked)  # what cannot be is said before what it would cost
        beforehand.tell_schedule(it, unit, cohort, dialogs, asked, sure=sure)
    begun = acts.begin(unit, it.content, it.turns.organisation, dialogs, cohort, purpose, asked, key=named, by=None)
    if remind is None:
        return begun
    return acts.remind(unit, begun.id, timedelta(hours=remind) if remind else None, None)


def tell_begun(begun: Schedule) -> None:
    """Say what was begun: in which rhythm, and the next days."""
    asked = Rhythm.of(begun.rule)
    if asked.way is not None:
        told = schedule_words.told(console.TEXTS, console.LANGUAGE, asked)
        say("cli.schedule.begun_way", id=begun.id.hex[-SHORT_ID:], rhythm=told)
        return
    coming = [day for day in asked.days.days() if day.isoformat() >= (begun.next_on or "")[:10]][:NEXT_SHOWN]
    listed = console.TEXTS.all_of([console.TEXTS.day_of(day, console.LANGUAGE) for day in coming], console.LANGUAGE)
    told = schedule_words.told(console.TEXTS, console.LANGUAGE, asked)
    say("cli.schedule.begun", id=begun.id.hex[-SHORT_ID:], rhythm=told, days=listed)


@schedule.command("list", help=words("cli.schedule.list.help"))
def schedule_list(practice: Practice = False) -> None:
    """List what comes back: what, to whom, in which rhythm, when next, and its state."""
    with opened(practice=practice) as it, it.storage.reading(clock.now()) as unit:
        rows = [_row(it, unit, each) for each in unit.schedules.list()]
    columns = ("id", "title", "cohort", "rhythm", "next", "state")
    console.table([f"cli.column.{column}" for column in columns], rows, "cli.schedule.none")


def _row(it: App, unit: Unit, each: Schedule) -> tuple[str, ...]:
    cohort, known = unit.cohorts.get(each.cohort_id), {dialog.name: dialog for dialog in it.content.of(unit).all()}
    titles = [
        wording.choose(known[turn.name].title, console.LANGUAGE) if turn.name in known else turn.name
        for turn in each.dialogs
    ]
    state = words(f"cli.schedule.state.{each.reason if each.state == 'paused' else each.state}")
    return (
        each.id.hex[-SHORT_ID:],
        ", ".join(titles),
        cohort.name if cohort else "",
        schedule_words.told(console.TEXTS, console.LANGUAGE, Rhythm.of(each.rule)),
        _next(it, unit, each) if each.state == "active" else "",
        state,
    )


def _next(it: App, unit: Unit, each: Schedule) -> str:
    return (coming_next(unit, it.turns.organisation, each) or "").replace("T", " ")


@schedule.command("pause", help=words("cli.schedule.pause.help"))
def schedule_pause(which: Which, practice: Practice = False) -> None:
    """Let a schedule rest."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        acts.pause(unit, _found(unit, which), None)
    say("cli.schedule.paused", id=which)


@schedule.command("resume", help=words("cli.schedule.resume.help"))
def schedule_resume(which: Which, practice: Practice = False) -> None:
    """Let a schedule go on."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        done = acts.resume(unit, it.turns.organisation, _found(unit, which), None)
        _tell_goes_on(it, unit, done, which)


def _tell_goes_on(it: App, unit: Unit, done: Schedule, which: str) -> None:
    """Say from which day on it comes, if that is known."""
    upcoming = coming_next(unit, it.turns.organisation, done)
    if upcoming is None:
        say("cli.schedule.resumed_some", id=which)
    else:
        day = schedule_words.day_of(console.TEXTS, console.LANGUAGE, upcoming)
        say("cli.schedule.resumed", id=which, day=day)


@schedule.command("skip", help=words("cli.schedule.skip.help"))
def schedule_skip(which: Which, practice: Practice = False) -> None:
    """Leave out the next occurrence."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        done = schedule_changes.skip(unit, it.turns.organisation, _found(unit, which), None)
        upcoming = coming_next(unit, it.turns.organisation, done)
    if upcoming is None:
        say("cli.schedule.skipped_last")
    else:
        say("cli.schedule.skipped", id=which, day=schedule_words.day_of(console.TEXTS, console.LANGUAGE, upcoming))


@schedule.command("end", help=words("cli.schedule.end.help"))
def schedule_end(which: Which, practice: Practice = False) -> None:
    """End a schedule."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        acts.end(unit, _found(unit, which), None)
    say("cli.schedule.ended", id=which)


@schedule.command("remind", help=words("cli.schedule.remind.help"))
def schedule_remind(
    which: Which,
    hours: Annotated[int, typer.Argument(min=0, max=MOST_HOURS, help=words("cli.schedule.remind.hours"))],
    practice: Practice = False,
) -> None:
    """Let each time be said once more, so many hours after it came, to whoever has not finished; 0: never."""
    after = timedelta(hours=hours) if hours else None
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        acts.remind(unit, _found(unit, which), after, None)
    if hours:
        console.count("cli.schedule.reminds", hours)
    else:
        say("cli.schedule.reminds_not")


@schedule.command("once", help=words("cli.schedule.once.help"))
def schedule_once(which: Which, practice: Practice = False) -> None:
    """Let what waits until its people are told come once more."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        done = schedule_reviews.once_more(unit, it.turns.organisation, _found(unit, which), None)
        _tell_goes_on(it, unit, done, which)


@schedule.command("why", help=words("cli.schedule.why.help"))
def schedule_why(
    which: Which,
    reason: Annotated[str, typer.Argument(metavar="REASON", help=words("cli.schedule.why.reason"))],
    practice: Practice = False,
) -> None:
    """Write down why its people are not told what came of it, and let it go on."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        done = schedule_reviews.say_why_not(unit, it.turns.organisation, _found(unit, which), reason, None)
        _tell_goes_on(it, unit, done, which)


@contextmanager
def _refusing(short: str) -> Iterator[None]:
    """Turn what is done already into the terminal's own refusal."""
    try:
        yield
    except AlreadyDone as error:
        raise AdministrationError("cli.error.schedule_state", id=short) from error


def _found(unit: Unit, short: str) -> UUID:
    found = [each.id for each in unit.schedules.list() if len(short) >= SHORT_ID and each.id.hex.endswith(short)]
    if len(found) != 1:
        raise AdministrationError("cli.error.schedule", id=short)
    return found[0]
