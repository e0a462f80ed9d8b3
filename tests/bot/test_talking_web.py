"""Leaders and the team talk in the web chat: the whole bot in one process, both phones in a browser."""

import asyncio
from pathlib import Path

from bot import clock
from bot.conversation.practice import PracticePhones
from bot.messengers.port import Incoming, Kind
from bot.running import Running
from bot.web import thread
from tests.bot import samples
from tests.bot.rig import texts
from tests.bot.test_practice import Hand, come_in, practise

GROUP = texts().say("practice.cohort", "es")


async def speak(running: Running, hand: Hand) -> None:
    """Send a voice note as a page does."""
    file = running.media_store.park(samples.ogg())
    newest = await running.workers.read(lambda unit: thread.newest(unit, hand.chat))
    voice = Incoming("web", clock.new_id().hex, hand.chat, Kind.VOICE, order=newest + 1, file=file, seconds=7)
    await running.web.hand_over(voice)


async def bubbles(running: Running, hand: Hand, *, hers: bool) -> list[thread.Bubble]:
    """Return what is heard or seen on a page that was just opened."""
    page = await running.workers.read(lambda unit: thread.read(unit, hand.chat))
    return [each for each in page.bubbles if each.media is not None and each.own is hers]


async def may_open(running: Running, hand: Hand, name: str) -> bool:
    """Tell whether a page of this phone's would open a voice note."""
    return await running.workers.read(lambda unit: thread.holds(unit, hand.chat, name)) is not None


def test_a_leader_speaks_to_the_team_and_is_answered_by_voice(tmp_path: Path) -> None:
    """Her own voice stays in her thread, opens for her alone, and for the facilitator only once she plays it."""

    async def script(running: Running, phones: PracticePhones, leader: Hand, facilitator: Hand) -> None:
        await come_in(leader)
        await speak(running, leader)
        await leader.sees("Si me dices que sí, se lo paso.")
        (own,) = await bubbles(running, leader, hers=True)
        assert own.media is not None
        assert (own.media.kind, own.media.seconds) == ("voice", 7)
        assert await may_open(running, leader, own.media.name)
        assert not await may_open(running, facilitator, own.media.name)
        await leader.press("Sí")
        await facilitator.sees(f"{GROUP}: hay un mensaje nuevo.")
        await facilitator.press("Por atender")
        await facilitator.sees("Esto está por atender")
        page = await running.workers.read(lambda unit: thread.read(unit, facilitator.chat))
        await facilitator.press(next(b.label for row in page.bubbles[-1].keyboard for b in row if "Colibrí" in b.label))
        await facilitator.sees("nota de voz, 0:07")
        await facilitator.press("🔊 Oír la nota de voz")
        await facilitator.press("Contestar")
        await facilitator.sees("¿Qué le quieres decir a Colibrí?")
        assert await may_open(running, facilitator, own.media.name)
        await speak(running, facilitator)
        await facilitator.sees("¿Lo envío?")
        # The sealed copies that pages put aside went with their turns, and not an hour later.
        assert await asyncio.to_thread(lambda: list(tmp_path.rglob("parked-*"))) == []
        await facilitator.press("1 · Mandar a nombre del equipo")
        await facilitator.sees(texts().say("mail.sent.page", "es"))
        await leader.sees(texts().say("told.notice", "es"))  # nobody has asked yet who sees her phone
        assert await bubbles(running, leader, hers=False) == []
        await leader.press(texts().say("button.told_open", "es"))
        await leader.sees("Un mensaje del equipo.")
        (told,) = await bubbles(running, leader, hers=False)
        assert told.media is not None
        assert await running.workers.read(lambda unit: running.media_store.open(unit, told.media.name)) is not None  # type: ignore[union-attr]  # just seen
        await leader.press("Contestar")
        await leader.sees("Escribe lo que le quieras decir")
        await leader.say("Gracias.")
        await leader.sees("Ya se lo pasé al equipo")
        await facilitator.say("/mensajes")
        await facilitator.sees("Esto está por atender")

    practise(tmp_path, script)
