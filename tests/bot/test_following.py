"""Following an order in chat: the panel that changes in place, who is missing, one reminder, stopping, closing."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from bot import broadcast, clock
from bot.hers.screen import brief
from storage.broadcasts import Broadcast
from storage.erasure import erase
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts

TITLE = "¿Cómo vas? · Sierra Norte · 24 nov"
TITLES = {"es": TITLE, "en": "How is it going? · Sierra Norte · Nov 24"}
SCREEN, ROWS = 1000, 8
SILENCE = timedelta(hours=4)


def say(code: str, language: str = "es", **facts: object) -> str:
    """Return the sentence of a code."""
    return texts().say(code, language, **facts)


def finish(phone: Phone, story: str = "Lo del agua.") -> None:
    """Answer a whole check-in."""
    phone.say("2")
    phone.say(story)
    phone.press("Es todo")
    phone.press("1 · Nada por ahora")


def panel(phone: Phone, title: str = TITLE) -> None:
    """Open the newest order's panel."""
    phone.say("/avance")
    phone.press(title)


def shown(phone: Phone, order: int) -> str:
    """Return what a message says now."""
    return next(message.text or "" for message in phone.thread if message.order == order)


def scheduled(hilo: Rig, at: datetime, cohort: str = SIERRA) -> UUID:
    """Order a check-in for a moment to come."""
    with hilo.unit() as unit:
        found = unit.cohorts.named(cohort)
        assert found is not None
        dialog = hilo.content.dialog("check_in")
        key = clock.new_id().hex
        return broadcast.order(unit, dialog, found, PURPOSE, key=key, ordered_by=None, due_at=at).broadcast_id


def stored(hilo: Rig, order: UUID) -> Broadcast:
    """Read an order back."""
    with hilo.reading() as unit:
        found = unit.broadcasts.get(order)
    assert found is not None
    return found


def fits(phone: Phone) -> None:
    """Every screen she was shown fits a phone."""
    for message in phone.heard:
        assert len(message.text or "") <= SCREEN, message.text
        assert len(message.keyboard) <= ROWS, message.labels


def wait(hilo: Rig, span: timedelta = timedelta(seconds=31)) -> None:
    """Let time pass, and do what is due."""
    hilo.now += span
    hilo.tick()


# The panel.


def test_a_panel_counts_people(hilo: Rig) -> None:
    """Finished, halfway, not begun, declined, blocked, paused: each person once, whatever she did how often."""
    names = ("Uno", "Dos", "Tres", "Cuatro", "Cinco", "Seis")
    done, half, idle, gone, paused, no = (hilo.join(nickname=name) for name in names)
    hilo.order()
    with hilo.unit() as unit:
        unit.people.change(paused.person, participation="paused")
    hilo.messenger._blocked.add(gone.chat)
    hilo.tick()
    for phone in (done, half):
        phone.press("Sí, ahora")
    finish(done)
    half.say("2")
    no.say("/parar")
    ana = hilo.facilitator()
    panel(ana)

    counted = "1 terminó · 1 va a la mitad · 1 no ha empezado · 1 prefirió no seguir"
    assert f"Se envió a 4 de 6 · {counted} · a 1 no se le pudo enviar · a 1 ya no se le envió" in ana.screen()
    assert idle.run.status == "offered"
    fits(ana)


def test_a_panel_changes_in_place_when_its_counts_do(hilo: Rig) -> None:
    """The tick edits the same message, at most every half minute, and leaves it alone while nothing changed."""
    first, second = hilo.join(nickname="Uno"), hilo.join(nickname="Dos")
    hilo.ask(first, second)
    ana = hilo.facilitator()
    panel(ana)
    message = ana.last
    assert "2 no han empezado" in (message.text or "")
    edits = message.edits
    wait(hilo)
    assert message.edits == edits
    finish(first)
    hilo.tick()
    assert "1 terminó" not in shown(ana, message.order)
    wait(hilo)
    assert "1 terminó · 1 no ha empezado" in shown(ana, message.order)
    second.say("2")
    hilo.tick()
    assert ana.last.edits == edits + 1
    wait(hilo)

    assert "1 terminó · 1 va a la mitad" in shown(ana, message.order)
    assert ana.last.order == message.order
    assert message.edits == edits + 2


