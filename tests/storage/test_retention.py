"""What is kept for a time only, on both databases."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from storage import retention
from storage.people import Person
from storage.readings import beside
from storage.tables import message_readings, outbox, readings, readings_begun
from tests.media_rows import sent_by
from tests.storage.world import HASH, NOW, World, later, uid


def counted(unit: Any, query: str) -> int:
    """Count rows."""
    return int(unit.connection.exec_driver_sql(query).scalar())


def unsaid(unit: Any, before: datetime) -> int:
    """Erase the words of all that was said before a moment; gives of how many rows."""
    found = retention.wordy(unit, before)
    for rows in found:
        retention.unsay(unit, rows)
    return sum(map(len, found))


def retired(unit: Any, before: datetime) -> int:
    """Retire all that was said before a moment, part by part; gives how many rows."""
    return sum(retention.retire(unit, before, *part) for part in retention.parts(unit, before, 0)[0])


def put(unit: Any, person: Person, state: str = "sent", number: int | None = None, **more: Any) -> int:
    """Put a message into a Telegram chat, and let it have come as far as a state says; gives its row."""
    seq: int = unit.outbox.put(
        uid(), person, "telegram", person.chat, more.pop("kind", "message"), 0, {"text": "…"}, **more
    )
    if state == "sent":
        unit.outbox.sent(seq, number or seq, unit.now)
    elif state != "queued":
        unit.outbox.close(seq, state, "test", keep=state == "unknown")
    return seq


def kept(unit: Any) -> set[int]:
    """Give the rows of the outbox."""
    return set(unit.connection.execute(select(outbox.c.seq)).scalars())


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

        assert gone == retention.RetentionResult(answers=1, media=2, messages=1)
        assert unit.files == ["old.bin"]
        assert unit.erasing
        assert [item.file for item in sent_by(unit, person.id)] == ["new.bin"]
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
            assert retention.forget(unit, later(hours=hours)) == retention.RetentionResult(0, 0, 0)
            assert not unit.erasing
        with world.unit(days=3) as unit:
            assert retention.forget(unit, later(hours=hours, minutes=1)) == retention.RetentionResult(*gone)
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
        # An alert's row knows its day alone, and goes before that day is over.
        for before in (NOW, later(days=1), later(days=1, hours=9)):
            retention.forget(unit, before)

        for column in (readings.c.run_id, readings_begun.c.run_id, message_readings.c.conversation_id):
            assert unit.connection.execute(select(column)).scalars().all() == [new]
        assert [each.run_id for each in unit.alerts.open()] == [new]


def test_what_was_read_beside_a_question_stays_read(world: World) -> None:
    """What she said beside it is new to a reader until shown, and not again when older things of others are erased."""
    reader = uid()
    with world.unit() as unit:
        old = world.person(unit, "1")
        unit.answers.add(uid(), world.run(unit, old), "week", old, "{}", NOW)
    with world.unit(days=2) as unit:
        leader = world.person(unit, "2")
        run = world.run(unit, leader)
        unit.answers.add(uid(), run, "week", leader, "{}", unit.now)
        unit.asides.add(uid(), run, "mood", leader, ("una historia",))
        numbers = unit.answers.numbers(run)
        unit.readings.add(reader, run, leader.id, numbers, ["week"], whole=["mood", "week"])
        assert run in [each.run_id for each in unit.readings.unread(reader, world.cohort, 9)]
        numbers |= {beside(path): seq for path, seq in unit.asides.numbers(run).items()}
        unit.readings.add(reader, run, leader.id, numbers, [beside("mood")], whole=["mood", "week"])
        assert run not in [each.run_id for each in unit.readings.unread(reader, world.cohort, 9)]
        assert retention.forget(unit, later(days=1)).answers == 1

        assert unit.readings.unread(reader, world.cohort, 9) == []
        (aside,) = unit.asides.of(run, leader)
        unit.asides.change(aside.seq, aside.path, leader, ("otra historia",))
        assert [each.run_id for each in unit.readings.unread(reader, world.cohort, 9)] == [run]


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
    """Words said before a moment go from a mailbox, save of the open question; rows that nothing needs go."""
    with world.unit() as unit:
        person = world.person(unit, "w", "web")
        run_id = world.run(unit, person, "open", prompt=2)
        for prompt in (1, 2):
            unit.outbox.put(
                uid(), person, "web", "w", "message", 0, {"text": str(prompt)}, run_id=run_id, prompt=prompt
            )
        over = world.run(unit, person, "completed", prompt=2)
        seq = unit.outbox.put(uid(), person, "web", "w", "message", 0, {"text": "over"}, run_id=over, prompt=2)
        unit.outbox.sent(seq, None, NOW, keep=True)
        edited = unit.outbox.put(uid(), person, "web", "w", "message", 0, {"text": "menu"})
        unit.outbox.put(uid(), person, "web", "w", "echo", 0, {"text": "hers"})
        for row in unit.outbox.claim(NOW, NOW, 1):
            unit.outbox.sent(row.seq, row.seq, NOW, keep=True)
        for _ in range(2):
            for row in unit.outbox.claim(NOW, NOW, 1):
                unit.outbox.sent(row.seq, row.seq, NOW, keep=True)
        asked = unit.outbox.thread("web", "w", 0, 9)[1]
        assert asked.body["text"] == "2"
        picked = unit.outbox.put(uid(), person, "web", "w", "edit", 0, {"text": "picked"}, edits=asked.seq)
        unit.outbox.sent(picked, None, NOW, keep=True)
        unit.outbox.put(uid(), person, "web", "w", "edit", 0, {"text": "changed"}, edits=edited)
        panel = unit.outbox.put(uid(), person, "telegram", "w", "message", 0, {"text": "panel"})
        unit.outbox.sent(panel, 7, NOW)
        unit.panels.add(uid(), person.id, "progress", panel)
    with world.unit(days=1) as unit:
        unit.outbox.put(uid(), person, "web", "w", "echo", 0, {"text": "later"})
        seq = unit.outbox.put(uid(), person, "telegram", "w", "message", 0, {"text": "later"})
        unit.outbox.sent(seq, 8, unit.now)
    with world.unit(days=2) as unit:
        assert unsaid(unit, NOW) == retired(unit, NOW) == 0
        assert not unit.erasing
        assert unsaid(unit, later(days=1)) > 0
        assert unit.erasing
        assert retired(unit, later(days=1)) > 0
        assert unsaid(unit, later(days=1)) == retired(unit, later(days=1)) == 0

        assert [said.body["text"] for said in unit.outbox.thread("web", "w", 0, 9)] == ["2", "picked"]
        # What was said in a run that is over is needed by nobody.
        assert counted(unit, "SELECT count(*) FROM outbox WHERE run_id IS NOT NULL") == 2
        # What still waits to be sent stays as it is, and what it changes.
        assert counted(unit, "SELECT count(*) FROM outbox WHERE run_id IS NULL") == 6
        assert counted(unit, "SELECT count(*) FROM outbox WHERE body IS NOT NULL") == 4


def test_rows_of_a_run_stay_while_it_may_go_on(world: World) -> None:
    """Whatever she was shown of it can still be answered, replied to, and changed; what was said otherwise goes."""
    for status, stays in (
        ("offered", True),
        ("open", True),
        ("postponed", True),
        ("stopped", True),
        ("completed", False),
        ("expired", False),
    ):
        with world.unit() as unit:
            person = world.person(unit, status)
            run_id = world.run(unit, person, status, prompt=2)
            asked = [put(unit, person, run_id=run_id, prompt=prompt) for prompt in (1, 2)]
            menu = put(unit, person)
        with world.unit(days=2) as unit:
            retired(unit, later(days=1))
            assert (kept(unit) >= {*asked}) is stays, status
            assert menu not in kept(unit)
            assert (unit.outbox.message_of(run_id, 2) is not None) is stays
            assert (unit.outbox.spoken_to("telegram", person.chat, 10**9).known is not None) is stays


def test_a_row_stays_while_something_is_known_by_it(world: World) -> None:
    """A panel or page that changes in place, the message that a waiting edit changes, and what still waits."""
    with world.unit() as unit:
        person = world.person(unit)
        panel, page, edited, plain, waits = (put(unit, person, "queued" if each == 4 else "sent") for each in range(5))
        unit.panels.add(uid(), person.id, "progress", panel)
        unit.panels.add(uid(), person.id, "page", page, until=later(days=9))
        edit = put(unit, person, "queued", kind="edit", edits=edited)
        doubtful = put(unit, person, "unknown")
    with world.unit(days=2) as unit:
        assert retired(unit, later(days=1)) == 1
        assert plain not in kept(unit)
        assert kept(unit) == {panel, page, edited, waits, edit, doubtful}
        assert [each.there for each in unit.panels.placed("progress")] == [True]

        unit.outbox.sent(edit, None, unit.now)
        unit.outbox.close(doubtful, "failed", "test")
        assert retired(unit, later(days=1)) == 2
        assert kept(unit) == {panel, page, waits, edit}, "which was sent only now"


def test_who_was_told_stays_known(world: World) -> None:
    """Of an order's run that was not finished one row stays, which tells whether it was sent: no count changes.

    Not even when the answers that were given go as well.
    """
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(6)]
        due = [(uid(), person.id, NOW) for person in people]
        broadcast = uid()
        unit.broadcasts.order(broadcast, "k", HASH, world.cohort, {"why": "…"}, uid(), None, NOW, due)
        statuses = ("expired", "expired", "expired", "completed", "expired", "expired")
        shown = (("sent", "sent"), ("gone", "sent"), ("failed", "gone"), ("sent",), ("sent", "sent"), ("dropped",))
        rows = []
        for (delivery, _, _), person, status, states in zip(due, people, statuses, shown, strict=True):
            run_id = world.run(unit, person, status, broadcast_id=broadcast, delivery_id=delivery)
            unit.broadcasts.started(delivery, run_id)
            rows.append([put(unit, person, state, run_id=run_id, prompt=1) for state in states])
        unit.answers.add(uid(), run_id := unit.runs.latest(people[4]).id, "mood", people[4], '{"value":2}', NOW)
        before = unit.following.progress(broadcast)
        assert (before.finished, before.unfinished, before.unreachable, before.skipped) == (1, 3, 1, 1)
        assert run_id
    with world.unit(days=2) as unit:
        retired(unit, later(days=1))
        assert kept(unit) == {rows[0][0], rows[1][1], rows[2][0], rows[4][0]}
        assert unit.following.progress(broadcast) == before
        retention.forget(unit, later(days=1))
        assert unit.following.progress(broadcast) == before


def test_what_is_tidied_away_is_younger(world: World) -> None:
    """What can still be taken out of a chat is listed as before."""
    with world.unit() as unit:
        person = world.person(unit)
        put(unit, person, number=7)
    with world.unit(days=2) as unit:
        young = put(unit, person, number=8)
        retired(unit, later(days=1))
        assert unit.outbox.recent("telegram", person.chat, later(days=1)) == [(young, 8)]


def test_a_reply_to_what_is_forgotten_answers_nothing(world: World) -> None:
    """It is not taken for an answer to the newest question; a reply to what was never ours still is."""
    with world.unit() as unit:
        person = world.person(unit)
        over = world.run(unit, person, "completed", prompt=1)
        for number in (30, 40, 35):
            put(unit, person, number=number, run_id=over, prompt=1)
    with world.unit(days=2) as unit:
        run_id = world.run(unit, person, "open", prompt=1)
        put(unit, person, number=50, run_id=run_id, prompt=1)
        assert unit.outbox.spoken_to("telegram", person.chat, 60, reply_to=40).known == (over, 1)
        assert retired(unit, later(days=1)) == 3
        for reply_to, found in ((40, None), (30, None), (12, None), (41, (run_id, 1)), (50, (run_id, 1))):
            assert unit.outbox.spoken_to("telegram", person.chat, 60, reply_to=reply_to).known == found
        assert unit.outbox.spoken_to("telegram", person.chat, 60).known == (run_id, 1)


def test_an_hour_looks_through_so_many_rows_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next goes on where it stopped, up to what is young, and then begins anew; nothing old is left out."""
    monkeypatch.setattr(retention, "_PARTS", 2)
    with world.unit() as unit:
        person = world.person(unit)
        open_ = world.run(unit, person, "open", prompt=1)
        for place in range(retention._ROWS * 5):
            put(unit, person, run_id=None if place % 2 else open_, prompt=None if place % 2 else 1)
    with world.unit(days=2) as unit:
        young = put(unit, person)
        after, hours, gone = 0, 0, 0
        while hours == 0 or after:
            parts, after = retention.parts(unit, later(days=1), after)
            assert 1 <= len(parts) <= 2
            gone += sum(retention.retire(unit, later(days=1), *part) for part in parts)
            hours += 1
        assert (hours, gone) == (3, retention._ROWS * 5 // 2)
        assert young in kept(unit)
        assert retention.parts(unit, later(days=1), 10**9) == ([], 0)
