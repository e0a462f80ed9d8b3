"""`python -m tests.bench.empty CLIENT URL TOKEN PORT`: an empty uvicorn and a client's long poll, and nothing else.

What any bot with a web side takes that does nothing; says `here` once it listens and polls.
"""

import asyncio
import signal
import sys

from starlette.applications import Starlette
from uvicorn.config import Config
from uvicorn.server import Server

from bot.pipeline.loops import LONG_POLL
from tests.bench.bare import aiogram_bot, telegram_bot


async def main(client: str, url: str, token: str, port: str) -> None:
    """Serve nothing and fetch nothing until asked to stop."""
    make, close = {"ptb": telegram_bot, "aiogram": aiogram_bot}[client](url, token)
    config = Config(Starlette(), port=int(port), http="h11", access_log=False, log_config=None, lifespan="off")
    server = Server(config)

    async def poll() -> None:
        await make("getMe", {})
        print("here", flush=True)
        while True:
            await make("getUpdates", {"limit": 100, "timeout": int(LONG_POLL), "allowed_updates": ["message"]})

    polling = asyncio.create_task(poll())
    await server.serve()
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    await close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(main(*sys.argv[1:]))
