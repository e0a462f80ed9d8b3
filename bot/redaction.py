"""Log lines that tell what went wrong and where, and nothing of anybody: an error's own text may hold her words.

Our own lines are written so. This sees to everybody else's: a web server or a library that logs an error whole.
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
_ENOUGH = 120  # characters of what another server says

log = logging.getLogger(__name__)


def redact(text: str) -> str:
    """Blank out every bot token in a text."""
    return _TOKEN.sub("<token>", text)


def without_quotes(text: str) -> str:
    """Return what another server says of an error, without what it quotes: words, addresses, people's numbers."""
    said = _ADDRESS.sub("…", redact(text))
    return _LONG_NUMBER.sub("…", _QUOTED.sub("…", said))[:_ENOUGH]


class RedactingFormatter(logging.Formatter):
    """Writes of an error its kind and its places, never its text; tokens are blanked out of everything."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a line; what another formatter wrote of the error before is not taken over."""
        record.exc_text = None
        return redact(super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's own name
        """Write an error, and those that led to it, each with its places."""
        return described_error(ei[1])


def described_error(error: BaseException | None) -> str:
    """Say of which kinds an error and its causes are and where they were raised, the first cause first."""
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
    """Log to standard error, discreetly; so is an error told that ends the process or one of its threads."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(FORMAT))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("bot").setLevel(logging.INFO)
    sys.excepthook = _unforeseen
    threading.excepthook = lambda args: log.critical("a thread died: %s", described_error(args.exc_value))


def log_unretrieved(loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:  # noqa: ARG001  asyncio's signature
    """Log what nobody waited for; asyncio's own line would write out the arguments of whatever failed."""
    log.error("nobody heard of this: %s", described_error(context.get("exception")) or "no error")


def _unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("ended by %s", described_error(error))