def test_a_bot_that_starts_again_goes_on_with_its_panels(hilo: Rig) -> None:
    """Where panels stand is stored: a new process brings them up to date."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    panel(ana)
    order = ana.last.order
    hilo.again()
    finish(leader)
    wait(hilo)

    assert "1 terminó" in shown(ana, order)


def test_one_order_has_one_panel_in_a_chat(hilo: Rig) -> None:
    """Opened again further down, the older message says so and has no buttons any more."""
    hilo.ask(hilo.join())
    ana = hilo.facilitator()
    panel(ana)
    older = ana.last
    panel(ana)

    assert say("progress.moved") in shown(ana, older.order)
    assert older.labels == []
    assert hilo.count("panels") == 1
    assert "Se envió a 1 de 1" in (ana.last.text or "")


def test_a_panel_refreshes_when_asked(hilo: Rig) -> None:
    """Refreshing changes the same message at once."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    panel(ana)
    order = ana.last.order
    finish(leader)
    ana.press("Actualizar")

    assert ana.last.order == order
    assert "1 terminó" in (ana.last.text or "")


def test_no_word_of_a_leader_is_in_a_panel(hilo: Rig) -> None:
    """What leaders said stays where it is read: neither panel nor list nor who is missing shows a word of it."""
    done, half = hilo.join(nickname="Uno"), hilo.join(nickname="Dos")
    hilo.ask(done, half)
    finish(done, "Canario canta.")
    half.say("2")
    half.say("Canario vuela.")
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Ver quién falta")

    assert "Dos" in ana.screen()
    assert "Canario" not in ana.screen()
    assert "Bajo" not in ana.screen()


def test_another_screen_in_a_panels_place_is_not_written_over(hilo: Rig) -> None:
    """While who is missing stands where the panel stood, the tick leaves it; going back brings the panel again."""
    first, second = hilo.join(nickname="Uno"), hilo.join(nickname="Dos")
    hilo.ask(first, second)
    ana = hilo.facilitator()
    panel(ana)
    order = ana.last.order
    ana.press("Ver quién falta")
    assert ana.last.order == order
    finish(first)
    wait(hilo)
    assert "Faltan 2 personas" in shown(ana, order)
    ana.press(say("button.order_back"))
    assert ana.last.order == order
    assert "1 terminó" in shown(ana, order)
    finish(second)
    wait(hilo)

    assert "2 terminaron" in shown(ana, order)


def test_a_panel_far_up_is_still_changed_by_its_own_buttons(hilo: Rig) -> None:
    """Whoever scrolls up and presses sees the answer where she pressed."""
    hilo.ask(hilo.join())
    ana = hilo.facilitator()
    panel(ana)
    order = ana.last.order
    button, _ = ana.button("Ver quién falta")
    ana.say("/menu")
    ana.press_id(button, order)

    assert "Falta una persona" in shown(ana, order)


def test_a_panel_ends_with_the_role(hilo: Rig) -> None:
    """Whoever may no longer see the group is told nothing more of it."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    panel(ana)
    with hilo.unit() as unit:
        unit.roles.revoke(ana.person.id, "facilitator")
    finish(leader)
    wait(hilo)

    assert "1 terminó" not in ana.screen()
    assert hilo.count("panels") == 0


def test_an_old_panel_is_left_in_peace(hilo: Rig) -> None:
    """After a month nobody looks any more; pressed, it still answers."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    panel(ana)
    wait(hilo, timedelta(days=31))
    assert hilo.count("panels") == 0
    ana.press("Actualizar")

    assert "Se envió a 1 de 1" in (ana.last.text or "")


# The list.


