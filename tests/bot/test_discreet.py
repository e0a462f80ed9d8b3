"""What is logged names no one, whoever logs it."""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from bot import redaction
from bot.messengers._telegram import refusal

SAID = "me pega mi primo Xochitl"
TOKEN = "7000000001:AAEdoubleDoubleDoubleDoubleDouble00"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a running bot would write, with every logger at its most talkative."""
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(redaction.RedactingFormatter(redaction.FORMAT))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def _fail() -> None:
    said: dict[str, str] = {}
    try:
        said[SAID]
    except KeyError as error:
        raise ValueError(f"no such thing: {SAID}") from error


def test_an_error_is_told_by_kind_and_place(lines: io.StringIO) -> None:
    """A library that logs an error whole gives away no word of it; what it was and where stays readable."""
    try:
        _fail()
    except ValueError:
        logging.getLogger("somebody.elses").exception("it failed")
        record = logging.LogRecord("another", logging.ERROR, "", 1, "so did this", None, sys.exc_info())
        logging.Formatter().format(record)  # keeps the whole text in the record, as any handler before ours would
        logging.getLogger().handle(record)

    told = lines.getvalue()
    assert SAID not in told
    assert told.count("ValueError\n  test_discreet.py:") == 2
    assert told.index("KeyError") < told.index("ValueError")
    assert "_fail" in told


def test_tokens_go_from_any_line(lines: io.StringIO) -> None:
    """Whoever logs it, an address of Telegram's loses the token."""
    logging.getLogger("somebody.elses").warning("POST https://api.telegram.org/bot%s/getMe", TOKEN)

    assert "bot<token>/getMe" in lines.getvalue()
    assert TOKEN not in lines.getvalue()


def test_what_nobody_waited_for_is_told_so_too(lines: io.StringIO) -> None:
    """The line asyncio itself has would write out the arguments of a failed callback and the text of its error."""

    def fails(said: str) -> None:
        raise RuntimeError(said)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(redaction.log_unretrieved)
        loop.call_soon(fails, SAID)
        await asyncio.sleep(0.01)

    asyncio.run(main())

    assert "RuntimeError\n" in lines.getvalue()
    assert SAID not in lines.getvalue()


def test_what_ends_the_process_is_told_so_too(lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody foresaw reaches the journal of whoever keeps the bot running: by kind and place."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(logging.getLogger("bot"), "level", logging.NOTSET)
    redaction.set_up_logging()
    try:
        _fail()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=_fail)
    thread.start()
    thread.join()

    told = lines.getvalue()
    assert SAID not in told
    assert told.count("no such thing") == 0
    assert "ended by KeyError" in told
    assert "a thread died: KeyError" in told


@pytest.mark.parametrize(
    "said",
    [
        "Bad Request: inline keyboard button URL 'https://wa.me/?text={}' is invalid: Wrong HTTP URL",
        'Bad Request: can\'t parse entities: unsupported start tag "{}" at byte offset 12',
        "Bad Request: BUTTON_URL_INVALID https://hilo.example.org/l/{}",
        "Bad Request: «{}» is not a text",
    ],
)
def test_what_telegram_quotes_is_left_out(said: str) -> None:
    """A refusal that repeats what was sent keeps its reason alone: links are keys, and words are hers."""
    canary = "canario-4471"
    told = str(refusal(400, f'{{"ok": false, "description": {_json(said.format(canary))}}}'))

    assert canary not in told
    assert told.startswith("Bad Request: ")


def test_numbers_of_people_are_left_out() -> None:
    """A chat's number is a person."""
    told = str(refusal(400, '{"ok": false, "description": "Bad Request: chat 5551234567 is odd"}'))

    assert told == "Bad Request: chat … is odd"


def _json(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
