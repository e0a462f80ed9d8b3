"""The trail's head: rows that are cut off are missed, whoever cut them and whatever was written since."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from storage.audit import TrailFault
from storage.tables import audit, audit_head, organisation
from storage.unit import Storage, Unit
from storage.vault import Vault
from tests import amounts
from tests.storage.test_rotation import House, house  # noqa: F401  a fixture is known where it is imported
from tests.storage.world import World, later

ROWS = 12
SEED = amounts.SEED.value
Attack = Callable[[Unit, random.Random], object]


def begun(world: World) -> None:
    """Write a trail, of which the organisation's record says since when it has a head."""
    with world.unit() as unit:
        unit.audit.add("console", "before", "organisation", {})
        unit.organisation.set({"name": "La Ceiba"})
    with world.unit(minutes=1) as unit:
        assert unit.audit.begin()
    with world.unit(minutes=2) as unit:
        assert not unit.audit.begin()
    for number in range(2, ROWS):
        with world.unit(minutes=number) as unit:
            unit.audit.add("console", "exported", "check_in", {"rows": number})


def numbers(unit: Unit) -> list[int]:
    """List the trail's rows by their numbers."""
    return [*unit.connection.execute(select(audit.c.seq).order_by(audit.c.seq)).scalars()]


def fault(world: World, change: Callable[[Unit], object]) -> TrailFault | None:
    """Return what is found in a trail that was changed so, without keeping the change."""
    with world.unit(hours=9) as unit:
        tried = unit.connection.begin_nested()
        change(unit)
        found = unit.audit.verify()
        tried.rollback()
    return found


@pytest.mark.parametrize("cut", [1, 5, ROWS])
def test_rows_cut_off_are_missed(world: World, cut: int) -> None:
    """Whether one row is cut off at the end or all are, the trail says when the newest was written."""
    begun(world)
    with world.reading() as unit:
        rows = numbers(unit)
        assert unit.audit.verify() is None
        assert unit.audit.count() == len(rows) == ROWS

    found = fault(world, lambda unit: unit.connection.execute(delete(audit).where(audit.c.seq.in_(rows[-cut:]))))

    assert found == TrailFault("cut", rows[-cut - 1] if cut < ROWS else 0, later(minutes=ROWS - 1))


def test_what_is_written_after_a_cut_hides_nothing(world: World) -> None:
    """The next row covers the newest one that was written, not the newest that was left."""
    begun(world)

    def cut_and_go_on(unit: Unit) -> None:
        unit.connection.execute(delete(audit).where(audit.c.seq == numbers(unit)[-1]))
        unit.audit.add("console", "exported", "check_in", {})

    found = fault(world, cut_and_go_on)
    assert found is not None
    assert found.kind == "changed"


@pytest.mark.parametrize("left", [0, 3])
@pytest.mark.parametrize("go_on", [False, True])
def test_a_head_that_is_gone_is_missed(world: World, left: int, go_on: bool) -> None:
    """Whoever takes the head away with the rows is found by the organisation's record, also when the bot writes on."""
    begun(world)

    def cut(unit: Unit) -> None:
        unit.connection.execute(delete(audit).where(audit.c.seq.in_(numbers(unit)[left:])))
        unit.connection.execute(delete(audit_head))
        if go_on:
            unit.audit.add("console", "exported", "check_in", {})
        assert not unit.audit.begin()

    found = fault(world, cut)
    assert found is not None
    assert found.kind == ("emptied" if go_on and not left else "cut")


def test_a_head_of_another_key_is_none(world: World) -> None:
    """Whoever has no key can put no head there that fits what was left."""
    begun(world)
    with world.reading() as unit:
        kept = numbers(unit)[:4]

    def forge(unit: Unit) -> None:
        unit.connection.execute(delete(audit).where(audit.c.seq.not_in(kept)))
        forger = Storage(world.storage.database, Vault(bytes(32))).vault.organisation_key
        unit.connection.execute(update(audit_head).values(head=forger.seal(b"{}", "audit_head", "head", "1")))

    assert fault(world, forge) == TrailFault("cut", kept[-1])


