"""What both Telegram adapters share: the meaning of answers, the transfer of files, and what must not be logged."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from bot.messengers.port import (
    LARGEST_FILE,
    Attachment,
    BadToken,
    Capabilities,
    Conflict,
    FileExpired,
    Gone,
    HookState,
    Identity,
    MessengerError,
    NotModified,
    Rejected,
    RetryLater,
    TooLarge,
    Unknown,
    Unreachable,
)
from bot.redaction import redact, without_quotes

log = logging.getLogger(__name__)
T = TypeVar("T")

NAME: Final = "telegram"
CAPABILITIES: Final = Capabilities(
    NAME,
    title="Telegram",
    edits=True,
    takes_back=timedelta(hours=48),
    keeps_presses=timedelta(seconds=150),
    keeps_updates=timedelta(hours=24),
    join_link="https://t.me/{bot}?start={code}",
    join_words="Telegram: @{bot}",
    record="username",
)
SHOWN_IN: Final = "X-Telegram-Bot-Api-Secret-Token"
TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
LARGEST_PHOTO: Final = 10_000_000  # a larger one goes as a file
BATCH: Final = 100
BROUGHT_AT_ONCE: Final = 40  # lines on which Telegram brings updates to a webhook, its own default
DELETED_AT_ONCE: Final = 100
LONGEST_POLL: Final = 50  # seconds; Telegram waits no longer, whatever it is asked

CONNECT: Final = 5.0  # seconds to open a connection
READ: Final = 20.0  # seconds without a byte of the answer
UPLOAD: Final = 120.0  # the same while a file of many megabytes is uploaded
GRACE: Final = 10.0  # seconds that the answer to a long poll may be late
COURTESY: Final = 0.5  # seconds until a failed courtesy call is tried once more

_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_TOKEN_FORM = re.compile(r"[0-9]+:(?:(?![/?#])[!-~])+")
_FLOOD = (420, HTTPStatus.TOO_MANY_REQUESTS)
_WAIT = re.compile(r"(?:retry after |flood_wait_)(\d+)", re.IGNORECASE)
_WAIT_UNTOLD = 5  # seconds, where a pause is asked for without its length
_GONE = ("chat not found", "user is deactivated", "bot was blocked", "peer_id_invalid")


class CaptionOnly(Rejected):
    """An edit of a text where the message has a caption instead."""


class SendAsFile(Rejected):
    """A voice note or photo that is refused as such, but may be accepted as a file.

    A Premium user can forbid voice notes; a photo may be too long or have odd proportions.
    """


class NotBotApi(Unreachable):
    """The answer did not come from the Bot API, so nothing was accepted."""


class UndecodableAnswer(Unknown):
    """The request was accepted, and its answer cannot be read."""


UNWRITABLE: Final = "its words cannot be written in UTF-8"


class TokenFilter(logging.Filter):
    """A log filter that blanks out tokens; it drops no record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message where it carries a token."""
        message = record.getMessage()
        clean = redact(message)
        if clean != message:
            record.msg, record.args = clean, None
        return True


_redacted = TokenFilter()


def hush(*loggers: str) -> None:
    """Keep libraries from logging addresses (which hold the token) and parameters (which hold people's words)."""
    for name in loggers:
        logger = logging.getLogger(name)
        logger.addFilter(_redacted)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)


def check_token(token: str) -> str:
    """Return the token; raises BadToken when it cannot be one."""
    if not _TOKEN_FORM.fullmatch(token):
        raise BadToken("this is not a bot token: BotFather gives one like 123456789:AAE4...")
    return token


def check_api(api: str | None) -> str:
    """Return the base URL of a Bot API server without a slash at its end; raises Rejected when it is none."""
    if api is None:
        return "https://api.telegram.org"
    if not re.fullmatch(r"https?://[^\s?#]+", api):
        raise Rejected("the address of the Bot API server must be like http://127.0.0.1:8081")
    return api.rstrip("/")


def is_near(api: str) -> bool:
    """Return whether an address is on this machine, so that no proxy leads to it."""
    return urlsplit(api).hostname in ("127.0.0.1", "localhost", "::1")


def name_of(username: str | None) -> Identity:
    """Return who the bot is; raises Rejected when the answer named nobody."""
    if not username:
        raise Rejected("what answered is not the Bot API: it names no bot")
    return Identity(username)


def written(given: Mapping[str, object]) -> bytes:
    """Return a call's parameters in JSON; raises Rejected where words cannot be written in UTF-8."""
    try:
        return _json(given).encode()
    except UnicodeEncodeError:
        raise Rejected(UNWRITABLE) from None


