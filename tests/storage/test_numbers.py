"""What is new is told by numbers: at one moment, after a clock was put back, and whoever commits first."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import MetaData, select, text

from storage import copies, sealing
from storage.database import REVISIONS, Database
from storage.people import Person
from storage.tables import answers, messages
from storage.unit import Storage, Unit
from storage.vault import Vault
from tests.by_day import DATABASES_ALIKE
from tests.storage.world import NOW, World, later, opened, uid


def answer(unit: Unit, person: Person, run_id: UUID, path: str = "week", value: str = '"Hubo junta."') -> None:
    """Answer one question of a run, now."""
    unit.answers.add(uid(), run_id, path, person, f'{{"value":{value},"label":""}}', unit.now)


def reads(unit: Unit, reader: Person, run_id: UUID, person: Person, *shown: str) -> None:
    """Read some answers of a run, else all of it, as they are now."""
    numbers = unit.answers.numbers(run_id)
    unit.readings.add(reader.id, run_id, person.id, numbers, shown or numbers, whole=numbers)


def waiting(world: World, unit: Unit, reader: Person) -> list[UUID]:
    """List the runs that wait for a reader."""
    return [each.run_id for each in unit.readings.unread(reader.id, world.cohort, 99)]


@pytest.fixture
def people(world: World) -> tuple[Person, Person]:
    """A leader, and someone who reads."""
    with world.unit() as unit:
        return world.person(unit, "1"), world.person(unit, "2")


@pytest.mark.parametrize("hours", [0, -1])
def test_an_answer_is_new_whatever_the_clock_says(world: World, people: tuple[Person, Person], hours: int) -> None:
    """In the same microsecond as the reading, and an hour before it: another answer, an edit, a voice note."""
    leader, ana = people
    with world.unit() as unit:
        run_id, edited = world.run(unit, leader), world.run(unit, leader)
        answer(unit, leader, run_id)
        answer(unit, leader, edited)
        for each in (run_id, edited):
            reads(unit, ana, each, leader)
        assert waiting(world, unit, ana) == []
    with world.unit(hours=hours) as unit:
        answer(unit, leader, run_id, "need", '"call"')
        unit.media.add(uid(), leader.id, "voice", "x", 1, "f", unit.now, seconds=7, run_id=run_id, path="need")
        answer(unit, leader, edited, value='"No hubo."')
        for each in (run_id, edited):
            unit.runs.save(each, leader, {"v": 1}, "open", 1)
        assert waiting(world, unit, ana) == [run_id, edited]
        found = unit.readings.waiting(ana.id, world.cohort)
        assert (found.runs, found.seconds) == (2, 7)
        assert [each[1:] for each in unit.unread_said.said(ana.id, world.cohort, "need", ())] == [(run_id, leader.id)]


def test_a_lower_number_that_is_committed_later_is_new(world: World) -> None:
    """Two leaders answer at once: the one whose number is lower commits after the other was read."""
    with world.unit() as unit:
        slow, quick, ana = (world.person(unit, chat) for chat in "123")
        first, second = world.run(unit, slow), world.run(unit, quick)
    if world.storage.database.dialect == "sqlite":
        # One writes at a time there: so what was given first is put in its place by hand.
        with world.unit() as unit:
            answer(unit, quick, second)
            answer(unit, quick, second, value='"No hubo."')
            reads(unit, ana, second, quick)
            answer(unit, slow, first)
            lowest = unit.connection.execute(select(answers.c.seq).order_by(answers.c.seq)).scalar()
            unit.connection.execute(answers.delete().where(answers.c.seq == lowest))
            row = answers.update().where(answers.c.run_id == first).values(seq=lowest)
            unit.connection.execute(row)
    else:
        other = world.again()
        with other.unit(NOW) as late:
            late.lock(slow.id)
            answer(late, slow, first)
            with world.unit() as unit:
                answer(unit, quick, second)
            with world.unit() as unit:
                reads(unit, ana, second, quick)
                assert waiting(world, unit, ana) == []
    with world.unit() as unit:
        (low,), (high,) = (unit.answers.numbers(run_id).values() for run_id in (first, second))
        assert low < high
        assert waiting(world, unit, ana) == [first]


def test_only_what_was_shown_is_read(world: World, people: tuple[Person, Person]) -> None:
    """A run waits until each page of it was shown; what came to an earlier page meanwhile waits on."""
    leader, ana = people
    with world.unit() as unit:
        run_id = world.run(unit, leader)
        for path in ("mood", "week", "need"):
            answer(unit, leader, run_id, path)
        reads(unit, ana, run_id, leader, "mood")
        assert waiting(world, unit, ana) == [run_id]
        answer(unit, leader, run_id, "mood", '"Otra."')
        reads(unit, ana, run_id, leader, "week")
        assert [each[1] for each in unit.unread_said.said(ana.id, world.cohort, "mood", ())] == [run_id]
        assert unit.unread_said.said(ana.id, world.cohort, "week", ()) == []
        reads(unit, ana, run_id, leader, "need")
        assert waiting(world, unit, ana) == [run_id]
        reads(unit, ana, run_id, leader, "mood")
        assert waiting(world, unit, ana) == []
        assert unit.connection.execute(text("SELECT count(*) FROM readings_begun")).scalar() == 0


def test_what_came_between_the_look_and_its_note_is_new(world: World, people: tuple[Person, Person]) -> None:
    """Noted is what she was shown, and not what there is when it is noted."""
    leader, ana = people
    with world.unit() as unit:
        run_id = world.run(unit, leader)
        answer(unit, leader, run_id)
        shown = unit.answers.numbers(run_id)
    with world.unit() as unit:
        answer(unit, leader, run_id, value='"No hubo."')
    with world.unit() as unit:
        unit.readings.add(ana.id, run_id, leader.id, shown, shown)
        assert waiting(world, unit, ana) == [run_id]


def test_a_number_is_never_given_twice(world: World, people: tuple[Person, Person]) -> None:
    """Not even once the newest answer was erased: what comes after it was not read."""
    leader, ana = people
    with world.unit() as unit:
        run_id = world.run(unit, leader)
        answer(unit, leader, run_id)
        reads(unit, ana, run_id, leader)
        unit.answers.drop(run_id, "week")
    with world.unit() as unit:
        answer(unit, leader, run_id)
        assert waiting(world, unit, ana) == [run_id]


@pytest.mark.by_day("url", "empty_url", why=DATABASES_ALIKE)
def test_a_number_is_not_given_again_by_what_was_restored(
    world: World, people: tuple[Person, Person], empty_url: str, tmp_path: Any
) -> None:
    """From either engine to either: numbers go on behind those whose rows were gone when the copy was made."""
    leader, ana = people
    with world.unit() as unit:
        run_id = world.run(unit, leader)
        answer(unit, leader, run_id, "mood")
        answer(unit, leader, run_id)
        unit.messages.add(uid(), leader, "held", "x", NOW)
        last = unit.messages.of(leader.id)[-1].seq
        reads(unit, ana, run_id, leader)
        unit.answers.drop(run_id, "week")
        unit.messages.drop_held(later(hours=1))
    with world.storage.database.read() as connection:
        copies.copy(connection, tmp_path / "copy.db", lambda _: None)
    with opened(empty_url) as database:
        copies.load(tmp_path / "copy.db", database)
        with Storage(database, world.storage.vault).unit(NOW) as unit:
            answer(unit, leader, run_id)
            unit.messages.add(uid(), leader, "to_team", "y", NOW, world.cohort)
            assert waiting(world, unit, ana) == [run_id]
            assert unit.messages.of(leader.id)[-1].seq > last


def _older(database: Database) -> MetaData:
    database.migrate(known=REVISIONS[: REVISIONS.index("0005")])
    old = MetaData()
    old.reflect(database.engine)
    return old


@pytest.mark.by_day("url", "empty_url", why=DATABASES_ALIKE)
def test_what_was_read_before_stays_read(world: World, empty_url: str) -> None:
    """A database of 0.1.0 comes along in its present order: read and unread are what they were, for each reader."""
    with world.unit() as unit:
        leader, ana, eva = (world.person(unit, chat) for chat in "123")
        read, changed, unread, back = (world.run(unit, leader) for _ in range(4))
        top, newer = uid(), uid()
        unit.messages.add(newer, leader, "to_team", "2", later(hours=3), world.cohort, reply_to=top)
        unit.messages.add(top, leader, "to_team", "1", later(hours=1), world.cohort)
        unit.messages.add(uid(), leader, "from_team", "r", later(hours=2), world.cohort, ana.id, reply_to=top)
    rows = [
        (read, "mood", 1, 1),
        (read, "week", 1, 2),
        (changed, "week", 1, 1),
        (changed, "week", 2, 9),
        (unread, "week", 1, 3),
        # The clock was put back between the two, and by the old rule she has read both.
        (back, "week", 1, 4),
        (back, "week", 2, 0),
    ]
    seen = [(ana, read, 5), (ana, changed, 5), (ana, back, 5), (eva, read, 1)]
    with opened(empty_url) as database:
        old = _older(database)
        with world.reading() as unit, database.write() as connection:
            names = ("cohorts", "people", "person_keys", "memberships", "dialog_versions", "runs", "messages")
            for name in names:
                columns = [column for column in messages.metadata.tables[name].c if column.name in old.tables[name].c]
                found = unit.connection.execute(select(*columns)).mappings().all()
                into = messages.metadata.tables[name].insert().inline()
                connection.execute(into, [dict(row) for row in found])
            given = messages.metadata.tables["answers"].insert().inline()
            body = {"person_id": leader.id, "value": leader.key.seal(b"{}", "answers", "value", "x")}
            connection.execute(
                given,
                [
                    {
                        **body,
                        "id": uid(),
                        "run_id": run,
                        "path": path,
                        "revision": number,
                        "answered_at": later(hours=at),
                    }
                    for run, path, number, at in rows[::-1]
                ],
            )
            active = messages.metadata.tables["runs"]
            for run in (read, changed, unread, back):
                last = max(at for each, _, _, at in rows if each == run)
                connection.execute(active.update().where(active.c.id == run).values(active_at=later(hours=last)))
            noted = messages.metadata.tables["readings"].insert().inline()
            connection.execute(
                noted,
                [
                    {"reader_id": who.id, "run_id": run, "person_id": leader.id, "read_at": later(hours=at)}
                    for who, run, at in seen
                ],
            )
            trail = messages.metadata.tables["audit"].insert().inline()
            told = {"at": later(hours=2), "actor": str(ana.id), "action": "messages.read", "subject": str(top)}
            connection.execute(trail, {**told, "detail": b"", "previous": b"", "hash": b""})

        assert database.migrate()
        storage = Storage(database, Vault(bytes(range(32))))
        sealing.begin(storage, lambda: later(hours=9))
        with storage.unit(later(hours=10)) as unit:
            assert waiting(world, unit, ana) == [unread, changed]
            assert sorted(waiting(world, unit, eva)) == sorted([read, changed, unread, back])
            for run in (changed, back):
                order = select(answers.c.revision).where(answers.c.run_id == run).order_by(answers.c.seq)
                assert unit.connection.execute(order).scalars().all() == [1, 2]
            found = unit.messages.conversation(top)
            assert [each.body for each in unit.messages.said(found)] == ["1", "r", "2"]
            assert (found.state, found.since) == ("new", later(hours=3))
            # She was shown all that there was at hour two.
            assert unit.readings.heard(ana.id, top) == unit.messages.said(found)[1].seq
            answer(unit, leader, read)
            unit.messages.add(uid(), leader, "to_team", "3", unit.now, world.cohort, reply_to=top)
            assert waiting(world, unit, ana) == [unread, changed, read]
            assert [each.body for each in unit.messages.said(found)] == ["1", "r", "2", "3"]
