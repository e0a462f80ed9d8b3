"""The network under python-telegram-bot: a closed connection is seen to be, and no more are opened than are needed."""

import asyncio
from collections import Counter

import pytest

from bot.messengers._network import LOT, Connections, Network, Stream

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


async def test_requests_share_as_few_connections_as_they_can() -> None:
    """One after the other they take one; many at once take as many as there may be, and the rest wait."""
    served: Counter[asyncio.StreamWriter] = Counter()
    heard = asyncio.Event()

    async def serve(asked: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        while await asked.read(1000):
            served[answer] += 1
            await heard.wait()
            answer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        answer.close()

    server = await asyncio.start_server(serve, "127.0.0.1")
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    connections = Connections(base, 2 * LOT, near=True)

    async def ask() -> bytes:
        patience = dict.fromkeys(("connect", "read", "write", "pool"), 10.0)
        answer = await connections.request("GET", base, headers={}, content=None, timeouts=patience)
        return answer.content

    heard.set()
    assert [await ask() for _ in range(3 * LOT)] == [b"ok"] * 3 * LOT
    assert list(served.values()) == [3 * LOT]
    heard.clear()
    many = [asyncio.create_task(ask()) for _ in range(5 * LOT)]
    async with asyncio.timeout(5):
        while len(served) < 2 * LOT:  # noqa: ASYNC110  the server's own loop fills the list
            await asyncio.sleep(0.01)
    heard.set()
    assert await asyncio.gather(*many) == [b"ok"] * 5 * LOT
    assert len(served) == 2 * LOT
    await connections.aclose()
    server.close()
