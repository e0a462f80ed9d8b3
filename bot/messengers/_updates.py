"""Read Telegram's updates.

By hand and not with a library's types: a field that a library does not know yet, or no longer, would fail the whole
batch, and that batch would come back for ever.
"""

import hashlib
from typing import Any, Final

from bot.messengers._telegram import NAME, UndecodableAnswer, integer, string
from bot.messengers.port import Batch, Incoming, Kind

WANTED: Final = ("message", "edited_message", "callback_query", "my_chat_member")

_FILES = ("document", "audio", "video", "video_note", "animation")
_VALUES = ("location",)  # neither words nor a file, but may answer a question
_PICTURES = ("image/jpeg", "image/png", "image/webp")
_SOUNDS = ("audio/",)
# What a message in a private chat may be that nobody said: an event in the chat, reported by the app.
_EVENTS = frozenset(
    {
        "boost_added",
        "chat_background_set",
        "chat_shared",
        "connected_website",
        "gift",
        "gift_upgrade_sent",
        "managed_bot_created",
        "message_auto_delete_timer_changed",
        "paid_message_price_changed",
        "passport_data",
        "pinned_message",
        "proximity_alert_triggered",
        "refunded_payment",
        "successful_payment",
        "unique_gift",
        "user_shared",
        "users_shared",
        "web_app_data",
        "write_access_allowed",
    }
)
_KINDS_OF_EVENTS = (
    "checklist_tasks_",
    "forum_topic_",
    "general_forum_topic_",
    "giveaway",
    "poll_option_",
    "suggested_post_",
    "video_chat_",
)


def batch(updates: object, offset: int | None) -> Batch:
    """Translate the result of getUpdates; raises UndecodableAnswer when it is no list."""
    if not isinstance(updates, list):
        raise UndecodableAnswer("getUpdates brought no list")
    numbers = [number for update in updates if (number := integer(update, "update_id")) is not None]
    return Batch([translate(update) for update in updates], max(numbers) + 1 if numbers else offset)


def translate(update: object) -> Incoming:
    """Translate one update, decoded from JSON. Never raises: what cannot be read is `Kind.OTHER`.

    An update that nobody is known to have sent has no chat: there is nothing to answer.
    """
    number = integer(update, "update_id")
    # Without a number, only its content can tell it from others, and nothing confirms it.
    key = str(number) if number is not None else "?" + hashlib.sha256(repr(update).encode()).hexdigest()[:32]
    if (message := _dict(update, "message")) is not None:
        return _message(key, message, edited=False)
    if (message := _dict(update, "edited_message")) is not None:
        return _message(key, message, edited=True)
    if (query := _dict(update, "callback_query")) is not None:
        return _press(key, query)
    if (change := _dict(update, "my_chat_member")) is not None:
        return _membership(key, change)
    return _unsaid(key)


def _unsaid(key: str) -> Incoming:
    return Incoming(NAME, key, "", Kind.OTHER)


def _message(key: str, message: dict[str, Any], *, edited: bool) -> Incoming:
    kind, text, file = _content(message)
    if kind is Kind.OTHER and text is None and file is None and (edited or _is_event(message)):
        kind = Kind.NOTICE  # an edit may be about something no bot can see, or a live location that moves
    elif edited:
        kind = Kind.EDITED
    return Incoming(
        messenger=NAME,
        update=key,
        chat=_chat(message),
        kind=kind,
        order=integer(message, "message_id") or 0,
        text=text,
        reply_to=integer(message.get("reply_to_message"), "message_id"),
        language=string(message.get("from"), "language_code"),
        private=_private(message),
        robot=_robot(message),
        file=string(file, "file_id"),
        size=integer(file, "file_size"),
        seconds=integer(file, "duration"),
        mime=string(file, "mime_type"),
        at=integer(message, "edit_date" if edited else "date"),
        content=_values(message) if kind is Kind.OTHER else None,
    )


def _values(message: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a message brings that is neither words nor a file, as Telegram writes it."""
    return {name: found for name in _VALUES if (found := _dict(message, name)) is not None} or None


def _content(message: dict[str, Any]) -> tuple[Kind, str | None, object]:
    """Return kind, words and file of a message."""
    if (text := string(message, "text")) is not None:
        return Kind.TEXT, text, None
    caption = string(message, "caption")
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


def _is_event(message: dict[str, Any]) -> bool:
    return any(name in _EVENTS or name.startswith(_KINDS_OF_EVENTS) for name in message)


def _file_kind(file: dict[str, Any]) -> Kind:
    """Return the kind of a file: a photo or recording that was sent as a file still counts as one."""
    mime = string(file, "mime_type") or ""
    if mime in _PICTURES:
        return Kind.PHOTO
    return Kind.VOICE if mime.startswith(_SOUNDS) else Kind.OTHER


def _press(key: str, query: dict[str, Any]) -> Incoming:
    message = _dict(query, "message")
    button = string(query, "data")
    person = integer(query.get("from"), "id")
    return Incoming(
        messenger=NAME,
        update=key,
        chat=_chat(message) if message is not None else str(person or ""),
        kind=Kind.PRESS if button is not None else Kind.OTHER,
        order=integer(message, "message_id") or 0,
        button=button,
        callback=string(query, "id"),
        language=string(query.get("from"), "language_code"),
        private=message is None or _private(message),
        robot=_robot(query),
        content=_keyboard(message),
    )


def _keyboard(message: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the keyboard of several that a pressed button was on: label, id and address of each, row by row."""
    found = (_dict(message, "reply_markup") or {}).get("inline_keyboard")
    shown = [
        [[string(each, "text") or "", string(each, "callback_data") or "", string(each, "url")] for each in row]
        for row in (found if isinstance(found, list) else ())
        if isinstance(row, list)
    ]
    return {"keyboard": shown} if sum(map(len, shown)) > 1 else None


def _membership(key: str, change: dict[str, Any]) -> Incoming:
    status = string(change.get("new_chat_member"), "status")
    kind = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED}.get(status or "")
    if kind is None or not _private(change):  # what happens to the bot in a group was said by nobody
        return _unsaid(key)
    return Incoming(
        messenger=NAME,
        update=key,
        chat=_chat(change),
        kind=kind,
        language=string(change.get("from"), "language_code"),
        robot=_robot(change),
    )


def _chat(part: object) -> str:
    number = integer(_dict(part, "chat"), "id")
    return "" if number is None else str(number)


def _private(part: object) -> bool:
    return string(_dict(part, "chat"), "type") == "private"


def _robot(part: object) -> bool:
    author = _dict(part, "from")
    return author is not None and author.get("is_bot") is True


def _dict(part: object, name: str) -> dict[str, Any] | None:
    value = part.get(name) if isinstance(part, dict) else None
    return value if isinstance(value, dict) else None
