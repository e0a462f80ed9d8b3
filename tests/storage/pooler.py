"""PgBouncer in front of a PostgreSQL server, where it is installed (`apt-get install pgbouncer`)."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import make_url

WITHIN: Final = 10.0  # seconds until it listens
_SETTINGS: Final = """[databases]
* = host={server} user={name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 50
"""


@contextmanager
def pooled(url: str, mode: str) -> Iterator[str]:
    """Yield a URL of the same database through a pooler; `mode` is its pool_mode. Without a pooler the test is skipped.

    Args:
        url: of the database, with the folder of the server's socket.
        mode: `session` or `transaction`.
    """
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("there is no PgBouncer here")
    there = make_url(url)
    server = Path(str(there.query["host"]))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="hilo-pool-") as folder:
        name = there.username or "postgres"
        settings = Path(folder, "pooler.ini")
        settings.write_text(_SETTINGS.format(server=server, name=name, port=port, mode=mode), "utf-8")
        Path(folder).chmod(0o755)
        # As whoever the server is: it refuses to be root, and nobody else gets to the socket.
        owner = server.stat().st_uid if os.geteuid() == 0 else None
        with subprocess.Popen([program, "-q", str(settings)], user=owner, stderr=subprocess.DEVNULL) as process:
            try:
                _wait_for(port)
                reached = there.set(username=name, host="127.0.0.1", port=port, query={})
                yield reached.render_as_string(hide_password=False)
            finally:
                process.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
