"""Whoever has only the page is told by a person: the text, the list, the ticks; and what Hilo promises about time."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import unquote

import pytest

from bot.messengers.registry import MESSENGERS
from bot.services.links import Site
from storage.sealed_statements import Change
from storage.tables import roles
from tests.bot.asking import prepare, send
from tests.bot.orders import finish, panel, say
from tests.bot.quiet import QUIET, WithPage, join_by_page, with_page
from tests.bot.rig import SIERRA, Phone, Rig, texts

BASE = "https://hilo.example.org"
TEXT = f"Hola. Hay algo para ti. Ábrelo cuando puedas: {BASE}/"


@pytest.fixture
def page(hilo: Rig) -> Iterator[WithPage]:
    """An installation with a page, on which some people are who have nothing that rings."""
    hilo.turns.site = Site(BASE, messengers=frozenset({"telegram"}))
    yield with_page(hilo)
    MESSENGERS.forget(QUIET)


def links(phone: Phone) -> dict[str, str]:
    """Return what the newest message's buttons open, by label."""
    return {button.label: unquote(button.url) for row in phone.last.keyboard for button in row if button.url}


def count(code: str, number: int, **facts: object) -> str:
    """Return a sentence that counts."""
    return texts().count(code, "es", number, **facts)


def test_after_sending_she_gets_one_text_and_whom_it_concerns(hilo: Rig, page: WithPage) -> None:
    """The text names nobody, no topic and no organisation; the list has who has only the page, and nobody else."""
    hilo.join(nickname="Nopal")
    join_by_page(hilo, page, "Luna")
    join_by_page(hilo, page, "Ceiba")
    ana = hilo.facilitator()
    prepare(ana)
    # Before it is sent, and after.
    assert count("hand.sent", 2) in (ana.last.text or "")
    ana.press(say("button.ask_send"))

    assert count("hand.sent", 2) in ana.screen()
    assert TEXT in ana.news
    assert count("hand.left", 2) in (ana.last.text or "")
    assert set(links(ana)) == {"Avisarle a Luna", "Avisarle a Ceiba"}
    assert links(ana)["Avisarle a Luna"] == f"https://wa.me/?text={TEXT}"
    assert not any(word in TEXT for word in ("Luna", "Escuela", SIERRA, "¿Cómo vas?"))


def test_it_is_ticked_one_by_one_and_a_tick_can_be_taken_back(hilo: Rig, page: WithPage) -> None:
    """A tick stays, also a meeting in person; who has come by herself is on the list no more."""
    luna, _ = join_by_page(hilo, page, "Luna"), join_by_page(hilo, page, "Nopal")
    ana = hilo.facilitator()
    send(ana)
    hilo.tick()
    ana.press("En persona")
    assert count("hand.left", 1) in (ana.last.text or "")
    assert say("hand.told.in_person", name="Luna") in ana.last.labels
    ana.say("/menu")
    assert count("today.by_hand", 1, title="¿Cómo vas?") in ana.told
    panel(ana)
    ana.press(say("button.hand", n=1))
    assert TEXT in ana.news
    ana.press(say("hand.told.in_person", name="Luna"))
    assert count("hand.left", 2) in (ana.last.text or "")
    luna.press("Sí, ahora")
    finish(luna)
    panel(ana)
    ana.press(say("button.hand", n=1))
    assert set(links(ana)) == {"Avisarle a Nopal"}
    ana.press("✓ Ya le avisé")

    assert say("hand.all_told") in (ana.last.text or "")
    assert say("hand.told.message", name="Nopal") in ana.last.labels
    assert [entry.detail for entry in hilo.audited("by_hand.told")] == [{"way": "message"}, {"way": "in_person"}]
    assert len(hilo.audited("by_hand.taken_back")) == 1
    ana.say("/menu")
    assert "que solo tienen la página" not in ana.told


def test_in_practice_it_says_what_would_open(hilo: Rig, page: WithPage) -> None:
    """The list is the same, each name as a button; pressed, it tells what one's own phone would open with."""
    hilo.turns.site = Site(BASE, messengers=frozenset({"telegram"}), practice=True)
    join_by_page(hilo, page, "Luna")
    ana = hilo.facilitator()
    send(ana)
    assert say("hand.how.practice") in (ana.last.text or "")
    assert not links(ana)
    assert "✓ Luna" not in ana.last.labels
    ana.press("Avisarle a Luna")

    assert ana.last.text == say("hand.would_open", text=say("hand.notice", link="…"))


def test_by_sms_the_same_list_opens_her_messages(hilo: Rig, page: WithPage) -> None:
    """Where a button may not open an SMS, a page does, which knows nothing of whom it is for."""
    join_by_page(hilo, page, "Luna", "English")
    ana = hilo.facilitator()
    send(ana)
    assert "Hi. There is something for you." in links(ana)["Avisarle a Luna"]
    ana.press(say("button.hand.sms"))

    assert links(ana)["Avisarle a Luna"] == f"{BASE}/sms?language=en"
    ana.press(say("button.hand.whatsapp"))
    assert links(ana)["Avisarle a Luna"].startswith("https://wa.me/")


def test_who_is_rung_is_told_by_nobody(hilo: Rig, page: WithPage) -> None:
    """Where everybody is rung there is neither a text nor a list."""
    hilo.join(nickname="Nopal")
    ana = hilo.facilitator()
    send(ana)

    assert "Ya va en camino" in (ana.last.text or "")
    assert BASE not in ana.screen()
    assert not page.pages


