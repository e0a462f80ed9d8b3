"""Whoever's role was taken back a moment ago: what she had begun is over, and shows and changes nothing any more."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot import clock
from bot.content import LIBRARY
from bot.rendering.buttons import Buttons
from storage.roles import Grant
from tests.bot.actions import STAFF_ACTIONS, WIZARDS
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.test_matrix import SECRET, STARTS, THEIRS, World
from tests.bot.test_people import COAST

BEGIN = frozenset(WIZARDS.values())
WATCHED = (
    "SELECT * FROM cohorts ORDER BY id",
    "SELECT * FROM invites ORDER BY id",
    "SELECT * FROM roles ORDER BY id",
    "SELECT * FROM messages ORDER BY id",
    "SELECT * FROM broadcasts ORDER BY id",
    "SELECT * FROM own_dialogs ORDER BY name",
    "SELECT * FROM memberships ORDER BY id",
    "SELECT * FROM organisation",
)


@pytest.fixture
def world(hilo: Rig) -> World:
    return World(hilo)


def held(hilo: Rig, phone: Phone) -> list[Grant]:
    """List the roles of somebody."""
    person = phone.person.id
    with hilo.reading() as unit:
        return [grant for grant in unit.roles.grants() if grant.person_id == person]


def ended(hilo: Rig, phone: Phone) -> None:
    """Take back every role of somebody."""
    grants = held(hilo, phone)
    with hilo.unit() as unit:
        for grant in grants:
            unit.roles.end(grant.id)


def ran_out(hilo: Rig, phone: Phone) -> None:
    """Let every role of somebody come to the end of its time."""
    grants = held(hilo, phone)
    with hilo.unit() as unit:
        for grant in grants:
            unit.roles.end(grant.id)
            unit.roles.grant(clock.new_id(), grant.person_id, grant.role, grant.cohort_id, unit.now)
    hilo.advance(seconds=1)


def left(hilo: Rig) -> list[list[tuple[object, ...]]]:
    """Return everything that a wizard could change."""
    return [hilo.rows(query) for query in WATCHED]


def begun(world: World, phone: Phone) -> list[tuple[str, str]]:
    """Name a press that begins each wizard this person may begin, once each."""
    found = world.crawler.walk(phone.person.id, STARTS, STAFF_ACTIONS)
    first = {}
    for action, argument in found:
        if action in BEGIN:
            first.setdefault((action, argument[:1] if action in {"danger", "ask_why"} else ""), (action, argument))
    return list(first.values())


def test_every_wizard_declares_what_it_takes() -> None:
    """A wizard that names no permission fails here, and would go on for nobody."""
    assert {path.stem for path in Path(LIBRARY / "staff").glob("*.yaml")} == WIZARDS.keys()
    assert STAFF_ACTIONS.keys() >= BEGIN


@pytest.mark.proof
@pytest.mark.parametrize("lose", [ended, ran_out])
def test_a_wizard_ends_with_the_role(world: World, lose: Callable[[Rig, Phone], None]) -> None:
    """In the middle of any wizard: her next words or press are refused, said so, on the trail, and change nothing."""
    hilo, refused, tried = world.hilo, texts().say("staff.not_allowed", "es"), set[str]()
    for phone in (world.ana, world.root):
        for action, argument in begun(world, phone):
            with hilo.reading() as unit:
                button = Buttons(unit.vault, "memory", phone.chat).plain(action, argument)
            runs = hilo.count("runs")
            phone.press_id(button)
            if hilo.count("runs") == runs:
                continue
            tried.add(action)
            roles, noted = held(hilo, phone), len(hilo.audited("refused"))
            lose(hilo, phone)
            before = left(hilo)
            for step in range(6):
                labels = [each.label for row in phone.last.keyboard for each in row if each.label[:1].isdigit()]
                if labels:
                    phone.press(labels[0])
                else:
                    phone.say("palabras que cambian todo")
                told = phone.told
                assert step or refused in told, (action, told)
                assert not any(secret in told for secret in (COAST, SIERRA, SECRET, *THEIRS)), (action, told)
            assert left(hilo) == before, action
            assert len(hilo.audited("refused")) > noted, action
            assert phone.run.status == "expired"
            with hilo.unit() as unit:
                for grant in roles:
                    unit.roles.grant(clock.new_id(), grant.person_id, grant.role, grant.cohort_id)
    assert hilo.receive.errors == []
    assert len(tried) >= 8, tried


@pytest.mark.parametrize("lose", [ended, ran_out])
@pytest.mark.parametrize("role", ["facilitator", "admin"])
def test_an_invite_into_the_team_ends_with_its_makers_role(
    hilo: Rig, lose: Callable[[Rig, Phone], None], role: str
) -> None:
    """Who was an admin a moment ago lets nobody in by an invite she had kept, herself under another number included."""
    hilo.cohort()
    hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    rosa = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    codes = [clock.new_code(), clock.new_code()]
    with hilo.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA) if role == "facilitator" else None
        for code in codes:
            unit.invites.create(clock.new_id(), code, role, cohort and cohort.id, 1, None, rosa.person.id)
    good, late = hilo.phone(), hilo.phone()
    good.say(f"/start {codes[0]}")
    lose(hilo, rosa)
    late.say(f"/start {codes[1]}")
    rosa.say(f"/start {codes[1]}")

    assert held(hilo, good)
    assert texts().say("join.ended", "es") in late.told
    assert held(hilo, rosa) == []
    with hilo.reading() as unit:
        assert unit.people.at(hilo.messenger.name, late.chat) is None