def test_orders_are_listed_in_pages(hilo: Rig) -> None:
    """The newest first, five a page, each page in the place of the one before."""
    hilo.join()
    for number in range(7):
        hilo.order(key=str(number))
        hilo.advance(days=1)
    ana = hilo.facilitator()
    ana.say("/avance")
    order = ana.last.order
    days = [label[-6:] for label in ana.last.labels if "Sierra" in label]
    assert days == ["30 nov", "29 nov", "28 nov", "27 nov", "26 nov"]
    ana.press(say("button.next"))
    assert ana.last.order == order
    assert [label[-6:] for label in ana.last.labels if "Sierra" in label] == ["25 nov", "24 nov"]
    ana.press(say("button.before"))

    assert "30 nov" in ana.screen()
    fits(ana)


def test_nothing_to_follow_leads_on(hilo: Rig) -> None:
    """Before the first order there is a sentence and a way to ask."""
    ana = hilo.facilitator()
    ana.say("/avance")

    assert ana.told == say("progress.none")
    assert say("button.ask") in ana.last.labels


def test_an_order_to_people_who_are_all_gone_is_no_error(hilo: Rig) -> None:
    """Everybody was erased meanwhile: the panel says so, and it can still be closed."""
    leader = hilo.join()
    order = hilo.ask(leader)
    with hilo.unit() as unit:
        erase(unit, leader.person.id)
    ana = hilo.facilitator()
    panel(ana)
    assert say("progress.nobody") in ana.last.text
    ana.press("Cerrar")
    ana.press("Sí, cerrar")

    assert stored(hilo, order).closed_at == hilo.now


# Who is missing.


def test_who_is_missing_and_why(hilo: Rig) -> None:
    """By nickname: where she stopped and when, put off until when, pausing, blocked, waiting for her hours, busy."""
    names = ("Ceiba", "Nopal", "Amate", "Ocelote", "Tecolote", "Mazorca", "Jacaranda", "Cenzontle")
    ceiba, nopal, amate, ocelote, tecolote, mazorca, jacaranda, cenzontle = (hilo.join(nickname=name) for name in names)
    with hilo.unit() as unit:
        unit.people.change(mazorca.person, preferences={"hours": ["evening"]})
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
    cenzontle.press("Hasta que yo diga")
    tecolote.say("/parar")
    ana = hilo.facilitator()
    hilo.advance(hours=1)
    panel(ana)
    ana.press("Ver quién falta")

    told = (ana.last.text or "").split("\n\n")[1].split("\n")
    ana.press(say("button.next"))
    assert [*told, *(ana.last.text or "").split("\n\n")[1].split("\n")] == [
        "Ceiba: se quedó en la pregunta 2 hoy",
        "Cenzontle: está en pausa; se quedó en la pregunta 2 hoy",
        "Nopal: pidió contestar hoy a las 12 del día",
        "Amate: se le envió hoy y no ha empezado",
        "Mazorca: espera su horario: hoy a las 6 de la tarde",
        "Jacaranda: está con otras preguntas; después le toca",
        "Ocelote: no se le pudo enviar",
        "Tecolote: prefirió no seguir, hoy",
    ]
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
    panel(ana)
    ana.press("Recordar una vez")
    ana.press("Sí, recordar")
    busy.look()
    wait(hilo, timedelta(hours=3))
    finish(quick)
    quick.look()
    assert busy.news == []
    wait(hilo, timedelta(hours=1, minutes=1))

    assert say("prompt.repeat") in busy.told
    assert quick.news == []


def test_a_reminder_waits_for_her_hours(hilo: Rig) -> None:
    """Asked for at noon, whoever chose the evening is reminded in the evening."""
    leader = hilo.join()
    hilo.ask(leader)
    with hilo.unit() as unit:
        unit.people.change(leader.person, preferences={"hours": ["evening"]})
    ana = hilo.facilitator()
    hilo.now += SILENCE
    panel(ana)
    ana.press("Recordar una vez")
    ana.press("Sí, recordar")
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
    paused.press("Hasta que yo diga")
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
    panel(ana)
    ana.press("Recordar una vez")
    ana.press("Sí, recordar")
    leader.say("/pausa")
    leader.press("Hasta que yo diga")
    leader.look()
    wait(hilo, timedelta(hours=5))

    assert leader.news == []


