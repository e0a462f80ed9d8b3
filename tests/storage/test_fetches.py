"""Whose question was open while nothing was fetched: it may be said once more, and never a third time."""

from uuid import UUID

from storage.people import Person
from storage.unit import Unit
from tests.storage.test_outbox import put
from tests.storage.world import World, later


def asked(world: World, unit: Unit, person: Person, run_id: UUID) -> None:
    """Let the question of a run be sent by itself, as a broadcast does."""
    seq = put(unit, person, "¿Cómo vas?", 1, run_id=run_id, prompt=0)
    unit.outbox.sent(seq, 1, unit.now)


def test_what_another_was_asked_first_is_not_said_twice(world: World) -> None:
    """Two were asked one after the other: both questions are open; whoever was asked once more is not again."""
    with world.unit() as unit:
        first, second = (world.person(unit, chat) for chat in ("1001", "1002"))
        runs = [world.run(unit, each) for each in (first, second)]
        for person, run_id in zip((first, second), runs, strict=True):
            asked(world, unit, person, run_id)
    with world.unit(hours=2) as unit:
        found = unit.fetches.open_prompts("telegram", later(hours=-1), later(hours=1))
        assert {each.run_id for each in found} == {*runs}
        asked(world, unit, second, runs[1])
    with world.unit(hours=4) as unit:
        found = unit.fetches.open_prompts("telegram", later(hours=-1), later(hours=3))
        assert [each.run_id for each in found] == [runs[0]]
