"""Somebody who writes rows without the key: every column of every table is changed, and nobody sees or may do more.

The installation is one that people have walked through. What each of the team can see and do, by the functions that the
screens ask, is gathered as facts before a change and after it. A fact that is new is something gained: it must then be
found, by the scan that `hilo doctor` makes or by the trail's own check.
"""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    and_,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.exc import DBAPIError

from bot import clock
from storage import export_rows, sealing
from storage.damage_scan import scan
from storage.mending import mend
from storage.people import Person
from storage.seal_rules import SEALED_TABLES, SEALS, NotSealed, SealedColumns, rule_of
from storage.sealed_statements import UnsealedWrite
from storage.tables import Moment, answers, cohorts, evidence, metadata, named_on_screens, quotes, roles
from storage.unit import Unit
from tests import amounts
from tests.bot.rig import Phone, Rig
from tests.bot.test_reading import told
from tests.by_day import DATABASES_ALIKE
from tests.storage.given_back import came_of
from tests.storage.world import exported

FAR = timedelta(days=300)
EMPTY = {"alerts_before", "erasures", "former_keys", "leases", "processes", "resealing", "restores"}
"""Tables without a row here: what was before, and the installation's own working."""


BACKUP_ALONE = {
    *("organisation", "people", "addresses", "cohorts"),
    *("dialog_versions", "own_dialogs", "broadcasts", "deliveries", "runs", "media", "frozen_totals"),
}
"""Tables whose rows a backup alone brings back whole: nothing is deleted there because a seal does not fit."""


class Undo(Exception):
    """The change is taken back."""


