"""`hilo handover` and `hilo inherited`: who holds what, who leaves, and what whoever finds Hilo orphaned has."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DatabaseError

from bot import clock
from bot.app import App, open_storage
from bot.cli import console, roster
from bot.cli.operate import backup, doctor, lengths_check
from bot.cli.operate.backup import DATA, KEYS, PLACES
from bot.cli.operate.terminal import Terminal
from bot.config import Config, ConfigError
from bot.errors import Problem
from bot.services import handover
from bot.services.handover import COSTS, ITEMS, PAID, Departure
from dialogs import dates
from storage.database import DatabaseDown, file_of
from storage.key_ring import RetiredKey
from storage.unit import Unit
from storage.vault import DecryptionError

WRITTEN: Final = "%Y-%m-%d"
UNREADABLE: Final = (DatabaseDown, DatabaseError, sqlite3.Error)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of `hilo inherited`: a code of `cli.inherited`, with its facts."""

    code: str
    facts: dict[str, object] = field(default_factory=dict)


def told(unit: Unit) -> list[str]:
    """Return a line for each thing, with who holds it, and one for each thing that is still to be changed."""
    said = []
    for item in ITEMS:
        who = _day(handover.paid_until(unit)) if item == PAID else ", ".join(handover.names(unit, item))
        mark = "☐" if item in handover.unfilled(unit) else "✓"
        what = console.words(f"handover.item.{item}")
        said.append(f"  {mark} {what}: {who or console.words('handover.nobody')}")
    if due := handover.owed(unit):
        said += ["", console.words("handover.owed"), *owed_lines(due)]
    return said


def owed_lines(due: Sequence[str]) -> list[str]:
    """Return a line for each thing to be changed, with how."""
    return [f"  ☐ {console.words(f'handover.owed.{what}')}" for what in due]


def ask(opened: App, terminal: Terminal) -> None:
    """Ask for each thing who holds it; Enter alone keeps what is there, and each answer is kept at once."""
    for item in ITEMS:
        with opened.storage.reading(clock.now()) as unit:
            people = handover.team(unit)
            present = ", ".join(handover.names(unit, item)) if item != PAID else ""
            day = handover.paid_until(unit)
        if item == ITEMS[0]:
            terminal.say("cli.handover.how")
            for place, person in enumerate(people, 1):
                console.put(f"  {place} · {person.display_name}")
        if item == PAID:
            _ask_day(opened, terminal, day)
            continue
        typed = terminal.ask(terminal.words(f"cli.handover.q.{item}"), present)
        if typed and typed != present:
            with opened.storage.unit(clock.now()) as unit:
                handover.keep(unit, None, item, handover.chosen(typed, people))
    _ask_owed(opened, terminal)


def _ask_day(opened: App, terminal: Terminal, present: date | None) -> None:
    """Ask until when server and domain are paid, until the answer is a day; nothing is asked of who pays nothing."""
    while True:
        typed = terminal.ask(terminal.words(f"cli.handover.q.{PAID}"), _day(present))
        if not typed:
            return
        said = dates.day(typed, console.LANGUAGE, clock.now().date(), ahead=True)
        if said is None or not said.sure:
            terminal.trouble(Problem("cli.handover.day"))
            continue
        day = date.fromisoformat(said.value)
        if day != present:
            with opened.storage.unit(clock.now()) as unit:
                handover.keep(unit, None, PAID, day)
        return


def _ask_owed(opened: App, terminal: Terminal) -> None:
    """Ask whether the ways into the server were changed, where that is owed: nothing here could see it."""
    with opened.storage.reading(clock.now()) as unit:
        due = handover.ACCESS in handover.owed(unit)
    if due and terminal.yes("cli.handover.access", otherwise=False):
        with opened.storage.unit(clock.now()) as unit:
            handover.settle(unit, None, handover.ACCESS)


