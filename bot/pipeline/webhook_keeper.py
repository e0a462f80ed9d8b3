"""Keep a messenger bringing its updates to us: set the address, look whether it is still set, and how that goes."""

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.messengers.port import MessengerError, RetryLater
from bot.messengers.webhook import Webhook
from bot.runtime.workers import Signal, Workers
from bot.services.webhooks import looked, was_set

log = logging.getLogger(__name__)

EVERY: Final = 25.0  # seconds between two looks, as between two fetches
PAUSE_FIRST, PAUSE_MOST = 0.5, 30.0
UNSEEN: Final = -1  # the number of the newest update before the first look
REFUSED_EVERY: Final = timedelta(hours=1)  # between two lines about requests without the secret


class WebhookKeeper:
    """Looks after one webhook; one process does so, however many receive."""

    def __init__(self, source: Webhook, workers: Workers) -> None:
        """Build it; nothing is set before the first look."""
        self._source = source
        self._workers = workers
        self._woken = Signal()
        self._set = self._failing = False
        self._newest: int | None = UNSEEN
        self._worked: datetime | None = None
        self._refused_told: datetime | None = None

    def came(self) -> None:
        """Look at once, where nothing could be brought and something was."""
        if self._failing:
            self._woken.notify()

    async def run(self) -> None:
        """Look now and then until cancelled."""
        pause = PAUSE_FIRST
        while True:
            wait = EVERY
            try:
                await self.round()
                pause = PAUSE_FIRST
            except RetryLater as error:
                wait = error.seconds
            except MessengerError as error:
                log.warning("%s: its webhook: %s; again in %g s", self._source.name, error, pause)
                wait, pause = pause, min(pause * 2, PAUSE_MOST)
            await self._woken.wait(wait)

    async def round(self) -> None:
        """Look once, and set the address where it is not ours; raises what the messenger raises."""
        source = self._source
        state = await source.client.hook()
        lost = state.url != source.hook.url
        # Once in each process, as the secret may be another one, and while it fails: somebody may have changed it.
        if lost or self._failing or not self._set:
            await source.client.prepare(source.hook.url, source.hook.secret)
        newest = await self._workers.read(lambda unit: unit.inbox.newest(source.name))
        came, self._newest = self._newest not in {UNSEEN, newest}, newest  # to this process or another
        if lost:
            work = partial(was_set, url=source.hook.url, before=state, worked_at=self._worked, taken=self._set)
            code = await self._workers.write_with_retry(lambda unit: work(unit, source.name))
            self._told(code)
            works = True
        else:
            look = partial(looked, state=state, worked_at=self._worked, came=came)
            works = await self._workers.write_with_retry(lambda unit: look(unit, source.name))
        self._set = True
        if works is self._failing:
            self._failing = not works
            if works:
                log.warning("%s brings messages again", source.name)
            else:
                log.warning("%s cannot bring messages: %s; %d wait", source.name, state.problem, state.waiting)
        if works:
            self._worked = self._workers.now()
            self._workers.outbox.notify()

    def _told(self, code: str) -> None:
        if code.endswith(".webhook"):
            log.error(
                "somebody had set another webhook for this bot, ours is set again: if not by you, change the token"
            )
        elif code:
            log.error("somebody had removed this bot's webhook, as whoever fetches its messages does; it is set again")

    async def count_refused(self) -> None:
        """Count now and then, until cancelled, what this process refused."""
        while True:
            await asyncio.sleep(EVERY)
            await self.note_refused()

    async def note_refused(self) -> None:
        """Note what was refused since the last time."""
        source, now = self._source, self._workers.now()
        number, source.refused = source.refused, 0
        if not number:
            return
        await self._workers.write_with_retry(lambda unit: unit.webhooks.note_refused(source.name, number))
        if self._refused_told is None or now - self._refused_told >= REFUSED_EVERY:
            self._refused_told = now
            log.warning("%s: %d requests to the webhook without its secret were refused", source.name, number)