class Installation:
    """Two groups, each with a facilitator and a leader who said something; an admin; and a browser."""

    def __init__(self, hilo: Rig) -> None:
        self.hilo = hilo
        self.codes = [hilo.invite(), hilo.invite(cohort="Costa"), hilo.invite("admin", None)]
        self.colibri = told(hilo, "Colibrí", "canario de la sierra", need="2 · Que me llamen")
        self.coral = told(hilo, "Coral", "canario de la costa", cohort="Costa")
        self.ana = hilo.facilitator()
        self.marea = hilo.facilitator(nickname="Marea", cohort="Costa")
        self.admin = hilo.facilitator(nickname="Yolanda", cohort=None, role="admin")
        self.phones = [self.colibri, self.coral, self.ana, self.marea, self.admin]
        hilo.order()
        hilo.order(cohort="Costa")
        self.people = [phone.person for phone in self.phones]
        self.ids = [person.id for person in self.people]
        with hilo.unit() as unit:
            self._rest(unit)

    def _rest(self, unit: Unit) -> None:
        """Add what the walk does not come by: a page, a PIN, a link, messages, requests, an own dialog."""
        self.cohorts = [each.id for each in unit.cohorts.list()]
        colibri, coral, ana, *_ = self.people
        for person, cohort_id, chat in ((colibri, self.cohorts[0], "w1"), (coral, self.cohorts[1], "w2")):
            unit.addresses.link(person, "web", chat, clock.new_id())
            unit.web_sessions.open(clock.new_id(), f"token {chat}", chat, unit.now + timedelta(minutes=10))
            unit.web_links.add(clock.new_id(), person.id, f"link {chat}", unit.now + timedelta(days=1))
            unit.web_pins.choose(person, "digits", b"salt", chat.encode())
            unit.web_pins.count_try(person.id, "link")
            unit.outbox.put(clock.new_id(), person, "web", chat, "echo", 0, {"text": f"dicho en {chat}"})
            unit.messages.add(clock.new_id(), person, "to_team", f"mensaje {chat}", unit.now, cohort_id)
            unit.support_requests.add(clock.new_id(), person.id, cohort_id, "call")
            unit.reach_notes.write(clock.new_id(), person, {"where": chat})
            unit.alerts.add(clock.new_id(), person.id, cohort_id)
            unit.link_requests.add(clock.new_id(), person.id)
            unit.media.add(clock.new_id(), person.id, "voice", "audio/ogg", 9, chat.ljust(32, "0"), unit.now)
            unit.panels.add(clock.new_id(), ana.id, "progress", 1, subject=cohort_id)
            invite = unit.invites.find(self.codes[0])
            assert invite is not None
            unit.recollections.add(clock.new_id(), invite.id, f"recuerdo {chat}")
            later = unit.now + timedelta(days=7)
            unit.invites.create(clock.new_id(), f"code {chat}", "leader", cohort_id, 1, later, ana.id, f"apodo {chat}")
            self.codes.append(f"code {chat}")
        unit.own_dialogs.save("own_one", self._version(unit), None, ana.id)
        unit.role_rests.add(clock.new_id(), ana.id, None)
        unit.message_notices.add(clock.new_id(), colibri.id, "message", clock.new_id())
        unit.fetches.note("telegram")
        unit.webhooks.note_set("telegram", "https://hilo.example.org/telegram")
        unit.connection.execute(insert(named_on_screens).values(outbox_seq=1, person_id=colibri.id))
        for number, cohort_id in enumerate(self.cohorts):
            self._read(unit, cohort_id, self.people[number])

    def _read(self, unit: Unit, cohort_id: UUID, leader: Person) -> None:
        """Add to a group what was said beside a question, who has read it, and what came of it."""
        (run, *_) = self._export(unit, cohort_id)
        run_id, path = UUID(run.run_id), next(iter(run.answers))
        unit.asides.add(clock.new_id(), run_id, path, leader, (f"al lado de {leader.id}",), 7)
        numbers = unit.answers.numbers(run_id)
        unit.readings.add(self.ids[2], run_id, leader.id, numbers, [path])
        unit.readings.add(self.ids[4], run_id, leader.id, numbers, [path], whole=list(run.answers))
        unit.readings.hear(self.ids[2], clock.new_id(), leader.id, 1)
        came_of(unit, cohort_id, leader, run_id, path, self.ids[2])

    def _version(self, unit: Unit) -> str:
        return str(unit.connection.execute(select(metadata.tables["dialog_versions"].c.hash)).scalars().first())

    # What somebody can see and do.

    def facts(self, unit: Unit) -> set[str]:
        """Return everything that anybody can see or do, as the screens, pages and commands ask for it."""
        return {
            *self._ways_in(unit),
            *self._rights(unit),
            *self._seen(unit),
            *self._asked(unit),
            *self._given_back(unit),
            *self._signs(unit),
        }

    def _ways_in(self, unit: Unit) -> Iterator[str]:
        name = self.hilo.messenger.name
        for messenger, chat in [*((name, phone.chat) for phone in self.phones), ("web", "w1"), ("web", "w2")]:
            person = unit.people.at(messenger, chat)
            if person is not None:
                yield f"{messenger} {chat} is {person.id}, {person.participation}, practice {person.practice}"
                yield from (f"{person.id} is written to at {address}" for address in unit.addresses.of(person))
            yield from (f"{messenger} {chat} shows {row.body}" for row in unit.outbox.thread(messenger, chat, 0, 99))
        for code in self.codes:
            found = unit.invites.find(code)
            if found is not None:
                yield f"{code} gives {found.role} of {found.cohort_id}, {found.uses - found.used} times"
                if found.nickname is not None:  # without one, whoever comes is asked for it
                    yield f"{code} calls whoever comes {found.nickname}"
                yield f"{code} until {found.expires_at}, revoked {found.revoked_at is not None}"
            yield f"{code} is of {unit.invites.owner(code)}"
        for chat in ("w1", "w2"):
            link = unit.web_links.find(f"link {chat}")
            yield f"link {chat} is {link}" if link is not None else ""
            session = unit.web_sessions.find(f"token {chat}")
            if session is not None:
                yield f"token {chat} opens {session.chat} until {session.open_until}"
        for person in self.people:
            yield f"{person.id} has {'a' if unit.web_pins.exists(person.id) else 'no'} PIN"
            consent = unit.consents.latest(person.id)
            yield f"{person.id} said {consent and consent.action}"

    def _rights(self, unit: Unit) -> Iterator[str]:
        for id_ in self.ids:
            yield from (f"{id_} is {role.role} of {role.cohort_id}" for role in unit.roles.of(id_))
        yield from (f"{grant.person_id} has {grant.role}" for grant in unit.roles.given())
        for cohort_id in (None, *self.cohorts):
            yield from (f"{id_} reads {cohort_id}" for id_ in unit.roles.who_reads(cohort_id))
        for cohort_id in self.cohorts:
            yield from (
                f"{one.person_id} is in {cohort_id}: {one.waiting}" for one in unit.memberships.members(cohort_id)
            )
            yield from (f"{id_} may be asked in {cohort_id}" for id_ in unit.memberships.active(cohort_id))
        for cohort in unit.cohorts.list():
            yield f"{cohort.id} is {cohort.name}, {cohort.context}, practice {cohort.practice}"
        for name in ("Sierra Norte", "Costa"):
            found = unit.cohorts.by_name(name)
            yield f"{name} is {found and found.id}"
        yield f"the record says {json.dumps(unit.organisation.get(), sort_keys=True)}"
        care = unit.organisation.care()
        yield f"key kept {care.key_confirmed_at}, backup tried {care.backup_verified_at}"

    def _seen(self, unit: Unit) -> Iterator[str]:
        """Give what the team of each cohort reads."""
        for cohort_id in self.cohorts:
            of = f"the team of {cohort_id}"
            for each in unit.readings.unread(UUID(int=9), cohort_id, 99):
                person = unit.people.get(each.person_id)
                yield f"{of} opens {each.run_id} of {each.person_id}"
                if person is None or person.lost or unit.runs.read(each.run_id, person) is None:
                    continue
                for aside in unit.asides.of(each.run_id, person):
                    yield f"{of} reads beside {aside.path} of {aside.run_id} of {person.id}: {aside.pieces}"
                for path in unit.answers.of(each.run_id, person):
                    said = unit.answers.history(each.run_id, path, person)
                    yield from (f"{of} reads in {each.run_id} of {person.id} {path}: {text}" for _, text, _ in said)
            names = unit.readings.names(cohort_id)
            yield from (f"{of} names {id_} {name}" for id_, name in names if not name.startswith("P-"))
            for talk in unit.messages.conversations([cohort_id], 99, without_cohort=True):
                yield from (
                    f"{of} reads {one.direction} of {one.person_id}: {one.body}" for one in unit.messages.said(talk)
                )
            waiting = unit.messages.list([cohort_id], without_cohort=True)
            yield from (f"{of} reads {one.direction} of {one.person_id}: {one.body}" for one in waiting)
            yield from (
                f"{of} exports {run.pseudonym} {run.run_id}: {run.answers}" for run in self._export(unit, cohort_id)
            )
            yield from (f"{of} sees unsent {row.body}" for row in unit.unsent.page([cohort_id], 99, everywhere=False))
        yield from (f"the team of {one.cohort_id} sees the alert of {one.person_id}" for one in unit.alerts.open())
        for request in unit.support_requests.open():
            yield f"the team of {request.cohort_id} is asked {request.kind} by {request.person_id}, {request.done_by}"
        for panel in unit.panels.of(self.ids[2], "progress"):
            yield f"{panel.person_id} follows {panel.subject}"
        yield from (f"{one.invite_id} remembers {one.words}" for one in unit.recollections.open())
        for (id_,) in unit.connection.execute(select(metadata.tables["media"].c.id)).all():
            item = unit.media.get(id_)
            yield f"{id_} is played as {item.person_id} {item.kind}" if item else ""

    def _export(self, unit: Unit, cohort_id: UUID) -> list[Any]:
        return [run for name in export_rows.dialogs(unit, cohort_id) for run in exported(unit, name, cohort_id)]

    def _asked(self, unit: Unit) -> Iterator[str]:
        for order in unit.broadcasts.list():
            yield f"{order.id} asks {order.cohort_id} {order.dialog_hash}: {order.purpose}, {order.cancelled_at}"
            yield f"{unit.versions.get(order.dialog_hash)}"
            for missing in unit.following.missing(order.id, 99):
                yield f"{missing.person_id} may be asked in {order.cohort_id}"
        for due in unit.broadcasts.due(unit.now + FAR, 99):
            yield f"{due.person_id} is asked {due.dialog_hash} for {due.cohort_id}"
        yield from (f"{one.name} says {one.source}" for one in unit.own_dialogs.list())
        for schedule in unit.schedules.list():
            what = f"{schedule.dialogs} {schedule.rule} for {schedule.purpose_id} by {schedule.made_by}"
            yield f"{schedule.id} asks {schedule.cohort_id} {what}, {schedule.window_minutes} {schedule.state}"
        for cohort_id in self.cohorts:
            yield from (f"{one} is asked again in {cohort_id}" for one in unit.schedules.members(cohort_id))
            joined = unit.ways_in.joined(cohort_id, unit.now - FAR)
            yield from (f"{one} joined {cohort_id} at {at}" for one, at in joined)

    def _given_back(self, unit: Unit) -> Iterator[str]:
        """Give what each cohort is told, who of it would be, and what the team has written."""
        for cohort_id in self.cohorts:
            told_to = unit.decisions.told_to([cohort_id], 99)
            yield from (f"{cohort_id} is told {one.id}: {one.body} by {one.made_by}" for one in told_to)
            for order in unit.broadcasts.list():
                # Whoever is in a cohort may read what it was told (`said_back.to_read`), asked or not.
                yield from (
                    f"{one} is told of {order.id} in {cohort_id}"
                    for one in unit.decisions.asked(order.id, cohort_id)
                    if cohort_id not in unit.memberships.of(one)
                )
        for order in unit.broadcasts.list():
            for one in unit.decisions.because_of(order.id):
                yield f"{one.id} is {one.kind} for {one.cohort_id} because of {order.id}: {one.body}, {one.state}"
                for link in unit.decisions.links(one.id):
                    yield f"{link.person_id} {link.kind} {one.id}, {link.run_id} {link.message_id}"
            given = unit.decisions.given_by(order.id)
            left = [one for one in unit.frozen_totals.all() if one.broadcast_id == order.id]
            yield from (f"{one.body} left of {order.id} in {one.cohort_id}" for one in left)
            asked = unit.frozen_totals.asked(order.id)
            yield from (f"{id_} counts as asked in {order.id}" for id_ in asked)
            yield f"{order.id} gives back {given.id if given else None}"

    def _signs(self, unit: Unit) -> Iterator[str]:
        """Give what the team of each cohort reads of its signs."""
        for cohort_id in self.cohorts:
            of = f"the team of {cohort_id}"
            for sign in unit.signs.of([cohort_id]):
                ended = "ended" if sign.ended_at else "used"
                words = f"{sign.kind} {sign.words}, {sign.former_id} by {sign.made_by}"
                yield f"{of} has the {ended} sign {sign.id} {words}"
                for said in unit.signs.judgements([sign.id]):
                    yield f"{of} reads at {sign.id} {replace(said, id=UUID(int=0))}"
                for laid in unit.signs.beside(sign.id):
                    yield f"{of} reads beside {sign.id} {laid.person_id} {laid.run_id} {laid.path}"
            for each in unit.sheets.of([cohort_id]):
                yield f"{of} has the sheet {each.id} of {each.dialog_hash}, {each.state}: {each.body}"
            for quote in unit.quotes.of_cohorts([cohort_id]):
                yield f"{quote.state} to {quote.id} of {quote.person_id}, {quote.run_id} {quote.path}: {quote.words}"
                order = quote.broadcast_id and unit.quotes.asked_by(quote.broadcast_id)
                yield f"{quote.broadcast_id} asks for {order and order.id}, for {of} by {quote.asked_by}"
            sheet = unit.sheets.find(f"sheet {cohort_id}")
            yield f"the sheet of {cohort_id} is found: {sheet}"


