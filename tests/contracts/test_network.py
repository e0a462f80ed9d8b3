"""The network under python-telegram-bot: a kept connection that the other side has closed is seen to be."""

import asyncio

import pytest

from bot.messengers._network import Network, Stream

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The one loop that adapters run on."""
    return "asyncio"


async def until(stream: Stream, readable: bool) -> None:
    """Wait until the stream tells so."""
    async with asyncio.timeout(5):
        while stream.get_extra_info("is_readable") is not readable:  # noqa: ASYNC110  a socket rings no event
            await asyncio.sleep(0.01)


async def test_a_connection_tells_that_the_other_side_hung_up() -> None:
    """At rest it has nothing to read; once the other side has closed it, or we have, it says so."""
    doors: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: doors.append(writer), "127.0.0.1")
    host, port = server.sockets[0].getsockname()
    left, right = [await Network().connect_tcp(host, port) for _ in range(2)]
    assert isinstance(left, Stream)
    assert isinstance(right, Stream)
    await until(left, readable=False)
    while len(doors) < 2:  # noqa: ASYNC110  the server's own loop fills the list
        await asyncio.sleep(0.01)

    for door in doors:
        if door.get_extra_info("peername") == left.get_extra_info("client_addr"):
            door.close()
    await until(left, readable=True)
    assert not right.get_extra_info("is_readable")
    await right.aclose()
    assert right.get_extra_info("is_readable")
    await left.aclose()
    server.close()
    for door in doors:
        door.close()
