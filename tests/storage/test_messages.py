"""Conversations between leaders and the team, and alerts about what was said: on both databases, and at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from storage.erasure import erase
from storage.messages import MessageConversation
from storage.people import Person
from storage.unit import Unit
from tests.media_rows import sent_by
from tests.storage.world import NOW, World, later, uid


def says(world: World, person: Person, minute: int, direction: str = "to_team", top: UUID | None = None) -> UUID:
    """Say something, so many minutes after the beginning; returns its id."""
    id_ = uid()
    with world.unit(minutes=minute) as unit:
        seen = unit.messages.of(person.id) if direction == "from_team" else []
        upto = max((each.seq for each in seen if each.conversation == top), default=0)
        unit.messages.add(id_, person, direction, f"{minute}", unit.now, world.cohort, reply_to=top, answers_seq=upto)
    return id_


def listed(world: World, unit: Unit, limit: int = 99, skip: int = 0, *, closed: bool = False) -> list[UUID]:
    """List the conversations of the world's cohort by their ids."""
    return [each.id for each in unit.messages.conversations([world.cohort], limit, skip, closed=closed)]


def found(unit: Unit, id_: UUID) -> MessageConversation:
    """Find a conversation that has to be there."""
    it = unit.messages.conversation(id_)
    assert it is not None
    return it


@pytest.fixture
def leader(world: World) -> Person:
    """Someone of the cohort."""
    with world.unit() as unit:
        person: Person = world.person(unit)
        return person


def test_a_conversation_goes_through_its_states(world: World, leader: Person) -> None:
    """New, taken, answered; new words wait again, from when they were said; closed, and open again."""
    top = says(world, leader, 1)
    with world.unit() as unit:
        assert (found(unit, top).state, found(unit, top).since) == ("new", later(minutes=1))
        assert unit.messages.take(top, uid())
        assert found(unit, top).state == "taken"
    says(world, leader, 2, "from_team", top)
    with world.unit() as unit:
        assert found(unit, top).state == "answered"
        assert unit.messages.list([world.cohort]) == []
    says(world, leader, 4, top=top)
    says(world, leader, 5, top=top)
    with world.unit() as unit:
        assert (found(unit, top).state, found(unit, top).since) == ("taken", later(minutes=4))
        waiting = unit.messages.list([world.cohort])
        assert [each.body for each in waiting] == ["4", "5"]
        assert {each.taken_by for each in waiting} == {found(unit, top).taken_by}
        assert [each.body for each in unit.messages.said(found(unit, top))] == ["1", "2", "4", "5"]
        assert unit.messages.close(top)
        assert found(unit, top).state == "closed"
        assert unit.messages.list([world.cohort]) == []
        assert unit.messages.reopen(top)
        assert not unit.messages.reopen(top)
        assert found(unit, top).state == "taken"


def test_the_list_puts_first_what_nobody_took(world: World, leader: Person) -> None:
    """Then what is taken, then what is answered; the longest waiting first; page by page; closed ones apart."""
    taken, answered, closed, new, new_late = (says(world, leader, minute) for minute in (1, 2, 3, 5, 9))
    says(world, leader, 6, "from_team", answered)
    held = says(world, leader, 7, "held")
    with world.unit() as unit:
        assert unit.messages.take(taken, uid())
        assert unit.messages.close(closed)
        assert listed(world, unit) == [new, new_late, taken, answered]
        assert listed(world, unit, 2) == [new, new_late]
        assert listed(world, unit, 2, 2) == [taken, answered]
        assert listed(world, unit, closed=True) == [closed]
        assert unit.messages.conversations([], 9) == []
        assert unit.messages.conversation(held) is None


def test_whoever_is_in_no_cohort_is_listed_only_where_that_is_asked(world: World, leader: Person) -> None:
    """As for the waiting list."""
    id_ = uid()
    with world.unit() as unit:
        unit.messages.add(id_, leader, "to_team", "a", NOW)
        assert unit.messages.conversations([world.cohort], 9) == []
        assert [each.id for each in unit.messages.conversations([], 9, without_cohort=True)] == [id_]


def test_a_conversation_the_team_began_is_answered_already(world: World, leader: Person) -> None:
    """Until she says something in it."""
    top = says(world, leader, 1, "from_team")
    with world.unit() as unit:
        assert (found(unit, top).state, found(unit, top).since) == ("answered", later(minutes=1))
        assert unit.messages.going_on(leader.id, world.cohort) == top
    says(world, leader, 2, top=top)
    with world.unit() as unit:
        assert (found(unit, top).state, found(unit, top).since) == ("new", later(minutes=2))


def test_what_goes_on_is_the_newest_that_is_open(world: World, leader: Person) -> None:
    """Neither what is closed, nor what is held, nor what another group's team reads."""
    older, newer = says(world, leader, 1), says(world, leader, 2)
    says(world, leader, 3, "held")
    with world.unit() as unit:
        assert unit.messages.going_on(leader.id, world.cohort) == newer
        unit.messages.close(newer)
        assert unit.messages.going_on(leader.id, world.cohort) == older
        assert unit.messages.going_on(leader.id, uid()) is None
        assert [each.body for each in unit.messages.waiting(leader.id, world.cohort)] == ["1"]


