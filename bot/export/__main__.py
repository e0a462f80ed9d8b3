"""`python -m bot.export`: make one file that was ordered in chat, in a process of its own."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.export.archive import QueuedExport, prepare
from bot.media.store import MediaStore
from bot.rendering.texts import catalogs
from bot.runtime import opening, processes


def make(task: dict[str, Any]) -> bytes:
    """Make the file; return as JSON what to say about it, or the code of why there is none."""
    now, asked, home = datetime.fromisoformat(task["now"]), QueuedExport.from_dict(task["asked"]), Path(task["home"])
    with opening.opened(task) as storage:
        made = prepare(storage, now, asked, catalogs(), MediaStore(home), home, _tell)
    return json.dumps(made if isinstance(made, str) else made.to_dict()).encode()


def _tell(done: int, total: int) -> None:
    """Tell the bot how far the file is, in a line before the result."""
    sys.stdout.buffer.write(f"{done} {total}\n".encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    processes.serve(make)
