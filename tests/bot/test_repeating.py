"""What comes back, from a facilitator's phone: begun, read back, paused, left out, moved, ended."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.services.members import WELCOME_AT
from tests.bot.asking import prepare
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, Rig

pytestmark = pytest.mark.usefixtures("at_once")

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
    assert "La primera sale el jueves 26 de noviembre." in told
    assert "Después, jueves 10 de diciembre y jueves 24 de diciembre." in told
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


def test_a_later_hour_of_today_is_the_first(hilo: Rig, ana: Phone) -> None:
    """It begins today and says so; all its times come."""
    hilo.now = THURSDAY - timedelta(hours=4)
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada jueves a las 7 de la tarde")
    assert "La primera sale hoy, jueves 26 de noviembre. Después, jueves 3 de diciembre" in ana.screen()
    ana.press("Así está bien")
    assert "La primera sale el jueves 26 de noviembre" in ana.screen()
    hilo.tick()
    hilo.now = THURSDAY + timedelta(seconds=1)
    hilo.tick()

    assert hilo.rows("SELECT state, reason FROM deliveries") == [("started", None)]


def test_an_hour_of_today_that_is_over_is_said(hilo: Rig, ana: Phone) -> None:
    """Whoever orders reads that it begins another day, and why; the times she chose are still all to come."""
    hilo.now = THURSDAY + timedelta(minutes=1)
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada jueves a las 7 de la tarde")
    assert "Esa hora ya pasó: la primera sale el jueves 3 de diciembre." in ana.screen()
    ana.press("Así está bien")
    assert "Quedan 8; la última es el jueves 21 de enero" in ana.screen()
    ana.press("Cambiar día u hora")
    ana.say("cada viernes a las 8 de la noche")

    assert "Cambió desde el viernes 27 de noviembre" in ana.screen()
    assert "Quedan 8" in ana.screen()


def test_it_never_slides_to_another_day_without_a_word(hilo: Rig, ana: Phone) -> None:
    """The hour came while she read: nothing is begun, and what is so now is read back."""
    hilo.now = THURSDAY - timedelta(minutes=2)
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada jueves a las 7 de la tarde")
    assert "La primera sale hoy" in ana.screen()
    hilo.now = THURSDAY + timedelta(seconds=5)
    ana.press("Así está bien")
    assert "Esa hora ya pasó: la primera sale el jueves 3 de diciembre." in ana.screen()
    assert hilo.count("schedules") == 0
    ana.press("Así está bien")

    assert hilo.rows("SELECT next_on FROM schedules") == [("2026-12-03T19:00",)]


def test_another_hour_of_the_last_made_day_costs_no_time(hilo: Rig, ana: Phone) -> None:
    """What lies ready for today moves to the new hour, and as many come after it as before."""
    begin(ana)
    hilo.now = THURSDAY - timedelta(hours=4)
    hilo.tick()
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    assert "Quedan 7" in ana.screen() or "Quedan 8" in ana.screen()
    left = ana.screen().partition("Quedan ")[2][0]
    ana.press("Cambiar día u hora")
    ana.say("cada jueves a las 8 de la noche")

    assert f"Quedan {left}" in ana.screen()


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
    assert "¿Terminar «¿Cómo vas?»?" in ana.screen()
    ana.press("Sí, terminar")
    assert "Terminó desde ahora" in ana.screen()
    ana.press("Volver a empezarlo")
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


def test_a_change_of_the_groups_city_moves_what_has_not_begun_both_ways(hilo: Rig, ana: Phone) -> None:
    """Made for seven in Mexico City: in Cancún seven is an hour earlier; back again, and it comes once."""
    begin(ana)
    hilo.now = THURSDAY.replace(day=26, hour=20)
    hilo.tick()
    for city, hour in (("Cancún", 0), ("Tijuana", 3), ("Cancún", 0)):
        ana.say("/personas")
        ana.press(words(ana, "button.people_group"))
        ana.press(words(ana, "button.tune.zone"))
        ana.say(city)
        hilo.tick()
        assert hilo.rows("SELECT due_at FROM deliveries") == [(f"2026-11-27 0{hour}:00:00.000000",)]
    hilo.now = THURSDAY.replace(hour=0)
    hilo.tick()

    assert hilo.rows("SELECT state FROM deliveries") == [("started",)]


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
    said = "A una persona ya se le preguntó 2 veces esta semana: le llega cuando se cumplan siete días."
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


def test_a_pause_holds_what_was_made_ahead(hilo: Rig, ana: Phone) -> None:
    """An hour before it would come nothing comes; taken up again within its window, it does."""
    begin(ana)
    hilo.now = THURSDAY.replace(hour=0)
    hilo.tick()
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    ana.press("Pausar")
    hilo.now = THURSDAY
    hilo.tick()
    assert hilo.rows("SELECT state FROM deliveries") == [("due",)]
    ana.press("Seguir")
    hilo.now = THURSDAY.replace(hour=16)
    hilo.tick()

    assert hilo.rows("SELECT state FROM deliveries") == [("started",)]


def test_what_lies_ready_is_the_next_one(hilo: Rig, ana: Phone) -> None:
    """Begun in the morning for this evening: it is named, moved and left out before any later one."""
    hilo.now = THURSDAY.replace(day=26, hour=16)
    begin(ana)
    hilo.tick()
    assert hilo.rows("SELECT state FROM deliveries") == [("due",)]
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    assert "La que sigue: jueves 26 de noviembre. Quedan 8; la última es el jueves 14 de enero" in ana.screen()
    ana.press("Cambiar día u hora")
    ana.say("cada jueves a las 8 de la noche")
    assert "Cambió desde el jueves 3 de diciembre. La que ya estaba lista sale hoy a las 8 de la noche." in ana.screen()
    assert hilo.rows("SELECT due_at FROM broadcasts") == [("2026-11-27 02:00:00.000000",)]
    ana.press("Saltar la que sigue")
    assert "La que sigue es el jueves 3 de diciembre" in ana.screen()

    assert hilo.rows("SELECT state, reason FROM deliveries") == [("skipped", "cancelled")]


def test_how_many_times_is_typed_as_a_number(hilo: Rig, ana: Phone) -> None:
    """Where the count is asked for, a number is one; too many are asked for again, with day and hour as they were."""
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada jueves a las 7 de la tarde")
    ana.press("Otro número de veces")
    ana.say("500")
    assert words(ana, "repeat.times.range") in ana.screen()
    ana.say("6 veces")
    assert "cada jueves a las 7 de la tarde, 6 veces" in ana.screen()
    ana.press("Así está bien")

    assert hilo.rows("SELECT next_on FROM schedules") == [("2026-11-26T19:00",)]


def test_what_cannot_be_is_said_before_the_hour_is_asked(hilo: Rig, ana: Phone) -> None:
    """Too many days, an hour and a day that do not exist; days after joining are typed, too."""
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    for said, why in (
        ("todos los días a las 9:29", "2 veces por semana cuando mucho"),
        ("cada jueves a las 25:00", words(ana, "repeat.bad.no_such_hour")),
        ("cada 31 de febrero", words(ana, "repeat.bad.no_such_day")),
    ):
        ana.say(said)
        assert why in ana.screen()
    ana.say("3 y 10 días después de entrar")
    ana.press("A las 10 de la mañana")

    assert "3 y 10 días después" in ana.screen()


def test_a_way_back_says_what_a_last_look_says(hilo: Rig, ana: Phone) -> None:
    """What exposes is named, its purpose is taken again, and what with another is more than a week allows is said."""
    begin(ana, "cada lunes y jueves a las 7 de la tarde")
    ana.say("/preguntar")
    ana.press("¿Cómo vas?")
    ana.press(next(label for label in ana.last.labels if label.startswith("1 · ")))
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("el primer lunes de cada mes a las 6 pm")
    assert words(ana, "repeat.week.already", most=2) in ana.screen()
    assert "cada vez." in ana.screen()
    prepare(ana, purpose="Para saber qué piensan de lo que propuso la tesorera del comité.")
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("el primer lunes de cada mes a las 6 pm")
    assert "la tesorera" in ana.screen()

    assert "Empezar así" in ana.last.labels


def test_how_often_is_no_purpose(hilo: Rig, ana: Phone) -> None:
    """Typed where it is asked what for, it is asked back."""
    prepare(ana, purpose="todos los días a las 9:27")

    assert "dice cada cuándo, no para qué" in ana.screen()


def test_a_change_of_day_or_hour_is_taken_back(hilo: Rig, ana: Phone) -> None:
    """With the next tap it is as it was, from the same day on."""
    begin(ana)
    before = hilo.rows("SELECT rule, next_on FROM schedules")
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    ana.press("Cambiar día u hora")
    ana.say("cada viernes a las 8 de la noche")
    assert hilo.rows("SELECT next_on FROM schedules") == [("2026-11-27T20:00",)]
    ana.press("Dejarlo como estaba")

    assert "cada jueves a las 7 de la tarde" in ana.screen()
    assert [next_on for _, next_on in hilo.rows("SELECT rule, next_on FROM schedules")] == [before[0][1]]


def test_the_last_one_that_lies_ready_can_still_be_changed_and_ends_with_its_window(hilo: Rig, ana: Phone) -> None:
    """Its hour, not its day; it cannot be left out, but ended and put back; the schedule ends once it is closed."""
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada jueves a las 7 de la tarde")
    ana.press("Otro número de veces")
    ana.say("1")
    ana.press(words(ana, "button.repeat_begin"))
    hilo.now = THURSDAY.replace(day=26, hour=20)
    hilo.tick()
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    assert "La que sigue: jueves 26 de noviembre. Esa es la última." in ana.screen()
    ana.press("Saltar la que sigue")
    assert words(ana, "repeat.last") in ana.screen()
    ana.press("Terminar")
    ana.press("Sí, terminar")
    ana.press("Volver a empezarlo")
    assert hilo.rows("SELECT state, reason FROM deliveries") == [("due", None)]
    ana.press("Cambiar día u hora")
    ana.say("cada viernes a las 7 de la tarde")
    assert words(ana, "repeat.last_day") in ana.screen()
    ana.say("cada jueves a las 8 de la noche")
    assert "✓ La última sale hoy a las 8 de la noche." in ana.screen()
    hilo.now = THURSDAY
    hilo.tick()
    assert hilo.rows("SELECT state FROM deliveries") == [("due",)]
    hilo.now = THURSDAY.replace(hour=2)
    hilo.tick()
    assert hilo.rows("SELECT state FROM deliveries") == [("started",)]
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    assert "Ya salió la última. Se puede contestar hasta el domingo a las 8 de la noche." in ana.screen()
    assert "Saltar la que sigue" not in ana.last.labels
    assert words(ana, "button.window") in ana.last.labels
    hilo.now = THURSDAY.replace(day=30, hour=3)
    hilo.tick()

    assert hilo.rows("SELECT state, reason FROM schedules") == [("ended", "last")]


def test_what_was_sent_further_east_is_scheduled_no_more(hilo: Rig, ana: Phone) -> None:
    """In Cancún it came an hour before the group's own hour; then it is under way, and not to come."""
    east = hilo.join(nickname="Ceiba")
    with hilo.unit() as unit:
        unit.people.prefer(east.person, zone="America/Cancun", **{WELCOME_AT: None})
    begin(ana)
    hilo.now = THURSDAY.replace(day=26, hour=20)
    hilo.tick()
    ana.say("/avance")
    assert any(words(ana, "progress.label.scheduled") in each for each in (*ana.last.labels, ana.screen()))
    hilo.now = THURSDAY.replace(hour=0)
    hilo.tick()
    assert ASKED in east.told
    hilo.order()
    ana.say("/avance")

    assert not [each for each in ana.last.labels if words(ana, "progress.label.scheduled") in each]
