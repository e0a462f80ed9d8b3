"""What waits to be read, and where it is found: on both databases."""

from uuid import UUID

from dialogs.model import Media
from storage.people import Person
from storage.readings import beside as key_beside
from storage.unit import Unit
from tests.storage.world import NOW, World, later, uid


def answer(unit: Unit, person: Person, run_id: UUID, path: str = "week", value: str = '"Hubo junta."') -> None:
    """Answer one question of a run, now."""
    unit.answers.add(uid(), run_id, path, person, f'{{"value":{value},"label":""}}', unit.now)


def reads(unit: Unit, reader: Person, run_id: UUID, person: Person) -> None:
    """Read all that is in a run now, on one page."""
    numbers = unit.answers.numbers(run_id)
    unit.readings.add(reader.id, run_id, person.id, numbers, numbers)


def test_a_run_waits_until_it_is_read_and_again_when_its_answers_change(world: World) -> None:
    """Unread for each reader by herself; a run without an answer waits for nobody; an edit makes it wait again."""
    with world.unit() as unit:
        leader, ana, eva = (world.person(unit, chat) for chat in "123")
        read, other, empty = (world.run(unit, leader) for _ in range(3))
        answer(unit, leader, read)
        answer(unit, leader, other)
        assert [each.run_id for each in unit.readings.unread(ana.id, world.cohort, 9)] == [read, other]
        assert unit.readings.any_in(world.cohort)
    with world.unit(hours=1) as unit:
        reads(unit, ana, read, leader)
        assert [each.run_id for each in unit.readings.unread(ana.id, world.cohort, 9)] == [other]
        assert unit.readings.waiting(ana.id, world.cohort).runs == 1
        assert unit.readings.waiting(eva.id, world.cohort).runs == 2
        assert unit.readings.owner(read) == leader.id
        assert empty not in {each.run_id for each in unit.readings.unread(eva.id, world.cohort, 9)}
    with world.unit(hours=2) as unit:
        unit.runs.save(read, leader, {"v": 1}, "open", 1)  # she was there, and changed nothing
        assert unit.readings.waiting(ana.id, world.cohort).runs == 1
    with world.unit(hours=3) as unit:
        answer(unit, leader, read, value='"No hubo."')
        unit.runs.save(read, leader, {"v": 1}, "open", 1)
        assert [each.run_id for each in unit.readings.unread(ana.id, world.cohort, 9)] == [other, read]
        assert [each.run_id for each in unit.readings.unread(ana.id, world.cohort, 1)] == [other]
    with world.unit(hours=4) as unit:
        unit.answers.drop(other, "week")
        assert [each.run_id for each in unit.readings.unread(ana.id, world.cohort, 9)] == [read]


def test_voice_notes_are_counted_by_the_second_while_they_wait(world: World) -> None:
    """Only voice, only what is still there, and only what came since the reading."""
    with world.unit() as unit:
        leader, ana = world.person(unit, "1"), world.person(unit, "2")
        run_id = world.run(unit, leader)
        answer(unit, leader, run_id)
        gone = uid()
        for item, kind, seconds in (
            (uid(), "voice", 24),
            (uid(), "voice", 40),
            (uid(), "photo", None),
            (gone, "voice", 9),
        ):
            brought = {"run_id": run_id, "path": "week"}
            unit.media.add(item, leader.id, kind, "x", 1, item.hex, unit.now, seconds=seconds, **brought)
        unit.media.erased(gone)
        waiting = unit.readings.waiting(ana.id, world.cohort)
        assert (waiting.runs, waiting.seconds) == (1, 64)
        assert unit.readings.waiting(ana.id, world.cohort, seconds=False).seconds == 0
    with world.unit(hours=1) as unit:
        reads(unit, ana, run_id, leader)
    with world.unit(hours=2) as unit:
        answer(unit, leader, run_id)
        unit.runs.save(run_id, leader, {"v": 1}, "open", 1)
        unit.media.add(uid(), leader.id, "voice", "x", 1, "new", unit.now, seconds=5, run_id=run_id, path="week")
        assert unit.readings.waiting(ana.id, world.cohort).seconds == 5


