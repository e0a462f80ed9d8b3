"""The ways to a Bot API server that is elsewhere: under TLS, and through the proxy that the environment names."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot import clock
from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.port import Attachment, Outgoing, Rejected, Unreachable
from bot.messengers.ptb import PtbMessenger
from tests.double import Double

pytestmark = pytest.mark.anyio

ELSEWHERE = "api.telegram.invalid"  # a name that only the proxy knows
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

Client = PtbMessenger | AiogramMessenger
Served = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without any proxy."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(params=[PtbMessenger, AiogramMessenger])
def client(request: pytest.FixtureRequest) -> type[Client]:
    """Either client."""
    kind: type[Client] = request.param
    return kind


async def pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    """Hand on what comes, until it ends."""
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            into.write(data)
            await into.drain()
    into.close()
    with contextlib.suppress(OSError):
        await into.wait_closed()


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, first: bytes = b"") -> None:
    """Join a connection with another one, to a port of this machine, until both have ended."""
    there, onward = await asyncio.open_connection("127.0.0.1", port)
    onward.write(first)
    await asyncio.gather(pour(reader, onward), pour(there, writer))


@asynccontextmanager
async def serving(serve: Served, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve on a port of this machine, which is yielded; every connection is waited for at the end."""
    served: list[asyncio.Task[None]] = []

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", ssl=tls)
    yield server.sockets[0].getsockname()[1]
    server.close()
    async with asyncio.timeout(5):
        await asyncio.gather(*served)


@dataclass
class Proxy:
    """A proxy that leads every name to one port of this machine, and keeps the heads of what it was asked."""

    port: int
    heads: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: what is asked for `http://…` goes on as it came, `CONNECT` opens a tunnel."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        if head.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await join(reader, writer, self.port)
        else:
            method, address, rest = head.split(b" ", 2)
            await join(reader, writer, self.port, b" ".join((method, urlsplit(address).path, rest)))


@dataclass
class Court:
    """A certificate for a name, by an authority of its own."""

    folder: Path

    def __post_init__(self) -> None:
        """Make a key, and a certificate that vouches for itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, ELSEWHERE)])
        now = clock.now()
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(ELSEWHERE)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (self.folder / "key.pem").write_bytes(secret)

    @property
    def certificate(self) -> Path:
        """The certificate's file."""
        return self.folder / "certificate.pem"

    def context(self) -> ssl.SSLContext:
        """What a server with it needs."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.folder / "key.pem")
        return context


def port_of(double: Double) -> int:
    """The double's port."""
    return urlsplit(double.url).port or 0


async def test_a_proxy_of_the_environment_leads_on(
    client: type[Client], double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call goes through the proxy, with the name and word it wants; `NO_PROXY` keeps it from there."""
    proxy = Proxy(port_of(double))
    async with serving(proxy.serve) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://rosa:a%20b@127.0.0.1:{port}")
        messenger = client(double.token, f"http://{ELSEWHERE}")
        assert (await messenger.identify()).username
        await messenger.close()
        monkeypatch.setenv("NO_PROXY", ELSEWHERE)
        past = client(double.token, f"http://{ELSEWHERE}")
        with pytest.raises(Unreachable):
            await past.identify()
        await past.close()

    assert len(proxy.heads) == 1
    assert proxy.heads[0].split()[1].startswith(f"http://{ELSEWHERE}/")
    assert f"proxy-authorization: basic {base64.b64encode(b'rosa:a b').decode()}".lower() in proxy.heads[0].lower()


async def test_no_proxy_leads_to_this_machine(
    client: type[Client], double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Bot API server beside the bot is asked directly, whatever the environment says."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    messenger = client(double.token, double.url)
    assert (await messenger.identify()).username
    await messenger.close()


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9050", "http://", "nonsense://x:y", "http://[::1", "http://h:0"])
async def test_a_proxy_that_cannot_be_used_is_told_at_once(
    client: type[Client], proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever set it reads which setting it is, and what it must be like."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(Rejected, match=r"HTTPS_PROXY.*must be like http://"):
        client("123456:AAnobodyKnowsThisOne")


async def test_a_proxy_that_is_down_is_unreachable(client: type[Client], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing left this machine."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    messenger = client("123456:AAnobodyKnowsThisOne", f"https://{ELSEWHERE}")
    with pytest.raises(Unreachable):
        await messenger.identify()
    await messenger.close()


async def test_tls_through_a_tunnel(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that this machine trusts is taken, also for a file of many kilobytes; the proxy reads nothing."""
    court = Court(tmp_path)

    async def behind(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await join(reader, writer, port_of(double))

    user = double.user()
    user.start()
    async with serving(behind, court.context()) as inside, serving((proxy := Proxy(inside)).serve) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        strange = PtbMessenger(double.token, f"https://{ELSEWHERE}")
        with pytest.raises(Unreachable):
            await strange.identify()
        await strange.close()

        monkeypatch.setenv("SSL_CERT_FILE", str(court.certificate))
        known = PtbMessenger(double.token, f"https://{ELSEWHERE}")
        assert (await known.identify()).username
        table = Attachment("document", "text/csv", "a.csv", b"x" * 300_000)
        await known.send(Outgoing(str(user.id), "hola", attachment=table))
        await known.close()

    assert user.said[-1].content["document"]["file_size"] == 300_000
    assert {head.split()[0] for head in proxy.heads} == {"CONNECT"}
    assert all(double.token not in head for head in proxy.heads)
