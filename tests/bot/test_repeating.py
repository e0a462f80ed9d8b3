"""What comes back, from a facilitator's phone: begun, read back, paused, left out, moved, ended."""

from datetime import UTC, datetime

import pytest

from bot.services.members import WELCOME_AT
from tests.bot.asking import prepare
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, Rig

ASKED = "¿Tienes 2 minutos?"
THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City


@pytest.fixture
def ana(hilo: Rig) -> Phone:
    """A facilitator with one leader in her group, who was welcomed before."""
    leader = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(leader.person, **{WELCOME_AT: None})
    return hilo.facilitator()


def begin(ana: Phone, said: str = "cada jueves a las 7 de la tarde") -> None:
    """Prepare something to ask, and let it come back."""
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say(said)
    ana.press(words(ana, "button.repeat_begin"))


def test_it_is_begun_in_four_taps(hilo: Rig, ana: Phone) -> None:
    """How often, which day, at what hour, yes; read back with the next three dates and what reading it costs."""
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.press("Cada dos semanas")
    ana.press("Jueves")
    ana.press("A las 7 de la tarde")
    told = ana.screen()
    assert "cada 2 semanas, el jueves a las 7 de la tarde, 8 veces" in told
    assert "jueves 26 de noviembre, jueves 10 de diciembre y jueves 24 de diciembre" in told
    assert "Leerlo te va a tomar" in told
    ana.press("Así está bien")
    assert "La primera sale el jueves 26 de noviembre" in ana.screen()
    assert hilo.rows("SELECT state, next_on FROM schedules") == [("active", "2026-11-26T19:00")]
    hilo.now = THURSDAY.replace(day=26)
    hilo.tick()
    hilo.now = THURSDAY
    hilo.tick()

    assert hilo.rows("SELECT state, reason FROM deliveries") == [("started", None)]
    assert len(hilo.audited("schedule.begun")) == 1


def test_it_is_typed_as_people_say_it(hilo: Rig, ana: Phone) -> None:
    """What may be two hours is asked back; what cannot be is said, and asked for again."""
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada que puedas")
    assert words(ana, "repeat.unknown") in ana.screen()
    ana.say("el 45 de cada mes a las 19:00")
    assert words(ana, "repeat.bad.no_such_day") in ana.screen()
    ana.say("todos los días a las 19:00")
    assert "2 veces por semana cuando mucho" in ana.screen()
    ana.say("el primer lunes de cada mes a las 7")
    ana.press("A las 7 de la tarde")
    assert "el primer lunes de cada mes a las 7 de la tarde, 8 veces" in ana.screen()
    ana.press("Otro número de veces")
    ana.press("4 veces")
    assert "a las 7 de la tarde, 4 veces" in ana.screen()
    ana.press("Otro día u hora")
    ana.say("cada martes")
    ana.say("a las 8 de la noche")
    assert "cada martes a las 8 de la noche, 8 veces" in ana.screen()
    ana.press("Así está bien")

    assert hilo.rows("SELECT next_on FROM schedules") == [("2026-11-24T20:00",)]


def test_it_is_paused_resumed_left_out_and_put_back(hilo: Rig, ana: Phone) -> None:
    """Each says from when on; each stands on the trail, and can be taken back with the next tap."""
    begin(ana)
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    assert "La que sigue: jueves 26 de noviembre" in ana.screen()
    ana.press("Saltar la que sigue")
    assert "La que sigue es el jueves 3 de diciembre" in ana.screen()
    ana.press("Siempre sí: no saltarla")
    assert "Siempre sí sale el jueves 26 de noviembre" in ana.screen()
    ana.press("Pausar")
    assert "En pausa desde ahora" in ana.screen()
    ana.press("Seguir")
    assert "Desde el jueves 26 de noviembre vuelve a salir" in ana.screen()
    ana.press("Cambiar día u hora")
    ana.say("cada viernes a las 8 de la noche")
    assert "Cambió desde el viernes 27 de noviembre" in ana.screen()
    assert "cada viernes a las 8 de la noche" in ana.screen()
    ana.press("Cambiar día u hora")
    ana.press("Cada dos semanas")
    ana.press("Viernes")
    ana.press("A las 8 de la noche")
    assert "cada 2 semanas, el viernes a las 8 de la noche" in ana.screen()
    ana.press("Terminar")
    assert "Terminó desde ahora" in ana.screen()
    ana.press("Seguir")
    assert "Desde el viernes 27 de noviembre vuelve a salir" in ana.screen()

    acts = ("begun", "skipped", "unskipped", "paused", "resumed", "changed", "ended")
    assert [len(hilo.audited(f"schedule.{each}")) for each in acts] == [1, 1, 1, 1, 2, 2, 1]


