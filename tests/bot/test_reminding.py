"""Who is missing from an order, why, and the one reminder that there is."""

from datetime import timedelta

import pytest

from tests.bot.orders import SILENCE, TITLES, finish, fits, panel, say, stored, wait
from tests.bot.rig import Phone, Rig

# Who is missing.


def test_who_is_missing_and_why(hilo: Rig) -> None:
    """By nickname: where she stopped and when, put off until when, pausing, blocked, waiting for her hours, busy."""
    names = ("Ceiba", "Nopal", "Amate", "Ocelote", "Tecolote", "Mazorca", "Jacaranda", "Cenzontle")
    ceiba, nopal, amate, ocelote, tecolote, mazorca, jacaranda, cenzontle = (hilo.join(nickname=name) for name in names)
    with hilo.unit() as unit:
        unit.people.prefer(mazorca.person, hours=["evening"], welcome_at=None)
    hilo.order("welcome")
    with hilo.unit() as unit:
        for phone in (ceiba, nopal, amate, ocelote, tecolote, mazorca, cenzontle):
            unit.connection.exec_driver_sql("DELETE FROM deliveries WHERE person_id = ?", (phone.person.id.hex,))
    hilo.tick()
    jacaranda.press("Sí, ahora")
    hilo.order()
    hilo.messenger._blocked.add(ocelote.chat)
    hilo.tick()
    ceiba.press("Sí, ahora")
    ceiba.say("2")
    nopal.press("Más tarde")
    cenzontle.press("Sí, ahora")
    cenzontle.say("2")
    cenzontle.say("/pausa")
    cenzontle.press("Yo te aviso")
    tecolote.say("/parar")
    ana = hilo.facilitator()
    hilo.advance(hours=1)
    panel(ana)
    ana.press("Ver quién falta")

    told = (ana.last.text or "").split("\n\n")[1].split("\n")
    ana.press(say("button.next"))
    assert sorted([*told, *(ana.last.text or "").split("\n\n")[1].split("\n")]) == sorted(
        [
            "Ceiba: se quedó en la pregunta 2 hoy",
            "Cenzontle: está descansando; se quedó en la pregunta 2 hoy",
            "Nopal: pidió contestar hoy a las 8 de la noche",
            "Amate: se le envió hoy y no ha empezado",
            "Mazorca: espera su horario: hoy a las 6 de la tarde",
            "Jacaranda: está con otras preguntas; después le toca",
            "Ocelote: no se le pudo enviar",
            "Tecolote: prefirió no seguir, hoy",
        ]
    )
    fits(ana)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_longest_reasons_fit_a_phone(hilo: Rig, language: str) -> None:
    """Long nicknames, everybody pausing and put off until a far day: a page is still a screen."""
    leaders = [hilo.join(nickname=f"Luciérnaga de Sierra {number:03}") for number in range(7)]
    hilo.ask(*leaders)
    for leader in leaders:
        leader.say("2")
        leader.press("Más tarde")
    with hilo.unit() as unit:
        for leader in leaders:
            unit.people.change(leader.person, participation="paused")
            unit.runs.defer(leader.run.id, hilo.now + timedelta(days=29, hours=6))
    ana = hilo.facilitator(language)
    panel(ana, TITLES[language])
    ana.press(say("button.order_who", language))

    assert len([line for line in (ana.last.text or "").splitlines() if "Luci" in line]) == 6
    assert say("button.next", language) in ana.last.labels
    fits(ana)


@pytest.mark.parametrize(
    ("language", "days", "line"),
    [
        ("es", 1, "Ceiba: se quedó en la pregunta 2 ayer"),
        ("es", 3, "Ceiba: se quedó en la pregunta 2 el martes"),
        ("es", 30, "Ceiba: se quedó en la pregunta 2 el martes 24 de noviembre"),
        ("en", 3, "Ceiba: stopped at question 2 on Tuesday"),
        ("en", 1, "Ceiba: stopped at question 2 yesterday"),
    ],
)
def test_days_are_told_as_people_do(hilo: Rig, language: str, days: int, line: str) -> None:
    """In the facilitator's own language, whatever the leader's."""
    leader = hilo.join(nickname="Ceiba")
    hilo.ask(leader)
    leader.say("2")
    ana = hilo.facilitator(language)
    hilo.advance(days=days)
    panel(ana, TITLES[language])
    ana.press(say("button.order_who", language))

    assert line in (ana.last.text or "").splitlines()


