"""What is due: deliveries become runs, postponed runs speak up again, and one run holds the floor."""

from datetime import datetime, timedelta

import pytest

from bot import clock
from tests.bot.rig import TUESDAY, Phone, Rig


def deliveries(hilo: Rig) -> list[tuple[str, str | None]]:
    """List state and reason of every delivery."""
    return [(state, reason) for state, reason in hilo.rows("SELECT state, reason FROM deliveries ORDER BY id")]


def finish(phone: Phone) -> None:
    """Answer what is left of a check-in."""
    phone.say("2")
    phone.press("Saltar")
    phone.press("1 · Nada por ahora")
    assert phone.run.status == "completed"


def bend(hilo: Rig, phone: Phone) -> None:
    """Store of her what nothing can be made of."""
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, hours=5)


def test_a_second_broadcast_waits_for_the_end_of_the_first(hilo: Rig) -> None:
    """While a run is open nothing else is asked; once it is over, what waited begins: every minute it is looked at."""
    phone = hilo.join()
    hilo.ask(phone)
    hilo.order("welcome")
    phone.look()
    for _ in range(5):
        hilo.tick()
        hilo.advance(minutes=1)
    assert phone.news == []
    finish(phone)
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told
    assert hilo.count("runs") == 2


def test_a_second_broadcast_begins_after_four_silent_hours(hilo: Rig) -> None:
    """A run nobody touched for four hours no longer holds the floor; its question can still be answered."""
    phone = hilo.join()
    hilo.ask(phone)
    first = phone.button("2 · 🙁 Bajo")
    hilo.order("welcome")
    hilo.tick()
    hilo.advance(hours=3, minutes=59)
    hilo.tick()
    assert hilo.count("runs") == 1
    hilo.advance(minutes=2)
    hilo.tick()
    assert hilo.count("runs") == 2
    phone.press_id(*first)

    assert hilo.count("answers") == 1


def test_every_sign_of_life_holds_the_floor_anew(hilo: Rig) -> None:
    """The four hours are counted from the last thing she did, not from the beginning."""
    phone = hilo.join()
    hilo.ask(phone)
    hilo.order("welcome")
    hilo.advance(hours=3)
    phone.say("2")
    hilo.advance(hours=3)
    hilo.tick()

    assert hilo.count("runs") == 1


def test_a_run_put_off_gives_the_floor_away(hilo: Rig) -> None:
    """Whoever asked for later can be asked something else meanwhile."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.press("Más tarde")
    hilo.order("welcome")
    hilo.tick()

    assert hilo.count("runs") == 2


def test_a_run_put_off_waits_for_the_floor_too(hilo: Rig) -> None:
    """When its moment comes while another run is open, it waits until that one is over."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.press("Más tarde")
    hilo.order("welcome")
    hilo.tick()
    hilo.advance(hours=10, minutes=59)
    phone.press("Sí, ahora")
    hilo.advance(minutes=1)
    phone.look()
    hilo.tick()

    assert phone.news == []


@pytest.mark.parametrize("state", ["paused", "left", "unreachable"])
def test_who_cannot_be_asked_is_skipped_with_the_reason(hilo: Rig, state: str) -> None:
    """Between the order and its moment someone paused, left or blocked: she is passed over, and it says why."""
    phone, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    hilo.order()
    with hilo.unit() as unit:
        unit.people.change(phone.person, participation=state)
    hilo.tick()

    assert phone.news == []
    assert "¿Tienes 2 minutos?" in other.told
    assert sorted(deliveries(hilo)) == [("skipped", state), ("started", None)]


def test_whoever_speaks_nowhere_any_more_is_skipped(hilo: Rig) -> None:
    """Her phone became another's after the order: she is not asked there, and the other is in her own turn."""
    phone, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    hilo.order()
    with hilo.unit() as unit:
        unit.addresses.link(other.person, "memory", phone.chat, clock.new_id())
    hilo.tick()

    assert sorted(deliveries(hilo), key=str) == [("skipped", "no_address"), ("started", None)]
    # What a broadcast says lets replies go first.
    assert hilo.rows("SELECT DISTINCT lane FROM outbox WHERE run_id IS NOT NULL") == [(1,)]


def test_one_bad_delivery_does_not_hold_the_others(hilo: Rig) -> None:
    """Damage to one person's record costs her the question, and nobody else theirs; it is tried again in an hour."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(3)]
    hilo.order()
    bend(hilo, phones[1])
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phones[0].told
    assert "¿Tienes 2 minutos?" in phones[2].told
    with hilo.reading() as unit:
        assert unit.broadcasts.due(hilo.now + timedelta(minutes=59), 9) == []
        assert len(unit.broadcasts.due(hilo.now + timedelta(hours=1), 9)) == 1


def test_one_bad_run_does_not_hold_the_others(hilo: Rig) -> None:
    """A postponed run that cannot be read is passed over for an hour; the other postponed runs speak up."""
    bad, good = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    hilo.ask(bad, good)
    for phone in (bad, good):
        phone.press("Más tarde")
        phone.look()
    person, run = bad.person, bad.run
    with hilo.unit() as unit:
        until = hilo.now + timedelta(hours=11)
        unit.runs.save(run.id, person, {**run.state, "v": 99}, run.status, run.prompt, resume_at=until)
    hilo.advance(hours=11)
    hilo.tick()

    assert "1 de 4" in good.told
    with hilo.reading() as unit:
        assert unit.runs.due(hilo.now + timedelta(minutes=59), 9) == []
        assert [row.id for row in unit.runs.due(hilo.now + timedelta(hours=1), 9)] == [run.id]


def test_a_step_takes_no_more_than_it_is_told(hilo: Rig) -> None:
    """A big broadcast leaves in small batches, the longest waiting first, and everyone once."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(5)]
    hilo.order()

    assert [hilo.tick(rate=2) for _ in range(4)] == [2, 2, 1, 0]
    assert all(phone.told.count("¿Tienes 2 minutos?") == 1 for phone in phones)


