"""What is kept for a time only, on both databases."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage import retention
from storage.tables import alerts, message_readings, readings, readings_begun
from tests.storage.world import NOW, World, later, uid


def counted(unit: Any, query: str) -> int:
    """Count rows."""
    return int(unit.connection.exec_driver_sql(query).scalar())


def retired(unit: Any, before: datetime) -> int:
    """Retire all that was said before a moment, part by part."""
    return sum(retention.retire(unit, before, *part) for part in retention.parts(unit))


def test_only_what_is_older_goes(world: World) -> None:
    """Answers, media and messages of before a moment go, with their files; what came later stays."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        unit.answers.add(uid(), run_id, "mood", person, '{"value":2,"label":"Bajo"}', NOW)
        unit.answers.add(uid(), run_id, "mood", person, '{"value":3,"label":"Regular"}', later(days=2))
        unit.media.add(uid(), person.id, "voice", "audio/ogg", 9, "old.bin", NOW, run_id=run_id, path="week")
        unit.media.add(uid(), person.id, "photo", "image/png", 9, "new.bin", later(days=2))
        erased = uid()
        unit.media.add(erased, person.id, "voice", "audio/ogg", 9, "erased.bin", NOW)
        unit.media.erased(erased)
        unit.messages.add(uid(), person, "to_team", "Hola", NOW, world.cohort)
        unit.messages.add(uid(), person, "to_team", "Aquí sigo.", later(days=2), world.cohort)
    with world.unit(days=3) as unit:
        gone = retention.forget(unit, later(days=1))

        assert gone == retention.Forgotten(answers=1, media=2, messages=1)
        assert unit.files == ["old.bin"]
        assert unit.erasing
        assert [item.file for item in unit.media.list(person.id)] == ["new.bin"]
        assert unit.answers.of(run_id, person)["mood"][0] == 2
        assert not retention.forget(unit, later(days=1))


