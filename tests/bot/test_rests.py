"""Rests of roles: two taps of any colleague, at once everywhere; admins hear of it and decide; nobody is unheard."""

from datetime import timedelta

import pytest

from bot import clock
from bot.services.broadcasts import order
from bot.services.permissions import told_of
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.shell import Shell
from tests.bot.test_watch import cry, put, rang

LANGUAGES = ("es", "en")
CHAT = "beef" * 10


def said(phone: Phone, code: str, **facts: object) -> str:
    return texts().say(code, phone.person.language or "es", **facts)


def admin(hilo: Rig, nickname: str = "Rosa", language: str = "es") -> Phone:
    return hilo.facilitator(language, nickname=nickname, cohort=None, role="admin")


def reads(hilo: Rig, leader: Phone, reader: Phone) -> None:
    """Let a leader write, and one of the team open it."""
    leader.say("Se cayó el puente.")
    leader.press("Sí")
    reader.say({"es": "/mensajes", "en": "/messages"}[reader.person.language or "es"])
    reader.press(next(label for label in reader.last.labels if label.startswith("Ceiba")))
    assert "puente" in reader.screen()


def rest(by: Phone, name: str) -> None:
    """Let somebody's roles rest: two taps from the menu."""
    by.say("/menu")
    by.press(said(by, "menu.role_rest"))
    by.press(name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_taps_and_nothing_is_left_to_see(hilo: Rig, language: str) -> None:
    """A colleague's tap on her name: her chat shows nothing of the team, she is told kindly."""
    leader = hilo.join(nickname="Ceiba")
    ana = hilo.facilitator(language, nickname="Ana")
    eva = hilo.facilitator(language, nickname="Eva")
    root = admin(hilo, language=language)
    reads(hilo, leader, ana)
    root.look()
    rest(eva, "Ana")

    assert said(eva, "rest.begun", name="Ana") in (eva.last.text or "")
    assert texts().count("rest.begun.told", language, 1) in (eva.last.text or "")
    assert "puente" not in ana.screen()
    assert "Ceiba" not in ana.screen()
    assert said(ana, "rest.told") in ana.screen()
    assert "Ana" not in root.told  # anyone nearby may see a notice
    assert said(root, "rest.asked") in root.told
    ana.say({"es": "/mensajes", "en": "/messages"}[language])
    assert said(ana, "staff.not_allowed") in ana.told
    assert [each.actor for each in hilo.audited("grant.rested")] == [str(eva.person.id)]


def test_an_admin_decides_and_she_is_as_she_was(hilo: Rig) -> None:
    """The notice leads to what there is to decide; coming back is asked about first; all she had holds again."""
    hilo.cohort("Costa")
    ana, eva, root = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva"), admin(hilo)
    with hilo.unit() as unit:
        before = [(each.role, each.cohort_id) for each in unit.roles.of(ana.person.id)]
    rest(eva, "Ana")
    root.say("/menu")
    assert said(root, "today.rest") in root.told
    root.press(said(root, "menu.alert"))
    root.press(said(root, "menu.role_rest_one"))
    assert said(root, "rest.asked_by", name="Eva", day="hoy") in root.last.text
    root.press(said(root, "button.rest_back"))
    with hilo.reading() as unit:
        assert unit.roles.of(ana.person.id) == []
    root.press(said(root, "button.rest_back_sure"))

    with hilo.reading() as unit:
        assert [(each.role, each.cohort_id) for each in unit.roles.of(ana.person.id)] == before
    assert said(ana, "rest.over") in ana.screen()
    assert said(eva, "rest.decided") in eva.screen()
    ana.say("/mensajes")
    assert said(ana, "staff.not_allowed") not in ana.told
    assert len(hilo.audited("grant.resumed")) == 1
    root.say("/menu")
    assert said(root, "today.rest") not in root.told


def test_one_at_a_time_and_never_the_last_who_administers(hilo: Rig) -> None:
    """While one rest is undecided nobody else can be rested; decided, the next can; the last admin never."""
    ana, eva, root = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva"), admin(hilo)
    rest(eva, "Rosa")
    assert said(eva, "rest.last_admin", name="Rosa") in (eva.last.text or "")
    sol = admin(hilo, "Sol")
    rest(eva, "Rosa")
    assert said(eva, "rest.begun", name="Rosa") in (eva.last.text or "")
    root.say("/estado")
    assert said(root, "staff.not_allowed") in root.told
    eva.say("/menu")
    eva.press(said(eva, "menu.role_rest"))
    assert said(eva, "rest.undecided") in (eva.last.text or "")
    assert "Ana" not in eva.last.labels
    sol.say("/menu")
    sol.press(said(sol, "menu.alert"))
    sol.press(said(sol, "menu.role_rest_one"))
    sol.press(said(sol, "button.rest_keep"))
    rest(eva, "Sol")
    assert said(eva, "rest.last_admin", name="Sol") in (eva.last.text or "")
    rest(eva, "Ana")

    assert said(eva, "rest.begun", name="Ana") in (eva.last.text or "")
    with hilo.reading() as unit:
        assert {*unit.roles.resting()} == {root.person.id, ana.person.id}


def test_while_she_rests_no_invite_and_no_grant_leads_around_it(hilo: Rig) -> None:
    """An invite in her chat gives a role that rests; an admin who grants one is told to decide first."""
    ana, eva, root = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva"), admin(hilo)
    code = hilo.invite("admin", None)
    rest(eva, "Ana")
    ana.say(f"/start {code}")
    with hilo.reading() as unit:
        assert unit.roles.of(ana.person.id) == []
    root.say("/personas")
    root.press(said(root, "button.people_groups"))
    root.press(said(root, "button.people_roles"))
    label = next(each for each in root.last.labels if each.startswith("Ana · ") and said(root, "rest.mark") in each)
    root.press(label)

    assert said(root, "rest.rests") in root.last.text
    assert said(root, "button.grant") not in root.last.labels
    assert said(root, "button.rest_see") in root.last.labels


def test_a_cry_is_heard_by_somebody_else(hilo: Rig) -> None:
    """Her phone gets no notice; at the hours of her watch the admins ring; what she took is open again."""
    leader = hilo.join(nickname="Ceiba")
    ana, eva, root = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva"), admin(hilo)
    put(hilo, root)
    cry(leader)
    ana.press(said(ana, "button.alert_open"))
    ana.press(said(ana, "button.alert_mine"))
    rest(eva, "Ana")
    assert said(eva, "rest.watched", name="Ana") in (eva.last.text or "")
    assert texts().count("rest.alerts", "es", 1) in (eva.last.text or "")
    with hilo.reading() as unit:
        assert len(unit.alerts.ringing()) == 1
    hilo.advance(hours=15)  # at night
    ana.look()
    cry(leader)

    assert ana.told == ""
    assert [rang(hilo, phone) for phone in (eva, root)] == [False, True]


def test_her_own_cry_goes_to_whom_she_named(hilo: Rig) -> None:
    """Resting she is still one of the team: her own alerts are for whom she named, and for no facilitator else."""
    hilo.join(nickname="Ceiba")
    ana, eva, root = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva"), admin(hilo)
    with hilo.unit() as unit:
        unit.people.prefer(ana.person, confidant=eva.person.id.hex)
    rest(eva, "Ana")

    with hilo.reading() as unit:
        assert told_of(unit, unit.people.known(ana.person.id), hilo.cohort()) == [eva.person.id]
    assert root.person.id != eva.person.id


def test_her_browsers_and_links_close(hilo: Rig) -> None:
    """A rest closes the page in every browser: it may be open on the phone that was taken."""
    ana, eva = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva")
    admin(hilo)
    with hilo.unit() as unit:
        unit.addresses.link(unit.people.known(ana.person.id), "web", CHAT, ana.person.id)
        unit.web_sessions.open(eva.person.id, "token", CHAT, unit.now + timedelta(hours=1))
        unit.web_links.add(ana.person.id, ana.person.id, "CODE", unit.now + timedelta(days=1))
    rest(eva, "Ana")

    with hilo.unit() as unit:
        assert unit.web_sessions.find("token") is None
        link = unit.web_links.find("CODE")
        assert link is not None
        assert not unit.web_links.open(link.id)


def test_who_translates_can_ask_too(hilo: Rig) -> None:
    """Whoever hears of an arrest first may have no other role; what was ordered from the phone is told the admin."""
    hilo.join(nickname="Ceiba")
    ana, root = hilo.facilitator(nickname="Ana"), admin(hilo)
    iris = hilo.facilitator(nickname="Iris", cohort=None, role="translator")
    put(hilo, root)
    with hilo.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        asked, later = hilo.content.dialog("check_in"), unit.now + timedelta(days=3)
        order(unit, asked, cohort, "Para saber cómo van", key="hers", ordered_by=ana.person, due_at=later)
    rest(iris, "Ana")
    root.say("/menu")
    root.press(said(root, "menu.alert"))
    root.press(said(root, "menu.role_rest_one"))
    assert texts().count("role.ended.orders", "es", 1) in (root.last.text or "")
    assert said(root, "menu.halt") in root.last.labels
    root.say("/guardia")

    assert said(root, "watch.rests") in root.told


def test_who_is_not_of_the_team_rests_nobody(hilo: Rig) -> None:
    """A leader is shown no such button, and the act refuses her."""
    leader = hilo.join(nickname="Ceiba")
    hilo.facilitator(nickname="Ana")
    leader.say("/menu")

    assert said(leader, "menu.role_rest") not in leader.last.labels


def test_at_the_terminal_the_same_and_a_running_bot_shows_it(filled: Rig, shell: Shell) -> None:
    """`hilo role revoke` and `rest` close what is open on phones, tell the person, and keep the same rules."""
    hilo = filled
    hilo.now = hilo.now.replace(microsecond=0)
    leader = hilo.join(nickname="Ceiba")
    ana, eva = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva")
    admin(hilo)
    reads(hilo, leader, ana)
    shell.good("role", "revoke", "Ana", "facilitator")
    hilo.now = clock.now()  # the command wrote with the time of now
    hilo.send()
    assert "puente" not in ana.screen()
    assert said(ana, "role.taken", role=f"{said(ana, 'role.facilitator')}, {SIERRA}") in ana.screen()

    reads(hilo, leader, eva)
    assert "Eva" in shell.good("role", "rest", "Eva")
    hilo.now = clock.now()
    hilo.send()
    assert "puente" not in eva.screen()
    assert said(eva, "rest.told") in eva.screen()
    assert shell.says("rest.mark") in shell.good("role", "list")
    assert shell.refused("role", "rest", "Eva") == shell.says("cli.error.rest.already", name="Eva")
    told = shell.refused("role", "rest", "Rosa")
    assert told.startswith(shell.says("cli.error.rest.undecided", name="Eva", code="")[:30])
    shell.good("role", "keep", "Eva")
    assert shell.refused("role", "rest", "Rosa") == shell.says("cli.error.rest.last_admin")
    shell.good("role", "resume", "Eva")
    hilo.now = clock.now()
    hilo.send()
    assert said(eva, "rest.over") in eva.screen()
    assert shell.refused("role", "resume", "Eva") == shell.says("cli.error.rest.not", name="Eva")
    eva.say("/mensajes")
    assert said(eva, "staff.not_allowed") not in (eva.last.text or "")
