"""How far an order has come, counted where the rows are, and what its people may still be asked."""

from datetime import timedelta
from uuid import UUID

import pytest

from storage.broadcasts import Delivery
from storage.following import Progress
from storage.people import LONG_AGO, Person
from storage.unit import Unit
from tests.storage.world import HASH, NOW, World, later, uid


class Order:
    """An order to so many people, each called by a letter, who is also her chat."""

    def __init__(self, world: World, unit: Unit, letters: str, key: str = "k") -> None:
        self.world, self.unit, self.id = world, unit, uid()
        self.people: dict[str, Person] = {letter: world.person(unit, f"{key}{letter}") for letter in letters}
        self.deliveries = {letter: uid() for letter in letters}
        self.runs: dict[str, UUID] = {}
        people = [(self.deliveries[letter], person.id, NOW) for letter, person in self.people.items()]
        assert unit.broadcasts.order(self.id, key, HASH, world.cohort, {}, uid(), None, NOW, people)

    def begin(self, letters: str, status: str = "offered") -> None:
        """Turn deliveries into runs, with one message of each in the outbox."""
        for letter in letters:
            person, delivery = self.people[letter], self.deliveries[letter]
            run_id = self.world.run(self.unit, person, status, broadcast_id=self.id, delivery_id=delivery)
            self.unit.broadcasts.started(delivery, run_id)
            self.unit.outbox.put(uid(), person, "telegram", person.chat or "", "message", 1, {}, run_id, 1)
            self.runs[letter] = run_id

    def send(self, letters: str, state: str = "sent") -> None:
        """Let what waits in the outbox for these people end so."""
        chats = {self.people[letter].chat for letter in letters}
        for row in self.unit.outbox.claim(self.unit.now, self.unit.now + timedelta(minutes=1), 100):
            if row.chat not in chats:
                self.unit.outbox.retry(row.seq, self.unit.now, "later")
            elif state == "sent":
                self.unit.outbox.sent(row.seq, row.seq, self.unit.now)
            elif state != "sending":
                self.unit.outbox.close(row.seq, state, state)

    def answer(self, letter: str, status: str = "open") -> None:
        """Let someone answer one question, and leave her run so."""
        run_id, person = self.runs[letter], self.people[letter]
        self.unit.answers.add(uid(), run_id, "x", person, "{}", self.unit.now)
        self.status(letter, status)

    def status(self, letter: str, status: str) -> None:
        """Leave a run so."""
        self.unit.runs.save(self.runs[letter], self.people[letter], {"v": 1}, status, 2)

    def participation(self, letter: str, state: str) -> None:
        """Let someone take part so."""
        self.people[letter] = self.unit.people.change(self.people[letter], participation=state)

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return self.unit.following.progress(self.id)

    def missing(self, limit: int = 100, offset: int = 0) -> list[tuple[str, str]]:
        """List who is missing, by letter, and her standing."""
        letters = {person.id: letter for letter, person in self.people.items()}
        found = self.unit.following.missing(self.id, limit, offset)
        return [(letters[each.person_id], each.standing) for each in found]


def test_everybody_is_in_one_standing(world: World) -> None:
    """Each number says for how many people it holds, however many messages and answers there are."""
    with world.unit() as unit:
        order = Order(world, unit, "abcdefghijklmnop")
        order.begin("abcdefghop")
        order.send("abcdehop")
        order.send("f", "gone")
        order.answer("a", "completed")
        order.answer("b")
        order.answer("b")
        order.answer("c", "stopped")
        order.status("d", "stopped")
        for letter in "hop":
            order.status(letter, "expired")
        order.participation("o", "left")
        for letter, reason in (("i", "unreachable"), ("j", "no_address"), ("k", "paused"), ("l", "left")):
            unit.broadcasts.skip(order.deliveries[letter], reason)

        assert order.progress == Progress(
            finished=1, halfway=1, waiting=1, declined=3, unfinished=2, queued=3, unreachable=3, skipped=2
        )
        assert (order.progress.people, order.progress.sent, order.progress.open) == (16, 8, 5)


def test_an_order_to_nobody_has_nobody(world: World) -> None:
    """An order whose people are all gone is no error."""
    with world.unit() as unit:
        order = Order(world, unit, "")
        assert order.progress == Progress()
        assert (order.progress.people, order.progress.sent) == (0, 0)
        assert order.missing() == []
        assert unit.following.remindable(order.id) == 0
        assert unit.following.progress(uid()) == Progress()


