"""Dialog versions, runs, and answers with their revisions."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from storage.people import Person
from storage.tables import answers, runs
from storage.unit import Storage
from tests.storage.world import HASH, NOW, SOURCE, World, later, uid


def test_a_version_is_kept_once(world: World) -> None:
    """Keeping a version again changes nothing; versions come in the order they were first kept."""
    with world.unit() as unit:
        unit.versions.save("b" * 64, "check_in", "check_in", '{"b":1}', later(days=1))
        unit.versions.save(HASH, "other", "staff", '{"changed":true}', later(days=2))
    with world.reading() as unit:
        assert unit.versions.get(HASH) == SOURCE
        assert unit.versions.get("c" * 64) is None
        assert [version.hash for version in unit.versions.of("check_in")] == [HASH, "b" * 64]
        latest = unit.versions.latest("check_in")
        assert latest is not None
        assert (latest.hash, latest.source, latest.created_at) == ("b" * 64, '{"b":1}', later(days=1))
        assert unit.versions.latest("other") is None


def test_a_run_comes_back_as_it_was(world: World) -> None:
    """Every field of a run reads back, state and moments included."""
    state = {"v": 1, "trail": ["a", "child[2]/age"], "draft": ["sí", "ñu"], "position": None}
    with world.unit() as unit:
        person = world.person(unit)
        run_id = uid()
        unit.runs.create(run_id, person, HASH, "staff", state, "offered", "es-usted", world.cohort, prompt=3)
        row = unit.runs.get(run_id, person)

    assert row is not None
    assert (row.id, row.person_id, row.dialog_hash, row.state) == (run_id, person.id, HASH, state)
    assert (row.status, row.prompt, row.language, row.started_by) == ("offered", 3, "es-usted", "staff")
    assert (row.cohort_id, row.broadcast_id, row.started_at, row.active_at) == (world.cohort, None, NOW, NOW)


def test_saving_a_run_moves_it_on(world: World) -> None:
    """A saved run has the new state, status and prompt, and was active now; it began when it began."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
    with world.unit(minutes=5) as unit:
        unit.runs.save(run_id, person, {"v": 1, "at": "b"}, "completed", 7, None, unit.now)
        row = unit.runs.get(run_id, person)

    assert row is not None
    assert (row.state, row.status, row.prompt) == ({"v": 1, "at": "b"}, "completed", 7)
    assert (row.started_at, row.active_at) == (NOW, later(minutes=5))


def test_every_save_is_all_there(world: World) -> None:
    """Whatever stayed as it was, within a minute and after it, a run is as it was saved last; an end can be undone."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id, other = world.run(unit, person, "offered"), world.run(unit, person, "open")
    came = later(days=1)
    saves = [
        ("open", 1, 0.1, None, None),
        ("open", 2, 0.2, came, None),
        ("open", 3, 2.0, came, None),
        ("postponed", 3, 2.1, came, None),
        ("open", 3, 2.2, None, None),
        ("completed", 4, 2.3, None, later(minutes=2)),
        ("completed", 4, 2.4, None, None),
        ("completed", 5, 2.5, None, later(minutes=2)),
        ("completed", 5, 2.6, None, later(minutes=2)),
    ]
    for status, prompt, minutes, resume_at, ended_at in saves:
        with world.unit(minutes=minutes) as unit:
            unit.runs.save(run_id, person, {"v": 1, "at": prompt}, status, prompt, resume_at, ended_at)
            row = unit.runs.get(run_id, person)
            found = unit.connection.execute(
                select(runs.c.status, runs.c.prompt, runs.c.active_at, runs.c.resume_at, runs.c.ended_at).where(
                    runs.c.id == run_id
                )
            ).one()
            untouched = unit.runs.get(other, person)
        assert row is not None
        assert row.state == {"v": 1, "at": prompt}
        assert tuple(found) == (status, prompt, later(minutes=int(minutes)), resume_at, ended_at)
        assert untouched is not None
        assert (untouched.status, untouched.prompt, untouched.state) == ("open", 0, {"v": 1})


def test_a_run_is_its_persons(world: World) -> None:
    """Nobody finds another person's run by its id."""
    with world.unit() as unit:
        person, other = world.person(unit, "1"), world.person(unit, "2")
        run_id = world.run(unit, person)

        assert unit.runs.get(run_id, other) is None
        assert unit.runs.open(other) is None
        assert unit.runs.latest(other) is None