@pytest.fixture
def walked(url: str, tmp_path: Path) -> Iterator[Installation]:
    """Return an installation through which people have walked, all of whose rows are sealed."""
    folder = tmp_path / "home"
    folder.mkdir()
    with closing(Rig(folder, url=url)) as hilo:
        found = Installation(hilo)
        sealing.begin(hilo.storage, lambda: hilo.now)
        yield found


def attacks(column: Column[Any], rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Give the rows of a table with what one of their columns may be changed to."""
    for row in rows[: amounts.ROWS.value]:
        yield from (
            (row, value)
            for value in islice(_others(column, row[column.name], rows), 1 + amounts.ROWS.value)
            if value != row[column.name]
        )


def _others(column: Column[Any], now: Any, rows: list[dict[str, Any]]) -> Iterator[Any]:
    """Give other values: that of another row, nothing, and one that allows more."""
    elsewhere = next((row[column.name] for row in rows if row[column.name] not in (now, None)), None)
    if elsewhere is not None:
        yield elsewhere
    if column.nullable and now is not None:
        yield None
    kind = column.type
    if isinstance(kind, Boolean):
        yield not now
    elif isinstance(kind, Moment):
        yield (now or clock.now()) + FAR if isinstance(now, datetime | None) else None
        yield (now or clock.now()) - FAR if isinstance(now, datetime | None) else None
    elif isinstance(kind, LargeBinary):
        yield bytes(32)
    elif isinstance(kind, Uuid) and elsewhere is None:
        yield UUID(int=5)
    elif isinstance(kind, String) and column.name in {
        "role",
        "participation",
        "state",
        "status",
        "direction",
        "action",
    }:
        yield from ("admin", "active", "due", "open", "to_team", "given", "yes")


def columns() -> list[Column[Any]]:
    return [column for table in metadata.sorted_tables for column in table.c]


def row_of(table: Table, row: dict[str, Any]) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


def tried(
    installation: Installation, before: set[str], statement: Any, *, looked: bool = True
) -> tuple[set[str], bool]:
    """Make a change as somebody without the key, and return what is gained and whether it is found; undo it.

    `looked`: look whether it is found also where nothing is gained.
    """
    hilo, gained, found = installation.hilo, set[str](), True
    with suppress(Undo), hilo.unit() as unit:
        try:
            unit.connection.execute(statement)
        except DBAPIError:
            raise Undo from None  # the database itself refuses
        try:
            gained = installation.facts(unit) - before
        except (ValueError, TypeError, LookupError, KeyError, DBAPIError):
            raise Undo from None  # nothing is shown where that stands
        if gained or looked:
            found = bool(scan(unit)) or unit.audit.verify() is not None
        raise Undo
    return gained, found


def test_every_table_says_whether_its_rows_are_sealed() -> None:
    """The registry has each table of the schema once: with the columns that a seal is over, or why there is none."""
    assert set(SEALS) == set(metadata.sorted_tables)
    for table, rule in SEALS.items():
        if isinstance(rule, SealedColumns):
            assert "seal" in table.c
            assert set(rule.names) <= set(table.c.keys())
            assert rule.number > 0
        else:
            assert isinstance(rule, NotSealed)
            assert len(rule.why) > 20
            assert "seal" not in table.c


@pytest.mark.proof
def test_no_column_that_is_changed_gives_anybody_anything(walked: Installation) -> None:
    """A change of any column gives nobody a fact that was not there, or is found; one under a seal is always found."""
    if walked.hilo.storage.database.dialect != "sqlite" and not amounts.ROWS.extended:
        pytest.skip("on PostgreSQL in the long form alone: it takes minutes")
    with walked.hilo.unit() as unit:
        before = walked.facts(unit)
        assert scan(unit) == []
        stored = {table: [dict(row) for row in unit.connection.execute(select(table)).mappings()] for table in SEALS}
    assert len(before) > 60
    gaps, unfound, done = {}, [], 0
    for column in columns():
        table = column.table
        rule = rule_of(table)
        for row, value in attacks(column, stored[table]):
            under = rule is not None and column.name in rule.names
            change = update(table).where(row_of(table, row)).values({column.name: value})
            gained, found = tried(walked, before, change, looked=under)
            done += 1
            if gained and not found:
                gaps[str(column)] = sorted(gained)[:2]
            if under and not found:
                unfound.append((str(column), row[column.name], value))
    assert gaps == {}
    assert unfound == []
    assert done > len(columns()) / 2


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(300)
def test_no_row_that_is_added_gives_anybody_anything(walked: Installation) -> None:
    """A row copied from another one, with its seal, under a key of its own or for somebody else, gives nothing."""
    with walked.hilo.unit() as unit:
        before = walked.facts(unit)
        stored = {table: [dict(row) for row in unit.connection.execute(select(table)).mappings()] for table in SEALS}
    gaps, done = {}, 0
    for table, rows in stored.items():
        for row in rows[: amounts.ROWS.value]:
            for new in copies(walked, table, row):
                gained, found = tried(walked, before, insert(table).values(**new))
                done += 1
                if gained and not found:
                    gaps[table.name] = sorted(gained)[:2]
    assert gaps == {}
    assert done > len(SEALS) / 2


def copies(walked: Installation, table: Table, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a row anew: under another key, and then for each of the others, in each of the groups."""
    fresh = dict(row)
    for column in table.primary_key.columns:
        if isinstance(column.type, Uuid):
            fresh[column.name] = clock.new_id()
        elif isinstance(column.type, Integer):
            fresh[column.name] = 10_000
        elif isinstance(column.type, Date):
            fresh[column.name] = row[column.name] - timedelta(days=1)
        else:
            fresh[column.name] = "another"
    for column in table.c:
        if column.unique and isinstance(column.type, LargeBinary):
            fresh[column.name] = bytes(31) + b"\1"
        elif column.unique and isinstance(column.type, Uuid):
            fresh[column.name] = None if column.foreign_keys else clock.new_id()
        elif column.unique and isinstance(column.type, String):
            fresh[column.name] = "another"
    yield fresh
    for id_ in walked.ids:
        for cohort_id in walked.cohorts:
            yours = {"person_id": id_, "cohort_id": cohort_id}
            if other := {name: value for name, value in yours.items() if name in table.c and fresh.get(name) != value}:
                yield {**fresh, **other}


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_what_was_added_without_the_key_is_deleted(walked: Installation) -> None:
    """`hilo erase --damaged` takes such rows away; what only a backup has whole is told, and stays."""
    with walked.hilo.unit() as unit:
        rows = {table: unit.connection.execute(select(table)).mappings().first() for table in SEALED_TABLES}
    stays, tried_of = set(), set()
    for table, row in rows.items():
        assert row is not None, table.name
        change: Any = insert(table).values(**next(copies(walked, table, dict(row))))
        if table in {evidence, answers}:  # the database itself refuses a second one
            change = update(table).where(row_of(table, dict(row))).values(seal=bytes(len(row["seal"])))
        with suppress(Undo), walked.hilo.unit() as unit:
            try:
                unit.connection.execute(change)
            except DBAPIError:
                raise Undo from None  # there can be no other
            tried_of.add(table.name)
            found = scan(unit)
            assert {each.table for each in found} == {table.name}
            mend(unit, found)
            stays |= {each.table for each in scan(unit)}
            raise Undo
    assert tried_of >= {"roles", "invites", "answers", "schedules", "decisions", "decision_links"}
    assert tried_of >= {"signs", "judgements", "evidence", "sheets", "quotes"}
    assert stays <= BACKUP_ALONE


def test_a_yes_is_to_no_words_of_before(walked: Installation) -> None:
    """Whoever puts the first words of a quote back, under a yes to other ones, has it count for nothing."""
    with walked.hilo.unit() as unit:
        leader = walked.people[0]
        (quote,) = unit.quotes.of(leader.id)
        (first,) = unit.connection.execute(select(quotes.c.body).where(quotes.c.id == quote.id)).scalars()
        assert unit.quotes.reword(quote, leader, "otras palabras")
        assert unit.quotes.answer(quote.id, "yes")
        (said,) = unit.quotes.of(leader.id)
        assert (said.words, said.state) == ("otras palabras", "yes")
    with walked.hilo.unit() as unit:
        unit.connection.execute(update(quotes).where(quotes.c.id == quote.id).values(body=first))
    with walked.hilo.unit() as unit:
        assert unit.quotes.of(leader.id) == []
        assert [each.table for each in scan(unit)] == ["quotes"]


def test_a_plain_update_of_what_is_sealed_is_refused(walked: Installation) -> None:
    """A set-based UPDATE would leave a row with the seal of what it was: it is not run."""
    with pytest.raises(UnsealedWrite), walked.hilo.unit() as unit:
        unit.run(update(roles).where(roles.c.id == type_coerce(None, Uuid)).values(revoked_at=unit.now))
    with walked.hilo.unit() as unit:
        unit.run(update(cohorts).where(cohorts.c.id == UUID(int=1)).values(zone="America/Mexico_City"))


def test_someone(walked: Installation) -> None:
    """The facts are more than none: each of them speaks, reads or is read somewhere; and every table has rows."""
    with walked.hilo.unit() as unit:
        facts = walked.facts(unit)
        empty = {table.name for table in SEALS if unit.connection.execute(select(table).limit(1)).first() is None}
    assert empty == EMPTY, "of an empty table nothing is tried"
    for phone in walked.phones:
        assert isinstance(phone, Phone)
        assert any(f"{phone.chat} is " in fact for fact in facts)
    for said in (
        "canario de la costa",
        "propósito de",
        "señal de",
        "como va, de",
        "en papel, de",
        "cita de",
        "lo que salió, de",
        "is told",
        "reads beside",
        "gives back",
    ):
        assert any(said in fact for fact in facts), said