def test_a_shared_phone_is_reminded_without_a_question(hilo: Rig) -> None:
    """On a phone that others see only a neutral line comes, and its button leads back to the question."""
    leader = hilo.join()
    hilo.ask(leader)
    with hilo.unit() as unit:
        unit.people.change(leader.person, preferences={"phone": "shared"})
    ana = hilo.facilitator()
    hilo.now += SILENCE
    panel(ana)
    ana.press("Recordar una vez")
    ana.press("Sí, recordar")
    leader.look()
    hilo.tick()
    assert leader.news == [say("hers.notice")]
    leader.press("Seguir donde me quedé")

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


# Stopping.


def test_a_scheduled_order_is_stopped_before_anybody_gets_it(hilo: Rig) -> None:
    """It says how many would have got it; once stopped, its hour passes and nothing is sent."""
    leaders = [hilo.join(nickname=name) for name in ("Uno", "Dos")]
    order = scheduled(hilo, hilo.now + timedelta(hours=3))
    ana = hilo.facilitator()
    ana.say("/avance")
    ana.press(f"{TITLE} · programado")
    assert "Se va a enviar a 2 personas hoy a las 12 del día." in ana.last.text
    ana.press("Parar lo que falta")
    assert "A 2 personas todavía no se les envía. ¿Paro?" in ana.last.text
    assert "Parar; que sigan contestando" not in ana.last.labels
    ana.press("Sí, parar")
    assert "Listo, paré. A 2 personas ya no se les envía." in ana.last.text
    for phone in leaders:
        phone.look()
    wait(hilo, timedelta(hours=4))

    assert [phone.news for phone in leaders] == [[], []]
    assert stored(hilo, order).closed_at is not None
    assert [entry.detail for entry in hilo.audited("broadcast.cancelled")] == [{"people": 2}]


def half_sent(hilo: Rig) -> tuple[UUID, Phone, Phone]:
    """An order that one has begun to answer and that waits for the hours of another."""
    first, second = hilo.join(nickname="Uno"), hilo.join(nickname="Dos")
    with hilo.unit() as unit:
        unit.people.change(second.person, preferences={"hours": ["evening"]})
    order = hilo.ask(first)
    first.say("2")
    second.look()
    return order, first, second


def test_who_has_it_may_go_on_when_the_rest_is_stopped(hilo: Rig) -> None:
    """Stopped halfway: it says how many have it already; those finish as if nothing had happened."""
    order, first, second = half_sent(hilo)
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Parar lo que falta")
    assert "A una persona todavía no se le envía. ¿Paro?" in ana.last.text
    assert "Una persona ya lo tiene" in ana.last.text
    ana.press("Parar; que sigan contestando")
    wait(hilo, timedelta(hours=10))
    assert second.news == []
    assert "a 1 no, porque se paró" in ana.screen()
    first.say("Lo del agua.")
    first.press("Es todo")
    first.press("1 · Nada por ahora")

    assert first.run.status == "completed"
    assert stored(hilo, order).closed_at is None


def test_who_has_it_is_let_go_when_all_is_stopped_and_closed(hilo: Rig) -> None:
    """Stopped and closed: the one in the middle is told kindly, and what she answered stays."""
    order, first, second = half_sent(hilo)
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Parar lo que falta")
    ana.press("Parar y cerrar también")
    first.look()
    wait(hilo, timedelta(hours=1))
    assert first.news == [say("progress.over")]
    wait(hilo, timedelta(hours=10))

    assert second.news == []
    assert (first.run.status, first.values) == ("expired", {"mood": 2})
    assert stored(hilo, order).cancelled_at == stored(hilo, order).closed_at


def test_what_waits_in_the_outbox_is_stopped_too(hilo: Rig) -> None:
    """Begun but not yet sent, as when Telegram makes us wait: nothing of it goes out any more."""
    leader = hilo.join()
    ana = hilo.facilitator()
    order = hilo.order()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 100)
    with hilo.reading() as unit:
        button = hilo.turns.speech(unit, ana.person).buttons.plain("halt", f"{brief(order)}!!")
    leader.look()
    hilo.messenger.press_id(ana.chat, button, 1)
    hilo.keep()
    hilo.handle()
    hilo.send()
    hilo.tick()

    assert leader.news == []
    assert leader.run.status == "expired"
    assert "a 1 no, porque se paró" in ana.screen()


