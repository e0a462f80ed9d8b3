"""Memberships that wait, end and begin again; invites and grants by their ids."""

from tests.storage.world import NOW, World, later, uid


def test_who_waits_is_reached_by_no_broadcast(world: World) -> None:
    """A member who waits for a yes is in the cohort and not among those a broadcast reaches, until she is let in."""
    with world.unit() as unit:
        person = unit.people.create(uid(), NOW, "active", "es")
        membership = uid()
        assert unit.memberships.join(membership, person.id, world.cohort, waiting=True)
        assert [each.waiting for each in unit.memberships.held(person.id)] == [True]
        assert list(unit.memberships.of(person.id)) == [world.cohort]
        assert list(unit.memberships.active(world.cohort)) == []
        assert unit.memberships.accept(membership)
        assert not unit.memberships.accept(membership)
        assert list(unit.memberships.active(world.cohort)) == [person.id]
        assert [each.waiting for each in unit.memberships.held(person.id)] == [False]


def test_an_ended_membership_can_be_taken_up_again(world: World) -> None:
    """Ending is noted with its moment and can be taken back; not twice, and not where she is in again."""
    with world.unit() as unit:
        person = world.person(unit)
        (held,) = unit.memberships.held(person.id)
    with world.unit(hours=1) as unit:
        assert unit.memberships.end(held.id)
        assert not unit.memberships.end(held.id)
        (past,) = unit.memberships.past(person.id)
        assert (past.id, past.left_at) == (held.id, later(hours=1))
        assert unit.memberships.held(person.id) == unit.memberships.members(world.cohort) == []
        assert unit.memberships.reopen(held.id)
        assert not unit.memberships.reopen(held.id)
        assert [each.id for each in unit.memberships.members(world.cohort)] == [held.id]
        unit.memberships.end(held.id)
        unit.memberships.join(uid(), person.id, world.cohort)
        assert not unit.memberships.reopen(held.id)
        assert unit.memberships.get(uid()) is None


def test_an_invite_tells_who_came_by_it(world: World) -> None:
    """By its id an invite is found, with those who used it in the order they came."""
    invite = uid()
    with world.unit() as unit:
        unit.invites.create(invite, "ABC", "leader", world.cohort, 5, None, None)
        first, second = world.person(unit, "1001"), world.person(unit, "1002")
        unit.invites.use(invite, second.id)
    with world.unit(hours=1) as unit:
        unit.invites.use(invite, first.id)
        found = unit.invites.get(invite)
        assert found is not None
        assert (found.used, found.uses) == (2, 5)
        assert list(unit.invites.used_by(invite)) == [second.id, first.id]
        assert unit.invites.get(uid()) is None


def test_one_grant_ends_and_others_hold(world: World) -> None:
    """Grants are listed while they hold; one is ended by its id, and one whose time is over is not found."""
    lasting, limited = uid(), uid()
    with world.unit() as unit:
        person = world.person(unit)
        unit.roles.grant(lasting, person.id, "admin")
        unit.roles.grant(limited, person.id, "facilitator", world.cohort, later(days=1))
        assert {each.id for each in unit.roles.grants()} == {lasting, limited}
        assert unit.roles.end(lasting)
        assert not unit.roles.end(lasting)
        assert [role.role for role in unit.roles.of(person.id)] == ["facilitator"]
    with world.reading(days=2) as unit:
        assert unit.roles.grants() == []
        assert unit.roles.granted(limited) is None