def hook_state(info: object) -> HookState:
    """Return what getWebhookInfo told."""
    failed = integer(info, "last_error_date")
    return HookState(
        url=string(info, "url") or "",
        waiting=integer(info, "pending_update_count") or 0,
        failed_at=datetime.fromtimestamp(failed, UTC) if failed else None,
        problem=without_quotes(string(info, "last_error_message") or ""),
    )


def longest(read: float) -> float:
    """Return the seconds that a whole request may take, if `read` seconds may pass without a byte of the answer."""
    return max(60.0, 3 * read)


def result(status: int, body: str | bytes) -> Any:
    """Return the result in an answer; raises the MessengerError that a failure means."""
    if not is_success(status):
        raise refusal(status, body)
    answer = _read_answer(body)
    if answer is None:
        raise UndecodableAnswer("the answer is not what the Bot API answers")
    if answer["ok"] is False:
        raise refusal(integer(answer, "error_code") or HTTPStatus.BAD_REQUEST, body)
    if "result" not in answer:
        raise UndecodableAnswer("the answer holds no result")
    return answer["result"]


def is_success(status: int) -> bool:
    """Return whether the HTTP status of an answer is a success."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def refusal(status: int, body: str | bytes) -> MessengerError:
    """Return the error that an unsuccessful answer means, from the HTTP status and body of the Bot API."""
    answer = _read_answer(body)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RetryLater(_pause(answer, "") or 1, everyone=False)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:  # from the Bot API, or from the server in front of it
        return TooLarge("the file is too big")
    if answer is None and status not in _FLOOD:
        return NotBotApi(f"what answered is not the Bot API (HTTP {status})")
    said = string(answer, "description") or f"HTTP {status}"
    pause = _pause(answer, said)
    if status in _FLOOD or pause is not None:
        return RetryLater(_WAIT_UNTOLD if pause is None else pause, everyone=True)
    return _judge(status, said)


def _pause(answer: dict[str, Any] | None, said: str) -> int | None:
    """Return the seconds to wait, from an answer's parameters or else from its words; None if it names none."""
    told = answer.get("parameters") if answer else None
    pause = integer(told, "retry_after")
    if pause is None and (words := _WAIT.search(said)):
        pause = int(words[1])
    return pause


def _judge(status: int, said: str) -> MessengerError:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
        return BadToken(f"Telegram does not know this token ({status} {without_quotes(said)})")
    if status == HTTPStatus.CONFLICT:
        return Conflict(without_quotes(said))
    words, said = said.lower(), without_quotes(said)
    if status == HTTPStatus.FORBIDDEN or any(sign in words for sign in _GONE):
        return Gone(said)
    for sign, refused in _REFUSED.items():
        if sign in words:
            return refused(said)
    return Rejected(said)


_REFUSED: Final[dict[str, type[Rejected]]] = {
    "message is not modified": NotModified,
    "there is no text in the message to edit": CaptionOnly,
    "file is too big": TooLarge,
    "request entity too large": TooLarge,
    "voice_messages_forbidden": SendAsFile,
    "photo_invalid_dimensions": SendAsFile,
    "photo_ext_invalid": SendAsFile,
    "photo_save_file_invalid": SendAsFile,
    "image_process_failed": SendAsFile,
    "wrong file_id": FileExpired,
    "invalid file_id": FileExpired,
    "temporarily unavailable": FileExpired,
}


