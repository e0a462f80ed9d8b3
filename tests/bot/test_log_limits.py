"""Whoever floods the bot does not fill the log."""

import asyncio
import errno
import logging
import resource

import pytest

from bot import redaction
from bot.redaction import RepeatFilter
from bot.runtime import descriptors


def line(text: str, *args: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", level, "", 0, text, args, None)


def test_lines_of_one_kind_are_few_a_minute() -> None:
    """A thousand invalid requests are ten lines, and the next minute says how many there were; others are not lost."""
    now = [0.0]
    repeats = RepeatFilter(lambda: now[0])

    passed = [repeats.filter(line("Invalid HTTP request received.")) for _ in range(1000)]
    assert sum(passed) == 10
    assert repeats.filter(line("turn %d: %s", 7, "KeyError", level=logging.ERROR))
    now[0] = 61.0
    later = line("Invalid HTTP request received.")
    assert repeats.filter(later)
    assert later.getMessage() == "(990 lines were left out) Invalid HTTP request received."


def test_lines_of_all_kinds_are_bounded() -> None:
    """However inventive a flood is, a minute has its number of lines."""
    repeats = RepeatFilter(lambda: 0.0)

    assert sum(repeats.filter(line(f"kind {number}")) for number in range(5000)) == 300


def test_a_full_queue_is_said_once_a_minute(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection that waits is reported, each second: one sentence is enough, and any other error stays."""
    monkeypatch.setattr(redaction, "_accepting", redaction._Accepting())
    loop = asyncio.new_event_loop()
    full = OSError(errno.EMFILE, "Too many open files")
    for _ in range(2048):
        redaction.log_unretrieved(loop, {"message": "socket.accept() out of system resource", "exception": full})
    redaction.log_unretrieved(loop, {"message": "Task exception was never retrieved", "exception": ValueError("x")})
    loop.close()

    assert [record.getMessage() for record in caplog.records] == [
        "connections wait, since the system gives no more (EMFILE)",
        "nobody heard of this: ValueError",
    ]


def test_as_many_descriptors_as_allowed() -> None:
    """The start takes what the system allows, and never less than there was."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        assert descriptors.raise_limit() == min(before[1], descriptors.ENOUGH)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
