"""The inbox: nothing is lost, nothing is taken twice, and one chat's updates keep their order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import delete, select

from storage.inbox import FORGOTTEN, SetAside
from storage.tables import inbox, inbox_keys
from storage.unit import Storage, Unit
from tests.storage.world import NOW, World, later, uid


def accept(unit: Unit, key: str, chat: str = "1001", body: bytes = b"hola", messenger: str = "telegram") -> int:
    """Take in one update."""
    return unit.inbox.accept([(uid(), messenger, key, chat, body)])


def bodies(unit: Unit, limit: int = 10, **span: float) -> list[bytes]:
    """Give the bodies of what is pending so long after `NOW`."""
    return [row.body for row in unit.inbox.pending(later(**span), limit)]


def test_an_update_waits_until_it_is_done(world: World) -> None:
    """What was accepted is pending, with its words, until its turn is done; then its words are gone."""
    with world.unit() as unit:
        assert unit.inbox.accept([]) == 0
        assert accept(unit, "u1", body="¿qué tal?".encode()) == 1
    with world.unit() as unit:
        (row,) = unit.inbox.pending(NOW, 10)
        assert row.body.decode() == "¿qué tal?"
        assert (row.messenger, row.attempts, row.next_at) == ("telegram", 0, NOW)
        assert row.address_lookup == world.storage.vault.lookup("address telegram", "1001")
        unit.inbox.done(row.seq)
        assert bodies(unit) == []
    with world.reading() as unit:
        assert unit.connection.execute(select(inbox.c.state, inbox.c.body)).all() == [("done", None)]


def test_a_second_arrival_is_ignored(world: World) -> None:
    """An update is taken in once, however often it comes, alone or in a batch, pending or done."""
    with world.unit() as unit:
        assert accept(unit, "u1") == 1
        assert accept(unit, "u1", body=b"changed") == 0
        batch = [(uid(), "telegram", key, "1001", key.encode()) for key in ("u1", "u2", "u2", "u3")]
        assert unit.inbox.accept(batch) == 2
        unit.inbox.done(unit.inbox.pending(NOW, 1)[0].seq)
        assert accept(unit, "u1") == 0
        assert accept(unit, "u1", messenger="web") == 1
        assert bodies(unit) == [b"u2", b"hola"]


def test_two_at_once_take_an_update_in_once(world: World) -> None:
    """Four receivers that get the same updates at the same time take each of them in once."""
    storages = [world.storage, world.again(), world.again(), world.again()]

    def receive(storage: Storage) -> int:
        new = 0
        for number in range(20):
            with storage.unit(NOW) as unit:
                new += accept(unit, f"u{number}", chat=str(number))
        return new

    with ThreadPoolExecutor(4) as pool:
        counts = [*pool.map(receive, storages)]

    assert sum(counts) == 20
    with world.reading() as unit:
        assert len(unit.inbox.pending(NOW, 100)) == 20
        assert len(unit.connection.execute(select(inbox_keys)).all()) == 1


def test_of_every_chat_the_first_one_is_next(world: World) -> None:
    """Several chats go on at once, each with its earliest update; the next one comes when that is done."""
    with world.unit() as unit:
        for key, chat in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("c1", "c"), ("b2", "b")):
            accept(unit, key, chat, key.encode())
        assert bodies(unit) == [b"a1", b"b1", b"c1"]
        assert bodies(unit, 2) == [b"a1", b"b1"]
        unit.inbox.done(unit.inbox.pending(NOW, 1)[0].seq)
        assert bodies(unit) == [b"b1", b"a2", b"c1"]


def test_a_failing_update_holds_later_ones_of_its_chat(world: World) -> None:
    """While an update waits for another attempt its chat waits with it; given up, it holds nobody any more."""
    with world.unit() as unit:
        for key, chat in (("a1", "a"), ("a2", "a"), ("b1", "b")):
            accept(unit, key, chat, key.encode())
        first = unit.inbox.pending(NOW, 1)[0].seq
        unit.inbox.retry(first, later(seconds=30), "KeyError")
        assert bodies(unit) == [b"b1"]
        (again, _) = unit.inbox.pending(later(seconds=30), 10)
        assert (again.body, again.attempts, again.next_at) == (b"a1", 1, later(seconds=30))
        unit.inbox.poison(first, "KeyError")
        assert bodies(unit) == [b"a2", b"b1"]
        assert unit.inbox.set_aside() == [SetAside("KeyError", 1, NOW, NOW, 1)]


def test_two_receivers_never_hold_the_same_update(pg_world: World) -> None:
    """While one transaction has an update at work, another one is given others, and none of the same chat."""
    with pg_world.unit() as unit:
        for key, chat in (("a1", "a"), ("a2", "a"), ("b1", "b")):
            accept(unit, key, chat, key.encode())
    other = pg_world.again()
    with pg_world.unit() as unit:
        assert bodies(unit, 1) == [b"a1"]
        with other.unit(NOW) as second:
            assert bodies(second) == [b"b1"]
        with other.reading(NOW) as reader:
            assert bodies(reader) == [b"a1", b"b1"]


def test_a_body_put_into_another_row_is_noticed(world: World) -> None:
    """Words moved to another update of the same day do not open there."""
    with world.unit() as unit:
        accept(unit, "u1", "a")
        accept(unit, "u2", "b")
    with world.storage.database.write() as connection:
        connection.exec_driver_sql("UPDATE inbox SET body = (SELECT max(body) FROM inbox)")
    with world.reading() as unit:
        assert [row.body for row in unit.inbox.pending(NOW, 10)].count(None) == 1


def test_what_no_key_opens_waits_for_nobody(world: World) -> None:
    """An update whose day's key is gone is given without its words, and others have their turn."""
    with world.unit() as unit:
        accept(unit, "u1", "a", b"first")
    with world.unit() as unit:
        unit.connection.execute(delete(inbox_keys))
    with world.again().unit(later(days=1)) as unit:
        accept(unit, "u2", "b", b"second")

        assert bodies(unit, days=1) == [None, b"second"]


