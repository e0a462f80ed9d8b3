"""What is kept for a time only, on both databases."""

from typing import Any

from storage import retention
from tests.storage.world import NOW, World, later, uid


def counted(unit: Any, query: str) -> int:
    """Count rows."""
    return int(unit.connection.exec_driver_sql(query).scalar())


def test_only_what_is_older_goes(world: World) -> None:
    """Answers, media and messages of before a moment go, with their files; what came later stays."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        unit.answers.add(uid(), run_id, "mood", person, '{"value":2,"label":"Bajo"}', NOW)
        unit.answers.add(uid(), run_id, "mood", person, '{"value":3,"label":"Regular"}', later(days=2))
        unit.media.add(uid(), person.id, "voice", "audio/ogg", 9, "old.bin", NOW, run_id=run_id, path="week")
        unit.media.add(uid(), person.id, "photo", "image/png", 9, "new.bin", later(days=2))
        unit.messages.add(uid(), person, "to_team", "Hola", NOW, world.cohort)
    with world.unit(days=3) as unit:
        gone = retention.forget(unit, later(days=1))

        assert gone == retention.Forgotten(answers=1, media=1, messages=1)
        assert unit.files == ["old.bin"]
        assert unit.erasing
        assert [item.file for item in unit.media.list(person.id)] == ["new.bin"]
        assert unit.answers.of(run_id, person)["mood"][0] == 2
        assert not retention.forget(unit, later(days=1))


def test_runs_that_were_left_lying_are_found(world: World) -> None:
    """Those that could still go on and in which nothing happened since; none that is over, and none that is fresh."""
    with world.unit() as unit:
        person = world.person(unit)
        lying = [world.run(unit, person, status) for status in ("offered", "open", "postponed", "stopped")]
        world.run(unit, person, "completed")
    with world.unit(days=2) as unit:
        world.run(unit, person, "open")

        assert {run for run, _ in retention.unfinished(unit, later(days=1), 9)} == set(lying)
        assert len(retention.unfinished(unit, later(days=1), 2)) == 2


def test_who_left_long_ago_is_found(world: World) -> None:
    """Her last decision counts; whoever never said yes or no is gone too, and who works here or takes part is not."""
    with world.unit() as unit:
        left, back, works, silent, _ = (world.person(unit, str(chat)) for chat in range(5))
        unit.people.change(silent, participation="consenting")
        for person in (left, back, works):
            unit.consents.add(uid(), person, "withdrawn", "v", "es", "…")
            unit.people.change(person, participation="left")
        unit.roles.grant(uid(), works.id, "facilitator", world.cohort, None, None)
    with world.unit(days=2) as unit:
        unit.consents.add(uid(), back, "given", "v", "es", "…")
        unit.people.change(world.person(unit, "late"), participation="invited")

        assert set(retention.gone(unit, later(days=1), 9)) == {left.id, silent.id}


def test_words_go_and_rows_that_nobody_needs(world: World) -> None:
    """Words said before a moment go from a mailbox, save of the open question; rows of no run go altogether."""
    with world.unit() as unit:
        person = world.person(unit, "w", "web")
        run_id = world.run(unit, person, "open", prompt=2)
        for prompt in (1, 2):
            unit.outbox.put(
                uid(), person, "web", "w", "message", 0, {"text": str(prompt)}, run_id=run_id, prompt=prompt
            )
        edited = unit.outbox.put(uid(), person, "web", "w", "message", 0, {"text": "menu"})
        unit.outbox.put(uid(), person, "web", "w", "echo", 0, {"text": "hers"})
        for row in unit.outbox.claim(NOW, NOW, 1):
            unit.outbox.sent(row.seq, row.seq, NOW)
        for _ in range(2):
            for row in unit.outbox.claim(NOW, NOW, 1):
                unit.outbox.sent(row.seq, row.seq, NOW)
        unit.outbox.put(uid(), person, "web", "w", "edit", 0, {"text": "changed"}, edits=edited)
    with world.unit(days=2) as unit:
        for part in retention.parts(unit):
            retention.retire(unit, later(days=1), *part)

        assert [said.body["text"] for said in unit.outbox.thread("web", "w", 0, 9)] == ["2"]
        assert counted(unit, "SELECT count(*) FROM outbox WHERE run_id IS NOT NULL") == 2
        # What still waits to be sent stays.
        assert counted(unit, "SELECT count(*) FROM outbox WHERE run_id IS NULL") == 1
