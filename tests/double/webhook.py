"""Delivery by webhook: messages in the order of their chat, presses in the order of who pressed; again if refused.

As Telegram's server does it (tdlib/telegram-bot-api, `WebhookActor.cpp`): again at once, then after two seconds, then
after twice as long each time, up to a minute or two; or after as long as `Retry-After` asks. While nothing was taken
for ten seconds, there is one line; else one for each queue in which something waits, as many as the bot allows.
"""

import asyncio
import time
from dataclasses import dataclass

import httpx

from tests.double.world import Account, Update, World

PATIENCE = 60.0  # seconds Telegram waits for an answer
FIRST, LONGEST = 1.0, 60.0  # seconds between repeats, doubling from the second on
RETRY_AFTER = 3600.0  # seconds that an answer may ask for
LATELY = 10.0  # seconds after the last success in which there are many lines


@dataclass
class _Repeat:
    """How an update fared so far."""

    at: float = 0.0
    delay: float = FIRST
    failures: int = 0

    def failed(self, now: float, asked: float, pace: float) -> None:
        """Put the next try off."""
        wait = min(asked, RETRY_AFTER)
        if not wait and self.failures:
            self.delay = wait = min(self.delay * 2, LONGEST)
        self.at = now + wait * pace
        self.failures += 1


class Courier:
    """Brings one bot's updates to its webhook. `pace`: length of a second between repeats, in seconds."""

    def __init__(self, world: World, account: Account, pace: float) -> None:
        self._world, self._account, self._pace = world, account, pace
        self._woken = asyncio.Event()
        self._busy: set[tuple[str, int]] = set()
        self._repeats: dict[int, _Repeat] = {}
        self._carrying: set[asyncio.Task[None]] = set()
        self._taken_at = time.monotonic()

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
        if not webhook.url or self._account.held:
            return None
        next_at: list[float] = []
        heads: set[tuple[str, int]] = set()
        now = time.monotonic()
        lines = webhook.connections if now - self._taken_at < LATELY else 1
        for update in self._world.pending(self._account):
            if update.queue in heads or update.queue in self._busy:
                continue
            heads.add(update.queue)
            repeat = self._repeats.setdefault(update.id, _Repeat())
            if repeat.at > now:
                next_at.append(repeat.at - now)
            elif len(self._busy) < lines:
                self._busy.add(update.queue)
                task = asyncio.ensure_future(self._carry(client, update, repeat))
                self._carrying.add(task)
                task.add_done_callback(self._carrying.discard)
        return min(next_at, default=None)

    async def _carry(self, client: httpx.AsyncClient, update: Update, repeat: _Repeat) -> None:
        webhook = self._account.webhook
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        asked = 0.0
        try:
            answer = await client.post(webhook.url, json=update.to_api(), headers=headers)
            wrong = ""
            if not answer.is_success:
                wrong = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
                told = answer.headers.get("retry-after", "")
                asked = float(told) if told.isdecimal() else 0.0
        except httpx.HTTPError as error:
            wrong = f"Webhook connection closed ({type(error).__name__})"
        finally:
            self._busy.discard(update.queue)
        if wrong:
            webhook.last_error, webhook.failed_at = wrong, self._world.now()
            repeat.failed(time.monotonic(), asked, self._pace)
        else:
            self._taken_at = time.monotonic()
            with self._world.changed:
                if update in self._account.updates:
                    self._account.updates.remove(update)
                self._world.changed.notify_all()
        self._woken.set()