def test_two_facilitators_stop_once(hilo: Rig) -> None:
    """The second one who confirms is told kindly by whom it was stopped."""
    half_sent(hilo)
    ana, eva = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva")
    for phone in (ana, eva):
        panel(phone)
        phone.press("Parar lo que falta")
    ana.press("Parar; que sigan contestando")
    eva.press("Parar y cerrar también")

    assert say("progress.already") in eva.last.text
    assert "Se paró hoy. Lo hizo Ana." in eva.last.text
    assert hilo.audited("broadcast.closed") == []


def test_nothing_left_to_stop_is_said_so(hilo: Rig) -> None:
    """Everything was sent a moment before the button was pressed: closing is offered instead."""
    order, _, second = half_sent(hilo)
    ana = hilo.facilitator()
    panel(ana)
    button = ana.button("Parar lo que falta")
    hilo.advance(hours=10)
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 100)
    hilo.send()
    assert second.news != []
    ana.press_id(*button)

    assert say("halt.all_sent") in ana.screen()
    assert "Cerrar" in ana.last.labels
    assert stored(hilo, order).cancelled_at is None


# Closing.


def test_closing_asks_first_and_lets_everybody_go(hilo: Rig) -> None:
    """Whoever has not begun hears nothing; whoever is in the middle is told; old buttons are harmless."""
    half, idle, done = (hilo.join(nickname=name) for name in ("Uno", "Dos", "Tres"))
    order = hilo.ask(half, done)
    finish(done)
    half.say("2")
    ana = hilo.facilitator()
    panel(ana)
    message = ana.last
    ana.press("Cerrar")
    assert "A 2 personas que no han terminado ya no se les espera." in ana.last.text
    assert stored(hilo, order).closed_at is None
    ana.press("Sí, cerrar")
    assert say("end.done") in ana.last.text
    for phone in (half, idle, done):
        phone.look()
    wait(hilo)
    assert half.news == [say("progress.over")]
    assert idle.news == done.news == []
    assert [phone.run.status for phone in (half, idle, done)] == ["expired", "expired", "completed"]
    assert half.values == {"mood": 2}
    idle.press("Sí, ahora")
    assert say("misplaced.closed") in idle.told
    ana.say("/avance")
    ana.press(f"{TITLE} · cerrado")
    assert "2 no alcanzaron a terminar" in ana.last.text
    assert "Se cerró hoy." in ana.last.text
    assert not {"Cerrar", "Recordar una vez", "Actualizar"} & set(ana.last.labels)
    edits = message.edits
    wait(hilo, timedelta(hours=1))

    assert message.edits == edits
    assert hilo.count("panels") == 0


def test_who_answers_while_it_is_closed_is_let_go_as_well(hilo: Rig) -> None:
    """An answer that comes between closing and its tick is kept, and the run ends all the same."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Cerrar")
    ana.press("Sí, cerrar")
    leader.say("2")
    assert leader.run.status == "open"
    for _ in range(2):
        wait(hilo, timedelta(minutes=2))

    assert (leader.run.status, leader.values) == ("expired", {"mood": 2})


def test_a_finished_run_that_is_being_changed_stays_finished(hilo: Rig) -> None:
    """Closing while she changes an answer leaves what she had answered, complete."""
    leader = hilo.join()
    hilo.ask(leader)
    finish(leader)
    leader.press("Revisar o cambiar")
    leader.press("Cambiar 1")
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Cerrar")
    ana.press("Sí, cerrar")
    wait(hilo)

    assert leader.run.status == "completed"
    assert leader.values["mood"] == 2


def test_two_facilitators_close_once_and_both_panels_say_so(hilo: Rig) -> None:
    """The other's panel changes at once, and her own press afterwards is told by whom it was closed."""
    leader = hilo.join()
    order = hilo.ask(leader)
    ana, eva = hilo.facilitator(nickname="Ana"), hilo.facilitator("en", nickname="Eva")
    panel(ana)
    panel(eva, TITLES["en"])
    message = eva.last
    close = eva.button("Close")
    ana.press("Cerrar")
    ana.press("Sí, cerrar")
    assert "It was closed today. Ana did it." in (message.text or "")
    first = stored(hilo, order).closed_at
    hilo.advance(minutes=5)
    eva.press_id(*close)

    assert say("progress.already", "en") in eva.screen()
    assert stored(hilo, order).closed_at == first
    assert len(hilo.audited("broadcast.closed")) == 1


