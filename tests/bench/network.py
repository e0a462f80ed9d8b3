"""A network of many groups with everything they answered in a year, filled as quickly as can be, on either database.

Every group has as many people as every other, who were asked as often: what grows with the answers is the organisation,
and no group's screen. People, groups and the trail are made by the product's own stores. What they were asked and
answered is sealed by the product's own sealing in several processes, row by row and at its real size, and put in week
by week, with all indexes in place. As in a bot that runs, messages are there for thirteen weeks and updates for four.
"""

import itertools
import multiprocessing
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import LargeBinary, Table

from bot import clock
from bot.app import App
from bot.config import Config
from bot.services import support
from bot.services.versions import save_version
from storage import tables
from storage.addresses import address_lookup
from storage.answers import sealed_with
from storage.cohorts import Cohort
from storage.people import Person
from storage.seal_rules import rule_of
from storage.seals import SEAL, RowSealing, Seals, plain_of
from storage.store import to_json
from storage.unit import Storage
from tests.bench.office import BEGAN, BODIES, OFTEN, settings

WEEKS = 50
ANSWERING, SILENT = 50, 5  # people of each group
EACH = WEEKS * ANSWERING * len(BODIES)
"""How many answers a group has given."""
SAID = 5  # messages of a run, and as many updates that answer them
SAID_STAYS, UPDATES_STAY, READ_LATER = 13, 4, 2  # weeks
AT_ONCE = 10  # groups made in one transaction
WEEKS_AT_ONCE = 10  # weeks in one transaction of what is sealed
CACHE = 6_000_000  # kilobytes of SQLite's pages in memory while it is filled
PROCESSES = 2
AHEAD = 24  # of what is sealed and not put in
PURPOSE = {"why": "Para saber cómo va la semana de cada quien"}
STATE = {"v": 1, "position": None, "trail": list(BODIES), "prompt": 7}
OFFERED = {"v": 1, "position": "", "trail": [], "prompt": 1}
Line = tuple[Any, ...]
Lines = dict[tuple[str, tuple[str, ...]], list[Line]]
"""Rows by their table and columns."""


@dataclass
class Group:
    """One group: its cohort, who facilitates it, its people with the hashes of their chats, and what it was asked."""

    place: int
    cohort: Cohort
    facilitator: UUID
    people: list[tuple[Person, bytes]]
    orders: list[UUID] = field(default_factory=lambda: [clock.new_id() for _ in range(WEEKS)])

    def chat(self, place: int) -> str:
        """Return the chat of one of its people; -1 is the facilitator's."""
        return f"{self.place}.{place}"


class Sink(Protocol):
    """Where rows go that are sealed already."""

    def put(self, table: str, names: tuple[str, ...], lines: list[Line]) -> None:
        """Insert rows."""

    def settle(self) -> None:
        """Commit."""


@dataclass
class _Shared:
    """What the processes that seal were made with."""

    storage: Storage
    version: str
    groups: list[Group]


_shared: _Shared | None = None


def filled(home: Path, groups: int, url: str | None = None) -> list[Group]:
    """Make a bot's folder and database with so many groups; return them."""
    global _shared  # noqa: PLW0603  processes that are forked find here what cannot be sent to them
    with closing(App.open(Config.load(settings(home, url)))) as app:
        made = _founded(app, groups)
        dialog = app.content.in_files().dialog("check_in")
        with app.storage.unit(BEGAN) as unit:
            save_version(unit, dialog)
        _shared = _Shared(app.storage, dialog.version, made)
        app.storage.database.dispose()  # a process that is forked takes no connection along
        with _sealing(groups) as sealed, _sink(home / "hilo.db", url) as sink:
            for place, lines in enumerate(sealed, start=1):
                for (name, names), rows in lines.items():
                    sink.put(name, names, rows)
                if place % (groups * WEEKS_AT_ONCE) == 0:
                    sink.settle()
        _trail(app.storage, made)
        app.storage.database.checkpoint()
    _shared = None
    return made


