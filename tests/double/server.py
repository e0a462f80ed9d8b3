"""The Bot API itself: paths, tokens, long polls, faults and the ledger, on a loop in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.double import wire
from tests.double.faults import Fault, Script
from tests.double.kinds import read_fields
from tests.double.methods import HANDLERS, want
from tests.double.refusal import Refusal, conflict
from tests.double.schemas import BY_LOWER, METHODS
from tests.double.webhook import Courier
from tests.double.world import Account, Call, World

USED = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    "terminated by other getUpdates request; make sure that only one bot instance is running",
    "terminated by setWebhook request",
)
AHEAD = 10  # an offset further in the future than this is taken for none


class _Poll:
    """A getUpdates that waits."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.ended_by = ""


class Server:
    """The HTTP side of a world. `pace`: length of a webhook's second between repeats, in seconds."""

    def __init__(self, world: World, script: Script, port: int, pace: float) -> None:
        self._world, self._script, self._port, self._pace = world, script, port, pace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._polls: dict[str, _Poll] = {}
        self._couriers: dict[str, tuple[Courier, asyncio.Task[None]]] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self.connected = 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="bot-api", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    def start(self) -> None:
        """Listen; returns once it does. Raises OSError when the port is taken."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Cut every connection and stop listening."""
        self.call(self._stopped.set)
        self._thread.join()

    def call(self, function: Callable[[], object]) -> None:
        """Run something on the server's loop, from any thread; nothing when it has stopped."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def cut(self) -> None:
        """Break every connection that stands, as a network does."""

        def drop() -> None:
            for task in list(self._connections):
                task.cancel()

        self.call(drop)

    def watch(self, account: Account) -> None:
        """Let what arrives for a bot wake its poll or its webhook."""
        account.arrived = lambda: self.call(lambda: self._wake(account))

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        try:
            listener = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        except OSError as failure:
            self._failure = failure
            self._ready.set()
            return
        self._port = listener.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        listener.close()
        tasks = [*self._connections, *(task for _, task in self._couriers.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next round

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.connected += 1
        try:
            await wire.Connection(reader, writer, self._answer).serve()
        except asyncio.CancelledError:
            pass  # cut or stopped: the connection ends here either way
        finally:
            self._connections.discard(task)

    def _wake(self, account: Account) -> None:
        poll = self._polls.get(account.token)
        if account.webhook.url:
            if poll is not None:
                poll.ended_by = USED[2]
            if account.token not in self._couriers:
                courier = Courier(self._world, account, self._pace)
                self._couriers[account.token] = courier, asyncio.ensure_future(courier.run())
            self._couriers[account.token][0].wake()
        if poll is not None:
            poll.woken.set()

    async def _answer(self, request: wire.Request) -> wire.Answer:
        is_file = request.path.startswith("/file/bot")
        prefix = "/file/bot" if is_file else "/bot"
        token, slash, rest = request.path.removeprefix(prefix).partition("/")
        if not request.path.startswith(prefix) or not slash or ":" not in token:
            return wire.Answer.no(Refusal(404, "Not Found"))
        account = self._world.accounts.get(token)
        if account is None:
            return wire.Answer.no(Refusal(401, "Unauthorized"))
        if is_file:
            return await self._download(account, rest)
        return await self._method(account, rest, request)

    async def _download(self, account: Account, path: str) -> wire.Answer:
        """Give a file out, while its link is good; trouble is scripted for it as for the method `download`."""
        file = path.removeprefix("files/")
        data = account.files.get(file)
        call = Call(time.monotonic(), "download", {"file_id": file})
        fault = self._script.fate("download", None)
        if fault is not None and fault.refusal is not None:
            return self._note(call, fault.refusal)
        if data is None or account.links.get(file, 0.0) < self._world.now():
            return self._note(call, Refusal(404, "Not Found"))
        with self._world.changed:
            self._world.ledger.append(call)
        answer = wire.Answer(200, data, kind="application/octet-stream")
        return answer if fault is None else await self._spoil(call, fault, answer)

    async def _method(self, account: Account, name: str, request: wire.Request) -> wire.Answer:
        method = BY_LOWER.get(name.lower(), name)
        call = Call(time.monotonic(), method, {})
        try:
            call.params = request.params()
            fault = self._script.fate(method, call.params.get("chat_id"))
            answer = await self._act(account, call, fault)
        except Refusal as refusal:
            fault = None
            answer = self._refuse(call, refusal)
        except Exception as error:  # noqa: BLE001  the test must learn that the double itself broke
            fault = None
            answer = self._refuse(call, Refusal(400, f"the double broke: {error!r}"))
        if fault is None:
            return answer
        return await self._spoil(call, fault, answer)

    async def _act(self, account: Account, call: Call, fault: Fault | None) -> wire.Answer:
        """Do what a call asks for, unless its fate is to be refused or lost before."""
        if fault is not None and fault.refusal is not None:
            return self._note(call, fault.refusal)
        if fault is not None and fault.lost == "before":
            return wire.Answer(200, b"")
        if call.method not in METHODS:
            raise Refusal(404, "Not Found: method not found")
        call.params = read_fields(METHODS[call.method], call.params, call.method, top=True)
        if call.method == "getUpdates":
            return wire.Answer.ok(await self._get_updates(account, call.params))
        with self._world.changed:
            call.at = time.monotonic()
            self._limit(call)
            result = HANDLERS[call.method](self._world, account, call.params)
            if isinstance(result, dict) and call.method.startswith("send"):
                call.message = result["message_id"]
            self._world.ledger.append(call)
        return wire.Answer.ok(result)

    def _limit(self, call: Call) -> None:
        """Refuse a message that is one too many in this second."""
        limits = self._world.limits
        paid = bool(call.params.get("allow_paid_broadcast"))
        if limits is not None and call.method == "sendMessage" and limits.full(call.at, paid=paid):
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)

    async def _spoil(self, call: Call, fault: Fault, answer: wire.Answer) -> wire.Answer:
        call.lost = bool(fault.lost or fault.garbled)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.lost:
            answer.cut = "all"
        elif fault.garbled:
            answer.body = answer.body[: len(answer.body) // 2]
        return answer

    def _note(self, call: Call, refusal: Refusal) -> wire.Answer:
        call.status, call.description = refusal.status, refusal.description
        with self._world.changed:
            self._world.ledger.append(call)
        return wire.Answer.no(refusal)

    def _refuse(self, call: Call, refusal: Refusal) -> wire.Answer:
        """Answer no, and note a violation when the caller should have known better."""
        if refusal.status in (400, 404, 409):
            self._world.violate(f"{call.method}: {refusal.description}")
        return self._note(call, refusal)

    async def _get_updates(self, account: Account, params: dict[str, Any]) -> list[dict[str, Any]]:
        if account.webhook.url:
            raise conflict(USED[0])
        want(account, params)
        limit, timeout = params.get("limit", 100), params.get("timeout", 0)
        offset = self._confirm(account, params.get("offset", 0))
        found = self._ready_updates(account, offset, limit)
        if found or not timeout:
            return found
        if (other := self._polls.get(account.token)) is not None:
            other.ended_by = USED[1]
            other.woken.set()
        poll = self._polls[account.token] = _Poll()
        try:
            await asyncio.wait_for(poll.woken.wait(), timeout)
        except TimeoutError:
            return []
        finally:
            if self._polls.get(account.token) is poll:
                del self._polls[account.token]
        if poll.ended_by:
            raise conflict(poll.ended_by)
        return self._ready_updates(account, offset, limit)

    def _confirm(self, account: Account, offset: int) -> int:
        """Forget what an offset confirms: everything below it, or, if negative, all but so many of the newest."""
        with self._world.changed:
            pending = self._world.pending(account)
            if offset < 0:
                del account.updates[: max(0, len(pending) + offset)]
                return 0
            if offset > account.last_update + AHEAD:
                return 0
            account.updates[:] = [update for update in pending if update.id >= offset]
            return offset

    def _ready_updates(self, account: Account, offset: int, limit: int) -> list[dict[str, Any]]:
        ready = [update for update in self._world.pending(account) if update.id >= offset]
        return [update.to_api() for update in ready[:limit]]