def test_what_nobody_knows_to_have_been_sent_counts_as_sent(world: World) -> None:
    """A send whose answer was lost was most likely seen; one that failed was not."""
    with world.unit() as unit:
        order = Order(world, unit, "ab")
        order.begin("ab")
        order.send("a", "unknown")
        order.send("b", "failed")

        assert order.progress == Progress(waiting=1, unreachable=1)


def test_who_is_missing_comes_in_pages(world: World) -> None:
    """Who is halfway stands first, who declined last; pages join without a gap, and who finished is on none."""
    with world.unit() as unit:
        order = Order(world, unit, "abcdef")
        order.begin("abcde")
        order.send("abcde")
        order.answer("a", "completed")
        order.answer("b", "stopped")
        order.answer("d")
        whole = [("d", "halfway"), ("c", "waiting"), ("e", "waiting"), ("f", "queued"), ("b", "declined")]

        found = order.missing()
        assert sorted(found) == sorted(whole)
        assert [standing for _, standing in found] == [standing for _, standing in whole]
        assert order.missing(2) + order.missing(2, 2) + order.missing(2, 4) == found


def test_what_is_known_of_someone_missing(world: World) -> None:
    """When she was sent it, answered last, and asked to be asked again, and how she takes part now."""
    with world.unit() as unit:
        order = Order(world, unit, "ab")
        order.begin("a")
        order.send("a")
        unit.runs.save(order.runs["a"], order.people["a"], {"v": 1}, "postponed", 1, later(hours=5))
        order.participation("b", "paused")
        unit.broadcasts.skip(order.deliveries["b"], "paused")
    with world.unit(hours=2) as unit:
        unit.answers.add(uid(), order.runs["a"], "x", order.people["a"], "{}", unit.now)
        first, second = unit.following.missing(order.id, 10)

    assert (first.standing, first.status, first.run_id) == ("halfway", "postponed", order.runs["a"])
    assert (first.started_at, first.answered_at, first.resume_at) == (NOW, later(hours=2), later(hours=5))
    assert (second.standing, second.reason, second.participation) == ("skipped", "paused", "paused")
    assert (second.run_id, second.answered_at, second.due_at) == (None, None, NOW)


def test_only_who_may_be_reminded_is(world: World) -> None:
    """Who finished, stopped, paused, left, asked for later or was not sent it yet stays in peace; and once is once."""
    with world.unit() as unit:
        order = Order(world, unit, "abcdefgh")
        order.begin("abcdefg")
        order.send("abcdef")
        order.answer("b")
        order.answer("c", "completed")
        order.answer("d", "stopped")
        order.participation("e", "paused")
        unit.runs.save(order.runs["f"], order.people["f"], {"v": 1}, "postponed", 1, later(hours=9))
    with world.unit(hours=1) as unit:
        assert unit.following.remindable(order.id) == 2
        assert unit.following.remind(order.id) == 2
        assert unit.following.remind(order.id) is None
        assert {row.id for row in unit.runs.due(later(hours=1), 10)} == {order.runs["a"], order.runs["b"]}
        found = unit.broadcasts.get(order.id)

    assert found is not None
    assert found.reminded_at == later(hours=1)


def test_who_moved_to_another_group_is_not_reminded(world: World) -> None:
    """A reminder goes to who is in the order's group now."""
    with world.unit() as unit:
        order = Order(world, unit, "ab")
        order.begin("ab")
        order.send("ab")
        unit.memberships.leave(order.people["a"].id, world.cohort)

        assert unit.following.remindable(order.id) == 1


def test_a_closed_order_reminds_nobody(world: World) -> None:
    """Closed is closed, also for whoever presses a moment later."""
    with world.unit() as unit:
        order = Order(world, unit, "a")
        order.begin("a")
        order.send("a")
        assert unit.broadcasts.close(order.id)

        assert unit.following.remind(order.id) is None