def test_many_missing_come_in_pages(hilo: Rig) -> None:
    """Six a page, everybody once, with long nicknames too."""
    names = [f"Luciérnaga de la Sierra Alta {number:02}" for number in range(19)]
    for name in names:
        hilo.join(nickname=name[-24:])
    hilo.order()
    hilo.tick()
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Ver quién falta")
    order, seen = ana.last.order, (ana.last.text or "").splitlines()
    assert "Faltan 19 personas · 1 de 4" in seen
    for _ in range(3):
        ana.press(say("button.next"))
        assert ana.last.order == order
        seen += (ana.last.text or "").splitlines()

    assert say("button.next") not in ana.last.labels
    told = [line.partition(":")[0] for line in seen if "no ha empezado" in line]
    assert sorted(told) == sorted(name[-24:] for name in names)
    fits(ana)


def test_nobody_missing_is_said_so(hilo: Rig) -> None:
    """When the last one finishes while the button is still there, the list is empty and leads on."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    panel(ana)
    finish(leader)
    ana.press("Ver quién falta")

    assert (ana.last.text or "") == say("missing.nobody")
    assert say("button.order_back") in ana.last.labels


# One reminder.


def remind(phone: Phone) -> None:
    """Remind whoever may be reminded of the newest order."""
    panel(phone)
    phone.press("Recordar una vez")
    phone.press("Sí, recordar")


def test_a_reminder_asks_first_and_goes_once(hilo: Rig) -> None:
    """It says to how many; whoever has not finished is asked again, "in case it did not reach you", and only once."""
    done, half, idle = (hilo.join(nickname=name) for name in ("Uno", "Dos", "Tres"))
    order = hilo.ask(done, half)
    finish(done)
    half.say("2")
    ana = hilo.facilitator()
    hilo.now += SILENCE
    panel(ana)
    for phone in (done, half, idle):
        phone.look()
    ana.press("Recordar una vez")
    assert "¿Les recuerdo a 2 personas?" in ana.last.text
    hilo.tick()
    assert half.news == idle.news == []
    ana.press("Sí, recordar")
    assert "Va un recordatorio para 2 personas" in ana.last.text
    assert "Recordar una vez" not in ana.last.labels
    hilo.tick()
    assert done.news == []
    assert half.told.startswith(f"{say('prompt.repeat')}\n\n2 de")
    assert idle.told.startswith(f"{say('prompt.repeat')}\n\nHola, Tres.")
    for phone in (half, idle):
        phone.look()
    for _ in range(6):
        wait(hilo, SILENCE)
    assert half.news == idle.news == []
    (entry,) = hilo.audited("broadcast.reminded")

    assert (entry.actor, entry.detail) == (str(ana.person.id), {"people": 2})
    assert stored(hilo, order).reminded_at is not None
    idle.press("Sí, ahora")
    finish(idle)
    assert idle.run.status == "completed"


def test_a_reminder_does_not_interrupt(hilo: Rig) -> None:
    """Whoever did something within four hours is reminded when she has been silent for so long, or not at all."""
    busy, quick = hilo.join(nickname="Uno"), hilo.join(nickname="Dos")
    hilo.ask(busy, quick)
    ana = hilo.facilitator()
    remind(ana)
    busy.look()
    wait(hilo, timedelta(hours=3))
    finish(quick)
    quick.look()
    assert busy.news == []
    wait(hilo, timedelta(hours=1, minutes=1))

    assert say("prompt.repeat") in busy.told
    assert quick.news == []


def test_a_reminder_waits_for_other_questions_to_end(hilo: Rig) -> None:
    """Whoever is in the middle of something else is reminded afterwards, in a minute."""
    leader = hilo.join()
    hilo.ask(leader)
    hilo.now += SILENCE
    hilo.ask(leader, dialog="welcome")
    other = leader.run
    ana = hilo.facilitator()
    remind(ana)
    leader.look()
    hilo.tick()
    assert leader.news == []
    while leader.run.status == "open":
        leader.press("Saltar")
    assert leader.run.id == other.id
    leader.look()
    wait(hilo, timedelta(minutes=1))

    assert say("prompt.repeat") in leader.told


def test_a_reminder_waits_for_her_hours(hilo: Rig) -> None:
    """Asked for at noon, whoever chose the evening is reminded in the evening."""
    leader = hilo.join()
    hilo.ask(leader)
    with hilo.unit() as unit:
        unit.people.prefer(leader.person, hours=["evening"], welcome_at=None)
    ana = hilo.facilitator()
    hilo.now += SILENCE
    remind(ana)
    leader.look()
    hilo.tick()
    wait(hilo, timedelta(hours=4))
    assert leader.news == []
    wait(hilo, timedelta(hours=1, minutes=1))

    assert say("prompt.repeat") in leader.told


def test_whoever_asked_to_be_left_alone_is(hilo: Rig) -> None:
    """No reminder for who paused, said no, left or asked for later; if nobody is left, it says so and costs nothing."""
    paused, no, later, left = (hilo.join(nickname=name) for name in ("Uno", "Dos", "Tres", "Cuatro"))
    order = hilo.ask(paused, no, left)
    paused.say("/pausa")
    paused.press("Yo te aviso")
    no.say("/parar")
    later.press("Más tarde")
    left.say("/salir")
    left.press("Sí, me salgo")
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Recordar una vez")

    assert (ana.last.text or "") == say("nudge.nobody")
    assert stored(hilo, order).reminded_at is None
    for phone in (paused, no, left):
        phone.look()
    wait(hilo, timedelta(hours=9))
    assert paused.news == no.news == left.news == []


def test_who_pauses_after_the_order_to_remind_is_left_alone(hilo: Rig) -> None:
    """It is checked again when it is her turn to be reminded."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    remind(ana)
    leader.say("/pausa")
    leader.press("Yo te aviso")
    leader.look()
    wait(hilo, timedelta(hours=5))

    assert leader.news == []


