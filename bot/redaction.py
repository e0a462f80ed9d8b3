"""Write log lines that say what went wrong and where, and nothing personal: an error's text may hold a person's words.

Our own lines are written that way. This handles other people's: a web server or library that logs a whole error.
"""

import asyncio
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_TOKEN = re.compile(r"\d+:[\w-]{10,}")
_QUOTED = re.compile(r"""(?<!\w)'.*'|".*"|[«“].*[»”]""", re.DOTALL)
_ADDRESS = re.compile(r"\S*://\S*|\b(?:sms|tel|mailto):\S*")
_LONG_NUMBER = re.compile(r"\d{5,}")
_ENOUGH = 120  # characters kept of another server's message

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


def set_up_logging() -> None:
    """Set up logging to standard error without personal data, also for errors that end the process or a thread."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(FORMAT))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("bot").setLevel(logging.INFO)
    sys.excepthook = _unforeseen
    threading.excepthook = lambda args: log.critical("a thread died: %s", described_error(args.exc_value))


def log_unretrieved(loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:  # noqa: ARG001  asyncio's signature
    """Log an error that nobody awaited; asyncio's own line would write out the arguments of what failed."""
    log.error("nobody heard of this: %s", described_error(context.get("exception")) or "no error")


def _unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("ended by %s", described_error(error))