def test_runs_with_voice_that_is_new_are_found_until_it_was_read(world: World) -> None:
    """An answer of voice, or voice beside a question, is unheard by each reader alone; photos and words are not."""
    with world.unit() as unit:
        leader, ana, eva = (world.person(unit, chat) for chat in "123")
        spoken, beside, seen, written = (world.run(unit, leader) for _ in range(4))
        for run_id in (spoken, seen, written):
            answer(unit, leader, run_id)
        item = uid()
        unit.asides.add(uid(), beside, "mood", leader, (Media("voice", item.hex, 3),), 1)
        for id_, run_id, path, kind in (
            (uid(), spoken, "week", "voice"),
            (item, beside, "mood", "voice"),
            (uid(), seen, "week", "photo"),
        ):
            unit.media.add(id_, leader.id, kind, "audio/ogg", 9, id_.hex, NOW, run_id=run_id, path=path)
        found = {each.run_id for each in unit.readings.unheard(ana.id, world.cohort, 9)}
        assert found == {spoken, beside}
    with world.unit(hours=1) as unit:
        reads(unit, ana, spoken, leader)
        numbers = {key_beside("mood"): seq for seq in unit.asides.numbers(beside).values()}
        unit.readings.add(ana.id, beside, leader.id, numbers, numbers)
        assert unit.readings.unheard(ana.id, world.cohort, 9) == []
        assert len(unit.readings.unheard(eva.id, world.cohort, 9)) == 2
        assert len(unit.readings.unheard(eva.id, world.cohort, 1)) == 1


def test_what_was_said_to_a_question_counts_as_it_is_now(world: World) -> None:
    """The newest revision alone is looked at, and only of unread runs."""
    with world.unit() as unit:
        leader, other, ana = (world.person(unit, chat) for chat in "123")
        asks, nothing, mind, read = world.run(unit, leader), world.run(unit, other), world.run(unit, leader), uid()
        unit.runs.create(read, other, "a1" * 32, "person", {"v": 1}, "open", "es", world.cohort)
        answer(unit, leader, asks, "need", '"call"')
        answer(unit, other, nothing, "need", '"nothing"')
        answer(unit, leader, mind, "need", '"call"')
        answer(unit, leader, mind, "need", '"nothing"')
        answer(unit, other, read, "need", '"call"')
        reads(unit, ana, read, other)
        found = unit.unread_said.said(ana.id, world.cohort, "need", (None, "nothing"))
        assert [each[1:] for each in found] == [(asks, leader.id)]


def test_only_the_first_answers_and_those_of_some_runs_are_looked_through(world: World) -> None:
    """Up to a number, and in named runs whatever their numbers; each as if all were looked through."""
    with world.unit() as unit:
        leader, other, ana = (world.person(unit, chat) for chat in "123")
        early, late, named = world.run(unit, leader), world.run(unit, other), world.run(unit, other)
        answer(unit, leader, early, "need", '"call"')
        number = unit.unread_said.newest()
        for run_id in (late, named):
            answer(unit, other, run_id, "need", '"call"')
        of = (ana.id, world.cohort, "need", (None, "nothing"))
        assert [each[1] for each in unit.unread_said.said(*of, before=number)] == [early]
        assert [each[1] for each in unit.unread_said.said(*of, before=number, runs_=[named])] == [early, named]
        assert [each[1] for each in unit.unread_said.said(*of)] == [early, late, named]
        reads(unit, ana, early, leader)
        reads(unit, ana, named, other)
        assert unit.unread_said.said(*of, before=number, runs_=[named]) == []


