"""The way in from outside: the public address, its certificate, and where the web side listens."""

import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.cli.operate.checks.finding import Finding
from bot.config import Config

PATIENCE: Final = 10  # seconds
ENDING: Final = timedelta(days=14)
HTTPS: Final = 443
CONTAINERS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))


def address(config: Config, now: datetime) -> Iterator[Finding]:
    """Find an address that is not locked, a certificate that ends, and a web side that everybody reaches."""
    parts = urlsplit(config.public_url or "")
    if parts.scheme == "http" and not _is_here(parts.hostname or ""):
        yield Finding("plain_address", "bad", {"url": config.public_url})
    if _is_open(config.host):
        inside = "container" in os.environ or any(path.exists() for path in CONTAINERS)
        yield Finding("listens_inside" if inside else "listens_everywhere", "note" if inside else "bad")
    if config.metrics_port is not None:
        yield Finding("metrics", "good", {"port": str(config.metrics_port)})
    if parts.scheme == "https":
        yield from _certificate(parts.hostname or "", parts.port or HTTPS, now)


def _certificate(host: str, port: int, now: datetime) -> Iterator[Finding]:
    """Ask the public address for its certificate, as a browser does."""
    try:
        with (
            closing(socket.create_connection((host, port), timeout=PATIENCE)) as line,
            ssl.create_default_context().wrap_socket(line, server_hostname=host) as locked,
        ):
            until = str((locked.getpeercert() or {}).get("notAfter"))
    except ssl.SSLCertVerificationError as error:
        yield Finding("certificate_bad", "bad", {"host": host, "problem": error.verify_message})
        return
    except (OSError, ValueError) as error:
        yield Finding("certificate_unknown", "note", {"host": host, "problem": error})
        return
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)
    facts: dict[str, object] = {"host": host, "day": f"{ends:%Y-%m-%d}"}
    ending = ends - now < ENDING
    yield Finding("certificate_ending" if ending else "certificate", "bad" if ending else "good", facts)


def _is_here(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or _of(host, "is_loopback")


def _is_open(host: str) -> bool:
    """Return whether the whole internet may get to a host that is listened on."""
    return host == "" or _of(host, "is_unspecified") or _of(host, "is_global")


def _of(host: str, what: str) -> bool:
    try:
        return bool(getattr(ipaddress.ip_address(host), what))
    except ValueError:
        return False
