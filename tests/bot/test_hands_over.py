"""Threads that open files let turns have the interpreter soon, and cost nothing once they are done."""

import asyncio
import sys

from bot.runtime.workers import HANDS_OVER, Workers
from tests.bot.rig import Rig


def test_the_interpreter_changes_hands_sooner_while_files_are_opened(hilo: Rig) -> None:
    """While a file is being opened the interval is short; then it is what it was, also after a failure."""
    before, seen = sys.getswitchinterval(), []

    async def opened() -> None:
        workers = Workers(hilo.storage)
        try:
            await asyncio.gather(*(workers.file(lambda: seen.append(sys.getswitchinterval())) for _ in range(2)))
            seen.append(sys.getswitchinterval())
            await asyncio.gather(workers.file(lambda: 1 / 0), return_exceptions=True)
        finally:
            workers.close()

    asyncio.run(opened())

    assert [round(each, 6) for each in seen] == [HANDS_OVER, HANDS_OVER, round(before, 6)]
    assert sys.getswitchinterval() == before
