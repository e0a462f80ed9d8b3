"""Tell whoever looks after the machine how this process stands: `/readyz` and `/metrics`, on this machine alone.

They have a port of their own, which nobody from outside gets to, and say nothing of anybody.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.config import Config
from uvicorn.server import Server as Uvicorn

from bot.runtime.version import version
from bot.runtime.workers import Workers
from bot.web.metrics import KIND, Known, Look, written

T = TypeVar("T")

HERE: Final = "127.0.0.1"
PATIENCE: Final = 2.0  # seconds within which the database has to answer
GRACE: Final = 1  # seconds that an open request gets once the process stops
Stage: TypeAlias = Literal["starting", "running", "stopping"]


@dataclass(slots=True)
class Standing:
    """How a process stands, as it notes by itself.

    Attributes:
        part: what it was started for.
        workers: storage, and what was done.
        is_seen: whether the other processes, where there are any, count on this one.
        does: what it does of what one process alone may do, by the names of leases.
        loops: what has to go on as long as the process.
        stage: how far it is.
    """

    part: str
    workers: Workers
    is_seen: Callable[[], bool]
    does: Callable[[], Sequence[str]]
    loops: Callable[[], Sequence[asyncio.Task[None]]]
    stage: Stage


class Monitor:
    """The pages of one process's standing."""

    def __init__(self, standing: Standing) -> None:
        """Build them; `serving` serves them."""
        self._standing = standing
        self._known = Known(standing.part, version(), standing.workers, standing.does)
        # A look that waits for a database that is away holds up no page and no turn.
        self._thread = ThreadPoolExecutor(1, "hilo-monitor")
        self._looking: asyncio.Task[Look] | None = None

    @contextlib.asynccontextmanager
    async def serving(self, taken: socket.socket) -> AsyncIterator[None]:
        """Serve on a socket until the block ends."""
        site = Starlette(routes=[Route("/readyz", self._readyz), Route("/metrics", self._metrics)])
        server = _Quiet(
            Config(
                site,
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=GRACE,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[taken]), name="monitor")
        try:
            yield
        finally:
            server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            self._thread.shutdown(wait=False)

    async def _readyz(self, _request: Request) -> Response:
        word = await self._word()
        return PlainTextResponse(word + "\n", 200 if word == "ready" else 503)

    async def _metrics(self, _request: Request) -> Response:
        return Response(await self._in_thread(lambda: written(self._known)), media_type=KIND)

    async def _word(self) -> str:
        """Say in one word whether this process does its part, or what keeps it from it."""
        standing = self._standing
        if standing.stage != "running":
            return standing.stage
        if any(_broke(loop) for loop in standing.loops()):
            return "ended"
        if not await self._answers():
            return "database"
        return "ready" if standing.is_seen() else "unseen"

    async def _answers(self) -> bool:
        """Return whether the database answers in time; of several who ask at once, one look serves all."""
        looking = self._looking
        if looking is None or looking.done():
            looking = self._looking = asyncio.create_task(self._in_thread(self._known.look))
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(looking)
        except Exception as error:
            if isinstance(error, TimeoutError) or self._standing.workers.is_transient(error):
                return False
            raise
        return True

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _broke(loop: asyncio.Task[None]) -> bool:
    """Return whether a loop has ended otherwise than by having nothing more to do."""
    return loop.done() and (loop.cancelled() or loop.exception() is not None)


class _Quiet(Uvicorn):
    """uvicorn, which leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal: the pages end with the process."""
        yield
