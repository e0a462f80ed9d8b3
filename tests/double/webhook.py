"""Delivery by webhook: messages in the order of their chat, presses in the order of who pressed; again if refused."""

import asyncio
import time
from dataclasses import dataclass

import httpx

from tests.double.world import Account, Update, World

PATIENCE = 60.0  # seconds Telegram waits for an answer
SHORTEST, LONGEST = 1.0, 120.0  # seconds between repeats, doubling


@dataclass
class _Repeat:
    """How an update fared so far."""

    at: float = 0.0
    delay: float = 0.0


class Courier:
    """Brings one bot's updates to its webhook. `pace`: length of a second between repeats, in seconds."""

    def __init__(self, world: World, account: Account, pace: float) -> None:
        self._world, self._account, self._pace = world, account, pace
        self._woken = asyncio.Event()
        self._busy: set[tuple[str, int]] = set()
        self._repeats: dict[int, _Repeat] = {}
        self._carrying: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look again for something to bring; from the loop's own thread."""
        self._woken.set()

    async def run(self) -> None:
        """Bring updates until cancelled."""
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            try:
                while True:
                    self._woken.clear()
                    pause = self._dispatch(client)
                    try:
                        await asyncio.wait_for(self._woken.wait(), pause)
                    except TimeoutError:
                        continue
            finally:
                for task in self._carrying:
                    task.cancel()
                await asyncio.gather(*self._carrying, return_exceptions=True)

    def _dispatch(self, client: httpx.AsyncClient) -> float | None:
        """Set out with the first update of each free queue; returns how long nothing else is due."""
        webhook = self._account.webhook
        if not webhook.url:
            return None
        next_at: list[float] = []
        heads: set[tuple[str, int]] = set()
        now = time.monotonic()
        for update in self._world.pending(self._account):
            if update.queue in heads or update.queue in self._busy:
                continue
            heads.add(update.queue)
            repeat = self._repeats.setdefault(update.id, _Repeat())
            if repeat.at > now:
                next_at.append(repeat.at - now)
            elif len(self._busy) < webhook.connections:
                self._busy.add(update.queue)
                task = asyncio.ensure_future(self._carry(client, update, repeat))
                self._carrying.add(task)
                task.add_done_callback(self._carrying.discard)
        return min(next_at, default=None)

    async def _carry(self, client: httpx.AsyncClient, update: Update, repeat: _Repeat) -> None:
        webhook = self._account.webhook
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        try:
            answer = await client.post(webhook.url, json=update.to_api(), headers=headers)
            wrong = "" if answer.is_success else f"Wrong response from the webhook: {answer.status_code}"
        except httpx.HTTPError as error:
            wrong = f"Webhook connection closed ({type(error).__name__})"
        finally:
            self._busy.discard(update.queue)
        webhook.last_error = wrong
        with self._world.changed:
            if not wrong and update in self._account.updates:
                self._account.updates.remove(update)
        if wrong:
            # Telegram repeats at once, then doubles its patience.
            repeat.at = time.monotonic() + repeat.delay * self._pace
            repeat.delay = min(max(repeat.delay * 2, SHORTEST), LONGEST)
        self._woken.set()
