"""`python -m tests.bench.inside HOME OUT TIMES`: export in one process that has started, and print the CPU seconds."""

import sys
import time
from pathlib import Path

from bot import administration
from bot.app import App
from bot.config import Config
from tests.bench.office import settings


def main(home: str, out: str, times: str) -> None:
    """Export some times; the first one, which also imports and compiles, is not printed."""
    app = App.open(Config.load(settings(Path(home))))
    try:
        for place in range(int(times) + 1):
            began = time.process_time()
            administration.export(app.storage, Path(out), "csv", None, None, None, None, practice=False)
            if place:
                sys.stdout.write(f"{time.process_time() - began}\n")
    finally:
        app.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
