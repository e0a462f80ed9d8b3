"""Exports: every run of a dialog with its newest answers, and nothing that should not leave."""

import tracemalloc
from itertools import islice
from uuid import UUID

import pytest
from sqlalchemy import delete, event

from storage import export_rows
from storage.export_rows import RunAnswers
from storage.people import Person
from storage.tables import person_keys
from storage.unit import Unit
from tests.by_day import DATABASES_ALIKE
from tests.storage.world import HASH, NOW, World, exported, later, uid


def answer(unit: Unit, run_id: UUID, person: Person, **values: str) -> None:
    """Add answers to a run."""
    for path, value in values.items():
        unit.answers.add(uid(), run_id, path, person, f'{{"value":"{value}"}}', unit.now)


def test_a_run_is_one_row(world: World) -> None:
    """A run comes out once, with its columns, its person's pseudonym and the newest revision of each answer."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        answer(unit, run_id, person, need="agua", mood="3")
        answer(unit, run_id, person, need="luz")
        unit.runs.save(run_id, person, {"v": 1}, "completed", 3, None, later(minutes=9))
    with world.reading() as unit:
        rows = [*exported(unit, "check_in")]

    assert rows == [
        RunAnswers(
            str(run_id),
            person.pseudonym,
            world.cohort,
            HASH,
            "es",
            NOW,
            later(minutes=9),
            "completed",
            {"need": {"value": "luz"}, "mood": {"value": "3"}},
        )
    ]


def test_runs_come_in_the_order_they_began(world: World) -> None:
    """Runs of all people come in order, each with its own answers, and one without answers comes too."""
    expected = []
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(5)]
    for number in range(40):
        with world.unit(minutes=number // 20) as unit:  # of one minute, each person's own runs are in order
            person = people[number * 3 % 5]
            run_id = world.run(unit, person)
            values = {f"q{n}": {"value": f"{number}-{n}"} for n in range(number % 4)}
            answer(unit, run_id, person, **{path: value["value"] for path, value in values.items()})
            expected.append((str(run_id), person.pseudonym, values))
    with world.reading() as unit:
        rows = [(row.run_id, row.pseudonym, row.answers) for row in exported(unit, "check_in")]

    assert [row[0] for row in sorted(rows[:20])] == [row[0] for row in sorted(expected[:20])]
    for person in people:
        own = [[row for row in each if row[1] == person.pseudonym] for each in (rows, expected)]
        assert own[0] == own[1]


def test_all_versions_of_a_dialog_come_out(world: World) -> None:
    """Runs of every version come, with their version; runs of another dialog do not."""
    with world.unit() as unit:
        unit.versions.save("b" * 64, "check_in", "check_in", "{}", NOW)
        unit.versions.save("c" * 64, "welcome", "reflection", "{}", NOW)
        person = world.person(unit)
        for version in (HASH, "b" * 64, "c" * 64):
            unit.runs.create(uid(), person, version, "person", {}, "open", "es")
    with world.reading() as unit:
        assert [row.dialog_hash for row in exported(unit, "check_in")] == [HASH, "b" * 64]
        assert [row.cohort_id for row in exported(unit, "welcome")] == [None]
        assert export_rows.dialogs(unit) == ["check_in", "welcome"]


def test_a_report_can_be_narrowed(world: World) -> None:
    """A cohort and a beginning narrow a report; both together, too. It goes cohort by cohort, from the oldest on."""
    with world.unit(minutes=1) as unit:
        other = unit.cohorts.add(uid(), "Otra", ("es",)).id
        person = world.person(unit)
        first = world.run(unit, person)
        unit.runs.create(second := uid(), person, HASH, "person", {}, "open", "es", other)
    with world.unit(days=2) as unit:
        third = world.run(unit, person)
    with world.reading() as unit:

        def found(*arguments: object) -> list[UUID]:
            return [UUID(row.run_id) for row in exported(unit, "check_in", *arguments)]

        assert found() == [first, third, second]
        assert found(world.cohort) == [first, third]
        assert found(other) == [second]
        assert found(None, later(days=2)) == [third]
        assert found(world.cohort, later(minutes=2)) == [third]
        assert found(uid()) == []


def test_practice_stays_at_home(world: World) -> None:
    """Neither people nor cohorts that practise come out, unless they are asked for."""
    with world.unit() as unit:
        person = world.person(unit)
        practising = unit.people.create(uid(), NOW, "active", "es", practice=True)
        cohort = unit.cohorts.add(uid(), "Práctica", ("es",), None, True).id
        real = world.run(unit, person)
        world.run(unit, practising)
        unit.runs.create(uid(), person, HASH, "person", {}, "open", "es", cohort)
    with world.reading() as unit:
        assert [row.run_id for row in exported(unit, "check_in")] == [str(real)]
        assert len([*exported(unit, "check_in", practice=True)]) == 3


def test_the_teams_own_dialogs_never_come_out(world: World) -> None:
    """What a facilitator answered in her wizard is in no report, practice or not."""
    with world.unit() as unit:
        unit.versions.save("d" * 64, "ask", "staff", "{}", NOW)
        person = world.person(unit)
        unit.runs.create(run_id := uid(), person, "d" * 64, "staff", {}, "open", "es")
        answer(unit, run_id, person, dialog="check_in")
    with world.reading() as unit:
        assert [*exported(unit, "ask", practice=True)] == []
        assert export_rows.dialogs(unit) == []


def test_whose_key_is_gone_is_left_out(world: World) -> None:
    """Rows that an older backup brought back without their key are passed over, and the rest comes out."""
    with world.unit() as unit:
        first, second = world.person(unit, "1"), world.person(unit, "2")
        for person in (first, second, first):
            answer(unit, world.run(unit, person), person, need="agua")
        unit.connection.execute(delete(person_keys).where(person_keys.c.person_id == first.id))
    with world.reading() as unit:
        assert [row.pseudonym for row in exported(unit, "check_in")] == [second.pseudonym]


def test_people_are_looked_up_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each batch of runs, of however many people they are."""
    monkeypatch.setattr(export_rows, "_BATCH", 4)
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(3)]
        for number in range(9):
            person = people[number % 3]
            answer(unit, world.run(unit, person), person, need=f"agua {number}")
    asked: list[str] = []

    with world.reading() as unit:
        event.listen(unit.connection, "before_cursor_execute", lambda _, __, sql, *___: asked.append(sql))
        rows = [*exported(unit, "check_in")]

    said = {(row.pseudonym, row.answers["need"]["value"]) for row in rows}
    assert said == {(people[number % 3].pseudonym, f"agua {number}") for number in range(9)}
    assert sum("FROM person_keys" in sql for sql in asked) == 3


