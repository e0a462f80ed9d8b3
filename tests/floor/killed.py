"""Migrates databases in processes that kill themselves at a given statement: `python -m tests.floor.killed`.

It reads lines of "NUMBER URL", and for each begins a process that dies before its statement or commit of that number.
It answers with the number of statements that were counted, or `killed`. After "NUMBER URL FOLDER" the process keeps
in the folder what the SQLite file and what lies beside it were before each statement: exactly what a kill there leaves.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from storage.database import Database

KILLED = "killed"


def keep(url: str, folder: Path) -> None:
    """Copy a SQLite file and what lies beside it.

    A process of its own does: whoever closes a file lets go of all locks that the process has on it.
    """
    folder.mkdir()
    whole = Path(url.removeprefix("sqlite:///"))
    subprocess.run(["cp", *whole.parent.glob(f"{whole.name}*"), folder], check=True)


def migrate(url: str, at: int, folder: str) -> int:
    """Migrate a database, and die before statement number `at`; return how many there were."""
    counted = 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1
        if folder:
            keep(url, Path(folder) / str(counted))
        if counted == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    database = Database.open(url)
    database.migrate()
    database.dispose()
    return counted


def main() -> None:
    """Answer each line."""
    for line in sys.stdin:
        number, url, folder = (*line.split(), "")[:3]
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            os.close(ours)
            os.write(theirs, str(migrate(url, int(number), folder)).encode())
            os._exit(0)
        os.close(theirs)
        _, status = os.waitpid(child, 0)
        with os.fdopen(ours) as said:
            print(KILLED if os.WIFSIGNALED(status) else said.read() or "failed", flush=True)


if __name__ == "__main__":
    main()
