"""`python -m tests.bot.dawdling`: a piece of work that takes very long."""

import time
from typing import Any

from bot.runtime import processes

LONG = 600.0  # seconds


def dawdle(task: dict[str, Any]) -> bytes:
    """Take very long."""
    time.sleep(LONG)
    return repr(task).encode()


if __name__ == "__main__":
    processes.serve(dawdle)
