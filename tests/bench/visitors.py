"""`python -m tests.bench.visitors`: open pages that stay open, and somebody who fetches a large file over and over.

Reads one line of JSON: the port, the cookies of the pages, and the file's path with the cookie that opens it. Says
`here` once all pages are open; when its input ends, prints how often the file came whole, and ends.
"""

import asyncio
import json
import sys

PIECE = 1 << 18


LINE = 12_500_000  # bytes a second: a hundred megabits, which few phones have


async def opened(port: int, path: str, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Ask for a path; returns the line once the answer's head is read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    fields = ("Host: hilo.test", f"Cookie: hilo={token}", "Connection: close")
    writer.write("\r\n".join((f"GET {path} HTTP/1.1", *fields, "", "")).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise RuntimeError(f"{path}: {head!r}")
    return reader, writer


async def drained(reader: asyncio.StreamReader) -> int:
    """Read to the end; returns how many bytes there were."""
    size = 0
    while piece := await reader.read(PIECE):
        size += len(piece)
    return size


async def fetched(port: int, path: str, token: str, size: int, done: list[int]) -> None:
    """Fetch a file over and over, as fast as a good line brings it."""
    while True:
        reader, writer = await opened(port, path, token)
        got = 0
        while piece := await reader.read(PIECE):
            got += len(piece)
            await asyncio.sleep(len(piece) / LINE)
        writer.close()
        if got < size:
            raise RuntimeError(f"{got} of {size} bytes came")
        done.append(got)


async def main() -> None:
    """Open what is asked for, and stay."""
    told = json.loads(sys.stdin.readline())
    pages = [await opened(told["port"], "/chat/events?after=0", token) for token in told["tokens"]]
    staying = [asyncio.create_task(drained(reader)) for reader, _ in pages]
    done: list[int] = []
    fetching = [
        asyncio.create_task(fetched(told["port"], told["file"], told["cookie"], told["size"], done))
        for _ in range(told["fetching"])
    ]
    print("here", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in fetching:
        if task.done():
            await task  # it never ends but by a failure
    for task in (*fetching, *staying):
        task.cancel()
    print(len(done), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
