"""One reminder of what comes back, where the team wants one: wherever she stopped, within her hours, or never."""

from datetime import timedelta

import pytest

from bot.services.members import WELCOME_AT
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, Rig
from tests.bot.test_own_time import THURSDAY, come_to
from tests.bot.test_repeating import begin

pytestmark = pytest.mark.usefixtures("at_once")

DAY = timedelta(days=1)


@pytest.fixture
def her(hilo: Rig) -> Phone:
    """A leader in a group that is asked each Thursday, and reminded the next day: the team chose so from the phone."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    ana = hilo.facilitator()
    begin(ana)
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    ana.press("Recordatorio")
    assert "Ahora no se recuerda." in ana.screen()
    ana.press("Al día siguiente")
    assert "✓ Vale desde la que sigue." in ana.screen()
    assert "Ahora se recuerda al día siguiente." in ana.screen()
    phone.look()
    return phone


def after_a_day(hilo: Rig, her: Phone) -> list[str]:
    """Let a day pass, and the hours after it; returns what came."""
    her.look()
    for _ in range(3):
        hilo.now += DAY / 2
        hilo.tick()
    return list(her.news)


def test_it_comes_once_wherever_she_stopped(hilo: Rig, her: Phone) -> None:
    """At her second question; the change of hour keeps it, and the window's end says nothing."""
    come_to(hilo, THURSDAY)
    her.press("Sí, ahora")
    her.say("2")
    [said] = after_a_day(hilo, her)
    assert said.startswith(words(her, "prompt.repeat"))
    assert "2 de 4" in said
    her.look()
    hilo.now = THURSDAY + 3 * DAY + timedelta(minutes=1)
    hilo.tick()
    assert her.news == []
    her.say("/menu")
    assert words(her, "window.kept") in her.told
    her.look()
    her.say("/menu")

    assert words(her, "window.kept") not in her.told
    assert hilo.rows("SELECT status FROM runs WHERE broadcast_id IS NOT NULL") == [("expired",)]


@pytest.mark.parametrize("why", ["later", "no", "finished", "off", "watched"])
def test_it_never_comes(hilo: Rig, her: Phone, why: str) -> None:
    """After "later" or a no, to who has finished, to who switched reminders off, on a phone that others see."""
    if why == "watched":
        with hilo.unit() as unit:
            unit.people.prefer(her.person, phone="shared")
    if why == "off":
        for label in ("/menu", "Mis ajustes", "Lo que me llega seguido", "Sin recordatorios"):
            (her.say if label == "/menu" else her.press)(label)
        assert words(her, "rhythm.reminders.off") in her.screen()
    come_to(hilo, THURSDAY)
    if why == "finished":
        her.press("Sí, ahora")
        her.say("2")
        her.press("Saltar")
        her.press("1 · Nada por ahora")
    elif why == "no":
        her.press("Hoy no")
    elif why == "later":
        her.press("Más tarde")

    assert after_a_day(hilo, her) == []  # she wished "later": tomorrow at eight


def test_without_one_nothing_is_said_again(hilo: Rig, her: Phone) -> None:
    """Taken back on the same screen, from the next one on."""
    ana = hilo.facilitator("es", "Berta")
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    ana.press("Recordatorio")
    ana.press("No recordar")
    come_to(hilo, THURSDAY)

    assert after_a_day(hilo, her) == []
