"""The handover: what is written down and what is missing, somebody who leaves, and the notice to who is alone."""

from datetime import date, timedelta

import pytest

from bot.services import grants, handover
from bot.services.handover import ACCESS, BOT, ITEMS, NEXT, PAID, PAPER, SERVER, TOKEN, WORDS, Holders
from bot.services.refusals import NotAllowed
from bot.team.kit.page import SCREEN_LENGTH
from storage.unit import Unit
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.test_watch import put as put_on_watch

LANGUAGES = ("es", "en")
COMMAND = {"es": "/relevo", "en": "/handover"}


def said(phone: Phone, code: str, **facts: object) -> str:
    return texts().say(code, phone.person.language or "es", **facts)


def admin(hilo: Rig, language: str = "es", nickname: str = "Rosa") -> Phone:
    return hilo.facilitator(language, nickname=nickname, cohort=None, role="admin")


def written(unit: Unit, *people: Phone, paid: date | None = None) -> None:
    """Write the whole handover down, as `hilo handover` does (tests/bot/operate/test_handing_over.py walks it)."""
    for item in ITEMS:
        if item == PAID:
            handover.keep(unit, None, item, paid or unit.now.date() + timedelta(days=300))
        else:
            handover.keep(unit, None, item, Holders(tuple(each.person.id for each in people), "la contadora"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_checklist_leads_to_what_is_missing(hilo: Rig, language: str) -> None:
    """It is open until all is written down; its screen says what is missing, who reads, and where it is written."""
    root = admin(hilo, language)
    root.say({"es": "/estado", "en": "/status"}[language])
    assert texts().count("checklist.handover.open", language, len(ITEMS)) in root.told
    root.press(said(root, "button.handover"))
    assert root.last.text.count(f": {said(root, 'handover.nobody')}\n") == len(ITEMS)
    assert f"{said(root, 'handover.readers')}: Rosa" in root.last.text
    assert said(root, "handover.how") in root.last.text
    with hilo.unit() as unit:
        written(unit, root)
    root.say(COMMAND[language])

    assert f": {said(root, 'handover.nobody')}\n" not in root.told
    assert root.told.count("Rosa") >= len(ITEMS)
    assert said(root, "handover.whole") in root.told
    assert len(root.told) <= 1000
    root.say({"es": "/estado", "en": "/status"}[language])
    assert f"✓ {said(root, 'checklist.handover')}" in root.told
    lupe = hilo.facilitator("es", nickname="Lupe", cohort=SIERRA, role="admin")
    lupe.say("/estado")
    assert said(lupe, "checklist.handover") not in lupe.told  # who administers one group cannot write it


def test_what_is_paid_until_soon_is_missing_again(hilo: Rig) -> None:
    """A month before the day it counts as open."""
    with hilo.unit() as unit:
        written(unit, paid=unit.now.date() + timedelta(days=40))
        assert handover.unfilled(unit) == []
    hilo.advance(days=15)
    with hilo.reading() as unit:
        assert handover.unfilled(unit) == [PAID]


def test_it_is_the_admins_alone(hilo: Rig) -> None:
    """A facilitator and a leader see nothing of it, and the act refuses them too."""
    for phone in (hilo.facilitator(nickname="Ana"), hilo.join()):
        phone.say("/relevo")
        assert said(phone, "handover.item.bot") not in phone.told
        with hilo.unit() as unit, pytest.raises(NotAllowed):
            handover.keep(unit, unit.people.known(phone.person.id), BOT, Holders((), "Ana"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_leaves_has_no_role_and_nothing_open(hilo: Rig, language: str) -> None:
    """Asked first, with what she holds; then her roles end, her pages go, she is told, and what is due is said."""
    leader = hilo.join(nickname="Ceiba")
    leader.say("Se cayó el puente.")
    leader.press("Sí")
    ana = hilo.facilitator(language, nickname="Ana")
    ana.say({"es": "/mensajes", "en": "/messages"}[language])
    ana.press(next(label for label in ana.last.labels if label.startswith("Ceiba")))
    assert "puente" in ana.screen()
    root = admin(hilo, language)
    with hilo.unit() as unit:
        written(unit, ana)
        for item in (NEXT, "costs", PAPER, "second"):
            handover.keep(unit, None, item, Holders((root.person.id,)))
    root.say(COMMAND[language])
    root.press(said(root, "button.handover.leaves"))
    root.press(next(label for label in root.last.labels if label.startswith("Ana")))
    root.press(said(root, "button.team_leave"))
    things = texts().all_of([said(root, f"handover.thing.{item}") for item in (BOT, SERVER)], language)
    assert said(root, "team_leave.holds", things=things) in root.last.text
    with hilo.reading() as unit:
        assert unit.roles.of(ana.person.id)
    root.press(said(root, "button.team_leave_sure"))

    with hilo.reading() as unit:
        assert unit.roles.of(ana.person.id) == []
        assert handover.held_by(unit, ana.person.id) == ()
        assert handover.names(unit, BOT) == ["la contadora"]
        assert handover.owed(unit) == (TOKEN, ACCESS, WORDS)
    assert len(root.last.text or "") <= SCREEN_LENGTH
    for what in (TOKEN, ACCESS, WORDS):
        assert f"☐ {said(root, f'handover.owed.{what}')}" in root.last.text
    assert len(hilo.audited("team.left")) == 1
    ana.look()
    assert "puente" not in ana.screen()
    assert said(ana, "team_leave.told") in ana.screen()
    ana.say(COMMAND[language])
    assert said(ana, "handover.item.bot") not in ana.told
    root.press(said(root, "button.handover"))
    root.press(said(root, "button.handover.access"))
    assert said(root, "handover.owed.access") not in root.last.text
    assert said(root, "handover.owed.token") in root.last.text


def test_who_held_nothing_leaves_nothing_to_change(hilo: Rig) -> None:
    """A facilitator of a group who held neither bot nor server nor paper: her roles end, and that is all."""
    ana, root = hilo.facilitator(nickname="Ana"), admin(hilo)
    root.say("/relevo")
    root.press(said(root, "button.handover.leaves"))
    root.press(f"Ana · Facilitar, {SIERRA}")
    root.press(said(root, "button.team_leave"))
    assert "Tiene" not in root.last.text
    root.press(said(root, "button.team_leave_sure"))

    assert "☐" not in root.last.text
    with hilo.reading() as unit:
        assert unit.roles.of(ana.person.id) == []


def test_the_last_admin_stays(hilo: Rig) -> None:
    """Nobody else administers: it is refused, and nothing has ended, not even her other role."""
    root = admin(hilo)
    hilo.cohort()
    with hilo.unit() as unit:
        grants.grant(unit, None, root.person.id, "translator")
    root.say("/relevo")
    root.press(said(root, "button.handover.leaves"))
    root.press(next(label for label in root.last.labels if label.startswith("Rosa")))
    root.press(said(root, "button.team_leave"))
    root.press(said(root, "button.team_leave_sure"))

    assert said(root, "role.last_admin") in root.last.text
    with hilo.reading() as unit:
        assert {held.role for held in unit.roles.of(root.person.id)} == {"admin", "translator"}


def test_her_chat_in_a_browser_closes(hilo: Rig) -> None:
    """Whoever leaves comes into no browser any more with what she had open or was given."""
    ana = hilo.facilitator(nickname="Ana")
    root = admin(hilo)
    with hilo.unit() as unit:
        unit.addresses.link(unit.people.known(ana.person.id), "web", "beef" * 10, ana.person.id)
        unit.web_sessions.open(root.person.id, "token", "beef" * 10, unit.now + timedelta(hours=1))
        unit.web_links.add(ana.person.id, ana.person.id, "CODE", unit.now + timedelta(days=1))
    with hilo.unit() as unit:
        handover.leave(unit, hilo.turns, unit.people.known(root.person.id), unit.people.known(ana.person.id))

    with hilo.unit() as unit:
        assert unit.web_sessions.find("token") is None
        link = unit.web_links.find("CODE")
        assert link is not None
        assert not unit.web_links.open(link.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_alone_is_told_each_month(hilo: Rig, language: str) -> None:
    """Not at once, once a month, within her hours, in words that help; not any more once there are two."""
    root = admin(hilo, language)
    alone = said(root, "handover.alone")

    def month() -> None:
        for hours in (30 * 24, 12):
            hilo.advance(hours=hours)
            hilo.tick()

    hilo.tick()
    hilo.advance(days=20)
    hilo.tick()
    assert alone not in root.screen()
    for told in (1, 2, 3):
        month()
        assert root.screen().count(alone) == told
    assert len(hilo.audited("handover.alone")) == 3
    root.press(said(root, "button.handover"))
    assert said(root, "handover") in root.last.text
    with hilo.unit() as unit:
        written(unit, root)
    month()
    assert said(root, "handover.alone.written") in root.screen()
    admin(hilo, language, "Sol")
    before = len(hilo.audited("handover.alone"))
    month()

    assert len(hilo.audited("handover.alone")) == before


def test_whoever_is_erased_stands_there_no_more(hilo: Rig) -> None:
    """Erased, she holds nothing, and the record has not even her id."""
    ana, root = hilo.facilitator(nickname="Ana"), admin(hilo)
    with hilo.unit() as unit:
        written(unit, ana)
    erased = ana.person.id
    ana.say("/borrar")
    ana.press(said(ana, "button.erase_all"))
    ana.press(said(ana, "button.erase_all_sure"))

    with hilo.reading() as unit:
        assert unit.people.get(erased) is None
        assert erased.hex not in str(unit.organisation.get())
        assert handover.owed(unit) == (TOKEN, ACCESS, WORDS)
    root.say("/relevo")
    assert len(root.told) <= SCREEN_LENGTH
    root.press(said(root, "button.handover.who"))
    assert len(root.last.text or "") <= SCREEN_LENGTH
    assert "la contad" in (root.last.text or "")


def test_who_was_on_watch_is_not_any_more(hilo: Rig) -> None:
    """Put on watch by the wizard, then gone: it is said, who is on watch is asked again, and no alert waits for her."""
    hilo.facilitator(nickname="Ana")
    root = admin(hilo)
    put_on_watch(hilo, root)
    root.say("/relevo")
    root.press(said(root, "button.handover.leaves"))
    root.press(f"Ana · Facilitar, {SIERRA}")
    root.press(said(root, "button.team_leave"))
    root.press(said(root, "button.team_leave_sure"))

    assert said(root, "team_leave.watched") in root.last.text
    root.press(said(root, "button.watch"))
    assert said(root, "watch.unasked") in (root.last.text or "")


def test_an_admin_fills_it_in_chat(hilo: Rig) -> None:
    """One thing after the other, by the team's names, any other name and a day; what is skipped is asked for later."""
    root, ana = admin(hilo), hilo.facilitator(nickname="Ana")
    root.say("/relevo")
    root.press(said(root, "button.handover.fill"))
    assert said(root, "cli.handover.q.bot") in root.told
    for choice in ("1 · Rosa", "Listo", "Saltar"):  # whose Telegram has the bot
        root.press(choice)
    assert said(root, "cli.handover.q.next") in root.told
    root.press("2 · Ana")
    root.press("Listo")
    root.press("Saltar")
    for _ in range(2):  # the server: left for later
        root.press("Saltar")
    root.press("Saltar")
    root.say("la contadora")  # who pays
    assert "¿Hasta qué día" in root.told
    root.say("15 de agosto de 2027")
    for name in ("1 · Rosa", "2 · Ana"):  # the paper, and the other one
        root.press(name)
        root.press("Listo")
        root.press("Saltar")

    assert "Paga servidor y dominio: la contadora" in root.told
    assert f"Puede entrar al servidor: {said(root, 'handover.nobody')}" in root.told
    with hilo.reading() as unit:
        assert handover.unfilled(unit) == [SERVER]
        assert handover.paid_until(unit) == date(2027, 8, 15)
        assert handover.holders(unit, BOT).people == (root.person.id,)
        assert handover.holders(unit, NEXT).people == (ana.person.id,)
        assert [each.detail["item"] for each in unit.audit.list() if each.action == "holder.kept"].count(BOT) == 1
    root.press(said(root, "button.handover.edit"))
    root.press(said(root, "handover.item.server"))
    root.press("1 · Rosa")
    root.press("Listo")
    root.press("Saltar")
    assert said(root, "handover.whole") in root.told


def test_no_secret_is_asked_for_in_chat(hilo: Rig) -> None:
    """The screen says that token and words are changed at the server, and why; a facilitator may not fill it."""
    root, ana = admin(hilo), hilo.facilitator(nickname="Ana")
    root.say("/relevo")
    assert "se cambian en el servidor" in root.told
    button = root.button(said(root, "button.handover.fill"))
    ana.press_id(*button)

    assert said(root, "cli.handover.q.bot") not in ana.told