def leave(opened: App, terminal: Terminal, who: str, *, sure: bool) -> tuple[str, Departure]:
    """Let somebody leave the team, after a question; return the name, and what is to be changed.

    Raises:
        AdministrationError: nobody is called so, or several are.
        Problem: it was answered with no.
        LastAdmin: nobody else administers.
    """
    with opened.storage.reading(clock.now()) as unit:
        person = roster.somebody(unit, who)
        held = [console.words(f"handover.thing.{item}") for item in handover.held_by(unit, person.id)]
    said = [terminal.words("team_leave.sure", name=person.display_name)]
    if held:
        said.append(terminal.words("team_leave.holds", things=console.TEXTS.all_of(held, terminal.language)))
    console.put(" ".join(said))
    if not sure and not terminal.yes("cli.handover.sure", otherwise=False):
        raise Problem("cli.nothing_done")
    with opened.storage.unit(clock.now()) as unit:
        return person.display_name, handover.leave(unit, opened.turns, None, unit.people.known(person.id))


def found(config: Config) -> Iterator[Line]:
    """Say what is here and what to do first, to whoever has inherited it; needs no key.

    It erases and sends nothing. An older database is migrated, as whenever storage is opened.
    """
    yield Line("awake" if doctor.awake(config) else "asleep")
    file = file_of(config.database_url)
    if file is not None and not file.exists():
        yield from _files(config, [])
        yield Line("empty", {"home": config.home.absolute()})
        return
    try:
        storage = open_storage(config) if _has_key(config) else None
    except RetiredKey as retired:
        yield Line("retired", {"day": f"{retired.at:{WRITTEN}}", "path": config.key_file})
        storage = None
    except (DecryptionError, ConfigError):
        yield Line("wrong_key", {"path": config.key_file})
        storage = None
    except UNREADABLE:
        yield Line("damaged")
        storage = None
    if storage is None:
        if not _has_key(config):
            yield Line("no_key", {"path": config.key_file.absolute()})
        yield from _files(config, [])
        yield Line("without_key")
        return
    try:
        with storage.reading(clock.now()) as unit:
            yield from _whose(unit, config)
            yield from _files(config, [str(each) for each in unit.organisation.get().get(PLACES) or ()])
            yield from _first(unit)
    finally:
        storage.database.dispose()


def _has_key(config: Config) -> bool:
    return bool(config.master_key) or config.key_file.exists()


def _whose(unit: Unit, config: Config) -> Iterator[Line]:
    """Say whose it is, how many people talk with it, and who is on its team."""
    record = unit.organisation.get()
    people = sum(len(unit.memberships.active(cohort.id)) for cohort in unit.cohorts.list() if not cohort.practice)
    yield Line("whose", {"name": record.get("name") or "-", "people": people})
    if record.get("username"):
        yield Line("bot", {"username": record["username"]})
    admins = [person.display_name for each in unit.roles.admins() if (person := unit.people.get(each))]
    yield Line("admins", {"names": ", ".join(admins)}) if admins else Line("no_admin")
    yield Line("key", {"path": "HILO_MASTER_KEY" if config.master_key else config.key_file.absolute()})


def _files(config: Config, places: list[str]) -> Iterator[Line]:
    """Say where the newest backup lies, and whether its keys file is beside it."""
    folders = {Path(each) for each in places} | {backup.default_place(config)}
    newest = sorted((path for each in folders if each.is_dir() for path in each.glob(f"hilo-*{DATA}")), key=_name)
    if not newest:
        yield Line("no_backup")
        return
    data = newest[-1]
    keys = sorted(data.parent.glob(f"hilo-*{KEYS}"), key=_name)
    facts: dict[str, object] = {"data": data.absolute(), "keys": keys[-1].name if keys else "-"}
    yield Line("backup" if keys else "backup_no_keys", facts)
    for path in lengths_check.telling(sorted(folders)):
        yield Line("backup_telling", {"path": path.absolute()})


def _name(path: Path) -> str:
    return path.name


def _first(unit: Unit) -> Iterator[Line]:
    """Say what is written down about who holds what, and what to do first."""
    for item in ITEMS:
        who = _day(handover.paid_until(unit)) if item == PAID else ", ".join(handover.names(unit, item))
        if who:
            yield Line("holds", {"what": console.words(f"handover.item.{item}"), "who": who})
    if not any(handover.names(unit, item) for item in ITEMS if item not in {PAID, COSTS}):
        yield Line("nothing_written")
    yield Line("steps", {"program": "hilo" if shutil.which("hilo") else ".venv/bin/hilo"})


def _day(day: date | None) -> str:
    return console.TEXTS.long_date(day, console.LANGUAGE) if day else ""
