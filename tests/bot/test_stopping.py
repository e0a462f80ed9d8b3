"""Stopping an order, closing it, and stopping everything that is going out."""

from datetime import timedelta
from uuid import UUID

import pytest

from bot.rendering.ids import short_id
from bot.services import broadcasts
from tests.bot.orders import TITLE, TITLES, finish, fits, panel, say, scheduled, stored, wait
from tests.bot.rig import Phone, Rig

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
        unit.people.prefer(second.person, hours=["evening"], welcome_at=None)
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
    assert "a 1 no se le envió, porque se paró" in ana.screen()
    first.say("Lo del agua.")
    first.press("Listo")
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
        button = hilo.turns.speech(unit, ana.person).buttons.plain("halt", f"{short_id(order)}!!")
    leader.look()
    hilo.messenger.press_id(ana.chat, button, 1)
    hilo.keep()
    hilo.handle()
    hilo.send()
    hilo.tick()

    assert leader.news == []
    assert leader.run.status == "expired"
    assert "a 1 no se le envió, porque se paró" in ana.screen()


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
    assert "Cerrar el envío" in ana.last.labels
    assert stored(hilo, order).cancelled_at is None


# Closing.


def test_who_is_in_the_middle_is_not_told_at_night(hilo: Rig) -> None:
    """She answered at seven in the evening, and the team closes at half past nine: she reads it when she next comes."""
    half = hilo.join()
    hilo.now += timedelta(hours=10)
    hilo.ask(half)
    half.say("2")
    half.look()
    hilo.now += timedelta(hours=2, minutes=30)
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Cerrar el envío")
    ana.press("Sí, cerrar")
    wait(hilo, timedelta(minutes=1))
    assert half.run.status == "expired"
    assert half.news == []
    wait(hilo, timedelta(hours=11))
    assert half.news == []
    half.say("/menu")

    assert half.news[0] == say("window.kept")


def test_closing_asks_first_and_lets_everybody_go(hilo: Rig) -> None:
    """Whoever has not begun hears nothing; whoever is in the middle is told; old buttons are harmless."""
    half, idle, done = (hilo.join(nickname=name) for name in ("Uno", "Dos", "Tres"))
    order = hilo.ask(half, done)
    finish(done)
    half.say("2")
    ana = hilo.facilitator()
    panel(ana)
    message = ana.last
    ana.press("Cerrar el envío")
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
    assert not {"Cerrar el envío", "Recordar una vez", "Actualizar"} & set(ana.last.labels)
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
    ana.press("Cerrar el envío")
    ana.press("Sí, cerrar")
    leader.say("2")
    assert leader.run.status == "open"
    for _ in range(2):
        wait(hilo, timedelta(minutes=2))

    assert (leader.run.status, leader.values) == ("expired", {"mood": 2})


def test_who_answered_before_the_bot_was_off_for_days_is_let_go_as_well(hilo: Rig) -> None:
    """An answer was kept and had no turn, the order was closed at the console, and only then the bot is back."""
    leader = hilo.join()
    order = hilo.ask(leader)
    leader.write("2")
    hilo.keep()
    with hilo.unit() as unit:
        assert broadcasts.close(unit, order, None)
    hilo.advance(days=3)
    hilo.settle()
    run = leader.run.id
    assert (leader.run.status, leader.values) == ("open", {"mood": 2})
    hilo.tick()

    with hilo.reading() as unit:
        ended = unit.runs.get(run, leader.person)
    assert ended is not None
    assert ended.status == "expired"


def test_a_finished_run_that_is_being_changed_stays_finished(hilo: Rig) -> None:
    """Closing while she changes an answer leaves what she had answered, complete."""
    leader = hilo.join()
    hilo.ask(leader)
    finish(leader)
    leader.press("Revisar o cambiar")
    leader.press("Cambiar 1")
    ana = hilo.facilitator()
    panel(ana)
    ana.press("Cerrar el envío")
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
    close = eva.button("Close the broadcast")
    ana.press("Cerrar el envío")
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
    eva.press("Cerrar el envío")
    eva.press("Sí, cerrar")
    ana.press_id(*button)

    assert say("progress.closed_before") in ana.screen()
    assert "Se cerró hoy. Lo hizo Eva." in ana.screen()
    assert (stored(hilo, order).reminded_at, stored(hilo, order).cancelled_at) == (None, None)


@pytest.mark.parametrize("label", ["Recordar una vez", "Parar lo que falta", "Cerrar el envío"])
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


# Where nothing can be fetched.


def cut_off(hilo: Rig) -> tuple[Phone, UUID]:
    """Let a leader be in the middle of an order, and the bot lose its network; she answers the next question."""
    hilo.notes_gaps = True
    hilo.loops()
    half = hilo.join()
    order = hilo.ask(half)
    half.say("2")
    half.look()
    hilo.now += timedelta(minutes=30)
    half.write("El agua volvió.")
    return half, order


@pytest.mark.parametrize("died", [False, True])
def test_what_was_said_before_it_was_closed_is_heard_first(hilo: Rig, *, died: bool) -> None:
    """The bot was cut off, or off, as the order was closed at the console: her answer is one, and then it ends."""
    half, order = cut_off(hilo)
    with hilo.unit() as unit:
        broadcasts.close(unit, order, None)
    if died:
        hilo.again()
    wait(hilo, timedelta(minutes=5))
    assert half.run.status == "open"
    hilo.settle()
    for _ in range(2):
        wait(hilo, timedelta(minutes=1))

    assert half.values == {"mood": 2, "week": ("El agua volvió.",)}
    assert half.run.status == "expired"
    assert half.news[-1] == say("progress.over")


def test_what_was_fetched_has_its_turn_before_it_ends(hilo: Rig) -> None:
    """As a voice note that is being fetched: it was brought in time, and its turn comes later."""
    half, order = cut_off(hilo)
    hilo.keep()
    with hilo.unit() as unit:
        broadcasts.close(unit, order, None)
        unit.fetches.note(hilo.messenger.name)
    wait(hilo, timedelta(minutes=2))
    assert half.run.status == "open"
    hilo.handle()
    for _ in range(2):
        wait(hilo, timedelta(minutes=2))

    assert half.values == {"mood": 2, "week": ("El agua volvió.",)}
    assert half.run.status == "expired"


def test_what_a_webhook_is_to_bring_is_waited_for(hilo: Rig) -> None:
    """Telegram said at the last look that something waits there; at the next one nothing does."""
    half, order = cut_off(hilo)
    for waiting in (1, 0):
        with hilo.unit() as unit:
            broadcasts.close(unit, order, None)
            unit.webhooks.note_set(hilo.messenger.name, "https://hilo.example/hook")
            unit.webhooks.note_look(hilo.messenger.name, None, None, waiting)
            unit.fetches.note(hilo.messenger.name)
        wait(hilo, timedelta(minutes=2))
        assert half.run.status == ("open" if waiting else "expired")


def test_what_telegram_has_forgotten_is_waited_for_no_more(hilo: Rig) -> None:
    """After a day without a network it ends; Telegram keeps nothing for longer."""
    half, order = cut_off(hilo)
    with hilo.unit() as unit:
        broadcasts.close(unit, order, None)
    wait(hilo, timedelta(hours=23))
    assert half.run.status == "open"
    wait(hilo, timedelta(hours=2))

    assert half.run.status == "expired"
