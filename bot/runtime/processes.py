"""Run work in a process of its own: long plain Python, and work that needs more memory than an idle bot should hold.

The process is started for one piece of work, has a lower priority than the bot's turns, and ends with the work or with
the bot. The task goes in as a line of JSON and the result comes out as bytes, through pipes that nobody else reads.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from bot import redaction

GIVES_WAY = 19  # nice value: a turn comes first where processors are few
# Nice value of a command: a thirtieth of a processor, where turns want all of it, so that it ends all the same.
BESIDE = 15


class ProcessFailed(Exception):
    """The process ended without having done its work.

    Attributes:
        code: its exit status; below zero, the signal that ended it.
    """

    def __init__(self, module: str, code: int) -> None:
        super().__init__(f"{module} ended with {code}")
        self.code = code


async def run(module: str, task: Mapping[str, Any], heard: Callable[[bytes], object] | None = None) -> bytes:
    """Run `python -m MODULE` for one task and return its result. Cancelling ends the process.

    Args:
        module: what is run.
        task: what goes in.
        heard: takes each line that comes before the result, where the result is one line; it tells how far the work is.

    Raises:
        ProcessFailed: it ended without a result; it has logged the error itself.
    """
    # In a session of its own: Ctrl-C is for the bot, which ends the processes it started.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    _give_way(process.pid)
    try:
        with contextlib.suppress(ConnectionError):  # the process has ended, and its exit status says how
            process.stdin.write(json.dumps(task).encode() + b"\n")
            await process.stdin.drain()
        done = await _result(process.stdout, heard)
        code = await process.wait()
    finally:
        process.stdin.close()
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if code:
        raise ProcessFailed(module, code)
    return done


async def _result(output: asyncio.StreamReader, heard: Callable[[bytes], object] | None) -> bytes:
    if heard is None:
        return await output.read()
    last = b""
    while line := await output.readline():
        if last:
            heard(last)
        last = line
    return last


def give_way() -> None:
    """Let the bot's turns come before the work of this process, which is long."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, BESIDE)
        if sys.platform == "linux":
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # it never takes a turn's place on waking


def _give_way(pid: int) -> None:
    """Let a process run only when no other wants to, from its first import on."""
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, GIVES_WAY)
        if sys.platform == "linux":
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


def serve(work: Callable[[dict[str, Any]], bytes]) -> None:
    """Serve as such a process: read the task, do it, and write out the result."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a supervisor may send it to all processes: the bot ends this one
    redaction.set_up_logging()
    task = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_bot, daemon=True).start()
    sys.stdout.buffer.write(work(task))


def _end_with_the_bot() -> None:
    """Exit once nobody holds the other end of the pipe any more."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)