def test_what_goes_later_is_told_later(hilo: Rig, page: WithPage) -> None:
    """Nobody is sent to an empty page: an order for tomorrow brings no text today, and a line once it is there."""
    join_by_page(hilo, page, "Luna")
    ana = hilo.facilitator()
    prepare(ana)
    ana.press(say("button.ask_when"))
    ana.press("Mañana a las 9 de la mañana")
    ana.press("Enviar")
    assert BASE not in ana.told
    ana.say("/menu")
    assert "solo tiene la página" not in ana.told
    hilo.advance(days=1, hours=1)
    hilo.tick()
    ana.say("/menu")

    assert count("today.by_hand", 1, title="¿Cómo vas?") in ana.told


def test_a_facilitator_of_another_group_ticks_nobody(hilo: Rig, page: WithPage) -> None:
    """The button of a list works for whoever reaches the group, and for nobody else."""
    join_by_page(hilo, page, "Luna")
    ana = hilo.facilitator()
    send(ana)
    button, order = ana.button("✓ Ya le avisé")
    hilo.cohort("Costa")
    with hilo.unit() as unit:
        costa = unit.cohorts.by_name("Costa")
        assert costa is not None
        unit.run(Change(roles, cohort_id=costa.id))
    ana.press_id(button, order)

    assert say("staff.not_allowed") in ana.told
    assert hilo.count("hand_notices") == 0


def test_what_hilo_promises_is_true_for_who_is_not_rung(hilo: Rig, page: WithPage) -> None:
    """On a page nothing is promised to come by itself: not tomorrow's questions, and not the one put off."""
    luna = hilo.phone()
    page.pages.add(luna.chat)
    luna.say(f"/start {hilo.invite()}")
    luna.say("Español")
    luna.press("Sí, quiero participar")
    luna.say("Luna")
    assert "En esta página no suena nada" in luna.told
    assert "te hago" not in luna.told
    nopal = hilo.join(nickname="Nopal")
    ana = hilo.facilitator()
    send(ana)
    hilo.tick()
    for phone in (luna, nopal):
        phone.press("Más tarde")

    assert "La pregunta va a estar aquí otra vez" in luna.told
    assert "Te busco" not in luna.told
    assert "Te busco otra vez" in nopal.told


def test_an_erased_persons_ticks_and_requests_go(hilo: Rig, page: WithPage) -> None:
    """Of whoever erases herself neither a tick nor a request for her link stays."""
    luna = join_by_page(hilo, page, "Luna")
    ana = hilo.facilitator()
    send(ana)
    hilo.tick()
    ana.press("✓ Ya le avisé")
    assert hilo.count("hand_notices") == 1
    luna.say("/borrar")
    luna.press("Borrar todo lo mío")
    luna.press("Sí, borra todo")
    hilo.advance(seconds=timedelta(hours=1).total_seconds())
    hilo.tick()

    assert hilo.count("hand_notices") == 0
    assert hilo.count("people") == 1


def answered(ana: Phone, words: str) -> None:
    """Answer the message that waits longest, from the team."""
    ana.say("/mensajes")
    ana.press(next(label for label in ana.last.labels if "Lun" in label))
    ana.press("Contestar")
    ana.say(words)
    ana.press("1 · Mandar a nombre del equipo")


def test_a_single_message_of_the_team_is_told_by_hand(hilo: Rig, page: WithPage) -> None:
    """The same text without topic or name, and the same list with the tap; ticked it stays, until a new message."""
    luna, nopal = join_by_page(hilo, page, "Luna"), hilo.join(nickname="Nopal")
    ana = hilo.facilitator()
    for phone in (luna, nopal):
        phone.say("/team")
        phone.say("¿El jueves hay junta?")
    answered(ana, "Sí, a las cinco.")

    assert TEXT in ana.news
    assert count("hand.left", 1) in (ana.last.text or "")
    assert links(ana) == {"Avisarle a Luna": f"https://wa.me/?text={TEXT}"}
    ana.say("/menu")
    assert count("today.by_hand_message", 1) in ana.told
    ana.say("/mensajes")
    ana.press(say("button.hand", n=1))
    ana.press("✓ Ya le avisé")
    assert say("hand.all_told") in (ana.last.text or "")
    ana.press(say("hand.told.message", name="Luna"))
    ana.press("En persona: Luna")
    ana.say("/menu")
    assert count("today.by_hand_message", 1) not in ana.told
    assert [entry.detail for entry in hilo.audited("by_hand.told")] == [{"way": "in_person"}, {"way": "message"}]
    luna.say("/team")
    luna.say("¿Y dónde?")
    hilo.advance(minutes=1)
    answered(ana, "En la escuela.")
    assert count("hand.left", 1) in (ana.last.text or "")


def test_of_a_message_to_somebody_who_is_rung_nobody_is_told(hilo: Rig, page: WithPage) -> None:
    """Where her messenger rings there is neither text nor list; nor for whoever came meanwhile, or a week later."""
    luna = hilo.join(nickname="Luna")
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva", cohort="Costa")
    luna.say("/team")
    luna.say("¿El jueves hay junta?")
    answered(ana, "Sí, a las cinco.")
    assert BASE not in ana.screen()
    quiet = join_by_page(hilo, page, "Lunita")
    quiet.say("/team")
    quiet.say("¿Y dónde?")
    answered(ana, "En la escuela.")
    assert TEXT in ana.news
    eva.say("/menu")
    assert "mensaje del equipo en la página" not in eva.told
    hilo.advance(days=8)
    ana.say("/menu")
    assert "mensaje del equipo en la página" not in ana.told
