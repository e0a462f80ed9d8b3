"""What waits in a conversation: at one moment, after a clock was put back, and while a reply is written."""

import pytest
from sqlalchemy import select

from storage.erasure import erase_messages
from storage.people import Person
from storage.tables import message_readings
from tests.storage.world import NOW, World, uid


@pytest.fixture
def people(world: World) -> tuple[Person, Person]:
    """A leader, and someone who reads."""
    with world.unit() as unit:
        return world.person(unit, "1"), world.person(unit, "2")


@pytest.mark.parametrize("minutes", [0, -60])
def test_a_message_waits_whatever_the_clock_says(world: World, people: tuple[Person, Person], minutes: int) -> None:
    """Said at the moment of the reply, or an hour before it: it came after, so it waits, and it is the newest."""
    leader, ana = people
    top, more = uid(), uid()
    with world.unit() as unit:
        unit.messages.add(top, leader, "to_team", "1", unit.now, world.cohort)
        shown = unit.messages.of(leader.id)[-1].seq
        unit.readings.hear(ana.id, top, leader.id, shown)
        unit.messages.add(
            uid(), leader, "from_team", "2", unit.now, world.cohort, ana.id, reply_to=top, answers_seq=shown
        )
        assert unit.messages.conversation(top).state == "answered"
    with world.unit(minutes=minutes) as unit:
        unit.messages.add(more, leader, "to_team", "3", unit.now, world.cohort, reply_to=top)
        found = unit.messages.conversation(top)
        assert (found.state, found.since) == ("new", unit.now)
        assert [each.body for each in unit.messages.said(found)] == ["1", "2", "3"]
        assert [each.id for each in unit.messages.list([world.cohort])] == [more]
        assert [each.id for each in unit.messages.waiting(leader.id, world.cohort)] == [more]
        unit.messages.add(later_top := uid(), leader, "to_team", "4", unit.now, world.cohort)
        assert unit.messages.going_on(leader.id, world.cohort) == later_top


def test_a_reply_answers_what_its_writer_was_shown(world: World, people: tuple[Person, Person]) -> None:
    """What was said while she wrote it waits, though its number is lower than the reply's."""
    leader, ana = people
    top = uid()
    with world.unit() as unit:
        unit.messages.add(top, leader, "to_team", "1", NOW, world.cohort)
        shown = unit.messages.of(leader.id)[-1].seq
        unit.messages.add(uid(), leader, "to_team", "2", NOW, world.cohort, reply_to=top)
        unit.messages.add(uid(), leader, "from_team", "3", NOW, world.cohort, ana.id, reply_to=top, answers_seq=shown)
        assert unit.messages.conversation(top).state == "new"
        assert [each.body for each in unit.messages.list([world.cohort])] == ["2"]


def test_a_held_message_takes_its_place_when_it_is_passed_on(world: World, people: tuple[Person, Person]) -> None:
    """After all that was said while it was held: so it is read last, and waits."""
    leader, ana = people
    top, held = uid(), uid()
    with world.unit() as unit:
        unit.messages.add(top, leader, "to_team", "1", NOW, world.cohort)
        unit.messages.add(held, leader, "held", "2", NOW, world.cohort)
        shown = max(each.seq for each in unit.messages.of(leader.id))
        unit.messages.add(uid(), leader, "from_team", "3", NOW, world.cohort, ana.id, reply_to=top, answers_seq=shown)
        assert unit.messages.pass_on(held, leader.id, top)
        assert not unit.messages.pass_on(held, leader.id, top)
        found = unit.messages.conversation(top)
        assert (found.state, [each.body for each in unit.messages.said(found)]) == ("new", ["1", "3", "2"])


def test_up_to_where_a_conversation_was_heard_only_rises(world: World, people: tuple[Person, Person]) -> None:
    """An earlier page takes nothing back; what is erased of a conversation takes the note along."""
    leader, ana = people
    top = uid()
    with world.unit() as unit:
        unit.messages.add(top, leader, "to_team", "1", NOW, world.cohort)
        assert unit.readings.heard(ana.id, top) == 0
        for seq, upto in ((5, 5), (3, 5), (8, 8)):
            unit.readings.hear(ana.id, top, leader.id, seq)
            assert unit.readings.heard(ana.id, top) == upto
        erase_messages(unit, leader)
        assert unit.connection.execute(select(message_readings)).all() == []