def test_one_old_thing_is_reason_enough(world: World) -> None:
    """A single answer, file or message that goes takes its bytes off the disk; where nothing goes, nothing is done."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        unit.media.add(uid(), person.id, "voice", "audio/ogg", 9, "old.bin", NOW)
        unit.messages.add(uid(), person, "to_team", "Hola", later(hours=1), world.cohort)
        unit.answers.add(uid(), run_id, "mood", person, '{"value":2}', later(hours=2))
    for hours, gone, files in ((0, (0, 1, 0), ["old.bin"]), (1, (0, 0, 1), []), (2, (1, 0, 0), []), (3, (0, 0, 0), [])):
        with world.unit(days=3) as unit:
            assert retention.forget(unit, later(hours=hours)) == retention.Forgotten(0, 0, 0)
            assert not unit.erasing
        with world.unit(days=3) as unit:
            assert retention.forget(unit, later(hours=hours, seconds=1)) == retention.Forgotten(*gone)
            assert (unit.files, unit.erasing) == (files, any(gone))


def test_what_tells_of_old_answers_goes_with_them(world: World) -> None:
    """Notices of danger and who read what, from before a moment, go as well; the later ones stay."""
    with world.unit() as unit:
        ana, leader = world.person(unit, "1"), world.person(unit, "2")
        old, new = world.run(unit, leader, "completed"), world.run(unit, leader, "completed")
        unit.answers.add(uid(), old, "week", leader, '{"value":1}', unit.now)
        unit.readings.add(uid(), old, ana.id, unit.answers.numbers(old), ["week"])
        unit.readings.add(uid(), old, ana.id, {"week": 1, "need": 2}, ["week"], whole=["week", "need"])
        unit.readings.hear(uid(), old, leader.id, 1)
        unit.alerts.add(uid(), leader.id, world.cohort, run_id=old, path="week")
    with world.unit(days=2) as unit:
        unit.answers.add(uid(), new, "week", leader, '{"value":1}', unit.now)
        unit.readings.add(uid(), new, ana.id, unit.answers.numbers(new), ["week"])
        unit.readings.add(uid(), new, ana.id, {"week": 1, "need": 2}, ["week"], whole=["week", "need"])
        unit.readings.hear(uid(), new, leader.id, 1)
        unit.alerts.add(uid(), leader.id, world.cohort, run_id=new, path="week")
        for before in (NOW, later(days=1), later(days=2)):
            retention.forget(unit, before)

        for column in (readings.c.run_id, readings_begun.c.run_id, message_readings.c.conversation_id):
            assert unit.connection.execute(select(column)).scalars().all() == [new]
        assert unit.connection.execute(select(alerts.c.run_id)).scalars().all() == [new]


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
        left, back, works, silent, worked, active = (world.person(unit, str(chat)) for chat in range(6))
        unit.people.change(silent, participation="consenting")
        unit.consents.add(uid(), active, "given", "v", "es", "…")
        for person in (left, back, works, worked):
            unit.consents.add(uid(), person, "withdrawn", "v", "es", "…")
            unit.people.change(person, participation="left")
        for person in (works, worked):
            unit.roles.grant(uid(), person.id, "facilitator", world.cohort, None, None)
        unit.roles.revoke(worked.id, "facilitator")
    with world.unit(days=2) as unit:
        unit.consents.add(uid(), back, "given", "v", "es", "…")
        unit.people.change(world.person(unit, "late"), participation="invited")

        assert set(retention.gone(unit, later(days=1), 9)) == {left.id, worked.id, silent.id}


def test_words_go_and_rows_that_nobody_needs(world: World) -> None:
    """Words said before a moment go from a mailbox, save of the open question; rows of no run go altogether."""
    with world.unit() as unit:
        person = world.person(unit, "w", "web")
        run_id = world.run(unit, person, "open", prompt=2)
        for prompt in (1, 2):
            unit.outbox.put(
                uid(), person, "web", "w", "message", 0, {"text": str(prompt)}, run_id=run_id, prompt=prompt
            )
        over = world.run(unit, person, "completed", prompt=2)
        seq = unit.outbox.put(uid(), person, "web", "w", "message", 0, {"text": "over"}, run_id=over, prompt=2)
        unit.outbox.sent(seq, None, NOW)
        edited = unit.outbox.put(uid(), person, "web", "w", "message", 0, {"text": "menu"})
        unit.outbox.put(uid(), person, "web", "w", "echo", 0, {"text": "hers"})
        for row in unit.outbox.claim(NOW, NOW, 1):
            unit.outbox.sent(row.seq, row.seq, NOW)
        for _ in range(2):
            for row in unit.outbox.claim(NOW, NOW, 1):
                unit.outbox.sent(row.seq, row.seq, NOW)
        asked = unit.outbox.thread("web", "w", 0, 9)[1]
        assert asked.body["text"] == "2"
        picked = unit.outbox.put(uid(), person, "web", "w", "edit", 0, {"text": "picked"}, edits=asked.seq)
        unit.outbox.sent(picked, None, NOW)
        unit.outbox.put(uid(), person, "web", "w", "edit", 0, {"text": "changed"}, edits=edited)
        panel = unit.outbox.put(uid(), person, "telegram", "w", "message", 0, {"text": "panel"})
        unit.outbox.sent(panel, 7, NOW)
        unit.panels.add(uid(), person.id, "progress", panel)
    with world.unit(days=1) as unit:
        unit.outbox.put(uid(), person, "web", "w", "echo", 0, {"text": "later"})
        seq = unit.outbox.put(uid(), person, "telegram", "w", "message", 0, {"text": "later"})
        unit.outbox.sent(seq, 8, unit.now)
    with world.unit(days=2) as unit:
        assert retired(unit, NOW) == 0
        assert not unit.erasing
        assert retired(unit, later(days=1)) > 0
        assert unit.erasing
        assert retired(unit, later(days=1)) == 0
        assert unit.erasing, "what was erased before it still has to leave the disk"

        assert [said.body["text"] for said in unit.outbox.thread("web", "w", 0, 9)] == ["2", "picked"]
        assert counted(unit, "SELECT count(*) FROM outbox WHERE run_id IS NOT NULL") == 3
        # What still waits to be sent stays as it is.
        assert counted(unit, "SELECT count(*) FROM outbox WHERE run_id IS NULL") == 5
        assert counted(unit, "SELECT count(*) FROM outbox WHERE body IS NOT NULL") == 4
