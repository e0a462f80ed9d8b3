"""Orders and deliveries."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from storage.broadcasts import Delivery
from storage.following import Progress
from storage.people import Person
from storage.unit import Storage, Unit
from tests.storage.world import HASH, NOW, World, later, uid

PURPOSE = {"why": "Saber qué cambió", "reads": ["equipo"]}


def order(world: World, unit: Unit, people: list[Person], key: str = "k", **more: Any) -> tuple[UUID, list[UUID]]:
    """Place an order for people, due an hour apart, and give its id and the deliveries'."""
    broadcast, ids = uid(), [uid() for _ in people]
    due = [(id_, person.id, later(hours=n)) for n, (id_, person) in enumerate(zip(ids, people, strict=True))]
    placed = unit.broadcasts.order(broadcast, key, HASH, world.cohort, PURPOSE, uid(), None, NOW, due, **more)
    assert placed
    return broadcast, ids


def begin(world: World, unit: Unit, delivery: Delivery, status: str = "offered") -> UUID:
    """Turn a delivery into a run, with one message of it sent."""
    person = unit.people.known(delivery.person_id)
    run_id = world.run(unit, person, status, broadcast_id=delivery.broadcast_id, delivery_id=delivery.id)
    unit.broadcasts.started(delivery.id, run_id)
    unit.outbox.put(uid(), person, "telegram", person.chat or "", "message", 1, {}, run_id, 1)
    return run_id


def test_an_order_reads_back(world: World) -> None:
    """An order keeps its version, cohort, purpose card and moments."""
    with world.unit() as unit:
        person = world.person(unit)
        broadcast, _ = order(world, unit, [person])
        found = unit.broadcasts.get(broadcast)

    assert found is not None
    assert (found.id, found.key, found.dialog_hash, found.cohort_id) == (broadcast, "k", HASH, world.cohort)
    assert (found.purpose, found.ordered_by, found.ordered_at, found.due_at) == (PURPOSE, None, NOW, NOW)
    assert (found.cancelled_at, found.closed_at) == (None, None)


def test_the_same_order_is_placed_once(world: World) -> None:
    """A key that was seen before places nothing: no second broadcast, purpose card or delivery."""
    with world.unit() as unit:
        person = world.person(unit)
        broadcast, _ = order(world, unit, [person])
        again = unit.broadcasts.order(
            uid(), "k", HASH, world.cohort, PURPOSE, uid(), None, NOW, [(uid(), person.id, NOW)]
        )
        assert not again
        assert [each.id for each in unit.broadcasts.list()] == [broadcast]
        assert len(unit.broadcasts.due(later(days=1), 10)) == 1
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM purposes").scalar_one() == 1


def test_orders_placed_at_once_are_one(world: World) -> None:
    """Four processes that place the same order at the same time place it once."""
    with world.unit() as unit:
        person = world.person(unit)
    storages = [world.storage, world.again(), world.again(), world.again()]

    def place(storage: Storage) -> list[bool]:
        placed = []
        for number in range(5):
            with storage.unit(NOW) as unit:
                people = [(uid(), person.id, NOW)]
                placed.append(
                    unit.broadcasts.order(uid(), f"k{number}", HASH, world.cohort, PURPOSE, uid(), None, NOW, people)
                )
        return placed

    with ThreadPoolExecutor(4) as pool:
        placed = [*pool.map(place, storages)]

    assert sum(sum(each) for each in placed) == 5
    with world.reading() as unit:
        assert len(unit.broadcasts.list()) == 5
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM purposes").scalar_one() == 5
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM deliveries").scalar_one() == 5


def test_orders_are_listed_by_cohort(world: World) -> None:
    """Orders come newest first, for all cohorts or some; an order to nobody is an order too."""
    with world.unit() as unit:
        first, _ = order(world, unit, [], "1")
    with world.unit(hours=1) as unit:
        second, _ = order(world, unit, [], "2")
        assert [each.id for each in unit.broadcasts.list()] == [second, first]
        assert [each.id for each in unit.broadcasts.list([world.cohort])] == [second, first]
        assert unit.broadcasts.list([uid()]) == []
        assert unit.broadcasts.list([]) == []
        assert unit.broadcasts.get(uid()) is None


