"""Practice: one visitor, two phones, the whole bot in one process."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot import clock
from bot.app import App
from bot.config import Config
from bot.conversation.practice import FACILITATOR, LEADER, PracticePhones
from bot.messengers.port import Incoming, Kind
from bot.running import Running
from bot.services import cohorts
from bot.services.readiness import unfilled
from storage.unit import Unit
from tests.bot.rig import PURPOSE, texts

PATIENCE = 10.0
EVERYTHING = 500


class Hand:
    """A visitor's hand on one of the two phones."""

    def __init__(self, running: Running, phones: PracticePhones, slot: str) -> None:
        self.running = running
        self.phones = phones
        self.slot = slot

    @property
    def chat(self) -> str:
        """The address of the phone as it is now."""
        return self.phones.chat(self.slot)

    async def thread(self) -> list[Any]:
        """Everything said in the chat, oldest first."""
        return list(await self.running.workers.read(lambda unit: unit.outbox.thread("web", self.chat, 0, EVERYTHING)))

    async def sees(self, text: str) -> str:
        """Wait until something said contains the text; returns it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for said in reversed(await self.thread()):
                    if text in (said.body["text"] or ""):
                        return str(said.body["text"])
                await asyncio.sleep(0.02)

    async def say(self, text: str) -> None:
        """Write."""
        await self.running.web.hand_over(Incoming("web", clock.new_id().hex, self.chat, Kind.TEXT, text=text))

    async def press(self, label: str) -> None:
        """Press the newest button with that label, once it is there."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for said in reversed(await self.thread()):
                    for row in said.body["keyboard"]:
                        for words, button, *_ in row:
                            if words == label:
                                order = said.edits or said.seq
                                press = Incoming(
                                    "web", clock.new_id().hex, self.chat, Kind.PRESS, order=order, button=button
                                )
                                await self.running.web.hand_over(press)
                                return
                await asyncio.sleep(0.02)


def practise(folder: Path, script: Callable[[Running, PracticePhones, Hand, Hand], Awaitable[None]]) -> None:
    """Run a practice bot with its loops, and let a visitor act."""

    async def whole() -> None:
        app = App.open(Config.load({"HILO_HOME": str(folder)}, practice=True, folder=folder))
        running = Running(app)
        phones = PracticePhones(running.workers, app.turns, running.web)
        try:
            async with running.loops():
                await phones.open("es")
                await script(running, phones, Hand(running, phones, LEADER), Hand(running, phones, FACILITATOR))
        finally:
            await running.close()

    asyncio.run(whole())


async def come_in(leader: Hand) -> None:
    """Take the leader's phone through the way in."""
    await leader.press("1 · Español")
    await leader.press("Sí, quiero participar")
    await leader.sees("¿Cómo te digo?")
    await leader.say("Colibrí")
    await leader.sees("Por hoy es todo, Colibrí.")


async def ask(facilitator: Hand) -> None:
    """Order a check-in by buttons."""
    await facilitator.press("Preguntar algo")
    await facilitator.press("¿Cómo vas?")
    await facilitator.sees("¿Para qué quieres preguntar esto?")
    await facilitator.say(PURPOSE)
    await facilitator.sees("¿A quién le va a servir")
    await facilitator.press("Saltar")
    await facilitator.sees("¿Y cómo se va a usar?")
    await facilitator.press("Saltar")
    await facilitator.press("1 · Nada más esta vez")
    await facilitator.press("Enviar")


def test_a_visitor_asks_answers_and_reads(tmp_path: Path) -> None:
    """From nothing: the leader comes in, is asked, answers on one phone, and the facilitator reads it on the other."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        await facilitator.sees(texts().say("practice.hello", "es"))
        await come_in(leader)
        await ask(facilitator)
        await facilitator.sees("Ya va en camino a una persona")
        await leader.press("Sí, ahora")
        await leader.press("2 · 🙁 Bajo")
        await leader.sees("2 de 4")
        await leader.say("Hubo junta.")
        await leader.press("Listo")
        await leader.press("1 · Nada por ahora")
        await leader.sees("Por hoy es todo. Gracias")
        await facilitator.press("Ver cómo va")
        await facilitator.sees("1 terminó")
        await facilitator.press("Leer")
        read = await facilitator.sees("Hubo junta.")
        assert "Colibrí" in read
        assert "🙁 Bajo" in read

    practise(tmp_path, script)


def test_what_the_consent_says_holds_in_practice(tmp_path: Path) -> None:
    """The made-up organisation has a whole record: name, one reader, a day, a year and a care card."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        await leader.press("1 · Español")
        await leader.sees("Te invitó la Escuela de Práctica.")
        await leader.sees("Lo lee una persona del equipo, los jueves")
        await leader.sees("un año cuando mucho")
        await leader.say("/apoyo")
        await leader.sees(texts().say("practice.care_card", "es"))

    practise(tmp_path, script)