def test_versions_come_by_turns(world: World) -> None:
    """Runs of a dialog's versions come in the order in which they began, whichever version was asked."""
    versions = [HASH, "b" * 64, "c" * 64]
    with world.unit() as unit:
        person = world.person(unit)
        for version in versions[1:]:
            unit.versions.save(version, "check_in", "check_in", "{}", NOW)
    for minute in range(9):
        with world.unit(minutes=minute) as unit:
            unit.runs.create(uid(), person, versions[minute * 2 % 3], "person", {}, "open", "es", world.cohort)
    with world.reading() as unit:
        for cohort in (None, world.cohort):
            came = [(row.started_at, row.dialog_hash) for row in exported(unit, "check_in", cohort)]
            assert came == [(later(minutes=minute), versions[minute * 2 % 3]) for minute in range(9)]


def test_it_goes_on_where_it_was_left(world: World) -> None:
    """Page by page, each in a view of its own, every run comes once and in order, whichever version was asked."""
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(3)]
        unit.versions.save("b" * 64, "check_in", "check_in", "{}", NOW)
    for number in range(20):
        with world.unit(minutes=number // 7) as unit:
            version = HASH if number % 3 else "b" * 64
            unit.runs.create(uid(), people[number % 3], version, "person", {}, "open", "es", world.cohort)
    with world.reading() as unit:
        whole = [*exported(unit, "check_in", world.cohort)]
    last, came = None, []
    for _ in range(6):
        with world.reading() as unit:
            page = [*islice(exported(unit, "check_in", world.cohort, after=last), 4)]
        came += page
        last = page[-1] if page else last

    assert len(whole) == 20
    assert came == whole


def test_a_report_can_be_left_in_the_middle(world: World) -> None:
    """Whoever stops reading leaves nothing open: the next transaction works."""
    with world.unit() as unit:
        person = world.person(unit)
        for _ in range(3):
            answer(unit, world.run(unit, person), person, need="agua")
    with world.reading() as unit:
        stream = exported(unit, "check_in")
        next(stream)
        stream.close()
    with world.unit() as unit:
        world.run(unit, person)


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
@pytest.mark.proof
def test_memory_does_not_grow_with_the_answers(world: World) -> None:
    """Four times as many answers take no more memory than a few."""
    with world.unit() as unit:
        person = world.person(unit)

    def fill(runs: int) -> None:
        with world.unit() as unit:
            for _ in range(runs):
                run_id = world.run(unit, person)
                answer(unit, run_id, person, **{f"q{n}": "una respuesta larga " * 20 for n in range(5)})

    def peak() -> tuple[int, int]:
        with world.reading() as unit:
            tracemalloc.start()
            count = sum(1 for _ in exported(unit, "check_in"))
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return count, used

    fill(700)
    peak()
    few, small = peak()
    fill(2100)
    many, large = peak()

    assert (few, many) == (700, 2800)
    assert large < small * 1.3


def test_answers_may_come_with_revision_and_moment(world: World) -> None:
    """Asked for, each answer's newest revision and when it was given come along, by path."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        answer(unit, run_id, person, need="agua", mood="3")
    with world.unit(minutes=5) as unit:
        answer(unit, run_id, person, need="luz")
    with world.reading() as unit:
        (row,) = exported(unit, "check_in", detailed=True)

    assert row.answers["need"] == {"value": "luz"}
    assert row.details == {"need": (2, later(minutes=5)), "mood": (1, NOW)}


def test_a_dialog_is_listed_where_somebody_really_went_through_it(world: World) -> None:
    """One that only practice knows is not listed, nor one that another cohort was asked; runs are counted alike."""
    with world.unit() as unit:
        unit.versions.save("b" * 64, "welcome", "reflection", "{}", NOW)
        unit.versions.save("c" * 64, "unasked", "reflection", "{}", NOW)
        practice = unit.cohorts.add(uid(), "Práctica", ("es",), None, True).id
        other = unit.cohorts.add(uid(), "Otra", ("es",)).id
        person = world.person(unit)
        unit.runs.create(uid(), person, "b" * 64, "person", {}, "open", "es", practice)
        for _ in range(2):
            world.run(unit, person)
    with world.reading() as unit:
        assert export_rows.dialogs(unit) == ["check_in"]
        assert export_rows.dialogs(unit, practice=True) == ["check_in", "welcome"]
        assert export_rows.dialogs(unit, world.cohort) == ["check_in"]
        assert export_rows.dialogs(unit, other) == []
        assert (export_rows.count(unit, "check_in"), export_rows.count(unit, "welcome")) == (2, 0)
        assert export_rows.count(unit, "welcome", practice=True) == 1
        assert export_rows.count(unit, "check_in", world.cohort, later(minutes=1)) == 0


def test_whoever_has_a_run_in_a_group_was_asked_there(world: World) -> None:
    """Also somebody who left it since; and nobody of another group, or whom it never asked."""
    with world.unit() as unit:
        stayed, left, unasked = (world.person(unit, chat) for chat in ("1", "2", "3"))
        other = unit.cohorts.add(uid(), "Costa", ("es",)).id
        elsewhere = unit.people.create(uid(), unit.now, "active", "es")
        unit.runs.create(uid(), elsewhere, HASH, "person", {"v": 1}, "open", "es", other)
        for person in (stayed, stayed, left):
            world.run(unit, person)
        unit.memberships.leave(left.id, world.cohort)

        assert {person.id for person in unit.people.asked_in(world.cohort)} == {stayed.id, left.id}
        assert [person.id for person in unit.people.asked_in(other)] == [elsewhere.id]
        assert unasked.id not in {person.id for person in unit.people.asked_in(world.cohort)}