@pytest.mark.parametrize("label", ["Recordar una vez", "Parar lo que falta"])
def test_a_closed_order_can_neither_be_reminded_nor_stopped(hilo: Rig, label: str) -> None:
    """Buttons that were there before it was closed say that it is, and change nothing."""
    order, _, _ = half_sent(hilo)
    ana, eva = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva")
    for phone in (ana, eva):
        panel(phone)
    button = ana.button(label)
    eva.press("Cerrar")
    eva.press("Sí, cerrar")
    ana.press_id(*button)

    assert say("progress.closed_before") in ana.screen()
    assert "Se cerró hoy. Lo hizo Eva." in ana.screen()
    assert (stored(hilo, order).reminded_at, stored(hilo, order).cancelled_at) == (None, None)


@pytest.mark.parametrize("label", ["Recordar una vez", "Parar lo que falta", "Cerrar"])
def test_rather_not_changes_nothing(hilo: Rig, label: str) -> None:
    """Every question whether to do something has its way back to the panel."""
    order, _, _ = half_sent(hilo)
    ana = hilo.facilitator()
    panel(ana)
    place = ana.last.order
    ana.press(label)
    ana.press("No, déjalo así")

    assert ana.last.order == place
    assert "Se envió a 1 de 2" in ana.last.text
    found = stored(hilo, order)
    assert (found.reminded_at, found.cancelled_at, found.closed_at) == (None, None, None)


# Everything that is going out.


@pytest.mark.parametrize(("language", "command"), [("es", "/alto"), ("en", "/halt")])
def test_halt_stops_everything_of_her_groups(hilo: Rig, language: str, command: str) -> None:
    """What is going out and what is scheduled is listed; all of it stops after one question, and only hers."""
    _, first, second = half_sent(hilo)
    scheduled(hilo, hilo.now + timedelta(days=2))
    hilo.join(cohort="Costa")
    other = scheduled(hilo, hilo.now + timedelta(days=2), "Costa")
    ana = hilo.facilitator(language)
    ana.say(command)
    assert len([label for label in ana.last.labels if "Sierra" in label]) == 2
    assert "Costa" not in ana.screen()
    ana.press(say("button.halt_all", language))
    assert say("button.order_no", language) in ana.last.labels
    assert hilo.audited("broadcast.cancelled") == []
    ana.press(say("button.halt_all_yes", language))
    wait(hilo, timedelta(hours=10))

    assert second.news == []
    assert first.run.status == "open"
    assert stored(hilo, other).cancelled_at is None
    assert len(hilo.audited("broadcast.cancelled")) == 2
    ana.say(command)
    assert ana.told == say("halt.nothing", language)
    fits(ana)


def test_halt_stops_one_of_several(hilo: Rig) -> None:
    """Each order that is going out has its own way to be stopped."""
    hilo.join()
    kept = scheduled(hilo, hilo.now + timedelta(days=2))
    stopped = scheduled(hilo, hilo.now + timedelta(days=1))
    ana = hilo.facilitator()
    ana.say("/alto")
    ana.press("¿Cómo vas? · Sierra Norte · 25 nov")
    ana.press("Sí, parar")

    assert stored(hilo, stopped).cancelled_at == hilo.now
    assert stored(hilo, kept).cancelled_at is None


def test_halt_with_many_orders_fits_a_phone(hilo: Rig) -> None:
    """However much is scheduled, the screen says how much more there is."""
    hilo.join()
    for day in range(1, 15):
        scheduled(hilo, hilo.now + timedelta(days=day))
    ana = hilo.facilitator()
    ana.say("/alto")
    assert "Y 9 más." in ana.last.text
    ana.press("Parar todo")
    assert "Son 14 envíos." in ana.last.text
    ana.press("Sí, parar todo")

    assert len(hilo.audited("broadcast.cancelled")) == 14
    fits(ana)


