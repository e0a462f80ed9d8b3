"""The line between a process and PostgreSQL, which can be cut: then nothing passes, and nobody is told."""

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import make_url

_SOCKET: Final = ".s.PGSQL.5432"
_PIECE: Final = 1 << 16


class Line:
    """A way to a server's database that goes through this process."""

    def __init__(self, url: str) -> None:
        """Begin a way beside the one of a URL, which names the folder of the server's socket."""
        there = make_url(url)
        self._server = Path(str(there.query["host"])) / _SOCKET
        self._folder = Path(tempfile.mkdtemp(prefix="hilo-line-"))  # a socket's path must be short
        self.url = there.update_query_dict({"host": str(self._folder)}).render_as_string(hide_password=False)
        self._flows = threading.Event()
        self._flows.set()
        self._ends: set[socket.socket] = set()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self._folder / _SOCKET))
        self._listening.listen()
        self._begin(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.mend()
        shutil.rmtree(self._folder)

    def cut(self) -> None:
        """Let nothing pass from now on."""
        self._flows.clear()

    def mend(self) -> None:
        """Let things pass again, on new connections: what was open is given up by then, as TCP does."""
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._flows.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._server))
                self._begin(self._pass_on, near, far)
                self._begin(self._pass_on, far, near)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        self._ends.add(source)
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                self._flows.wait()
                target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.discard(source)
        source.close()

    @staticmethod
    def _begin(work: Callable[..., object], *given: socket.socket) -> None:
        threading.Thread(target=work, args=given, daemon=True).start()
