"""A large file on its way keeps nobody waiting: pages are answered, and the database is free, until it is open."""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from bot.web.media import PIECE
from tests.bot.samples import JPEG
from tests.bot.web.conftest import CHAT
from tests.bot.web.rig import Rig
from tests.bot.web.test_album import known, png, send, shown

__all__ = ["known"]
SOON = 5.0


@contextmanager
def slow_disk(file: Path) -> Iterator[Callable[[], None]]:
    """Let a file lie on a disk that gives nothing before the block ends; what is yielded waits until it is read."""
    data, pipes = file.read_bytes(), ExitStack()
    file.unlink()
    os.mkfifo(file)

    def being_read() -> None:
        end = time.monotonic() + SOON
        while True:
            try:
                pipe = os.open(file, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO or time.monotonic() > end:  # ENXIO: nobody reads yet
                    raise
                time.sleep(0.01)
                continue
            pipes.callback(os.close, pipe)
            pipes.callback(os.write, pipe, data)
            return

    with pipes:
        yield being_read


@pytest.mark.usefixtures("known")
def test_a_page_does_not_wait_for_a_file_that_is_being_opened(rig: Rig, browser: httpx.Client) -> None:
    """While one photo is read from a slow disk pages open, and no transaction stays open behind it."""
    send(browser, png())
    place = shown(browser)
    (file,) = (path for path in rig.folder.glob("media/*") if not path.name.startswith("parked-"))
    answers: list[httpx.Response] = []
    fetching = threading.Thread(target=lambda: answers.append(browser.get(place)))

    with slow_disk(file) as being_read:
        fetching.start()
        being_read()
        with httpx.Client(base_url=rig.address, cookies=browser.cookies, timeout=SOON) as other:
            page = other.get("/chat")
        free = rig.desk.storage.database.checkpoint()
        waiting = fetching.is_alive()
    fetching.join(SOON)

    assert (page.status_code, free, waiting) == (200, True, True)
    assert answers[0].content.startswith(b"\x89PNG")


@pytest.mark.usefixtures("known")
def test_a_file_of_many_pieces_comes_whole(rig: Rig, browser: httpx.Client) -> None:
    """What is handed over piece by piece is the file to the last byte, says its length, and so is a stretch of it."""
    photo = JPEG[:-2] + bytes(range(255)) * (5 * PIECE // 255) + JPEG[-2:]
    send(browser, photo)
    place = shown(browser)
    whole = browser.get(place)
    head = browser.head(place)
    stretch = browser.get(place, headers={"range": f"bytes=10-{2 * PIECE}"})

    assert rig.kept[0].chat == CHAT
    assert whole.headers["content-length"] == str(len(whole.content)) == head.headers["content-length"]
    assert whole.content.endswith(photo[-4 * PIECE :])
    assert (stretch.status_code, stretch.content) == (206, whole.content[10 : 2 * PIECE + 1])