def test_a_drill_and_a_cry_are_practised(tmp_path: Path) -> None:
    """The facilitator puts herself on watch, does a drill, and is told of a cry; the leader says how to be reached."""
    say = texts().say

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        await facilitator.say("/guardia")
        await facilitator.press(say("button.watch_add", "es"))
        await facilitator.press(f"1 · {say('practice.facilitator', 'es')}")
        await facilitator.press("1 · Siempre, de día y de noche")
        await facilitator.press("1 · Sí")
        await facilitator.press(say("button.watch", "es"))
        await facilitator.press(say("practice.facilitator", "es"))
        await facilitator.press(say("button.watch_try", "es"))
        await facilitator.sees(say("watch.drill.web", "es"))
        await facilitator.press(say("button.alert_mine", "es"))
        await facilitator.sees(say("watch.heard", "es"))
        await come_in(leader)
        await leader.say("/apoyo")
        await leader.press(say("button.look_for_me", "es"))
        await facilitator.sees("hay algo que atender")
        await facilitator.press(say("button.alert_open", "es"))
        await facilitator.press(say("button.alert_mine", "es"))
        await leader.say("/apoyo")
        await leader.press(say("button.reach", "es"))
        await leader.press(say("button.reach_call", "es"))
        await leader.press(say("button.reach_no", "es"))
        await facilitator.say("/avisos")
        await facilitator.press("Colibrí · pidió apoyo")
        await facilitator.press(say("button.asked_reach", "es"))
        await facilitator.sees(say("asked.note.call", "es", said=say("reach.no", "es")))

    practise(tmp_path, script)


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """Both phones stay as they are when the page is opened a second time."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        before = (leader.chat, facilitator.chat)
        await phones.open("en")
        assert (leader.chat, facilitator.chat) == before

    practise(tmp_path, script)


def test_the_facilitator_speaks_the_language_of_who_opens_the_page(tmp_path: Path) -> None:
    """What a first visitor began stays; a second one, in another language, is greeted and answered in theirs, once."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        await come_in(leader)
        await phones.visit("en")
        greeting = texts().say("practice.hello", "en")
        await facilitator.sees(greeting)
        await phones.visit("en")
        assert [said.body["text"] for said in await facilitator.thread()].count(greeting) == 1
        await facilitator.say("/people")
        await facilitator.sees("1 takes part")
        await facilitator.sees("Grupo de práctica")
        await leader.say("/menu")
        await leader.sees(texts().say("home", "es"))

    practise(tmp_path, script)


def test_starting_over_gives_two_new_phones(tmp_path: Path) -> None:
    """After starting over the old leader is asked nothing more, nothing old waits for the new team, and all works."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        await come_in(leader)
        await leader.say("Mi marido me pega.")
        await facilitator.sees("hay algo que atender")
        await leader.say("/apoyo")
        await leader.press(texts().say("button.look_for_me", "es"))
        old_leader, old_facilitator = leader.chat, facilitator.chat
        await phones.restart("es")
        await facilitator.say("/avisos")
        await facilitator.sees(texts().say("attend.none", "es"))
        assert {leader.chat, facilitator.chat}.isdisjoint({old_leader, old_facilitator})
        await come_in(leader)
        await ask(facilitator)
        await facilitator.sees("Ya va en camino a una persona")
        await leader.sees("¿Tienes 2 minutos?")

        def left(unit: Unit) -> tuple[list[object], list[object], int]:
            people = [unit.people.at("web", chat) for chat in (old_leader, old_facilitator)]
            asked = [*unit.alerts.open(), *unit.support_requests.open()]
            return [each for each in people if each is not None], asked, len(unit.people.list())

        assert await running.workers.read(left) == ([], [], 2)

    practise(tmp_path, script)


def test_starting_over_in_another_language_speaks_it(tmp_path: Path) -> None:
    """The browser's language is that of the facilitator's phone, and comes first on the leader's."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        await phones.restart("en")
        await facilitator.sees(texts().say("practice.hello", "en"))
        hello = await leader.sees("Hi. I am Hilo")
        assert hello.startswith("Hi.")

    practise(tmp_path, script)


def test_starting_over_in_another_language_makes_no_second_group(tmp_path: Path) -> None:
    """A visitor who tries both languages has one group, by its name in the language of now."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        for language in ("en", "es", "en"):
            await phones.restart(language)
        groups = await running.workers.read(lambda unit: unit.cohorts.list())
        assert [group.name for group in groups] == [texts().say("practice.cohort", "en")]
        assert all(group.practice for group in groups)

    practise(tmp_path, script)


def test_starting_over_opens_a_closed_group(tmp_path: Path) -> None:
    """Whoever closed the practice group begins anew in an open one."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        def close(unit: Unit) -> None:
            (cohort,) = unit.cohorts.list()
            (admin,) = [unit.people.known(each) for each in unit.roles.who_reads()]
            cohorts.close(unit, running.app.turns, admin, cohort)

        await running.workers.write(close)
        await phones.restart("es")
        await come_in(leader)

    practise(tmp_path, script)


def test_the_organisation_of_practice_is_filled(tmp_path: Path) -> None:
    """What a visitor reads on the checklist is what the console alone can do: nothing of the record is missing."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        assert await running.workers.read(unfilled) == []

    practise(tmp_path, script)


def test_practice_counts_nowhere(tmp_path: Path) -> None:
    """Everyone of practice is marked as such, so that no report counts her."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        await come_in(leader)
        people = await running.workers.read(lambda unit: unit.people.list())
        assert len(people) == 2
        assert all(person.practice for person in people)

    practise(tmp_path, script)
