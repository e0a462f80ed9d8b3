"""Several processes on PostgreSQL at once: what two people do in the same instant is done once, and all of it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot import clock
from bot.content import Content
from bot.conversation.turns import Turns
from bot.pipeline import loops
from bot.pipeline.receive import Receiver
from bot.pipeline.router import Router
from bot.runtime.workers import Workers
from storage.database import serialise
from tests.bot.asking import prepare
from tests.bot.leader import words
from tests.bot.rig import Phone, Rig, texts
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported

PATIENCE = 20.0
ROUNDS = 3


@pytest.fixture
def hilo(tmp_path: Path, databases: Databases) -> Iterator[Rig]:  # noqa: F811  pytest's way of asking for it
    """One installation on PostgreSQL, at the real time."""
    url = databases.take()
    it = Rig(tmp_path, now=clock.now(), url=url)
    yield it
    it.close()
    databases.give(url)


def receiving(hilo: Rig) -> Receiver:
    """Make the receiving side of one more process."""
    turns = Turns(texts(), Content(hilo.own))
    return Receiver(turns, Router(turns, strict=True))


def together(hilo: Rig, done: Callable[[], bool]) -> None:
    """Let two processes handle what the inbox holds, until something is so."""

    async def whole() -> None:
        desks = [Workers(hilo.storage) for _ in range(2)]
        handling = [asyncio.create_task(loops.Handler(workers, receiving(hilo), {}).run()) for workers in desks]
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, hilo.rows("SELECT state, attempts, error FROM inbox WHERE state != 'done'")
            await asyncio.sleep(0.02)
        for task in handling:
            task.cancel()
        await asyncio.gather(*handling, return_exceptions=True)
        for workers in desks:
            workers.close()

    asyncio.run(whole())


def handled(hilo: Rig) -> bool:
    """Tell whether the inbox is empty."""
    return hilo.rows("SELECT count(*) FROM inbox WHERE state = 'pending'") == [(0,)]


@pytest.mark.proof
def test_two_who_send_in_the_same_instant_send_once(hilo: Rig) -> None:
    """Of two facilitators who press Send together one orders; the other is told that it went out, and asked."""
    hilo.join()
    team = [hilo.facilitator(), hilo.facilitator(nickname="Eva")]
    for each in team:
        prepare(each)
    for each in team:
        hilo.messenger.press(each.chat, "Enviar")
    hilo.keep()
    with ThreadPoolExecutor(1) as pool:
        with hilo.unit() as unit:
            # Whoever writes on the trail waits here, so both are as far as they come before either is done.
            serialise(unit.connection, "audit")
            both = pool.submit(together, hilo, lambda: handled(hilo))
            end = time.monotonic() + PATIENCE
            while hilo.rows("SELECT count(*) FROM pg_locks WHERE NOT granted") < [(2,)]:
                assert time.monotonic() < end, "they did not get so far"
                time.sleep(0.02)
        both.result(PATIENCE)
    hilo.now = clock.now()  # what was said is due by then
    hilo.send()

    assert hilo.count("broadcasts") == 1
    assert hilo.count("deliveries") == 1
    told = [each.told for each in team]
    assert sum("Ya va en camino" in each for each in told) == 1
    assert sum("Enviar otra vez" in phone.last.labels for phone in team) == 1


def member(hilo: Rig, phone: Phone, cohort: str) -> None:
    """Let someone of the team be a leader in a group as well."""
    phone.say(f"/start {hilo.invite(cohort=cohort)}")
    if "Sí, quiero participar" in phone.last.labels:
        phone.press("Sí, quiero participar")


@pytest.mark.proof
def test_two_who_accompany_each_other_are_both_told(hilo: Rig) -> None:
    """Each is leader in the group of the other, and both write to the team at once: both are told, and told once."""
    ana = hilo.facilitator(nickname="Ana", cohort="Uno")
    eva = hilo.facilitator(nickname="Eva", cohort="Dos")
    member(hilo, ana, "Dos")
    member(hilo, eva, "Uno")
    for number in range(ROUNDS):
        for phone in (ana, eva):
            phone.say("/mensajes")
            phone.say("/equipo")
            phone.look()
        for phone in (ana, eva):
            phone.write(f"Se cayó el puente {number}.")
        hilo.keep()
        together(hilo, lambda: handled(hilo))
        hilo.now = clock.now()
        hilo.send()
        notices = [sum(words(phone, "button.alerts") in said.labels for said in phone.heard) for phone in (ana, eva)]
        assert notices == [number + 1, number + 1]
    assert hilo.count("messages") == 2 * ROUNDS