def test_a_day_is_forgotten_for_good(world: World) -> None:
    """When a day's key is destroyed its words are gone, waiting or given up (why, stays known); later days stay."""
    with world.unit() as unit:
        accept(unit, "u1", "a", b"first")
        accept(unit, "u2", "b", b"second")
        unit.inbox.poison(unit.inbox.pending(NOW, 1)[0].seq, "KeyError")
    with world.unit(days=1) as unit:
        accept(unit, "u3", "c", b"third")
    with world.unit(days=3) as unit:
        assert unit.inbox.forget(date(2026, 3, 3)) == 1
        assert unit.inbox.forget(date(2026, 3, 3)) == 0
        assert bodies(unit, days=3) == [b"third"]
        errors = [(row.state, row.body is None, row.error) for row in unit.connection.execute(select(inbox))]
        assert sorted(errors, key=str) == [
            ("pending", False, None),
            ("poison", True, "KeyError"),
            ("poison", True, FORGOTTEN),
        ]
    with world.again().reading(later(days=3)) as unit:
        assert bodies(unit, days=3) == [b"third"]


def test_a_day_whose_transaction_failed_gets_a_new_key(world: World) -> None:
    """A day's key that was made in a transaction that did not commit is not used again."""

    def fail() -> None:
        with world.unit() as unit:
            accept(unit, "u1")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with world.unit() as unit:
        assert accept(unit, "u1") == 1
    with world.again().reading(NOW) as unit:
        assert bodies(unit) == [b"hola"]


def test_another_process_reads_what_one_accepted(world: World) -> None:
    """The day's key is in the database, so another process opens what one has sealed, and seals for it."""
    other = world.again()
    with world.unit() as unit:
        accept(unit, "u1", "a", b"one")
    with other.unit(NOW) as unit:
        accept(unit, "u2", "b", b"two")
    with world.reading() as unit:
        assert bodies(unit) == [b"one", b"two"]


def test_what_was_given_up_is_counted_by_kind(world: World) -> None:
    """How many, since when and by which error: nothing of what they said or who sent them."""
    for days, error in enumerate(("KeyError", "ValueError", "KeyError")):
        with world.unit(days=days) as unit:
            accept(unit, f"u{days}", "a", b"hola")
            unit.inbox.poison(unit.inbox.pending(later(days=days), 1)[0].seq, error)
    with world.reading() as unit:
        assert unit.inbox.set_aside() == [
            SetAside("KeyError", 2, NOW, later(days=2), 2),
            SetAside("ValueError", 1, later(days=1), later(days=1), 1),
        ]


def test_handled_updates_are_trimmed(world: World) -> None:
    """Updates that were handled or given up go after a while; waiting ones stay however old they are."""
    with world.unit() as unit:
        for chat in ("a", "b", "c"):
            accept(unit, chat, chat)
        handled, given_up, _ = unit.inbox.pending(NOW, 3)
        unit.inbox.done(handled.seq)
        unit.inbox.poison(given_up.seq, "KeyError")
    with world.unit(days=9) as unit:
        assert unit.inbox.trim(NOW) == 0
        assert unit.inbox.trim(later(minutes=1)) == 2
        assert unit.inbox.set_aside() == []
        assert len(unit.inbox.pending(later(days=9), 10)) == 1


def test_what_came_before_the_clock_went_back_has_its_turn(world: World) -> None:
    """An update of a time to come was received before the clock was put back: it and what came after are handled."""
    with world.unit(hours=1) as unit:
        unit.inbox.accept([(uid(), "telegram", "1", "1001", b"one"), (uid(), "telegram", "2", "1001", b"two")])
        unit.inbox.retry(unit.inbox.pending(unit.now, 9)[0].seq, later(hours=1, seconds=57), "ValueError")
    with world.unit() as unit:
        assert [row.body for row in unit.inbox.pending(unit.now, 9)] == [b"one"]


def test_the_oldest_are_trimmed_first_and_a_few_at_a_time(world: World) -> None:
    """Handled updates go by their age, as many at once as are asked for; what waits and what is younger stays."""
    for days in (0, 0, 0, 0, 2):
        with world.unit(days=days) as unit:
            unit.inbox.accept([(uid(), "telegram", f"{uid()}", f"{uid()}", b"said")])
    with world.unit(days=2) as unit:
        rows = unit.inbox.pending(unit.now, 9)
        for row in rows[1:]:
            unit.inbox.done(row.seq)
        assert [unit.inbox.trim(later(days=1), 2) for _ in range(3)] == [2, 1, 0]
        assert unit.inbox.trim(later(days=9), 9) == 1
        assert [row.seq for row in unit.inbox.pending(unit.now, 9)] == [rows[0].seq]
