"""What asking needs of the stores: purposes kept once, who was asked when, versions of own dialogs, runs that go."""

from storage.unit import Unit
from tests.storage.world import HASH, NOW, World, later, uid

PURPOSE = {"why": "Para saber cómo va la semana"}


def order(world: World, unit: Unit, key: str, purpose_id: object = None) -> bool:
    """Place an order to nobody."""
    id_ = purpose_id or uid()
    return unit.broadcasts.order(uid(), key, HASH, world.cohort, PURPOSE, id_, None, unit.now, [])  # type: ignore[arg-type]  # an id


def purposes(unit: Unit) -> int:
    """Count the purpose cards."""
    return int(unit.connection.exec_driver_sql("SELECT count(*) FROM purposes").scalar_one())


def test_a_purpose_that_is_used_again_is_one_card(world: World) -> None:
    """Two orders for one purpose have one card, whose id each of them tells."""
    with world.unit() as unit:
        card = uid()
        assert order(world, unit, "1", card)
        assert order(world, unit, "2", card)
        assert not order(world, unit, "2", card)
        assert purposes(unit) == 1
        assert {(each.purpose_id, each.purpose["why"]) for each in unit.broadcasts.list()} == {(card, PURPOSE["why"])}


def test_who_was_asked_is_counted_by_people(world: World) -> None:
    """Two orders to one person within a time count once; other times, other people and other runs do not count."""
    with world.unit() as unit:
        asked, idle, paused, away, moved = (world.person(unit, chat) for chat in "abcde")
        for key in "12":
            broadcast = uid()
            people = [(uid(), each.id, NOW) for each in (asked, paused, away, moved)]
            unit.broadcasts.order(broadcast, key, HASH, world.cohort, PURPOSE, uid(), None, NOW, people)
            for delivery_id, person_id, _ in people:
                person = unit.people.known(person_id)
                world.run(unit, person, broadcast_id=broadcast, delivery_id=delivery_id)
        world.run(unit, idle)
        unit.people.change(paused, participation="paused")
        unit.people.change(away, participation="unreachable")
        unit.memberships.leave(moved.id, world.cohort)
        assert unit.broadcasts.asked(world.cohort, NOW, later(minutes=1)) == 1
        assert unit.broadcasts.asked(world.cohort, later(minutes=1), later(days=1)) == 0
        assert unit.broadcasts.asked(world.cohort, later(days=-1), NOW) == 0
        assert unit.broadcasts.asked(uid(), NOW, later(days=1)) == 0


def test_a_version_of_an_own_dialog_is_found_by_how_its_hash_begins(world: World) -> None:
    """Of a retired one too; a version of a dialog that is not the organisation's own is not found."""
    own, next_ = "b2" * 32, "c3" * 32
    with world.unit() as unit:
        for version in (own, next_):
            unit.versions.save(version, "ours", "check_in", "{}", NOW)
        unit.own_dialogs.save("ours", next_, None, None)
        unit.own_dialogs.retire("ours")
        assert unit.own_dialogs.version(own[:20]) == ("ours", own)
        assert unit.own_dialogs.version(next_[:20]) == ("ours", next_)
        assert unit.own_dialogs.version(HASH[:20]) is None


def test_a_run_that_is_forgotten_leaves_nothing(world: World) -> None:
    """Its row goes, with everything that may hold it; what was said in it stays said, and other runs stay whole."""
    with world.unit() as unit:
        person = world.person(unit)
        other, gone = world.run(unit, person), world.run(unit, person)
        for run_id in (other, gone):
            unit.answers.add(uid(), run_id, "mood", person, '{"value": 2, "label": "2"}', NOW)
            unit.outbox.put(uid(), person, "telegram", "1001", "message", 0, {}, run_id, 1)
            unit.readings.add(person.id, run_id, person.id, {"mood": 1}, ["mood"])
            unit.readings.add(uid(), run_id, person.id, {"mood": 1, "week": 2}, ["mood"], whole=["mood", "week"])
            unit.alerts.add(uid(), person.id, world.cohort, run_id=run_id, path="mood")
            media_id = uid()
            unit.media.add(media_id, person.id, "voice", "audio/ogg", 9, media_id.hex, NOW, run_id=run_id, path="mood")
    with world.unit() as unit:
        unit.runs.forget(gone)
        assert [row.id for row in unit.runs.of(person)] == [other]
        for table, left in (
            ("answers", 1),
            ("readings", 1),
            ("readings_begun", 1),
            ("alerts", 1),
            ("outbox", 2),
            ("media", 2),
        ):
            assert unit.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == left, table  # noqa: S608  a table's name
        assert unit.answers.of(other, person)
