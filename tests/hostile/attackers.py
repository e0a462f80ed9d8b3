"""`python -m tests.hostile.attackers`: whoever wants the bot to be silent, without an invite and with one.

Reads one line of JSON: the port of the bot and of the proxy before it, the cookies of a conversation, a nickname, and a
seed. Says `here` once it has begun; when its input ends, prints as JSON what was tried how often, and what came of it.
"""

import asyncio
import contextlib
import json
import os
import random
import ssl
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
STREAMS, HALVES, SLOW = 600, 400, 100
PLACES = 10  # addresses of this machine that it comes from
PATIENCE = 30.0
LONG, PHOTO = "agua " * 4000, 3_000_000
ONLY = set(filter(None, os.environ.get("KINDS", "").split(",")))  # kinds of attack, to look for what one of them costs
AT_ONCE = 8  # lines that flood, of each kind


class Attack:
    """All kinds at once, until cancelled."""

    def __init__(self, told: dict[str, object]) -> None:
        self.port, self.proxy = int(str(told["port"])), int(str(told["proxy"]))
        self.cookies = [str(each) for each in told["cookies"]]  # type: ignore[attr-defined]  # a list, as it was written
        self.nickname = str(told["nickname"])
        self.chance = random.Random(str(told["seed"]))
        self.counts: Counter[str] = Counter()
        self._tls = ssl.create_default_context()
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE

    def all(self) -> list[asyncio.Task[None]]:
        """Begin everything."""
        kinds: list[tuple[int, float, Callable[[int], Awaitable[None]]]] = [
            (STREAMS, 5.0, self.stream),
            (HALVES, 1.0, self.half),
            (SLOW, 1.0, self.slow),
            (AT_ONCE, 0.2, self.code),
            (AT_ONCE, 0.2, self.text),
            (3, 1.0, self.photo),
            (4, 0.2, self.button),
            (2, 0.3, self.pin),
            (4, 0.2, self.garbage),
            (2, 0.2, self.link),
        ]
        return [
            asyncio.create_task(self.over_and_over(kind, number, pause))
            for many, pause, kind in kinds
            if not ONLY or kind.__name__ in ONLY
            for number in range(many)
        ]

    async def over_and_over(self, kind: Callable[[int], Awaitable[None]], number: int, pause: float) -> None:
        """Do one thing again and again, whatever comes of it."""
        name = kind.__name__
        await asyncio.sleep(self.chance.random() * 3)
        while True:
            self.counts[name] += 1
            try:
                async with asyncio.timeout(PATIENCE * 4):
                    await kind(number)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self.counts[f"{name}: {type(error).__name__}"] += 1
                await asyncio.sleep(1)
            await asyncio.sleep(pause)

    async def line(self, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a line, every third through the proxy, from one of many addresses."""
        here = (f"127.0.1.{number % PLACES + 1}", 0)
        if number % 3:
            return await asyncio.open_connection("127.0.0.1", self.port, local_addr=here)
        return await asyncio.open_connection(
            "127.0.0.1", self.proxy, local_addr=here, ssl=self._tls, server_hostname="localhost"
        )

    async def ask(self, name: str, number: int, head: str, body: bytes = b"", cookie: str = "") -> None:
        """Send a request, and note the status of its answer."""
        reader, writer = await self.line(number)
        try:
            fields = [
                "Host: localhost",
                "Accept: application/json",
                f"Content-Length: {len(body)}",
                "Connection: close",
            ]
            if cookie:
                fields.append(f"Cookie: {cookie}")
            writer.write("\r\n".join((f"{head} HTTP/1.1", *fields, "", "")).encode() + body)
            await writer.drain()
            async with asyncio.timeout(PATIENCE):
                status = (await reader.readline()).decode("latin-1").split(" ")
            self.counts[f"{name}: {status[1] if len(status) > 1 else 'cut'}"] += 1
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def form(self, **fields: str) -> bytes:
        """Write a form."""
        return "&".join(f"{name}={value}" for name, value in fields.items()).replace(" ", "+").encode()

    def typed(self) -> str:
        """Return the head of a form."""
        return "\r\nContent-Type: application/x-www-form-urlencoded"

    def made_up(self) -> str:
        """Make up a code, a nonce or a token."""
        return "".join(self.chance.choices(LETTERS, k=10))

    # What is tried.

    async def stream(self, number: int) -> None:
        """Open a page's stream, with a conversation or a made-up one, and stay."""
        cookie = self.chance.choice([*self.cookies, f"hilo={self.chance.randbytes(20).hex()}"])
        reader, writer = await self.line(number)
        try:
            head = f"GET /chat/events?after=0 HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
            writer.write(head.encode())
            await writer.drain()
            while await reader.read(4096):
                pass
        finally:
            writer.close()

    async def half(self, number: int) -> None:
        """Begin a request and never end it."""
        _, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(f"127.0.1.{number % PLACES + 1}", 0)
        )
        try:
            for _ in range(int(PATIENCE)):
                writer.write(b"GET /health HTTP/1.1\r\nX-Half: " if _ == 0 else b"x")
                await writer.drain()
                await asyncio.sleep(1)
        finally:
            writer.close()

    async def slow(self, number: int) -> None:
        """Send a body byte by byte."""
        _, writer = await self.line(number)
        try:
            head = f"POST /chat HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookies[0]}\r\nContent-Length: 900000"
            writer.write(f"{head}{self.typed()}\r\n\r\n".encode())
            for _ in range(int(PATIENCE)):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(1)
        finally:
            writer.close()

    async def code(self, number: int) -> None:
        """Look at an invite that never was, or press its button."""
        if self.chance.random() < 0.5:
            await self.ask("code", number, f"GET /join/{self.made_up()}")
        else:
            await self.send_form("code", number, f"/join/{self.made_up()}", self.form(nonce=self.made_up()))

    async def text(self, number: int) -> None:
        """Write as much as a message holds, into a conversation that agreed to nothing or takes part."""
        await self.post("text", number, self.form(nonce=self.made_up(), seen="0", text=LONG))

    async def button(self, number: int) -> None:
        """Press a button that nobody made."""
        data = self.chance.randbytes(20).hex()
        await self.post("button", number, self.form(nonce=self.made_up(), seen="0", message="1", button=data))

    async def post(self, name: str, number: int, body: bytes) -> None:
        """Post to a conversation."""
        cookie = self.cookies[number % len(self.cookies)]
        await self.send_form(name, number, "/chat", body, cookie)

    async def send_form(self, name: str, number: int, path: str, body: bytes, cookie: str = "") -> None:
        """Post a form."""
        reader, writer = await self.line(number)
        try:
            fields = f"Host: localhost\r\nAccept: application/json{self.typed()}\r\nContent-Length: {len(body)}"
            given = f"\r\nCookie: {cookie}" if cookie else ""
            writer.write(f"POST {path} HTTP/1.1\r\n{fields}{given}\r\nConnection: close\r\n\r\n".encode() + body)
            await writer.drain()
            async with asyncio.timeout(PATIENCE):
                status = (await reader.readline()).decode("latin-1").split(" ")
            self.counts[f"{name}: {status[1] if len(status) > 1 else 'cut'}"] += 1
        finally:
            writer.close()

    async def photo(self, number: int) -> None:
        """Send a large photo."""
        path = f"POST /chat/media?kind=photo&nonce={self.chance.randbytes(8).hex()}&seen=0"
        body = b"\x89PNG\r\n\x1a\n" + self.chance.randbytes(1000) * (PHOTO // 1000)
        await self.ask("photo", number, path, body, self.cookies[number % len(self.cookies)])

    async def pin(self, number: int) -> None:
        """Try the PIN of a nickname."""
        digits = f"{self.chance.randrange(10_000):04}"
        await self.send_form("pin", number, "/enter", self.form(nickname=self.nickname, kind="digits", pin=digits))

    async def link(self, number: int) -> None:
        """Look for a personal link."""
        await self.ask("link", number, f"GET /l/{self.made_up()}")

    async def garbage(self, number: int) -> None:
        """Send what is no request at all."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(b"\x16\x03\x01 nonsense \x00\xff\r\n\r\n")
            await writer.drain()
            async with asyncio.timeout(PATIENCE):
                await reader.read(1000)
        finally:
            writer.close()


async def main() -> None:
    """Attack until the input ends."""
    attack = Attack(json.loads(sys.stdin.readline()))
    tasks = attack.all()
    print("here", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(attack.counts), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
