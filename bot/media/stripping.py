"""Strip a file that somebody sent: here if that is surely little work, else in a process that can be ended.

An ordinary voice note is a few hundred blocks: that takes less than a thousandth of a second here, and a process forty
times as long. What is larger, or has more blocks than that, goes to a process: whatever a file does to its parser, a
bot that answers people stays free of it.
"""

import json
import logging
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import bot
from bot.media import strip
from bot.media.strip import Bounds, Clean, OverBounds

log = logging.getLogger(__name__)

SMALL: Final = 1_000_000  # bytes: what is larger goes to a process at once
FEW: Final = 5_000  # blocks: as many take some five thousandths of a second
PATIENCE: Final = 60.0  # seconds, on a machine so busy that five of its processor's take as long

_ROOT: Final = str(Path(bot.__file__).parents[1])


def clean(data: bytes) -> Clean:
    """Recognise a file and strip it, in a thread that may wait.

    Raises:
        MalformedMedia, UnsupportedMedia: as `strip.clean` does.
        OSError: the process could not be started, or somebody else ended it: another try may succeed.
    """
    if len(data) <= SMALL:
        try:
            return strip.clean(data, Bounds(FEW, FEW))
        except OverBounds:
            pass  # more than is done here: the process has the last word
    return apart(data)


def apart(data: bytes) -> Clean:
    """Do the same in a process of its own; it inherits no settings, and can neither write a file nor use up memory."""
    # Without site-packages: it needs none of them, and starts in half the time.
    command = [sys.executable, "-S", "-m", "bot.media.strip"]
    try:
        done = subprocess.run(  # noqa: S603  our own module; the file goes in through the pipe
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a trace may hold what was in the file
            env={"PYTHONPATH": _ROOT},
            timeout=PATIENCE,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _given_up("it took too long") from None
    if done.returncode == -signal.SIGKILL:  # the system needs memory: not the file's fault
        raise OSError("a process that strips files was ended")
    if done.returncode:
        raise _given_up(f"its process ended with {done.returncode}")
    line, _, rest = done.stdout.partition(b"\n")
    told = json.loads(line)
    for refusal in strip.REFUSALS:
        if told.get("refused") == refusal.__name__:
            raise refusal("refused in its process")
    return Clean(told["kind"], told["mime"], rest)


def _given_up(why: str) -> OverBounds:
    log.warning("a file is not kept: %s", why)
    return OverBounds(why)
