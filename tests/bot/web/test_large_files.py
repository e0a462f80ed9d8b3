"""What is large keeps nobody waiting: pages are answered, and the database is free, while it is read or written."""

import threading
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from jinja2 import Template

from tests.bot.samples import JPEG
from tests.bot.web.conftest import CHAT
from tests.bot.web.rig import Rig
from tests.bot.web.test_album import known, png, send, shown

__all__ = ["known"]
SOON = 5.0
PIECES = 300_000  # bytes: some pieces of a file


class SlowDisk:
    """A disk that gives nothing of one file until it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
        self.asked, self.turning = threading.Event(), threading.Event()
        really = Path.open

        def slowly(path: Path, *how: Any, **more: Any) -> IO[Any]:
            if path == file:
                self.asked.set()
                assert self.turning.wait(4 * SOON)
            return really(path, *how, **more)

        monkeypatch.setattr(Path, "open", slowly)


@pytest.mark.usefixtures("known")
def test_a_page_does_not_wait_for_a_file_that_is_being_opened(
    rig: Rig, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one photo is read from a slow disk pages open, and no transaction stays open behind it."""
    send(browser, png())
    place = shown(browser)
    disk = SlowDisk(monkeypatch, next(file for file in rig.folder.glob("media/*") if "parked" not in file.name))
    answers: list[httpx.Response] = []
    fetching = threading.Thread(target=lambda: answers.append(browser.get(place, timeout=4 * SOON)))
    fetching.start()
    assert disk.asked.wait(SOON)

    with httpx.Client(base_url=rig.address, cookies=browser.cookies, timeout=SOON) as other:
        page = other.get("/chat")
    free = rig.workers.storage.database.checkpoint()
    waiting = fetching.is_alive()
    disk.turning.set()
    fetching.join(SOON)

    assert (page.status_code, free, waiting) == (200, True, True)
    assert answers[0].content.startswith(b"\x89PNG")


@pytest.mark.usefixtures("known")
def test_a_file_of_many_pieces_comes_whole(rig: Rig, browser: httpx.Client) -> None:
    """What is handed over piece by piece is the file to the last byte, says its length, and so is a stretch of it."""
    photo = JPEG[:-2] + bytes(range(255)) * (5 * PIECES // 255) + JPEG[-2:]
    send(browser, photo)
    place = shown(browser)
    whole = browser.get(place)
    head = browser.head(place)
    stretch = browser.get(place, headers={"range": f"bytes=10-{2 * PIECES}"})

    assert rig.kept[0].chat == CHAT
    assert whole.headers["content-length"] == str(len(whole.content)) == head.headers["content-length"]
    assert whole.content.endswith(photo[-4 * PIECES :])
    assert (stretch.status_code, stretch.content) == (206, whole.content[10 : 2 * PIECES + 1])


@pytest.mark.usefixtures("known")
def test_a_long_page_is_written_beside_the_loop(
    rig: Rig, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of two hundred bubbles, and the same as news for an open one, hold up no other page meanwhile."""
    threads: list[int] = []
    render = Template.render

    def noted(template: Template, *facts: Any, **named: Any) -> str:
        threads.append(threading.get_ident())
        return render(template, *facts, **named)

    monkeypatch.setattr(Template, "render", noted)
    for number in range(200):
        rig.say(CHAT, f"línea {number}")
    page = browser.get("/chat")

    async def serving() -> int:
        return threading.get_ident()

    assert "línea 199" in page.text
    assert len(threads) == 1
    assert rig.call(serving()) not in threads
