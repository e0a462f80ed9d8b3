"""What is known about voice notes and photos, and updates that are held back while something is fetched for them."""

from datetime import timedelta

from tests.media_rows import answering, sent_by
from tests.storage.world import NOW, World, later, uid


def test_an_item_belongs_to_its_answer(world: World) -> None:
    """A voice note is found by its person, and by the answer it was given to."""
    with world.unit() as unit:
        person = unit.people.create(uid(), NOW)
        run_id, one, two = uid(), uid(), uid()
        unit.versions.save("v1", "check_in", "check_in", "{}", NOW)
        unit.runs.create(run_id, person, "v1", "person", {}, "open", "es")
        unit.media.add(one, person.id, "voice", "audio/ogg", 100, "f1", NOW, run_id=run_id, path="need", seconds=3)
        unit.media.add(two, person.id, "photo", "image/jpeg", 200, "f2", later(hours=1), run_id=run_id, path="week")
    with world.reading() as unit:
        assert [item.id for item in sent_by(unit, person.id)] == [one, two]
        assert [item.id for item in answering(unit, run_id)] == [one, two]
        assert [item.id for item in answering(unit, run_id, "week")] == [two]
        assert answering(unit, uid()) == []


def test_files_that_no_item_names_are_told_apart(world: World) -> None:
    """Of many names those that have an item are given back; an erased item names none."""
    with world.unit() as unit:
        person = unit.people.create(uid(), NOW)
        gone, kept = uid(), uid()
        unit.media.add(gone, person.id, "voice", "audio/ogg", 1, "gone", NOW)
        unit.media.add(kept, person.id, "voice", "audio/ogg", 1, "kept", NOW)
        unit.media.erased(gone)
    with world.reading() as unit:
        assert unit.media.named(["gone", "kept", *map(str, range(500))]) == {"kept"}
        assert unit.media.named([]) == set()


def test_an_update_that_is_held_back_holds_the_later_ones_of_its_chat(world: World) -> None:
    """While something is fetched for it nobody takes it, and only its own chat waits."""
    with world.unit() as unit:
        for key, chat in (("u1", "1"), ("u2", "1"), ("u3", "2")):
            unit.inbox.accept([(uid(), "telegram", key, chat, key.encode())])
        (first, _) = unit.inbox.pending(NOW, 10)
        unit.inbox.hold(first.seq, NOW + timedelta(minutes=2))
    with world.unit() as unit:
        assert [row.body for row in unit.inbox.pending(NOW, 10)] == [b"u3"]
        assert [row.body for row in unit.inbox.pending(later(minutes=3), 10)] == [b"u1", b"u3"]
        assert unit.inbox.waits(first.seq)
        unit.inbox.done(first.seq)
        assert not unit.inbox.waits(first.seq)
        assert [row.body for row in unit.inbox.pending(NOW, 10)] == [b"u2", b"u3"]


def test_what_was_held_back_is_released_and_what_failed_is_not(world: World) -> None:
    """After a start, updates a dead process held have their turn at once; those that failed keep their pause."""
    with world.unit() as unit:
        for key, chat in (("held", "1"), ("failed", "2")):
            unit.inbox.accept([(uid(), "telegram", key, chat, key.encode())])
        held, failed = unit.inbox.pending(NOW, 10)
        unit.inbox.hold(held.seq, later(hours=1))
        unit.inbox.retry(failed.seq, later(minutes=1), "KeyError")
    with world.unit() as unit:
        assert unit.inbox.release(NOW) == 1
        assert [(row.body, row.attempts) for row in unit.inbox.pending(NOW, 10)] == [(b"held", 0)]
        assert unit.inbox.release(NOW) == 0
