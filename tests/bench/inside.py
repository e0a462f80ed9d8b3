"""`python -m tests.bench.inside HOME OUT TIMES [FORMAT]`: export in a process that has started; prints CPU seconds."""

import sys
import time
from pathlib import Path
from typing import cast

from bot.app import App
from bot.cli import administration
from bot.config import Config
from bot.export.request import ExportRequest, Format
from tests.bench.office import settings


def main(home: str, out: str, times: str, form: str = "csv") -> None:
    """Export some times; the first one, which also imports and compiles, is not printed."""
    app = App.open(Config.load(settings(Path(home))))
    try:
        for place in range(int(times) + 1):
            began = time.process_time()
            administration.export(app, Path(out), ExportRequest(form=cast("Format", form)))
            if place:
                sys.stdout.write(f"{time.process_time() - began}\n")
    finally:
        app.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
