"""What both Telegram adapters share: how an update is read, what an answer means, and what must not be logged.

Updates are read here and not through a library's types: a field that a library does not know yet, or no longer,
would fail the whole batch, and that batch would come back for ever.
"""

import contextlib
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from bot.discreet import plain, redact
from bot.messenger import (
    Attachment,
    BadToken,
    Batch,
    Conflict,
    Expired,
    Gone,
    Identity,
    Incoming,
    Kind,
    MessengerError,
    Outgoing,
    Rejected,
    RetryLater,
    TooLarge,
    Unknown,
    Unreachable,
)

T = TypeVar("T")

NAME: Final = "telegram"
TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
LARGEST_DOWNLOAD: Final = 20 * 1024 * 1024
LARGEST_UPLOAD: Final = 50 * 1024 * 1024
LARGEST_PHOTO: Final = 10 * 1024 * 1024  # a larger one goes as a file
BATCH: Final = 100
DELETED_AT_ONCE: Final = 100
LONGEST_POLL: Final = 50  # seconds; Telegram waits no longer whatever it is asked
WANTED: Final = ("message", "edited_message", "callback_query", "my_chat_member")

CONNECT: Final = 5.0  # seconds until a connection stands
READ: Final = 20.0  # seconds without a byte of the answer
UPLOAD: Final = 120.0  # the same, where a file of many megabytes is being taken in
GRACE: Final = 10.0  # seconds a long poll's answer may be late

_TOKEN_FORM = re.compile(r"\d+:[^\s/?#]+")
_GONE = ("chat not found", "user is deactivated", "bot was blocked", "peer_id_invalid")
_FILES = ("document", "audio", "video", "video_note", "animation")
_PICTURES = ("image/jpeg", "image/png", "image/webp")
_SOUNDS = ("audio/",)


class NotModified(Rejected):
    """An edit that would change nothing: what was asked already holds."""


class NoText(Rejected):
    """An edit of words where there is a caption instead."""


class Stranger(Unreachable):
    """Something answered that is not the Bot API, so nothing was accepted."""


class Garbled(Unknown):
    """The request was accepted, and its answer cannot be read."""


class Redacted(logging.Filter):
    """A filter for handlers or loggers that blanks out tokens; nothing is dropped."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message where it carries a token."""
        message = record.getMessage()
        clean = redact(message)
        if clean != message:
            record.msg, record.args = clean, None
        return True


_redacted = Redacted()


def hush(*loggers: str) -> None:
    """Keep libraries from logging addresses (which hold the token) and parameters (which hold people's words)."""
    for name in loggers:
        logger = logging.getLogger(name)
        logger.addFilter(_redacted)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)


def check_token(token: str) -> str:
    """Return the token. Raises BadToken when it cannot be one."""
    if not _TOKEN_FORM.fullmatch(token):
        raise BadToken("this is not a bot token: BotFather gives one like 123456789:AAE4...")
    return token


def check_api(api: str | None) -> str:
    """Return the base URL of a Bot API server without a slash at its end. Raises Rejected when it is none."""
    if api is None:
        return "https://api.telegram.org"
    if not re.fullmatch(r"https?://[^\s?#]+", api):
        raise Rejected("the address of the Bot API server must be like http://127.0.0.1:8081")
    return api.rstrip("/")


def is_near(api: str) -> bool:
    """True for an address on this machine, which no proxy leads to."""
    return urlsplit(api).hostname in ("127.0.0.1", "localhost", "::1")


def name_of(username: str | None) -> Identity:
    """Return who the bot is. Raises Rejected when the answer named nobody."""
    if not username:
        raise Rejected("what answered is not the Bot API: it names no bot")
    return Identity(username)


def refusal(status: int, body: str | bytes) -> MessengerError:
    """Return what an answer that is not a success means: HTTP status and body of the Bot API."""
    answer = _read_answer(body)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RetryLater(1, everyone=False)
    if answer is None:
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return RetryLater(5, everyone=True)
        return Stranger(f"what answered is not the Bot API (HTTP {status})")
    said = str(answer.get("description") or f"HTTP {status}")
    parameters = answer.get("parameters")
    pause = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if status == HTTPStatus.TOO_MANY_REQUESTS or pause is not None:
        return RetryLater(pause if isinstance(pause, int) else 5, everyone=True)
    return _judge(status, said)