def test_a_conversation_changes_hands_only_from_whom_it_has(world: World, leader: Person) -> None:
    """Taking over names the one who has it; only she lets it go."""
    top = says(world, leader, 1)
    ana, eva = uid(), uid()
    with world.unit() as unit:
        assert not unit.messages.take_over(top, eva, ana)
        assert unit.messages.take(top, ana)
        assert not unit.messages.let_go(top, eva)
        assert unit.messages.take_over(top, eva, ana)
        assert not unit.messages.take_over(top, ana, ana)
        assert unit.messages.let_go(top, eva)
        assert found(unit, top).taken_by is None


def test_of_many_at_once_one_takes_it_and_one_sees_to_it(world: World, leader: Person) -> None:
    """Each in a transaction of her own, in threads and at the same time."""
    top, alert = says(world, leader, 1), uid()
    with world.unit() as unit:
        unit.alerts.add(alert, leader.id, world.cohort, message_id=top)

    def grasp(who: UUID) -> tuple[bool, bool]:
        with world.unit() as unit:
            return unit.messages.take(top, who), unit.alerts.seen(alert, who)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(grasp, [uid() for _ in range(8)]))

    assert sorted(taken for taken, _ in done) == [False] * 7 + [True]
    assert sorted(seen for _, seen in done) == [False] * 7 + [True]


def test_who_sees_to_an_alert_alone_can_leave_it(world: World, leader: Person) -> None:
    """Left by her it is open again, for somebody else to see to."""
    ana, eva, alert = uid(), uid(), uid()
    with world.unit() as unit:
        unit.alerts.add(alert, leader.id, world.cohort)
        assert not unit.alerts.left(alert, ana)
        assert unit.alerts.seen(alert, ana)
        assert not unit.alerts.left(alert, eva)
        assert unit.alerts.left(alert, ana)
        assert [each.id for each in unit.alerts.open()] == [alert]
        assert unit.alerts.seen(alert, eva)


def test_a_held_voice_note_goes_with_its_message(world: World, leader: Person) -> None:
    """Dropped by her, or because nobody said where it should go: row and file; what was passed on stays."""
    with world.unit() as unit:
        kept = {}
        for name in ("dropped", "old", "passed"):
            media_id, kept[name] = uid(), uid()
            unit.media.add(media_id, leader.id, "voice", "audio/ogg", 9, name, NOW)
            unit.messages.add(kept[name], leader, "held", "", NOW, world.cohort, media_id=media_id)
    with world.unit(hours=1) as unit:
        assert unit.messages.pass_on(kept["passed"], leader.id)
        assert unit.messages.drop(kept["dropped"], leader.id)
        assert unit.messages.drop_held(unit.now) == 1
        assert (sorted(unit.files), unit.erasing) == (["dropped", "old"], True)
        assert [item.file for item in sent_by(unit, leader.id)] == ["passed"]


def test_what_the_team_told_her_by_voice_is_erased_with_her(world: World, leader: Person) -> None:
    """It is sealed with another's key, and is about her; what else that one said stays."""
    with world.unit() as unit:
        ana = world.person(unit, "2")
        told, own = uid(), uid()
        for media_id, file in ((told, "told"), (own, "own")):
            unit.media.add(media_id, ana.id, "voice", "audio/ogg", 9, file, NOW)
        unit.messages.add(uid(), leader, "from_team", "", NOW, world.cohort, ana.id, told)
        erased = erase(unit, leader.id)

        assert erased.files == ("told",)
        assert [item.file for item in sent_by(unit, ana.id)] == ["own"]


def test_an_alert_is_known_by_what_it_is_about(world: World, leader: Person) -> None:
    """By its answer, whichever revision, or by its message."""
    with world.unit() as unit:
        run_id, message_id, first, second = world.run(unit, leader), uid(), uid(), uid()
        unit.alerts.add(first, leader.id, world.cohort, run_id=run_id, path="week")
        unit.alerts.add(second, leader.id, world.cohort, message_id=message_id)
        assert unit.alerts.about_answer(run_id, "week")
        assert not unit.alerts.about_answer(run_id, "need")
        alert = unit.alerts.get(second)
        assert alert is not None
        assert (alert.message_id, alert.run_id) == (message_id, None)
        assert unit.alerts.get(uid()) is None


def test_who_hears_of_a_cohort(world: World) -> None:
    """Its facilitators, those of every cohort too; the admins where it has none, or where it is no cohort."""
    with world.unit() as unit:
        ana, eva, sol, luz = (world.person(unit, chat) for chat in "1234")
        other = unit.cohorts.add(uid(), "Otra", ("es",)).id
        unit.roles.grant(uid(), sol.id, "admin")
        unit.roles.grant(uid(), luz.id, "facilitator", world.cohort, expires_at=later(minutes=-1))
        assert unit.roles.team(world.cohort) == [sol.id]
        unit.roles.grant(uid(), ana.id, "facilitator", world.cohort)
        assert unit.roles.team(world.cohort) == [ana.id]
        assert unit.roles.team(other) == [sol.id]
        unit.roles.grant(uid(), eva.id, "facilitator")
        assert unit.roles.team(world.cohort) == sorted((ana.id, eva.id))
        assert unit.roles.team(other) == [eva.id]
        assert unit.roles.team(None) == [sol.id]