def test_the_open_run_is_the_newest_that_waits(world: World) -> None:
    """Offered and open runs come before postponed ones, newer before older; ended ones never."""
    with world.unit() as unit:
        person = world.person(unit)
        assert unit.runs.open(person) is None

    def add(status: str, **span: float) -> UUID:
        with world.unit(**span) as unit:
            return world.run(unit, person, status)

    def found() -> UUID | None:
        with world.reading() as unit:
            row = unit.runs.open(person)
            return row and row.id

    older = add("open", minutes=1)
    assert found() == older
    newer = add("offered", minutes=2)
    assert found() == newer
    add("postponed", minutes=3)
    assert found() == newer
    for minutes, status in enumerate(("completed", "stopped", "expired"), 4):
        add(status, minutes=minutes)
    assert found() == newer
    with world.unit(minutes=9) as unit:
        latest = unit.runs.latest(person)
        assert latest is not None
        assert latest.status == "expired"


def test_postponed_runs_come_due(world: World) -> None:
    """A postponed run is due from its moment on, the longest waiting first; a resting one waits for its person."""
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(4)]
        ids = [world.run(unit, person) for person in people]
        for hours, (run_id, person) in enumerate(zip(ids, people, strict=True)):
            unit.runs.save(run_id, person, {"v": 1, "n": hours}, "postponed", 1, later(hours=4 - hours))
        unit.runs.rest(ids[3])
    with world.unit() as unit:
        assert unit.runs.due(later(minutes=59), 10) == []
        due = unit.runs.due(later(hours=3), 10)
        assert [row.id for row in due] == [ids[2], ids[1]]
        assert [row.state["n"] for row in due] == [2, 1]
        assert [row.id for row in unit.runs.due(later(hours=9), 2)] == [ids[2], ids[1]]
        unit.runs.save(ids[2], people[2], {"v": 1}, "open", 1)
        assert [row.id for row in unit.runs.due(later(hours=9), 9)] == [ids[1], ids[0]]


def test_a_delivery_becomes_one_run(world: World) -> None:
    """A second run for the same delivery is refused by the database itself."""
    with world.unit() as unit:
        person = world.person(unit)
        delivery = uid()
        unit.broadcasts.order(uid(), "k", HASH, world.cohort, {}, uid(), None, NOW, [(delivery, person.id, NOW)])
        world.run(unit, person, delivery_id=delivery)
    with pytest.raises(IntegrityError) as caught, world.unit() as unit:
        world.run(unit, person, delivery_id=delivery)
    assert person.id.hex not in str(caught.value)


def test_a_state_put_into_another_run_is_noticed(world: World) -> None:
    """A run's state copied into another run of the same person does not open there."""
    with world.unit() as unit:
        person = world.person(unit)
        world.run(unit, person)
        world.run(unit, person)
    with world.storage.database.write() as connection:
        connection.execute(
            runs.update().values(state=select(runs.c.state).order_by(runs.c.id).limit(1).scalar_subquery())
        )
    with world.reading() as unit:
        assert len(unit.runs.of(person)) == 1


