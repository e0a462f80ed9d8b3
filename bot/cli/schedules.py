"""The commands about what comes back: `hilo broadcast --every`, and `hilo schedule`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from bot import clock
from bot.app import App
from bot.cli import console
from bot.cli.administration import AdministrationError, cohort_named
from bot.cli.console import opened, say, words
from bot.cli.help import Program
from bot.cli.options import Practice
from bot.services import schedule_words
from bot.services import schedules as acts
from bot.services.refusals import AlreadyDone
from bot.services.rhythms import Rhythm
from bot.services.schedules import ScheduleError
from dialogs import wording
from dialogs.recurrence import BadRule, Recurrence
from dialogs.rhythms import rhythm
from storage.schedules import Schedule
from storage.unit import Unit

SHORT_ID = 8
NEXT_SHOWN = 3

schedule = Program(help=words("cli.schedule.help"), no_args_is_help=True)
Which = Annotated[str, typer.Argument(metavar="ID", help=words("cli.schedule.id"))]


def rhythm_of(every: str, start: date, times: int | None, until: str | None) -> Rhythm:
    """Read what `--every` and its companions say; raises AdministrationError or ScheduleError for what cannot be."""
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise AdministrationError("cli.error.time", given=until) from error
    try:
        found = rhythm(every, console.LANGUAGE)
        if found is None or found.pattern is None or not found.sure:
            raise AdministrationError("cli.error.every", given=every)
        counted = times if times is not None or last is not None else acts.TIMES
        return Rhythm(Recurrence(found.pattern, start, counted, last), found.hours[0])
    except BadRule as error:
        raise ScheduleError(f"repeat.bad.{error.code}") from error


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
) -> Schedule:
    """Begin a schedule; raises AdministrationError or ScheduleError."""
    cohort = cohort_named(unit, to)
    zone = ZoneInfo(it.turns.organisation.zone(unit, cohort=cohort))
    asked = rhythm_of(every, unit.now.astimezone(zone).date(), times, until)
    dialogs = [it.content.of(unit).dialog(name) for name in names]
    named = f"console:{key or clock.new_id().hex}"
    return acts.begin(unit, it.content, it.turns.organisation, dialogs, cohort, purpose, asked, key=named, by=None)


def tell_begun(begun: Schedule) -> None:
    """Say what was begun: in which rhythm, and the next days."""
    asked = Rhythm.of(begun.rule)
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
        each.next_on.replace("T", " ") if each.next_on and each.state == "active" else "",
        state,
    )


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
    say("cli.schedule.resumed", id=which, day=_day(done))


@schedule.command("skip", help=words("cli.schedule.skip.help"))
def schedule_skip(which: Which, practice: Practice = False) -> None:
    """Leave out the next occurrence."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        done = acts.skip(unit, _found(unit, which), None)
    say("cli.schedule.skipped", id=which, day=_day(done))


@schedule.command("end", help=words("cli.schedule.end.help"))
def schedule_end(which: Which, practice: Practice = False) -> None:
    """End a schedule."""
    with opened(practice=practice) as it, it.storage.unit(clock.now()) as unit, _refusing(which):
        acts.end(unit, _found(unit, which), None)
    say("cli.schedule.ended", id=which)


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


def _day(changed: Schedule) -> str:
    return schedule_words.day_of(console.TEXTS, console.LANGUAGE, changed.next_on or changed.made_at.isoformat())