def test_what_was_said_in_a_broadcast_after_a_number_is_known(world: World) -> None:
    """Answers of it alone; and how many runs it has."""
    with world.unit() as unit:
        leader, order = world.person(unit, "1"), uid()
        unit.broadcasts.order(order, "k", "a1" * 32, world.cohort, {}, uid(), None, NOW, [])
        one, alone = world.run(unit, leader, broadcast_id=order), world.run(unit, leader)
        assert (unit.unread_said.runs_of(order), unit.unread_said.newest()) == (1, 0)
        answer(unit, leader, alone)
        assert not unit.unread_said.said_after(order, 0)
        answer(unit, leader, one)
        number = unit.unread_said.newest()
        assert unit.unread_said.said_after(order, number - 1)
        assert not unit.unread_said.said_after(order, number)


def test_runs_are_found_by_order_by_question_by_day_and_by_name(world: World) -> None:
    """Each list holds those with an answer, of this cohort alone, also of people who have left it."""
    with world.unit() as unit:
        first, second = world.person(unit, "1"), world.person(unit, "2")
        unit.people.change(first, nickname="Ceiba")
        order = uid()
        unit.broadcasts.order(order, "k", "a1" * 32, world.cohort, {}, uid(), None, NOW, [])
        one, two = (world.run(unit, person, broadcast_id=order) for person in (first, second))
        assert not unit.readings.any_of(order)
        answer(unit, first, one)
        unit.memberships.leave(first.id, world.cohort)
        assert unit.readings.any_of(order)
    with world.unit(days=1) as unit:
        unit.runs.save(two, second, {"v": 1}, "open", 1)
        answer(unit, second, two, "need")
        readings = unit.readings
        assert {each.run_id for each in readings.of_broadcast(order)} == {one, two}
        assert [each.run_id for each in readings.of_broadcast(order, "need")] == [two]
        assert [each.run_id for each in readings.between(world.cohort, later(hours=1), later(days=2))] == [two]
        assert sorted(readings.moments(world.cohort)) == [NOW, later(days=1)]
        assert dict(readings.names(world.cohort)) == {first.id: "Ceiba", second.id: second.pseudonym}
        other = unit.cohorts.add(uid(), "Otra", ("es",)).id
        assert (readings.moments(other), readings.names(other), readings.any_in(other)) == ([], [], False)


def test_the_trail_can_be_asked_about_some_things_alone(world: World) -> None:
    """Who did something to one of a few things; to none of them is nothing."""
    with world.unit() as unit:
        for subject in "abc":
            unit.audit.add("ana", "answers.read", subject, {})
        assert [row[2] for row in unit.audit.done("answers.read", NOW, ["a", "c"])] == ["c", "a"]
        assert unit.audit.done("answers.read", NOW, ["x"]) == []


def test_only_what_was_read_ends_by_itself(world: World) -> None:
    """Pages and media whose time is over are listed; what changes in place is somebody else's to end."""
    with world.unit() as unit:
        ana = world.person(unit)
        for kind, minutes in (("page", 1), ("media", 2), ("progress", 0), ("page", 9)):
            unit.panels.add(uid(), ana.id, kind, 1, until=later(minutes=minutes))
        assert sorted(each.kind for each in unit.panels.due(later(minutes=5), 9)) == ["media", "page"]


def test_words_that_were_shown_can_be_taken_out_of_what_is_kept(world: World) -> None:
    """A message and every edit of it lose their words, hers alone; and one can tell where a message stands."""
    with world.unit() as unit:
        ana, eva = world.person(unit, "1", "web"), world.person(unit, "2", "web")
        put = unit.outbox.put
        body = {"text": "x", "keyboard": [], "protect": False}
        other = put(uid(), ana, "web", "1", "message", 0, body)
        row = put(uid(), ana, "web", "1", "message", 0, body)
        put(uid(), ana, "web", "1", "edit", 0, body, edits=row)
        hers = put(uid(), eva, "web", "2", "message", 0, body)
        unit.outbox.sent(row, 7, unit.now)
        assert unit.outbox.unsay(ana.id, row) == 2
        assert [each.seq for each in unit.outbox.claim(unit.now, later(minutes=1), 9)] == [other, hers]
        place = unit.outbox.place(row)
        assert place is not None
        assert (place.messenger, place.message_id, place.state) == ("web", 7, "sent")
