"""Roles from the phone: granted with their groups and their time, taken back after a question; the last admin stays."""

from datetime import timedelta

import pytest

from bot.services.broadcasts import order
from tests.bot.actions import EVERYWHERE, allowed
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.test_people import COAST, fits, opened, say


def roles_of(hilo: Rig, phone: Phone) -> list[tuple[str, bool]]:
    """List a person's roles: what, and whether for one group."""
    with hilo.reading() as unit:
        return sorted((role.role, role.cohort_id is not None) for role in unit.roles.of(phone.person.id))


def test_a_role_is_granted_for_groups_and_a_time(hilo: Rig) -> None:
    """From a member's screen: what, for which groups, until when; both are told, and it ends by itself."""
    hilo.cohort(COAST)
    ceiba = hilo.join(nickname="Ceiba")
    root = opened(hilo, role="admin")
    root.press(say("button.grant"))
    assert "Ceiba" in root.told
    root.press("1 · Facilitar")
    root.press(f"1 · {COAST}")
    root.press(f"2 · {SIERRA}")
    root.press("Listo")
    root.press("1 · Un mes")
    root.press("1 · Sí, está bien")

    assert roles_of(hilo, ceiba) == [("facilitator", True), ("facilitator", True)]
    assert say("role.granted", name="Ceiba", role="Facilitar") in root.told
    assert say("role.yours", role="Facilitar") in ceiba.screen()
    ceiba.say("/personas")
    assert {COAST, SIERRA} <= set(ceiba.last.labels)
    hilo.advance(days=31)
    assert roles_of(hilo, ceiba) == []
    ceiba.say("/personas")
    assert say("staff.not_allowed") in ceiba.told


def test_a_role_is_taken_back_after_a_question(hilo: Rig) -> None:
    """The list names who may do what; taking it back asks first, and holds from then on."""
    ana = hilo.facilitator(nickname="Ana")
    root = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    root.say("/personas")
    root.press(say("button.people_groups"))
    root.press(say("button.people_roles"))
    fits(root)
    root.press(f"Ana · Facilitar, {SIERRA}")
    assert say("role.no_limit") in (root.last.text or "")
    root.press(say("button.role_end"))
    assert roles_of(hilo, ana) == [("facilitator", True)]
    root.press(say("button.role_end_sure"))

    assert roles_of(hilo, ana) == []
    assert len(hilo.audited("grant.ended")) == 1
    assert say("button.grant") in root.last.labels


@pytest.mark.parametrize("language", ["es", "en"])
def test_whoever_loses_a_role_hears_so_and_nothing_stays_open(hilo: Rig, language: str) -> None:
    """What she was reading is blanked at once, voice notes go with it, and her menu says what she is now."""
    leader = hilo.join(nickname="Ceiba")
    leader.say("Se cayó el puente.")
    leader.press("Sí")
    ana = hilo.facilitator(language, nickname="Ana")
    ana.say("/mensajes")
    ana.press(next(label for label in ana.last.labels if label.startswith("Ceiba")))
    assert "puente" in ana.screen()
    root = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    root.say("/personas")
    root.press(say("button.people_groups"))
    root.press(say("button.people_roles"))
    root.press(f"Ana · Facilitar, {SIERRA}")
    root.press(say("button.role_end"))
    ana.look()
    root.press(say("button.role_end_sure"))

    role = f"{texts().say('role.facilitator', language)}, {SIERRA}"
    assert texts().say("role.taken", language, role=role) in ana.screen()
    assert "puente" not in ana.screen()
    ana.press(texts().say("button.menu", language))
    assert texts().say("join.no_role", language) in (ana.last.text or "")
    ana.say("/mensajes")
    assert texts().say("staff.not_allowed", language) in ana.told


def test_the_last_admin_stays(hilo: Rig) -> None:
    """Neither taken back nor limited in time: somebody always administers."""
    hilo.cohort()
    root = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    root.say("/personas")
    root.press(say("button.people_groups"))
    root.press(say("button.people_roles"))
    root.press("Rosa · Administrar")
    root.press(say("button.role_end"))
    root.press(say("button.role_end_sure"))
    assert say("role.last_admin") in (root.last.text or "")
    root.press(say("button.people_roles"))
    root.press("Rosa · Administrar")
    root.press(say("button.grant"))
    root.press("2 · Administrar")
    root.press("1 · Un mes")
    root.press("1 · Sí, está bien")

    assert texts().say("role.last_admin", "es") in root.told
    assert roles_of(hilo, root) == [("admin", False)]


def test_an_admin_of_one_group_gives_no_roles(hilo: Rig) -> None:
    """Whoever administers one group alone cannot give herself the others: roles are for who administers everywhere."""
    hilo.join(nickname="Ceiba")
    half = hilo.facilitator(nickname="Rosa", role="admin")
    half.say("/personas")
    half.press("Ceiba")

    assert say("button.grant") not in half.last.labels
    with hilo.reading() as unit:
        assert not any(allowed(unit, half.person, action) for action in EVERYWHERE)
        assert allowed(unit, half.person, "someone")


def test_what_she_had_ordered_is_not_forgotten(hilo: Rig) -> None:
    """A role that is taken back leaves orders behind that would still go out in everybody's name: they are told of."""
    hilo.join(nickname="Ceiba")
    root = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    ana = hilo.facilitator(nickname="Ana")
    with hilo.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        for key, by in (("hers", ana.person), ("another's", root.person)):
            later = unit.now + timedelta(days=3)
            asked = hilo.content.dialog("check_in")
            order(unit, asked, cohort, "Para saber cómo van", key=key, ordered_by=by, due_at=later)
    root.say("/personas")
    root.press(say("button.people_groups"))
    root.press(say("button.people_roles"))
    root.press(f"Ana · Facilitar, {SIERRA}")
    root.press(say("button.role_end"))
    root.press(say("button.role_end_sure"))

    assert texts().count("role.ended.orders", "es", 1) in (root.last.text or "")
    root.press(say("menu.halt"))
    assert [label for label in root.last.labels if SIERRA in label]
