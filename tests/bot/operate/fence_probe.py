"""Runs inside the service's fence: does what Hilo does, tries what it must not, and says each as a line of JSON."""

import errno
import json
import multiprocessing
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from bot.export.archive import MEMORY as SHARED

MEMORY = SHARED / "hilo-fence"


def denied(act: Callable[[], object]) -> str:
    """Return the name of the error that an act ends with, or `done`."""
    try:
        act()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "?")
    return "done"


def child(line: Connection) -> None:
    line.send(os.getpid())


def main() -> None:
    home = Path(sys.argv[1])
    told: dict[str, object] = {}
    # What Hilo does.
    pid = os.fork()
    if pid == 0:
        os._exit(7)
    told["fork"] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=child, args=(theirs,))
    process.start()
    told["spawn"] = ours.poll(60) and ours.recv() == process.pid
    process.join()
    thread = threading.Thread(target=lambda: told.update(thread=True))
    thread.start()
    thread.join()
    drawn = "import io; from PIL import Image; from bot.poster import draw; import re2, cryptography; "
    drawn += "Image.new('L', (9, 9)).save(io.BytesIO(), 'PNG')"
    told["helper"] = subprocess.run([sys.executable, "-c", drawn], capture_output=True, check=False).returncode
    told["memory"] = denied(lambda: (MEMORY.write_text("x"), MEMORY.unlink()))
    told["home"] = denied(lambda: (home / "written").write_text("x"))
    told["limits"] = denied(lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 60)))
    near, far = socket.socketpair(socket.AF_UNIX)
    told["unix"] = near.send(b"x") == 1 and far.recv(1) == b"x"
    told["names"] = bool(socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG))
    told["inet"] = denied(lambda: socket.socket(socket.AF_INET6).close())
    told["descriptors"] = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # What it must not.
    told["core"] = resource.getrlimit(resource.RLIMIT_CORE)[1]
    told["netlink"] = denied(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close())
    told["packet"] = denied(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close())
    told["code"] = denied(lambda: Path("planted.py").write_text("x"))
    told["system"] = denied(lambda: Path("/etc/planted").write_text("x"))
    told["homes"] = denied(lambda: list(Path("/root").iterdir()))
    told["disks"] = [path.name for path in Path("/dev").glob("[sv]d*")]
    told["chroot"] = denied(lambda: os.chroot("/"))
    told["namespace"] = denied(lambda: os.unshare(os.CLONE_NEWUSER)) if sys.version_info >= (3, 12) else "EPERM"
    told["others"] = Path("/proc/1").exists()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
