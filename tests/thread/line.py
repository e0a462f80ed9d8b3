"""The line between a process and PostgreSQL, which can be cut: packets vanish, and nobody is told."""

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import URL, make_url

_SOCKET: Final = ".s.PGSQL.5432"
_PIECE: Final = 1 << 16
_NEAR, _FAR = ("192.0.2.1", "02:00:00:00:00:01"), ("192.0.2.2", "02:00:00:00:00:02")
"""The two ends of the cable: addresses for documents, which lead nowhere beyond it."""
_NOWHERE: Final = "02:00:00:00:00:99"
_PORT: Final = 5432


class NoNetworks(Exception):
    """This machine lets nobody make networks; the text says why."""


class Line:
    """A way to a server's database over a cable between two networks, which are nothing but this object's.

    The process at its beginning is in the one network, where Telegram is at its address as ever; in the other one is
    the server. Everything on the way is the kernel's own TCP. It needs root, Linux, Python 3.12 and `ip`.
    """

    def __init__(self, url: str, telegram: str) -> None:
        """Begin a way beside the one of a URL, which names the folder of the server's socket.

        Args:
            url: of the database.
            telegram: the base URL of the double.

        Raises:
            NoNetworks: this machine does not let us.
        """
        there = make_url(url)
        self._ends = contextlib.ExitStack()
        self._near, self._far = _Network(self._ends), _Network(self._ends)
        near, far = ("name", "near", "address", _NEAR[1]), ("name", "far", "address", _FAR[1])
        self._near.ip("link", "add", *near, "type", "veth", "peer", *far, "netns", str(self._far.thread))
        for network, name, (address, _) in ((self._near, "near", _NEAR), (self._far, "far", _FAR)):
            network.ip("address", "add", f"{address}/30", "dev", name)
            network.ip("link", "set", name, "up")
        self.mend()
        port = make_url(telegram).port
        assert port is not None
        self._lead_on(self._far.listen((_FAR[0], _PORT)), lambda: _to_server(there))
        self._lead_on(self._near.listen(("127.0.0.1", port)), lambda: socket.create_connection(("127.0.0.1", port)))
        self.url = there.set(host=_FAR[0], port=_PORT, query={}).render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.close()

    def within(self, work: Callable[..., object], *given: object) -> None:
        """Do something in the network where the way begins, as starting a process that is to use it."""
        self._near.do(work, *given)

    def cut(self) -> None:
        """Let each side send to nobody from now on, and be told nothing of it."""
        self._address(_NOWHERE, _NOWHERE)

    def mend(self) -> None:
        """Let packets arrive again."""
        self._address(_FAR[1], _NEAR[1])

    def _address(self, far: str, near: str) -> None:
        for network, name, to, by in ((self._near, "near", _FAR[0], far), (self._far, "far", _NEAR[0], near)):
            network.ip("neighbour", "replace", to, "lladdr", by, "nud", "permanent", "dev", name)

    def _lead_on(self, listening: socket.socket, reach: Callable[[], socket.socket]) -> None:
        self._ends.callback(_shut, listening)
        _begin(self._accept, listening, reach)

    def _accept(self, listening: socket.socket, reach: Callable[[], socket.socket]) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = reach()
                for each in (near, far):
                    self._ends.callback(_shut, each)
                _begin(_pass_on, near, far)
                _begin(_pass_on, far, near)


class _Network:
    """A network of its own, which is a thread's, and that of whatever is begun there."""

    def __init__(self, ends: contextlib.ExitStack) -> None:
        if not hasattr(os, "unshare"):
            raise NoNetworks("this Python makes none")
        self._thread = ThreadPoolExecutor(1, "network")
        ends.callback(self._thread.shutdown)
        try:
            self.do(os.unshare, os.CLONE_NEWNET)
        except OSError as error:
            raise NoNetworks(str(error)) from error
        self.thread = self._thread.submit(threading.get_native_id).result()
        self.ip("link", "set", "lo", "up")

    def do(self, work: Callable[..., object], *given: object) -> None:
        """Do something within."""
        self._thread.submit(work, *given).result()

    def ip(self, *words: str) -> None:
        """Change it by `ip`."""
        try:
            done = self._thread.submit(
                subprocess.run, ["ip", *words], capture_output=True, text=True, check=False
            ).result()
        except FileNotFoundError as error:
            raise NoNetworks("there is no command `ip`") from error
        if done.returncode:
            raise NoNetworks(f"ip {' '.join(words)}: {done.stderr}")

    def listen(self, address: tuple[str, int]) -> socket.socket:
        """Return a socket at an address of it."""
        return self._thread.submit(socket.create_server, address).result()


def _to_server(there: URL) -> socket.socket:
    far = socket.socket(socket.AF_UNIX)
    far.connect(str(Path(str(there.query["host"])) / _SOCKET))
    return far


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def _begin(work: Callable[..., object], *given: object) -> None:
    threading.Thread(target=work, args=given, daemon=True).start()