def test_words_that_were_replaced_make_no_head(house: House) -> None:  # noqa: F811  the fixture
    """Whoever has the words before a rotation cuts the trail back to it and seals a head: it is found."""
    world = house.world
    with house.command().unit(house.now()) as unit:
        unit.audit.add("console", "before", "organisation", {})
        old = unit.connection.execute(select(audit_head.c.head)).scalar_one()
        kept = numbers(unit)
    house.rotate()
    with house.command().unit(house.now()) as unit:
        unit.audit.add("console", "after", "organisation", {})
    house.whole(house.command())
    with world.again().unit(later(days=2)) as unit:
        unit.connection.execute(delete(audit).where(audit.c.seq.not_in(kept)))
        unit.connection.execute(update(audit_head).values(head=old))

    with house.command().reading(house.now()) as unit:
        assert unit.audit.verify() == TrailFault("cut", kept[-1])


def test_without_a_record_nothing_begins(world: World) -> None:
    """Before the organisation has a record, nothing says since when; rows that were there are found changed anyway."""
    with world.unit() as unit:
        unit.audit.add("console", "before", "organisation", {})
        unit.connection.execute(delete(audit_head))
        unit.connection.execute(delete(organisation))
        assert not unit.audit.begin()
        assert unit.audit.verify() is None
        unit.audit.add("console", "after", "organisation", {})
        assert unit.audit.verify() is None
        unit.organisation.set({"name": "La Ceiba"})
        assert unit.audit.begin()
        assert unit.audit.verify() is None
        assert [each.action for each in unit.audit.list(2, 1)] == ["after", "before"]


def edit(unit: Unit, chance: random.Random) -> object:
    """Change one field of one row."""
    field: dict[str, Any] = chance.choice(
        [{"actor": "x"}, {"action": "x"}, {"subject": "x"}, {"detail": b"x" * 60}, {"at": later(days=9)}]
    )
    row = audit.c.seq == chance.choice(numbers(unit))
    return unit.connection.execute(update(audit).where(row).values(**field))


def swap(unit: Unit, chance: random.Random) -> object:
    """Let two rows change places, by their numbers."""
    one, other = chance.sample(numbers(unit), 2)
    for before, after in ((one, -1), (other, one), (-1, other)):
        unit.connection.execute(update(audit).where(audit.c.seq == before).values(seq=after))
    return None


def take_out(unit: Unit, chance: random.Random) -> object:
    """Delete some rows anywhere."""
    rows = numbers(unit)
    gone = chance.sample(rows, chance.randint(1, len(rows) - 1))
    return unit.connection.execute(delete(audit).where(audit.c.seq.in_(gone)))


def cut(unit: Unit, chance: random.Random) -> object:
    """Delete the newest rows, at times with the head, and at times the bot writes on."""
    rows = numbers(unit)
    unit.connection.execute(delete(audit).where(audit.c.seq.in_(rows[chance.randrange(len(rows)) :])))
    if chance.random() < 0.3:
        unit.connection.execute(delete(audit_head))
    if chance.random() < 0.5:
        unit.audit.add("console", "exported", "check_in", {})
    return None


def put_in(unit: Unit, chance: random.Random) -> object:
    """Copy a row to the end."""
    rows = unit.connection.execute(select(audit)).mappings().all()
    copied = {**chance.choice(rows), "seq": rows[-1]["seq"] + 1, "previous": rows[-1]["hash"]}
    return unit.connection.execute(insert(audit).values(**copied))


ATTACKS: tuple[Attack, ...] = (edit, swap, take_out, cut, put_in)


@pytest.mark.proof
def test_whatever_is_done_to_it_is_found(world: World) -> None:
    """1,000 random edits, swaps, deletions, cuts and copies, on each database: all are found."""
    begun(world)
    chance = random.Random(SEED)
    missed = []
    for number in range(1000):
        attack = chance.choice(ATTACKS)
        if fault(world, lambda unit, attack=attack: attack(unit, chance)) is None:  # type: ignore[misc]  # bound at once
            missed.append((number, attack.__name__))
    assert missed == []