def test_people_who_are_busy_do_not_hold_those_who_are_not(hilo: Rig) -> None:
    """Deliveries that wait for the floor are put off, so that a small batch still reaches the others."""
    busy = [hilo.join(nickname=f"Ceiba {number}") for number in range(3)]
    hilo.ask(*busy)
    free = hilo.join(nickname="Nopal")
    hilo.order("welcome")
    for _ in range(2):
        hilo.tick(rate=3)

    assert "¿Tienes 2 minutos?" in free.told


def test_nothing_is_sent_before_its_moment(hilo: Rig) -> None:
    """An order for later is silent until then."""
    phone = hilo.join()
    hilo.order()
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE deliveries SET due_at = '2026-11-24 18:00:00.000000'")
    hilo.advance(hours=2, minutes=59)
    assert hilo.tick() == 0
    hilo.advance(minutes=1)

    assert hilo.tick() == 1
    assert "¿Tienes 2 minutos?" in phone.told


def test_who_paused_is_not_reminded(hilo: Rig) -> None:
    """A postponed run of someone who is not active any more stays quiet and is not looked at every second."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.press("Más tarde")
    phone.look()
    with hilo.unit() as unit:
        unit.people.change(phone.person, participation="paused")
    hilo.advance(hours=11)
    hilo.tick()

    assert phone.news == []
    assert hilo.tick() == 0


def test_a_step_counts_all_that_it_did(hilo: Rig) -> None:
    """A delivery and the end of a pause in one step are two things."""
    resting, asked = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    resting.say("/pausa")
    resting.press("Una semana")
    hilo.advance(days=8)
    for phone in (resting, asked):
        with hilo.unit() as unit:
            unit.people.prefer(phone.person, welcome_at=None)
    hilo.order()

    assert hilo.tick() == 2
    assert "¿Tienes 2 minutos?" in asked.told


def test_people_are_looked_at_once_a_minute(hilo: Rig) -> None:
    """A pause that ends between two rounds is over with the second one."""
    phone = hilo.join()
    phone.say("/pausa")
    phone.press("Una semana")
    hilo.now = datetime.fromisoformat(phone.person.preferences["paused_until"]) - timedelta(seconds=30)
    hilo.tick()
    phone.look()
    hilo.advance(seconds=45)
    hilo.tick()
    assert phone.news == []
    hilo.advance(seconds=15)
    hilo.tick()

    assert phone.news


def test_the_keys_of_old_updates_are_destroyed(hilo: Rig) -> None:
    """Two days after its end the inbox key of a day is gone, and so is what waited under it."""
    hilo.join()
    assert hilo.count("inbox_keys") == 1
    hilo.advance(days=1)
    with hilo.unit() as unit:
        hilo.ticking.tidy(unit)
    assert hilo.count("inbox_keys") == 1
    hilo.now = TUESDAY.replace(hour=23, minute=59) + timedelta(days=2)
    with hilo.unit() as unit:
        hilo.ticking.tidy(unit)
    assert hilo.count("inbox_keys") == 1
    hilo.advance(minutes=1)
    with hilo.unit() as unit:
        hilo.ticking.tidy(unit)

    assert hilo.count("inbox_keys") == 0


def test_words_that_nobody_confirmed_go_after_a_day(hilo: Rig) -> None:
    """What she was asked about passing on is kept for a day, so that her yes finds it, and no longer."""
    phone = hilo.join()
    phone.say("Hubo amenazas.")
    for hours, kept in ((23, 1), (2, 0)):
        hilo.advance(hours=hours)
        with hilo.unit() as unit:
            hilo.ticking.tidy(unit)
            assert unit.erasing
        assert hilo.count("messages") == kept


def test_handled_updates_go_after_a_month(hilo: Rig) -> None:
    """They are known for as long as one might arrive a second time, and then leave; what still waits stays."""
    phone = hilo.join()
    known = hilo.count("inbox")
    hilo.advance(days=29)
    phone.write("hola")
    hilo.keep()
    with hilo.unit() as unit:
        hilo.ticking.tidy(unit)
    assert hilo.count("inbox") == known + 1
    hilo.advance(days=2)
    with hilo.unit() as unit:
        hilo.ticking.tidy(unit)

    assert hilo.count("inbox") == 1
