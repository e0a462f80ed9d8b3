"""An order becomes a frozen list of deliveries."""

from datetime import timedelta
from uuid import UUID

import pytest

from bot.services.broadcasts import OrderError
from tests.bot.rig import PURPOSE, SIERRA, Rig

WATER = """spec: 1
name: water
kind: reflection
languages: [es]
minutes: 1
title: El agua
why: Para llevarlo a la asamblea.
steps:
  - {type: text, name: story, label: "¿Hubo agua?"}
"""


def test_the_same_order_twice_is_one_order(hilo: Rig) -> None:
    """An order is named by its key: given again, it asks nobody twice."""
    phone = hilo.join()
    hilo.order(key="semana-48")
    hilo.order(key="semana-48")
    hilo.tick()

    assert phone.told.count("¿Tienes 2 minutos?") == 1
    assert hilo.count("broadcasts") == hilo.count("deliveries") == hilo.count("purposes") == 1
    assert len(hilo.audited("broadcast.ordered")) == 1


def test_an_order_to_nobody_is_refused(hilo: Rig) -> None:
    """A group in which nobody has agreed yet cannot be asked, and nothing is written."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    with pytest.raises(OrderError) as refused:
        hilo.order()

    assert (refused.value.code, refused.value.facts) == ("order.nobody", {"cohort": SIERRA})
    assert hilo.count("broadcasts") == 0


NO_SENTENCE = [
    "",
    "   ",
    "saber",
    "a   b   c  ",
    "\n\n\n\n\n\n\n\n\n\n\n\n",
    "investigación",
    "Diagnóstico comunitario",
    "a b " * 200,
]


@pytest.mark.parametrize("purpose", NO_SENTENCE)
def test_a_purpose_that_is_no_sentence_is_refused(hilo: Rig, purpose: str) -> None:
    """Why it is asked fits no one or two words, nor more than a phone shows; blanks do not count."""
    hilo.join()
    with pytest.raises(OrderError) as refused:
        hilo.order(purpose=purpose)

    assert refused.value.code == "order.purpose"
    assert hilo.count("broadcasts") == 0


def test_who_comes_later_is_not_reached(hilo: Rig) -> None:
    """The list is frozen when the order is given."""
    first = hilo.join(nickname="Ceiba")
    hilo.order()
    second = hilo.join(nickname="Nopal")
    hilo.tick()

    assert "¿Tienes 2 minutos?" in first.told
    assert second.news == []


def test_another_group_is_not_reached(hilo: Rig) -> None:
    """An order reaches the group it names and nobody else."""
    other = hilo.join(nickname="Nopal", cohort="Costa")
    phone = hilo.join(nickname="Ceiba")
    hilo.order()
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told
    assert other.news == []


def test_everyone_gets_the_version_that_was_ordered(hilo: Rig) -> None:
    """A conversation edited after the order is asked as it was; the next order asks it anew."""
    hilo.own.mkdir()
    file = hilo.own / "water.yaml"
    file.write_text(WATER, "utf-8")
    hilo.again()
    phone = hilo.join()
    hilo.order("water")
    file.write_text(WATER.replace("¿Hubo agua?", "¿Cuánta agua hubo?"), "utf-8")
    hilo.again()
    hilo.tick()
    phone.press("Sí, ahora")
    assert "¿Hubo agua?" in phone.told
    phone.say("Sí.")
    hilo.ask(phone, dialog="water")

    assert "¿Cuánta agua hubo?" in phone.told


def test_the_purpose_reaches_whoever_is_asked(hilo: Rig) -> None:
    """The words of the purpose are kept as they were written, blanks put in order, and can be read."""
    phone = hilo.join()
    hilo.order(purpose=f"  {PURPOSE.replace(' ', '   ')} ")
    hilo.tick()
    phone.press("¿Para qué es?")

    assert f"¿Para qué? {PURPOSE}" in phone.told


def test_the_purpose_is_not_in_the_clear(hilo: Rig) -> None:
    """What an order is for is sealed in the database like everything that may tell of people."""
    hilo.join()
    hilo.order()
    hilo.storage.database.checkpoint()

    assert b"cada quien" not in (hilo.folder / "hilo.db").read_bytes()


def test_of_several_orders_the_oldest_comes_next(hilo: Rig) -> None:
    """Five orders in a heap reach somebody who answers none: in the order they were given, and two a week."""
    hilo.join()
    given = []
    for _ in range(5):
        given.append(hilo.order())
        hilo.tick()
        hilo.now += timedelta(minutes=1)
    for _ in range(60):
        hilo.now += timedelta(hours=6)
        hilo.tick()

    begun = hilo.rows("SELECT broadcast_id FROM runs WHERE broadcast_id IS NOT NULL ORDER BY seq")
    assert [UUID(each) for (each,) in begun] == given