def test_a_shared_phone_is_reminded_without_a_question(hilo: Rig) -> None:
    """On a phone that others see only a neutral line comes, and its button leads back to the question."""
    leader = hilo.join()
    hilo.ask(leader)
    with hilo.unit() as unit:
        unit.people.prefer(leader.person, phone="shared", welcome_at=None)
    ana = hilo.facilitator()
    hilo.now += SILENCE
    remind(ana)
    leader.look()
    hilo.tick()
    assert leader.news == [say("leader.notice")]
    leader.press("Seguir donde me quedé")

    assert "1 de 4" in leader.told


def test_on_a_shared_phone_nobody_goes_on_with_what_never_began(hilo: Rig) -> None:
    """Reminded of questions that she never took up, or put off at once, she reads that something is there."""
    leader = hilo.join(seen_by="shared")
    hilo.order()
    hilo.tick()
    ana = hilo.facilitator()
    hilo.now += SILENCE
    remind(ana)
    leader.look()
    hilo.tick()
    assert leader.news == [say("told.notice")]
    assert leader.last.labels == [say("button.told_open"), say("button.menu")]
    leader.press(say("button.told_open"))
    assert "¿Tienes 2 minutos?" in leader.told
    leader.press("Más tarde")
    leader.look()
    wait(hilo, timedelta(hours=7))
    assert leader.news == [say("told.notice")]
    leader.press(say("button.told_open"))

    assert "1 de 4" in leader.told


def test_who_changes_a_finished_answer_is_not_reminded(hilo: Rig) -> None:
    """A run that was finished and opened again to change something is nobody's to hurry."""
    leader = hilo.join()
    hilo.ask(leader)
    finish(leader)
    leader.press("Revisar o cambiar")
    leader.press("Cambiar 1")
    assert leader.run.status == "open"
    ana = hilo.facilitator()
    panel(ana)
    if "Recordar una vez" in ana.last.labels:
        ana.press("Recordar una vez")
        ana.press("Sí, recordar")
    leader.look()
    wait(hilo, timedelta(hours=5))

    assert leader.news == []


def test_two_facilitators_remind_once(hilo: Rig) -> None:
    """Both confirm at the same time: one reminder goes; the other is told by whom, and both panels agree."""
    leader = hilo.join()
    hilo.ask(leader)
    ana, eva = hilo.facilitator(nickname="Ana"), hilo.facilitator("en", nickname="Eva")
    hilo.now += SILENCE
    panel(ana)
    panel(eva, TITLES["en"])
    ana.press("Recordar una vez")
    eva.press("Remind once")
    for phone, label in ((ana, "Sí, recordar"), (eva, "Yes, remind")):
        hilo.messenger.press(phone.chat, label)
    hilo.settle()
    assert say("progress.already", "en") in eva.last.text
    assert "The reminder went out today. Ana did it." in eva.last.text
    assert "El recordatorio se mandó hoy." in ana.screen()
    assert "Lo hizo" not in ana.screen()
    leader.look()
    for _ in range(4):
        wait(hilo, SILENCE)

    assert len(leader.news) == 1
    assert len(hilo.audited("broadcast.reminded")) == 1


def test_nobody_turns_a_page_for_one_more(hilo: Rig) -> None:
    """Seven people stand on one screen, where their lines fit: the seventh takes the place of the turning buttons."""
    names = ["Amate", "Ceiba", "Colibrí", "Maguey", "Nopal", "Ocelote", "Tecolote"]
    for name in names:
        hilo.join(nickname=name)
    hilo.order()
    hilo.tick()
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Ver quién falta")

    assert all(f"{name}: " in (ana.last.text or "") for name in names)
    assert say("button.next") not in ana.last.labels
    fits(ana)
