"""Seal anew, beside a running bot, what an earlier version sealed without padding: values, files, then the whole."""

import asyncio
import logging
from functools import partial

from bot import clock
from bot.media.store import MediaStore, find
from bot.runtime.workers import Workers
from storage import padding, resealing
from storage.connections import LeaseLost
from storage.database import transient_error
from storage.unit import Storage

log = logging.getLogger(__name__)

REST = 0.1  # seconds between batches: a turn never waits for more than one
AGAIN = 5.0  # seconds until it is tried again where the database is away
SMALL = 100_000_000  # bytes that are written anew in about a second; more waits for the next start


async def reseal(workers: Workers, media_store: MediaStore, rest: float = REST) -> None:
    """Go on where an earlier start was cut off, until everything is done or has to wait for the next start."""
    while True:
        try:
            await _go_on(workers, media_store, rest)
        except LeaseLost:
            raise
        except Exception as error:
            if not workers.is_transient(error):
                raise
            await asyncio.sleep(AGAIN)
        else:
            return


async def _go_on(workers: Workers, media_store: MediaStore, rest: float) -> None:
    stage = await workers.read(resealing.stage)
    if stage == "values":
        sweep = resealing.ValueSweep()
        while await workers.write_with_retry(sweep.batch):  # noqa: ASYNC110 -- a pause, and no wait for anything
            await asyncio.sleep(rest)
        stage = "files"
    if stage == "files":
        await _files(workers, media_store, rest)
        stage = "compact"
    if stage == "compact" and await asyncio.to_thread(resealing.size, workers.storage) <= SMALL:
        await asyncio.to_thread(compact, workers.storage)


async def _files(workers: Workers, media_store: MediaStore, rest: float) -> None:
    for each in await workers.read(resealing.items):
        found = await workers.read(partial(find, media_id=each))
        if found is None:
            continue
        if not media_store.is_padded(found.file):
            await workers.file(partial(media_store.pad, found))
            await asyncio.sleep(rest)
        size = padding.rounded(found.item.size)
        # A file that was erased meanwhile may have been written again: it belongs to nobody.
        if not await workers.write_with_retry(lambda unit, each=each, size=size: unit.media.resize(each, size)):  # type: ignore[misc]  # bound at once
            media_store.delete((found.file,))
    await workers.write_with_retry(partial(resealing.reached, stage="compact"))


def compact(storage: Storage) -> None:
    """Write the database anew if that is what is left to do; where it cannot be done now, the next start does it."""
    with storage.reading(clock.now()) as unit:
        if resealing.stage(unit) != "compact":
            return
    try:
        resealing.compact(storage, clock.now)
    except Exception as error:
        if transient_error(error) is None:
            raise
        log.warning("the database could not be written anew; the next start tries again")
    else:
        log.info("everything of an earlier version is sealed anew")