@pytest.mark.parametrize(("language", "command"), [("es", "/alto"), ("en", "/halt")])
def test_a_leader_who_says_halt_is_offered_to_rest(hilo: Rig, language: str, command: str) -> None:
    """To her it means enough: pausing or leaving, and no refusal."""
    leader = hilo.join(language)
    leader.say(command)

    assert say("button.pause", language) in leader.last.labels
    assert hilo.audited("refused") == []


# Who may.


@pytest.mark.parametrize("action", ["progress", "order_who", "order_nudge", "order_end", "halt"])
@pytest.mark.parametrize("end", ["", "!", "!!"])
def test_another_groups_order_is_out_of_reach(hilo: Rig, action: str, end: str) -> None:
    """A button signed for her chat, asked about or not, does nothing to an order of a group that is not hers."""
    hilo.join(nickname="Ceiba")
    order = scheduled(hilo, hilo.now + timedelta(hours=1))
    stranger = hilo.facilitator(nickname="Eva", cohort="Costa")
    with hilo.reading() as unit:
        button = hilo.turns.speech(unit, stranger.person).buttons.plain(action, f"{brief(order)}{end}~")
    stranger.press_id(button, stranger.last.order)

    found = stored(hilo, order)
    assert stranger.told == say("staff.not_allowed")
    assert "Sierra" not in stranger.screen()
    assert (found.reminded_at, found.cancelled_at, found.closed_at) == (None, None, None)
    assert [entry.subject for entry in hilo.audited("refused")] == [action]


def test_an_order_that_never_was_leads_nowhere(hilo: Rig) -> None:
    """A good button about nothing is refused as kindly."""
    ana = hilo.facilitator()
    with hilo.reading() as unit:
        button = hilo.turns.speech(unit, ana.person).buttons.plain("progress", clock.new_id().hex)
    ana.press_id(button, ana.last.order)

    assert ana.told == say("staff.not_allowed")


def test_an_admin_follows_every_group(hilo: Rig) -> None:
    """A role without a group reaches all of them."""
    hilo.ask(hilo.join())
    admin = hilo.facilitator(nickname="Rita", cohort=None, role="admin")
    panel(admin)

    assert "Se envió a 1 de 1" in admin.screen()


# What goes wrong.


def test_a_damaged_panel_holds_up_nothing_else(hilo: Rig) -> None:
    """A facilitator whose record cannot be opened costs nobody anything: questions go out, other panels change."""
    leader = hilo.join()
    hilo.ask(leader)
    ana, eva = hilo.facilitator(nickname="Ana"), hilo.facilitator(nickname="Eva")
    panel(ana)
    panel(eva)
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE people SET nickname = X'00' WHERE id = ?", (ana.person.id.hex,))
    other = hilo.join(nickname="Dos", cohort="Costa")
    hilo.order(cohort="Costa")
    finish(leader)
    wait(hilo)
    assert "¿Tienes 2 minutos?" in other.told
    wait(hilo)
    assert "1 terminó" in eva.screen()
    eva.press("Cerrar")
    eva.press("Sí, cerrar")

    assert say("end.done") in eva.screen()


def test_a_facilitator_who_blocked_the_bot_is_told_nothing(hilo: Rig) -> None:
    """Her panel is forgotten; when she is back she opens it anew."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    panel(ana)
    ana.block()
    finish(leader)
    wait(hilo)
    assert hilo.count("panels") == 0
    ana.unblock()
    panel(ana)

    assert "1 terminó" in ana.screen()


def test_a_chat_that_was_tidied_has_no_panel(hilo: Rig) -> None:
    """What was taken out of the chat is not edited any more."""
    leader = hilo.join()
    hilo.ask(leader)
    ana = hilo.facilitator()
    panel(ana)
    with hilo.unit() as unit:
        ((seq,),) = unit.connection.exec_driver_sql("SELECT outbox_seq FROM panels").all()
        unit.outbox.tidied([seq])
    finish(leader)
    wait(hilo)

    assert hilo.count("panels") == 0
    assert "1 terminó" not in ana.screen()
