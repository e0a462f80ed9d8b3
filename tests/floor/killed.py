"""Migrates databases in processes that kill themselves at a given statement: `python -m tests.floor.killed`.

It reads lines of "NUMBER URL", and for each begins a process that dies before its statement or commit of that number.
It answers with the number of statements that were counted, or `killed`.
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from storage.database import Database

KILLED = "killed"


def migrate(url: str, at: int) -> int:
    """Migrate a database, and die before statement number `at`; return how many there were."""
    counted = 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1
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
        number, _, url = line.strip().partition(" ")
        ours, theirs = os.pipe()
        child = os.fork()
        if not child:
            os.close(ours)
            os.write(theirs, str(migrate(url, int(number))).encode())
            os._exit(0)
        os.close(theirs)
        _, status = os.waitpid(child, 0)
        with os.fdopen(ours) as said:
            print(KILLED if os.WIFSIGNALED(status) else said.read() or "failed", flush=True)


if __name__ == "__main__":
    main()