def _read_answer(body: str | bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "ok" in answer else None


async def take_back(messages: Sequence[int], call: Callable[[list[int]], Awaitable[object]]) -> list[int]:
    """Delete messages by `call`, many at once; where Telegram refuses a whole lot because of one, one by one.

    Return those that it refused to delete.
    """
    left = []
    for start in range(0, len(messages), DELETED_AT_ONCE):
        lot = list(messages[start : start + DELETED_AT_ONCE])
        try:
            await call(lot)
        except Rejected:
            left += lot if len(lot) == 1 else [one for one in lot if not await _goes(call, one)]
    return left


async def _goes(call: Callable[[list[int]], Awaitable[object]], one: int) -> bool:
    """Delete one message, and return whether Telegram did."""
    try:
        await call([one])
    except Rejected:
        return False
    return True


async def bring(
    locate: Callable[[], Awaitable[object]], take: Callable[[str], Awaitable[bytes]], *, near: bool
) -> bytes:
    """Download a file: `locate` calls getFile, `take` fetches a path. An expired link is asked for once more.

    A Bot API server on this machine (`near`) that runs with `--local` gives no link: it names the file on the disk.

    Raises TooLarge, FileExpired, RetryLater, BadToken or Unreachable.
    """
    for again in (True, False):
        found = await _safe(locate())
        path, size = string(found, "file_path"), integer(found, "file_size")
        if size is not None and size > LARGEST_FILE:
            raise TooLarge("the file is too big")
        if path is None:
            raise Unreachable("getFile named no path")
        try:
            here = near and path.startswith("/")
            data = await (asyncio.to_thread(_read, path) if here else _safe(take(quote(path))))
        except (BadToken, Rejected) as gone:  # the token was good a moment ago, so the path is not
            if again:
                continue
            raise FileExpired(str(gone)) from None
        if size is not None and len(data) < size:
            raise Unreachable("only a part of the file came")
        return data
    raise AssertionError("unreachable")


def _read(path: str) -> bytes:
    """Read a file of a Bot API server on this machine; its path holds the token, and is in no error."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise FileExpired("the file is gone") from None
    except OSError as error:
        log.error("what the Bot API server keeps (--dir) cannot be read by this account: %s", type(error).__name__)  # noqa: TRY400  a trace would hold the token
        raise Unreachable(type(error).__name__) from None


async def _safe(call: Awaitable[T]) -> T:
    try:
        return await call
    except Unknown as error:  # asking again does no harm
        raise Unreachable(str(error)) from None


async def courtesy(what: str, call: Callable[[], Awaitable[object]]) -> None:
    """Make a call that is only a courtesy; it is tried once more if Telegram did not accept it, and never raises."""
    for again in (True, False):
        pause = COURTESY
        try:
            await call()
        except (RetryLater, Unreachable) as error:
            pause = error.seconds if isinstance(error, RetryLater) else COURTESY
            log.debug("%s: %s", what, type(error).__name__)
        except MessengerError as error:
            log.debug("%s: %s", what, type(error).__name__)
            return
        else:
            return
        if again:
            await asyncio.sleep(pause)


def method_of(sent: Attachment) -> str:
    """Return what an attachment is sent as: `voice`, `photo`, or `document`, also for a photo of too many bytes."""
    return "document" if sent.kind == "photo" and len(sent.data) > LARGEST_PHOTO else sent.kind


Carry = Callable[[str, str | bytes], Awaitable[object]]
"""Sends a file, as the given kind, by its bytes or its id; returns the message as the Bot API shows it."""


class UploadedFiles:
    """The ids of files that Telegram holds for one bot already, by `Attachment.again`."""

    def __init__(self) -> None:
        """Begin with none: after a start each file is uploaded once more."""
        self._ids: dict[str, str] = {}

    async def send(self, sent: Attachment, carry: Carry) -> int:
        """Send a file as its kind, or else as a plain file; return the message's id."""
        try:
            message = await self._send(sent, method_of(sent), carry)
        except SendAsFile:
            message = await carry("document", sent.data)
        return message_id(message)

    async def _send(self, sent: Attachment, kind: str, carry: Carry) -> object:
        """Send by the file's id where Telegram has it, else by its bytes."""
        known = self._ids.get(sent.again)
        if known is not None:
            try:
                return await carry(kind, known)
            except SendAsFile:
                raise
            except Rejected:  # the file may be gone there; any other fault shows when the bytes are sent
                self._ids.pop(sent.again, None)
        message = await carry(kind, sent.data)
        if sent.again and (file := _file_of(message)):
            self._ids[sent.again] = file
        return message


def message_id(message: object) -> int:
    """Return the id of a sent message; raises UndecodableAnswer."""
    number = integer(message, "message_id")
    if number is None:
        raise UndecodableAnswer("the answer is no message")
    return number


def _file_of(message: object) -> str | None:
    if not isinstance(message, dict):
        return None
    sizes = message.get("photo") or [None]
    return string(message.get("voice") or message.get("document") or sizes[-1], "file_id")


def string(part: object, name: str) -> str | None:
    """Return a field that is a string, or None; half of a surrogate pair, which cannot be stored, becomes `?`."""
    value = part.get(name) if isinstance(part, dict) else None
    return value.encode(errors="replace").decode() if isinstance(value, str) else None


def integer(part: object, name: str) -> int | None:
    """Return a field that is a whole number, or None."""
    value = part.get(name) if isinstance(part, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