def _founded(app: App, groups: int) -> list[Group]:
    """Let there be groups, their people and who facilitates them."""
    made: list[Group] = []
    with app.storage.unit(BEGAN) as unit:
        unit.organisation.set({**unit.organisation.get(), **OFTEN})
        support.note_from(unit)  # as the first start does
    for start in range(0, groups, AT_ONCE):
        with app.storage.unit(BEGAN) as unit:
            for place in range(start, min(start + AT_ONCE, groups)):
                cohort = unit.cohorts.add(clock.new_id(), f"Sierra {place}", ("es", "en"))
                ana = unit.people.create(clock.new_id(), BEGAN, "active", "es")
                group = Group(place, cohort, ana.id, [])
                unit.addresses.link(ana, "telegram", group.chat(-1), clock.new_id())
                unit.roles.grant(clock.new_id(), ana.id, "facilitator", cohort.id)
                for member in range(ANSWERING + SILENT):
                    person, chat = unit.people.create(clock.new_id(), BEGAN, "active", "es"), group.chat(member)
                    unit.addresses.link(person, "telegram", chat, clock.new_id())
                    unit.memberships.join(clock.new_id(), person.id, cohort.id)
                    person = unit.people.change(person, nickname=f"Amapola {member}")
                    person = unit.people.prefer(person, form="both")
                    group.people.append((person, address_lookup(unit.vault, "telegram", chat)))
                made.append(group)
    return made


@contextmanager
def _sealing(groups: int) -> Iterator[Iterator[Lines]]:
    """Give the rows of every group's every week, the earliest week first, sealed a few ahead in several processes."""
    ahead = threading.Semaphore(AHEAD)

    def tasks() -> Iterator[tuple[int, int]]:
        for task in itertools.product(range(WEEKS), range(groups)):
            ahead.acquire()
            yield task

    def given(pool: Pool) -> Iterator[Lines]:
        for lines in pool.imap(_sealed, tasks()):
            ahead.release()
            yield lines

    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        yield given(pool)


def _trail(storage: Storage, groups: list[Group]) -> None:
    """Let the trail tell of every order, and that it was read."""
    for week in range(WEEKS):
        with storage.unit(BEGAN + week * timedelta(weeks=1)) as unit:
            for group in groups:
                ana, order = str(group.facilitator), str(group.orders[week])
                unit.audit.add(ana, "broadcast.ordered", order, {"people": len(group.people)})
                unit.audit.add(ana, "answers.read", str(group.people[week % ANSWERING][0].id), {})


class _Sealer:
    """Makes rows of one table as they are inserted, each with its seal."""

    def __init__(self, table: Table, seals: Seals) -> None:
        rule = rule_of(table)
        self._seals = seals
        self._sealing = RowSealing(table, rule) if rule else None
        self._plain = {
            column.name: plain
            for column in table.columns
            if not isinstance(column.type, LargeBinary) and (plain := plain_of(column))
        }

    def made(self, row: Mapping[str, Any]) -> tuple[tuple[str, ...], Line]:
        """Return the names of its columns and the values."""
        plain = self._plain
        line = [plain[name](value) if name in plain else value for name, value in row.items()]
        if self._sealing is None:
            return tuple(row), tuple(line)
        return (*row, SEAL), (*line, self._sealing.seal(self._seals, row))


class _Sealed:
    """Rows of many tables, made and kept by table and columns."""

    def __init__(self, seals: Seals) -> None:
        self._seals = seals
        self._sealers: dict[str, _Sealer] = {}
        self.lines: defaultdict[tuple[str, tuple[str, ...]], list[Line]] = defaultdict(list)

    def add(self, table: Table, row: Mapping[str, Any]) -> None:
        """Seal a row."""
        sealer = self._sealers.get(table.name) or self._sealers.setdefault(table.name, _Sealer(table, self._seals))
        names, line = sealer.made(row)
        self.lines[table.name, names].append(line)


def _sealed(task: tuple[int, int]) -> Lines:
    """Return the rows of what one group was asked in one week, by table and columns."""
    week, place = task
    assert _shared is not None
    group, vault, made = _shared.groups[place], _shared.storage.vault, _Sealed(_shared.storage.seals)
    now, order, card = BEGAN + week * timedelta(weeks=1), group.orders[week], clock.new_id()
    sealed = vault.organisation_key.seal(to_json(PURPOSE), "purposes", "card", card.hex)
    made.add(tables.purposes, {"id": card, "card": sealed, "created_by": group.facilitator, "created_at": now})
    closed = now + timedelta(days=6) if week < WEEKS - 1 else None
    row = {"id": order, "key": clock.new_id().hex, "dialog_hash": _shared.version, "cohort_id": group.cohort.id}
    row |= {"purpose_id": card, "ordered_by": group.facilitator, "ordered_at": now, "due_at": now, "closed_at": closed}
    made.add(tables.broadcasts, row)
    number = ((week * len(_shared.groups) + place) * ANSWERING) * len(BODIES)
    for at, (person, lookup) in enumerate(group.people):
        run_id = _asked(made, group, week, person, answered=at < ANSWERING)
        _said(made, week, (run_id, person, lookup, f"{place}.{at}"), answered=at < ANSWERING)
        if at >= ANSWERING:
            continue
        for path, value in BODIES.items():
            number += 1
            id_ = clock.new_id()
            body = person.key.seal(sealed_with(path, value), "answers", "value", id_.hex)
            of = {"seq": number, "id": id_, "run_id": run_id, "path": vault.path_hash(run_id, path), "revision": 1}
            made.add(tables.answers, {**of, "person_id": person.id, "value": body, "answered_at": now})
        if week < WEEKS - READ_LATER:
            of = {"reader_id": group.facilitator, "run_id": run_id, "person_id": person.id}
            made.add(tables.readings, {**of, "read_at": now, "seq": number})
    return dict(made.lines)