def test_a_change_of_hour_moves_what_has_not_begun(hilo: Rig, ana: Phone) -> None:
    """It was made ahead for seven; at eight it comes, once."""
    begin(ana)
    hilo.now = THURSDAY.replace(day=26, hour=20)
    hilo.tick()
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    ana.press("Cambiar día u hora")
    ana.say("cada jueves a las 8 de la noche")
    hilo.now = THURSDAY
    hilo.tick()
    assert hilo.rows("SELECT state FROM deliveries") == [("due",)]
    hilo.now = THURSDAY.replace(hour=2)
    hilo.tick()

    assert hilo.rows("SELECT state FROM deliveries") == [("started",)]
    assert hilo.rows("SELECT occurs_on FROM broadcasts") == [("2026-11-26T19:00",)]


def test_it_rests_when_its_maker_lost_the_role(hilo: Rig, ana: Phone) -> None:
    """The admins are told; whoever takes it up again answers for it."""
    admin = hilo.facilitator(nickname="Berta", role="admin", cohort=None)
    begin(ana)
    with hilo.unit() as unit:
        unit.roles.revoke(ana.person.id, "facilitator")
    hilo.now = THURSDAY
    hilo.tick()
    assert words(admin, "notice.schedule.maker", cohort=SIERRA) in admin.told
    admin.say("/repite")
    admin.press(f"¿Cómo vas? · {SIERRA} · en pausa")
    assert words(admin, "repeats.why.maker") in admin.screen()
    admin.press("Seguir")
    assert "jueves 3 de diciembre" in admin.screen()
    hilo.now = THURSDAY.replace(month=12, day=4)
    hilo.tick()

    assert hilo.rows("SELECT state, reason FROM deliveries") == [("started", None)]


def test_with_nothing_that_comes_back_the_list_says_what_to_do(ana: Phone) -> None:
    """An empty list, and a facilitator of another group sees none of this one's."""
    ana.say("/repite")
    assert words(ana, "repeats.none") in ana.screen()


def test_who_was_asked_often_this_week_is_counted_before_sending(hilo: Rig, ana: Phone) -> None:
    """Whoever orders sees beforehand how many were asked as often as a week allows; a week later nobody is."""
    for _ in range(2):
        hilo.order()
        hilo.tick()
        hilo.advance(hours=5)
    prepare(ana)
    said = "A una persona ya se le preguntó 2 veces esta semana."
    assert said in (ana.last.text or "")
    hilo.advance(days=7)
    ana.say("/preguntar")
    ana.press(words(ana, "button.ask_left"))

    assert words(ana, "button.ask_send") in ana.last.labels
    assert said not in (ana.last.text or "")


def test_the_longest_choice_has_room_on_its_button(hilo: Rig, ana: Phone) -> None:
    """Five days of the week, far apart, at an hour that is asked back: when it is begun, and when it is changed."""
    begin(ana)
    for way in ("/preguntar", "/repite"):
        ana.say(way)
        if way == "/preguntar":
            prepare(ana)
            ana.press(words(ana, "button.ask_repeat"))
        else:
            ana.press(f"¿Cómo vas? · {SIERRA}")
            ana.press("Cambiar día u hora")
        ana.say("cada 26 semanas lunes martes jueves viernes domingo a las 7")
        ana.press("A las 7 de la tarde")
        assert "cada 26 semanas" in (ana.last.text or "")
