"""`python -m bot.media.strip`: strip one file, in a process of its own that may use little of the machine.

The file comes in through a pipe; out goes a line that says what became of it, and the stripped file.
"""

import json
import os
import resource
import sys
from contextlib import suppress
from typing import Final

from bot.media import strip

PROCESSOR: Final = 5  # seconds; the largest file that is kept takes a fifth of one
MEMORY: Final = 200_000_000  # bytes, of which Python itself takes a fifth
GIVES_WAY: Final = 10  # nice value: somebody waits for this, but turns come first


def main() -> None:
    """Strip what comes in, within the limits."""
    for what, most in (
        (resource.RLIMIT_CPU, PROCESSOR),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # a system that knows no such limit
            resource.setrlimit(what, (most, most))
    os.nice(GIVES_WAY)
    try:
        done = strip.clean(sys.stdin.buffer.read())
        told, data = {"kind": done.kind, "mime": done.mime}, done.data
    except strip.REFUSALS as refusal:
        told, data = {"refused": type(refusal).__name__}, b""
    except MemoryError:
        told, data = {"refused": strip.OverBounds.__name__}, b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")
    sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main()