def _judge(status: int, said: str) -> MessengerError:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
        return BadToken(f"Telegram does not know this token ({status} {plain(said)})")
    if status == HTTPStatus.CONFLICT:
        return Conflict(plain(said))
    words, said = said.lower(), plain(said)
    if status == HTTPStatus.FORBIDDEN or any(sign in words for sign in _GONE):
        return Gone(said)
    for sign, refused in _REFUSED.items():
        if sign in words:
            return refused(said)
    return Rejected(said)


_REFUSED: Final[dict[str, type[Rejected]]] = {
    "message is not modified": NotModified,
    "there is no text in the message to edit": NoText,
    "file is too big": TooLarge,
    "request entity too large": TooLarge,
    "wrong file_id": Expired,
    "invalid file_id": Expired,
    "temporarily unavailable": Expired,
}


def _read_answer(body: str | bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "ok" in answer else None


async def take_back(messages: Sequence[int], call: Callable[[list[int]], Awaitable[object]]) -> None:
    """Delete messages by `call`, many at once; where Telegram refuses a whole lot for one of them, one by one."""
    for start in range(0, len(messages), DELETED_AT_ONCE):
        lot = list(messages[start : start + DELETED_AT_ONCE])
        try:
            await call(lot)
        except Rejected:
            for one in lot if len(lot) > 1 else ():
                with contextlib.suppress(Rejected):
                    await call([one])


async def bring(locate: Callable[[], Awaitable[object]], take: Callable[[str], Awaitable[bytes]]) -> bytes:
    """Download a file: `locate` asks getFile, `take` fetches a path. A link that ran out is asked for once more.

    Raises TooLarge, Expired, RetryLater, BadToken or Unreachable.
    """
    for again in (True, False):
        found = await _safe(locate())
        path, size = _str(found, "file_path"), _int(found, "file_size")
        if size is not None and size > LARGEST_DOWNLOAD:
            raise TooLarge("the file is too big")
        if path is None:
            raise Unreachable("getFile named no path")
        try:
            data = await _safe(take(path))
        except (BadToken, Rejected) as gone:  # the token was good a moment ago, so it is the path that is not
            if again:
                continue
            raise Expired(str(gone)) from None
        if size is not None and len(data) < size:
            raise Unreachable("only a part of the file came")
        return data
    raise AssertionError("unreachable")


async def _safe(call: Awaitable[T]) -> T:
    try:
        return await call
    except Unknown as error:  # asking again does no harm
        raise Unreachable(str(error)) from None


def method_of(outgoing: Outgoing) -> str:
    """Return what a message is sent by: `message`, `voice`, `photo`, or `document` for a photo of too many bytes."""
    sent = outgoing.attachment
    if sent is None:
        return "message"
    return "document" if sent.kind == "photo" and len(sent.data) > LARGEST_PHOTO else sent.kind


class Kept:
    """The files Telegram holds already, by what names their bytes (`Attachment.again`), for one bot."""

    def __init__(self) -> None:
        """Begin with none: after a start each is sent once more."""
        self._ids: dict[str, str] = {}

    async def send(self, sent: Attachment, call: Callable[[str | bytes], Awaitable[Any]]) -> Any:
        """Send by `call`, with the id of the file where Telegram has it, else with its bytes; returns the message."""
        known = self._ids.get(sent.again)
        if known is not None:
            try:
                return await call(known)
            except Rejected:  # it may be gone there; what is wrong otherwise shows with the bytes
                self._ids.pop(sent.again, None)
        message = await call(sent.data)
        if sent.again and (file := _file_of(message)):
            self._ids[sent.again] = file
        return message


def _file_of(message: Any) -> str | None:
    file = message.voice or message.document or (message.photo or (None,))[-1]
    return file.file_id if file is not None else None


def batch(updates: object, offset: int | None) -> Batch:
    """Translate what getUpdates brought. Raises Garbled when it is no list."""
    if not isinstance(updates, list):
        raise Garbled("getUpdates brought no list")
    numbers = [number for update in updates if (number := _int(update, "update_id")) is not None]
    return Batch([translate(update) for update in updates], max(numbers) + 1 if numbers else offset)


def translate(update: object) -> Incoming:
    """Translate one update, decoded from JSON. Never raises: what cannot be read is `Kind.OTHER`."""
    number = _int(update, "update_id")
    # Without a number nothing can confirm or tell it apart but its own content.
    key = str(number) if number is not None else "?" + hashlib.sha256(repr(update).encode()).hexdigest()[:32]
    if (message := _dict(update, "message")) is not None:
        return _message(key, message, edited=False)
    if (message := _dict(update, "edited_message")) is not None:
        return _message(key, message, edited=True)
    if (query := _dict(update, "callback_query")) is not None:
        return _press(key, query)
    if (change := _dict(update, "my_chat_member")) is not None:
        return _membership(key, change)
    return _unread(key, update)


def _message(key: str, message: dict[str, Any], *, edited: bool) -> Incoming:
    kind, text, file = _content(message)
    return Incoming(
        messenger=NAME,
        update=key,
        chat=_chat(message),
        kind=Kind.EDITED if edited else kind,
        order=_int(message, "message_id") or 0,
        text=text,
        reply_to=_int(message.get("reply_to_message"), "message_id"),
        language=_str(message.get("from"), "language_code"),
        private=_private(message),
        robot=_robot(message),
        file=_str(file, "file_id"),
        size=_int(file, "file_size"),
        seconds=_int(file, "duration"),
        mime=_str(file, "mime_type"),
        at=_int(message, "edit_date" if edited else "date"),
    )


def _content(message: dict[str, Any]) -> tuple[Kind, str | None, object]:
    """Return kind, words and file of a message."""
    if (text := _str(message, "text")) is not None:
        return Kind.TEXT, text, None
    caption = _str(message, "caption")
    if (voice := _dict(message, "voice")) is not None:
        return Kind.VOICE, caption, voice
    sizes = message.get("photo")
    if isinstance(sizes, list) and sizes:
        return Kind.PHOTO, caption, sizes[-1]  # Telegram lists the largest last
    if "sticker" in message:
        return Kind.STICKER, None, None
    for name in _FILES:
        if (file := _dict(message, name)) is not None and "file_id" in file:
            return _file_kind(file), caption, file
    return Kind.OTHER, caption, None


def _file_kind(file: dict[str, Any]) -> Kind:
    """Return what a file is: a photo or a recording that was sent as a file is one all the same."""
    mime = _str(file, "mime_type") or ""
    if mime in _PICTURES:
        return Kind.PHOTO
    return Kind.VOICE if mime.startswith(_SOUNDS) else Kind.OTHER


def _press(key: str, query: dict[str, Any]) -> Incoming:
    message = _dict(query, "message")
    button = _str(query, "data")
    person = _int(query.get("from"), "id")
    return Incoming(
        messenger=NAME,
        update=key,
        chat=_chat(message) if message is not None else str(person or ""),
        kind=Kind.PRESS if button is not None else Kind.OTHER,
        order=_int(message, "message_id") or 0,
        button=button,
        callback=_str(query, "id"),
        language=_str(query.get("from"), "language_code"),
        private=message is None or _private(message),
        robot=_robot(query),
    )


def _membership(key: str, change: dict[str, Any]) -> Incoming:
    private = _private(change)
    status = _str(change.get("new_chat_member"), "status")
    kinds = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED} if private else {}
    return Incoming(
        messenger=NAME,
        update=key,
        chat=_chat(change),
        kind=kinds.get(status or "", Kind.OTHER),
        language=_str(change.get("from"), "language_code"),
        private=private,
        robot=_robot(change),
    )


def _unread(key: str, update: object) -> Incoming:
    """Keep what can be known of an update of no known kind: its chat, if it names one."""
    parts = update.values() if isinstance(update, dict) else ()
    for part in parts:
        if (chat := _chat(part)) != "":
            return Incoming(NAME, key, chat, Kind.OTHER, private=_private(part), robot=_robot(part))
    return Incoming(NAME, key, "", Kind.OTHER)


def _chat(part: object) -> str:
    number = _int(_dict(part, "chat"), "id")
    return "" if number is None else str(number)


def _private(part: object) -> bool:
    return _str(_dict(part, "chat"), "type") == "private"


def _robot(part: object) -> bool:
    sender = _dict(part, "from")
    return sender is not None and sender.get("is_bot") is True


def _dict(part: object, name: str) -> dict[str, Any] | None:
    value = part.get(name) if isinstance(part, Mapping) else None
    return value if isinstance(value, dict) else None


def _str(part: object, name: str) -> str | None:
    value = part.get(name) if isinstance(part, Mapping) else None
    return value if isinstance(value, str) else None


def _int(part: object, name: str) -> int | None:
    value = part.get(name) if isinstance(part, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
