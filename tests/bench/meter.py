"""`python meter.py COMMAND ...`: run a command to its end, and print what it took as one line of JSON.

A process of its own, and small: a child's peak memory is never told as less than that of the process it was made by.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

KIBIBYTES = 1 if sys.platform == "darwin" else 1024  # what the system counts peak memory in


@dataclass(frozen=True)
class Used:
    """What a command took: CPU and wall seconds, and its peak memory in bytes."""

    cpu: float
    wall: float
    peak: int


def measured(command: list[str], environment: dict[str, str] | None = None) -> Used:
    """Run a command through a process of this file. Raises CalledProcessError when it fails."""
    line = [sys.executable, "-I", "-S", __file__, *command]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    return Used(**json.loads(done.stdout))


def main() -> None:
    """Run the command, throw away what it prints, and tell what it took."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    began = time.perf_counter()
    child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nothing, 1)])
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - began
    peak = used.ru_maxrss * KIBIBYTES
    sys.stdout.write(json.dumps({"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak": peak}))
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