def test_deliveries_come_due(world: World) -> None:
    """A delivery is due from its moment on, in order; started, skipped and deferred ones are not."""
    with world.unit() as unit:
        people = [world.person(unit, chat) for chat in "abcd"]
        broadcast, ids = order(world, unit, people)
        assert [each.id for each in unit.broadcasts.due(later(hours=1), 10)] == ids[:2]
        assert [each.id for each in unit.broadcasts.due(later(hours=9), 3)] == ids[:3]
        (first, *_) = unit.broadcasts.due(NOW, 1)
        assert first == Delivery(ids[0], broadcast, people[0].id, NOW, HASH, world.cohort, key="k")
        begin(world, unit, first)
        unit.broadcasts.skip(ids[1], "paused")
        unit.broadcasts.defer(ids[2], later(hours=5))
        assert [each.id for each in unit.broadcasts.due(later(hours=4), 10)] == [ids[3]]
        assert [each.id for each in unit.broadcasts.due(later(hours=9), 10)] == [ids[3], ids[2]]


def test_a_started_delivery_stays_started(world: World) -> None:
    """What was started is neither skipped nor deferred, and starts with the run that is its own."""
    with world.unit() as unit:
        person = world.person(unit)
        broadcast, ids = order(world, unit, [person])
        (delivery,) = unit.broadcasts.due(NOW, 1)
        begin(world, unit, delivery)
        unit.broadcasts.skip(ids[0], "paused")
        unit.broadcasts.defer(ids[0], NOW)
        assert unit.broadcasts.due(later(days=1), 10) == []
        assert unit.following.progress(broadcast) == Progress(queued=1)
        with pytest.raises(LookupError):
            unit.broadcasts.started(ids[0], world.run(unit, person))


def test_a_stopped_order_goes_no_further(world: World) -> None:
    """Once an order is stopped nothing of it is due any more; what was sent stays sent."""
    with world.unit() as unit:
        people = [world.person(unit, chat) for chat in "abc"]
        broadcast, _ = order(world, unit, people)
        begin(world, unit, unit.broadcasts.due(NOW, 1)[0])
        assert unit.broadcasts.cancel(broadcast)
        assert not unit.broadcasts.cancel(broadcast)
        assert unit.broadcasts.due(later(days=1), 10) == []
        assert unit.following.progress(broadcast) == Progress(queued=1, cancelled=2)
        found = unit.broadcasts.get(broadcast)
        assert found is not None
        assert found.cancelled_at == NOW


def test_a_closed_order_goes_no_further(world: World) -> None:
    """Closing notes the moment, once, and nothing of the order is due any more."""
    with world.unit() as unit:
        broadcast, _ = order(world, unit, [world.person(unit, chat) for chat in "ab"])
        assert unit.broadcasts.close(broadcast)
        assert not unit.broadcasts.close(broadcast)
        assert unit.broadcasts.due(later(days=1), 10) == []
        assert unit.following.progress(broadcast) == Progress(cancelled=2)
        found = unit.broadcasts.get(broadcast)

    assert found is not None
    assert (found.closed_at, found.cancelled_at, found.reminded_at) == (NOW, None, None)


def test_two_ticks_take_different_deliveries(pg_world: World) -> None:
    """While one worker has deliveries at work another is given others."""
    with pg_world.unit() as unit:
        people = [pg_world.person(unit, chat) for chat in "ab"]
        _, ids = order(pg_world, unit, people)
    other = pg_world.again()
    with pg_world.unit() as first, other.unit(NOW) as second:
        assert [each.id for each in first.broadcasts.due(later(days=1), 1)] == ids[:1]
        assert [each.id for each in second.broadcasts.due(later(days=1), 5)] == ids[1:]
