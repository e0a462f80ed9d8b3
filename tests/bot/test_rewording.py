"""What comes back gets other words, from its own sheet: from when on it holds, on the trail, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.services.members import WELCOME_AT
from tests.bot.asking import prepare
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, Rig

pytestmark = pytest.mark.usefixtures("at_once")

SHEET = f"¿Cómo vas? · {SIERRA}"
THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City
WEEK = timedelta(days=7)


@pytest.fixture
def leader(hilo: Rig) -> Phone:
    """A leader who was welcomed before."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    return phone


@pytest.fixture
def ana(hilo: Rig, leader: Phone) -> Phone:
    """Her facilitator, who lets the check-in come back and has its sheet open."""
    assert leader.person
    phone = hilo.facilitator()
    prepare(phone)
    phone.press(words(phone, "button.ask_repeat"))
    phone.say("cada jueves a las 7 de la tarde")
    phone.press(words(phone, "button.repeat_begin"))
    return phone


def asked(hilo: Rig, moment: datetime) -> str:
    """Let time pass until the schedule's moment; returns the name of the dialog that was made last."""
    while hilo.now < moment:
        hilo.now = min(hilo.now + timedelta(hours=6), moment)
        hilo.tick()
    ((name,),) = hilo.rows(
        "SELECT v.name FROM broadcasts b JOIN dialog_versions v ON v.hash = b.dialog_hash"
        " WHERE b.schedule_id IS NOT NULL ORDER BY b.occurs_on DESC LIMIT 1"
    )
    return str(name)


def test_another_dialog_is_asked_from_the_next_on_and_put_back(hilo: Rig, ana: Phone, leader: Phone) -> None:
    """It says from which day on, stands on the trail, and one tap puts it back; a second tap does nothing."""
    ana.press("Cambiar lo que pregunta")
    assert "Se pregunta «¿Cómo vas?». Un cambio vale desde el jueves 26 de noviembre." in ana.screen()
    ana.press("Preguntar otra cosa")
    other = ana.last.labels[0]
    assert other != "¿Cómo vas?"
    ana.press(other)
    assert f"✓ Cambió lo que pregunta.\n\nSe pregunta «{other}»." in ana.screen()
    ana.press("Dejarlo como estaba")
    assert "Se pregunta «¿Cómo vas?»." in ana.screen()
    assert asked(hilo, THURSDAY) == "check_in"
    assert "Sí, ahora" in leader.last.labels
    assert len(hilo.audited("schedule.reworded")) == 2


def test_what_lies_ready_stays_as_it_is(hilo: Rig, ana: Phone) -> None:
    """Made ahead for this evening, it goes out as it was; the one a week later asks the other."""
    asked(hilo, THURSDAY - timedelta(hours=3))
    ana.say("/repite")
    ana.press(SHEET)
    ana.press("Cambiar lo que pregunta")
    said = "Un cambio vale desde el jueves 3 de diciembre. La que ya está lista sale como estaba."
    assert said in ana.screen()
    ana.press("Preguntar otra cosa")
    ana.press(ana.last.labels[0])
    assert said in ana.screen()

    assert asked(hilo, THURSDAY) == "check_in"
    assert asked(hilo, THURSDAY + WEEK) != "check_in"


def test_the_words_of_a_shipped_one_change_in_its_copy(hilo: Rig, ana: Phone, leader: Phone) -> None:
    """The copy takes its place at once, and its words change in the library; then its own words change there."""
    ana.press("Cambiar lo que pregunta")
    ana.press("Cambiar palabras en una copia")
    assert "Se pregunta «¿Cómo vas? (copia)»." in ana.screen()
    ana.press("Cambiar palabras")
    ana.press(next(label for label in ana.last.labels if label.startswith("1 · ")))
    ana.press("Lo que dice")
    ana.say("¿Cómo te sientes?")
    asked(hilo, THURSDAY)
    leader.press("Sí, ahora")
    assert "¿Cómo te sientes?" in leader.told
    ana.say("/repite")
    ana.press(f"¿Cómo vas? (copia) · {SIERRA}")
    ana.press("Cambiar lo que pregunta")

    assert "Cambiar palabras" in ana.last.labels
    assert "Cambiar palabras en una copia" not in ana.last.labels


def test_of_several_in_turn_one_changes_from_its_own_day(hilo: Rig, ana: Phone) -> None:
    """The second of two changes from the week in which it is its turn."""
    ana.say("/preguntar")
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada viernes a las 7 de la tarde")
    ana.press(words(ana, "button.repeat_then"))
    second = ana.last.labels[1]
    ana.press(second)
    ana.press(words(ana, "button.repeat_begin"))
    ana.press("Cambiar lo que pregunta")
    assert words(ana, "repeats.words.which") in ana.screen()
    ana.press(second)

    assert "Un cambio vale desde el viernes 4 de diciembre." in ana.screen()


def test_one_that_rests_because_its_dialog_is_gone_asks_another(hilo: Rig, ana: Phone) -> None:
    """Its copy was retired: it rests, and another dialog in its place lets it go on."""
    ana.press("Cambiar lo que pregunta")
    ana.press("Cambiar palabras en una copia")
    ana.say("/conversaciones")
    ana.press(next(label for label in ana.last.labels if "(copia)" in label))
    ana.press(words(ana, "button.lib_retire"))
    hilo.now = THURSDAY - timedelta(hours=20)
    hilo.tick()
    ana.say("/repite")
    ana.press(next(label for label in ana.last.labels if label.endswith("en pausa")))
    assert words(ana, "repeats.why.dialog") in ana.screen()
    ana.press("Cambiar lo que pregunta")
    assert words(ana, "repeats.words.paused") in ana.screen()
    ana.press("Preguntar otra cosa")
    ana.press("¿Cómo vas?")
    ana.press("Regresar")
    ana.press("Seguir")

    assert asked(hilo, THURSDAY) == "check_in"