def test_what_has_not_left_the_outbox_is_taken_back(world: World) -> None:
    """Of a stopped order what is queued is never said; what is on its way or was sent stays."""
    with world.unit() as unit:
        order = Order(world, unit, "abcd")
        order.begin("abc")
        order.send("a")
        order.send("b", "sending")
        other = Order(world, unit, "x", "other")
        other.begin("x")
        assert unit.broadcasts.cancel(order.id)
        assert unit.following.withdraw(order.id) == 1
        assert unit.following.withdraw(order.id) == 0
        assert order.progress == Progress(waiting=1, queued=1, cancelled=2)
        assert [row.id for row in unit.runs.due(NOW, 10)] == [order.runs["c"]]
        assert unit.following.over_since(order.runs["c"]) == LONG_AGO
        assert unit.following.over_since(order.runs["a"]) is None
        assert unit.following.over_since(other.runs["x"]) is None
        assert [row.chat for row in unit.outbox.claim(NOW, later(minutes=1), 10)] == [other.people["x"].chat]


def test_a_closed_order_ends_its_runs(world: World) -> None:
    """Every unfinished run comes up to be ended, one answered in between once more, and nobody else's."""
    with world.unit() as unit:
        order, other = Order(world, unit, "abc"), Order(world, unit, "x", "other")
        order.begin("abc")
        other.begin("x")
        order.answer("a", "completed")
        unit.broadcasts.close(order.id)
        assert unit.following.end(order.id) == 2
        assert {row.id for row in unit.runs.due(NOW, 10)} == {order.runs["b"], order.runs["c"]}
        assert unit.following.over_since(order.runs["b"]) == NOW
        order.answer("b")  # it answered while it was being closed
        order.status("c", "expired")
        assert unit.following.end_again(later(days=-1)) == 1
        assert [row.id for row in unit.runs.due(NOW, 10)] == [order.runs["b"]]
        order.answer("b")
        assert unit.following.end_again(later(days=1)) == 0


def test_what_is_going_out_is_known(world: World) -> None:
    """Orders with somebody left to be sent to, by group, the soonest first; stopped and finished ones are not."""
    with world.unit() as unit:
        first, second = Order(world, unit, "ab", "1"), Order(world, unit, "c", "2")
        stopped, done = Order(world, unit, "d", "3"), Order(world, unit, "e", "4")
        first.begin("a")
        done.begin("e")
        unit.broadcasts.cancel(stopped.id)

        assert sorted(unit.following.going_out([world.cohort])) == sorted([(first.id, 1), (second.id, 1)])
        assert unit.following.going_out([uid()]) == []
        assert unit.following.going_out([]) == []


def test_orders_are_listed_in_pages(world: World) -> None:
    """The newest first, for some cohorts."""
    made = []
    for number in range(3):
        with world.unit(hours=number) as unit:
            made.append(Order(world, unit, "", str(number)).id)
    with world.reading() as unit:
        assert unit.following.page([world.cohort], 2) == [made[2], made[1]]
        assert unit.following.page([world.cohort], 2, 2) == [made[0]]
        assert unit.following.page([uid()], 9) == []


@pytest.mark.parametrize(("state", "there"), [("queued", True), ("sent", True), ("failed", False), ("gone", False)])
def test_a_panel_knows_whether_its_message_is_there(world: World, state: str, there: bool) -> None:
    """A panel whose message never came into its chat is known by it; so is the messenger it stands in."""
    with world.unit() as unit:
        person = world.person(unit)
        seq = unit.outbox.put(uid(), person, "telegram", person.chat or "", "message", 0, {})
        unit.panels.add(uid(), person.id, "progress", seq, subject=uid())
        unit.panels.add(uid(), person.id, "page", seq)
        if state == "sent":
            unit.outbox.sent(seq, 7, NOW)
        elif state != "queued":
            unit.outbox.close(seq, state, state)
        (found,) = unit.panels.placed("progress")

        assert (found.messenger, found.there) == ("telegram", there)
        unit.outbox.tidied([seq])
        (found,) = unit.panels.placed("progress")
        assert not found.there


def test_a_delivery_still_to_come_is_queued(world: World) -> None:
    """What is due in a while, or waits in the outbox, has not been sent."""
    with world.unit() as unit:
        order = Order(world, unit, "ab")
        order.begin("a")
        assert [each.id for each in unit.broadcasts.due(NOW, 9)] == [order.deliveries["b"]]
        assert isinstance(unit.broadcasts.due(NOW, 9)[0], Delivery)

        assert order.progress == Progress(queued=2)
