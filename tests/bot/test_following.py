"""Following an order in chat: its panel that changes in place, the list of orders, who may, and what goes wrong."""

from datetime import timedelta

import pytest

from bot import clock
from bot.rendering.ids import short_id
from storage.erasure import erase
from tests.bot.orders import finish, fits, panel, say, scheduled, shown, stored, wait
from tests.bot.rig import Rig

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
    ana.press("Cerrar el envío")
    ana.press("Sí, cerrar")

    assert stored(hilo, order).closed_at == hilo.now


# Who may.


@pytest.mark.parametrize("action", ["progress", "order_who", "order_nudge", "order_end", "halt"])
@pytest.mark.parametrize("end", ["", "!", "!!"])
def test_another_groups_order_is_out_of_reach(hilo: Rig, action: str, end: str) -> None:
    """A button signed for her chat, asked about or not, does nothing to an order of a group that is not hers."""
    hilo.join(nickname="Ceiba")
    order = scheduled(hilo, hilo.now + timedelta(hours=1))
    stranger = hilo.facilitator(nickname="Eva", cohort="Costa")
    with hilo.reading() as unit:
        button = hilo.turns.speech(unit, stranger.person).buttons.plain(action, f"{short_id(order)}{end}~")
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
    eva.press("Cerrar el envío")
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
