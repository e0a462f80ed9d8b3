"""Write log lines that say what went wrong and where, and nothing personal: an error's text may hold a person's words.

Our own lines are written that way. This handles other people's: a web server or library that logs a whole error.
"""

import asyncio
import errno
import logging
import re
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_TOKEN = re.compile(r"\d+(?::|%3[Aa])[\w-]{10,}")  # in an address the colon may be written so
_QUOTED = re.compile(r"""(?<!\w)'.*'|".*"|[«“].*[»”]""", re.DOTALL)
_ADDRESS = re.compile(r"\S*://\S*|\b(?:sms|tel|mailto):\S*")
_LONG_NUMBER = re.compile(r"\d{5,}")
_ENOUGH = 120  # characters kept of another server's message

_MINUTE: Final = 60.0
_ALIKE: Final = 10  # lines of one kind a minute
_IN_ALL: Final = 300  # lines a minute
_NOTHING_LEFT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = logging.getLogger(__name__)


def redact(text: str) -> str:
    """Blank out every bot token in a text."""
    return _TOKEN.sub("<token>", text)


def without_quotes(text: str) -> str:
    """Return another server's error message without what it quotes: words, addresses, people's numbers."""
    said = _ADDRESS.sub("…", redact(text))
    return _LONG_NUMBER.sub("…", _QUOTED.sub("…", said))[:_ENOUGH]


class RedactingFormatter(logging.Formatter):
    """A formatter that writes an error's kind and places, never its text; tokens are blanked out of everything."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the log line; an error text that another formatter stored in the record is not used."""
        record.exc_text = None
        return redact(super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's own name
        """Return an error and its causes as text, each with its places."""
        return described_error(ei[1])


def described_error(error: BaseException | None) -> str:
    """Return the kinds of an error and its causes and where they were raised, the first cause first."""
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"  {each.filename.rpartition('/')[2]}:{each.lineno} {each.name}" for each in frames]
        parts.append("\n".join((type(error).__name__, *places)))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(parts))


class RepeatFilter(logging.Filter):
    """Lets lines of one kind through a few times a minute, and then their number: whoever floods fills no disk."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing said; `seconds` is a clock that only goes forward."""
        super().__init__()
        self._seconds = seconds
        self._began = float("-inf")
        self._said: Counter[tuple[str, int, str]] = Counter()
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is written; the first of a minute says how many were left out before."""
        if self._seconds() - self._began >= _MINUTE:
            self._said.clear()
            self._began = self._seconds()
            if self._left_out:
                record.msg, record.args = f"({self._left_out} lines were left out) {record.getMessage()}", None
                self._left_out = 0
        kind = (record.name, record.levelno, str(record.msg)[:80])
        if self._said[kind] >= _ALIKE or self._said.total() >= _IN_ALL:
            self._left_out += 1
            return False
        self._said[kind] += 1
        return True


def set_up_logging() -> None:
    """Set up logging to standard error without personal data, also for errors that end the process or a thread."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(FORMAT))
    handler.addFilter(RepeatFilter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("bot").setLevel(logging.INFO)
    sys.excepthook = _unforeseen
    threading.excepthook = lambda args: log.critical("a thread died: %s", described_error(args.exc_value))


def log_unretrieved(loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:  # noqa: ARG001  asyncio's signature
    """Log an error that nobody awaited; asyncio's own line would write out the arguments of what failed.

    A line that could not be accepted is one sentence: asyncio reports each of those that wait, again every second.
    """
    error = context.get("exception")
    if isinstance(error, OSError) and error.errno in _NOTHING_LEFT and "accept" in str(context.get("message")):
        _accepting.failed(error.errno)
        return
    log.error("nobody heard of this: %s", described_error(context.get("exception")) or "no error")


class _Accepting:
    """Says at most once a minute that no connection can be accepted."""

    def __init__(self) -> None:
        self._said = float("-inf")

    def failed(self, number: int | None) -> None:
        """Say it, unless it was said within the minute."""
        if time.monotonic() - self._said >= _MINUTE:
            self._said = time.monotonic()
            log.error("connections wait, since the system gives no more (%s)", errno.errorcode.get(number or 0, "?"))


_accepting = _Accepting()


def _unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("ended by %s", described_error(error))


def place(error: BaseException | None) -> str:
    """Return file and line of the innermost frame; they name no person."""
    trace = error.__traceback__ if error else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"