def test_an_edit_adds_a_revision(world: World) -> None:
    """Answers number their revisions by path, the newest is what counts, and none is lost."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id, other = world.run(unit, person), world.run(unit, person)
        add = unit.answers.add
        add(uid(), run_id, "need", person, '{"value":"agua"}', NOW)
        add(uid(), run_id, "child[2]/age", person, '{"value":7}', NOW)
        add(uid(), run_id, "need", person, '{"value":"luz"}', later(minutes=1))
        add(uid(), other, "need", person, '{"value":"otra"}', NOW)
        add(uid(), run_id, "need", person, '{"value":null}', later(minutes=2))
    with world.reading() as unit:
        assert unit.answers.of(other, person) == {"need": (1, '{"value":"otra"}')}
        assert unit.answers.of(run_id, person) == {
            "need": (3, '{"value":null}'),
            "child[2]/age": (1, '{"value":7}'),
        }
        assert unit.answers.history(run_id, "need", person) == [
            (1, '{"value":"agua"}', NOW),
            (2, '{"value":"luz"}', later(minutes=1)),
            (3, '{"value":null}', later(minutes=2)),
        ]
        assert unit.answers.of(other, person) == {"need": (1, '{"value":"otra"}')}
        assert unit.answers.of(uid(), person) == {}


def test_two_answers_that_trade_places_are_noticed(world: World) -> None:
    """An answer's words copied onto another answer of the same person do not open there."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        unit.answers.add(uid(), run_id, "a", person, '"sí"', NOW)
        unit.answers.add(uid(), run_id, "b", person, '"no"', NOW)
    with world.storage.database.write() as connection:
        connection.exec_driver_sql("UPDATE answers SET value = (SELECT max(value) FROM answers)")
    with world.reading() as unit:
        assert len(unit.answers.of(run_id, person)) == 1
        assert len(unit.answers.damaged(run_id, person, "abc")) == 1


def test_revisions_written_at_once_are_numbered_in_a_row(world: World) -> None:
    """Four writers add revisions of one answer at the same time: each gets a number of its own, none is lost."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
    storages = [world.storage, world.again(), world.again(), world.again()]

    def write(storage: Storage, writer: int, person: Person = person) -> None:
        for turn in range(10):
            with storage.unit(NOW + timedelta(seconds=turn)) as unit:
                unit.answers.add(uid(), run_id, "need", person, f'"{writer}{turn}"', unit.now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, storages, range(4)))

    with world.reading() as unit:
        history = unit.answers.history(run_id, "need", person)
    assert [number for number, *_ in history] == list(range(1, 41))
    for writer in range(4):
        assert [said for _, said, _ in history if said[1] == str(writer)] == [f'"{writer}{turn}"' for turn in range(10)]


@pytest.mark.parametrize("path", ["mood", "child[2]/age", "casa/año[10]/¿qué?"])
def test_a_path_may_be_any_text_and_no_row_shows_it(world: World, path: str) -> None:
    """It comes back with its answer, in its revisions and among the damaged; rows of another run know it otherwise."""
    with world.unit() as unit:
        person = world.person(unit)
        first, second = world.run(unit, person), world.run(unit, person, "completed")
        for run_id in (first, second):
            unit.answers.add(uid(), run_id, path, person, '{"value":2}', NOW)
            unit.answers.add(uid(), run_id, path, person, '{"value":3}', NOW)
            unit.asides.add(uid(), run_id, path, person, ("No sé.",))
        shown = unit.connection.execute(select(answers.c.run_id, answers.c.path)).all()
        assert len({hashed for _, hashed in shown}) == 2
        assert all(re.fullmatch(r"=[\w-]{16}", hashed) for _, hashed in shown)
        assert unit.answers.of(first, person) == {path: (2, '{"value":3}')}
        assert [each[:2] for each in unit.answers.history(first, path, person)] == [
            (1, '{"value":2}'),
            (2, '{"value":3}'),
        ]
        assert [each.path for each in unit.asides.of(first, person)] == [path]
        assert unit.answers.damaged(first, person, [path, "other"]) == set()
        row = unit.connection.execute(update(answers).where(answers.c.run_id == first).values(value=b"?"))
        assert row.rowcount == 2
        assert unit.answers.damaged(first, person, [path, "other"]) == {path}
        assert unit.answers.drop(first, path) == 2
        assert unit.asides.drop(first, path) == 1
        assert unit.answers.of(second, person) == {path: (2, '{"value":3}')}
