"""The web messenger: an update is kept before its page hears so, and the outbox is the mailbox."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.messengers.letterbox import NotKept
from bot.messengers.port import Incoming, Kind, Outgoing
from bot.messengers.web import WebMessenger


def words(update: str) -> Incoming:
    """Make an update."""
    return Incoming("web", update, "c" * 40, Kind.TEXT, order=1, text=f"words {update}")


def play(scene: Callable[[WebMessenger], Awaitable[None]]) -> None:
    """Play a scene in a loop of its own."""
    asyncio.run(asyncio.wait_for(scene(WebMessenger()), 10))


def test_a_page_waits_until_its_update_is_confirmed() -> None:
    """Fetching is no promise: only the next fetch, which asks from beyond the batch, frees the page."""

    async def scene(web: WebMessenger) -> None:
        page = asyncio.create_task(web.hand_over(words("a")))
        batch = await web.fetch(None, 5)
        await asyncio.sleep(0.05)
        before = page.done()
        nothing = await web.fetch(batch.next, 0.05)
        await page

        assert [update.update for update in batch.updates] == ["a"]
        assert not before
        assert list(nothing.updates) == []
        assert nothing.next == batch.next

    play(scene)


def test_what_was_not_confirmed_is_fetched_again() -> None:
    """A poll loop that begins anew gets what the one before it had fetched and not kept."""

    async def scene(web: WebMessenger) -> None:
        page = asyncio.create_task(web.hand_over(words("a")))
        first = await web.fetch(None, 5)
        again = await web.fetch(None, 5)
        await web.fetch(again.next, 0)
        await page

        assert first == again

    play(scene)


def test_a_fetch_wakes_for_an_update() -> None:
    """Nothing waits out the long poll once there is something."""

    async def scene(web: WebMessenger) -> None:
        fetching = asyncio.create_task(web.fetch(None, 60))
        await asyncio.sleep(0.05)
        page = asyncio.create_task(web.hand_over(words("a")))
        batch = await asyncio.wait_for(fetching, 1)
        other = asyncio.create_task(web.hand_over(words("b")))
        second = await web.fetch(batch.next, 60)
        await web.fetch(second.next, 0)
        await asyncio.gather(page, other)

        assert [update.update for update in (*batch.updates, *second.updates)] == ["a", "b"]

    play(scene)


def test_a_page_is_told_when_nobody_keeps_its_update() -> None:
    """Without a poll loop the page fails in good time, and what it gave up is not delivered behind its back."""

    async def scene(web: WebMessenger) -> None:
        with pytest.raises(NotKept):
            await web.hand_over(words("a"), patience=0.05)
        batch = await web.fetch(None, 0.05)

        assert list(batch.updates) == []

    play(scene)


def test_closing_tells_every_page() -> None:
    """A page that waits when the bot stops is told at once, and so is one that comes later."""

    async def scene(web: WebMessenger) -> None:
        page = asyncio.create_task(web.hand_over(words("a")))
        await asyncio.sleep(0)
        await web.close()
        with pytest.raises(NotKept):
            await page
        with pytest.raises(NotKept):
            await web.hand_over(words("b"))

    play(scene)


def test_sending_is_the_outbox_row_itself() -> None:
    """The message id is the row's number, for a new message and for an edit alike; nothing else is owed."""

    async def scene(web: WebMessenger) -> None:
        assert await web.send(Outgoing("c" * 40, "hola", row=7)) == 7
        assert await web.send(Outgoing("c" * 40, None, edits=7, row=9)) == 9
        await web.acknowledge("anything")
        assert (await web.identify()).username == "web"

    play(scene)
