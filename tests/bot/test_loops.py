"""The handling loop itself, running: a few people's turns a transaction, and a turn that fails among them."""

import asyncio
import time
from pathlib import Path

from bot import clock, loops
from bot.work import Desk
from tests.bot.rig import Rig
from tests.bot.test_receive import broken_run

PATIENCE = 15.0


def handled(live: Rig) -> None:
    """Run the loop until nothing waits that is due."""

    async def whole() -> None:
        desk = Desk(live.storage)
        handling = asyncio.create_task(loops.handle(desk, live.receive, {"memory": live.messenger}))
        begun = time.monotonic()
        while live.rows("SELECT count(*) FROM inbox WHERE state = 'pending' AND error IS NULL") != [(0,)]:
            assert time.monotonic() - begun < PATIENCE, "the loop did not get there"
            await asyncio.sleep(0.01)
        handling.cancel()
        await asyncio.gather(handling, return_exceptions=True)
        desk.close()

    asyncio.run(whole())


def test_a_failing_turn_undoes_no_other(tmp_path: Path) -> None:
    """Of many answers that wait together one cannot be handled: it alone is put off, the others are kept, once each."""
    live = Rig(tmp_path, now=clock.now())
    phones = [live.join(nickname=f"Persona {place}") for place in range(12)]
    for phone in phones:
        live.ask(phone)
    unlucky = phones[5]
    broken_run(live, unlucky)
    for phone in phones:
        phone.write("2")
    live.keep()
    handled(live)

    assert live.rows("SELECT error, attempts FROM inbox WHERE state = 'pending'") == [("ValueError", 1)]
    assert live.rows("SELECT count(*), count(DISTINCT run_id) FROM answers") == [(11, 11)]
    assert [phone.run.prompt > 1 for phone in phones if phone is not unlucky] == [True] * 11
    live.close()