def _asked(made: _Sealed, group: Group, week: int, person: Person, *, answered: bool) -> UUID:
    """Add a delivery and its run; return the run's id."""
    assert _shared is not None
    now, delivery, run_id = BEGAN + week * timedelta(weeks=1), clock.new_id(), clock.new_id()
    row = {"id": delivery, "broadcast_id": group.orders[week], "person_id": person.id, "due_at": now}
    made.add(tables.deliveries, {**row, "state": "started"})
    newest = week == WEEKS - 1
    status = "completed" if answered else "offered" if newest else "expired"
    state = person.key.seal(to_json(STATE if answered else OFFERED), "runs", "state", run_id.hex)
    row = {"id": run_id, "person_id": person.id, "dialog_hash": _shared.version, "cohort_id": group.cohort.id}
    row |= {"broadcast_id": group.orders[week], "delivery_id": delivery, "started_by": "broadcast", "status": status}
    row |= {"state": state, "prompt": 7 if answered else 1, "language": "es", "started_at": now, "active_at": now}
    ended = now if answered else None if newest else now + timedelta(days=6)
    made.add(tables.runs, {**row, "ended_at": ended, "seq": week + 1})
    return run_id


def _said(made: _Sealed, week: int, to: tuple[UUID, Person, bytes, str], *, answered: bool) -> None:
    """Add what was said in a run, and what came for it, as far as a running bot still has it."""
    run_id, person, lookup, name = to
    now = BEGAN + week * timedelta(weeks=1)
    for number in range(SAID if answered else 1):
        if week >= WEEKS - SAID_STAYS:
            row = {"id": clock.new_id(), "person_id": person.id, "messenger": "telegram", "lookup": lookup}
            row |= {"kind": "message", "lane": 0 if number else 1, "run_id": run_id, "prompt": number + 1}
            row |= {"state": "sent", "due_at": now, "created_at": now, "sent_at": now}
            made.add(tables.outbox, {**row, "message_id": week * SAID * 2 + number * 2})
        if week >= WEEKS - UPDATES_STAY and answered:
            key = f"{name}.{week}.{number}"
            row = {"id": clock.new_id(), "messenger": "telegram", "update_key": key, "lookup": lookup}
            row |= {"day": now.date().isoformat(), "state": "done", "next_at": now, "received_at": now}
            made.add(tables.inbox, {**row, "message_id": week * SAID * 2 + number * 2 + 1})


class _File:
    """A SQLite file, filled by one connection that nobody is beside, without a journal."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE}", "locking_mode = EXCLUSIVE"):
            self._db.execute(f"PRAGMA {pragma}").close()
        self._db.execute("BEGIN").close()

    def put(self, table: str, names: tuple[str, ...], lines: list[Line]) -> None:
        """Insert rows."""
        places = ", ".join("?" * len(names))
        self._db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", lines)  # noqa: S608  our own names

    def settle(self) -> None:
        """Commit."""
        self._db.execute("COMMIT").close()
        self._db.execute("BEGIN").close()

    def close(self) -> None:
        """Commit, and let go."""
        self._db.execute("COMMIT").close()
        self._db.close()


class _Server:
    """A PostgreSQL database, filled by COPY."""

    def __init__(self, url: str) -> None:
        import psycopg  # noqa: PLC0415  only where there is a server

        self._db = psycopg.connect(url, options="-c timezone=UTC -c synchronous_commit=off")

    def put(self, table: str, names: tuple[str, ...], lines: list[Line]) -> None:
        """Insert rows."""
        with self._db.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)

    def settle(self) -> None:
        """Commit."""
        self._db.commit()

    def close(self) -> None:
        """Commit, tell the server how much there is, and let go."""
        newest = "SELECT setval(pg_get_serial_sequence('answers', 'seq'), (SELECT max(seq) FROM answers))"
        self._db.execute(newest)
        self._db.commit()
        self._db.autocommit = True
        self._db.execute("VACUUM ANALYZE")
        self._db.close()


@contextmanager
def _sink(path: Path, url: str | None) -> Iterator[Sink]:
    with closing(_Server(url) if url else _File(path)) as sink:
        yield sink
