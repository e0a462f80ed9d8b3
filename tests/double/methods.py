"""What each method does, once its parameters were read. Everything here runs under the world's lock."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from tests.double import markup
from tests.double.kinds import Upload, units
from tests.double.refusal import Refusal, bad
from tests.double.schemas import BY_DEFAULT
from tests.double.world import DAY, PRESS_LIVES, Account, Chat, Message, Webhook, World

Params = dict[str, Any]
LONGEST_TEXT = 4096
LONGEST_DOWNLOAD = 20 * 1024 * 1024
LARGEST_PHOTO = 10_000_000
LARGEST_UPLOAD, LARGEST_NEAR = 50_000_000, 2_000_000_000  # the latter by a server that runs with --local
LINK_LIVES = 3600  # seconds a link to a file is good
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def get_me(world: World, account: Account, params: Params) -> Any:
    """Show who the bot is."""
    return account.person.to_api() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


def set_webhook(world: World, account: Account, params: Params) -> Any:
    """Deliver to an address from now on; an empty one ends it."""
    url = params.get("url", "")
    local = url.startswith(("http://127.0.0.1", "http://localhost"))
    if url and not url.startswith("https://") and not local:
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    want(account, params)
    if params.get("drop_pending_updates"):
        account.updates.clear()
    asked = Webhook(url, params.get("secret_token", ""), params.get("max_connections", 40))
    if not account.webhook.is_as(asked):  # else its errors stay as they were
        account.webhook = asked
    account.arrived()
    return True


def delete_webhook(world: World, account: Account, params: Params) -> Any:
    """Keep updates for getUpdates again."""
    if params.get("drop_pending_updates"):
        account.updates.clear()
    account.webhook = Webhook()
    return True


def get_webhook_info(world: World, account: Account, params: Params) -> Any:
    """Show where updates go."""
    webhook = account.webhook
    info: dict[str, Any] = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.pending(account)),
    }
    if webhook.url:
        info |= {"max_connections": webhook.connections, "allowed_updates": sorted(account.allowed)}
    if webhook.last_error:
        info |= {"last_error_date": int(webhook.failed_at), "last_error_message": webhook.last_error}
    return info


def want(account: Account, params: Params) -> None:
    """Remember which kinds of updates the bot asked for; an empty list is the usual ones."""
    if "allowed_updates" in params:
        account.allowed = frozenset(params["allowed_updates"]) or BY_DEFAULT


def send_message(world: World, account: Account, params: Params) -> Any:
    """Put words into a chat."""
    chat = account.chat(params["chat_id"])
    text = _text(params, "message is too long")
    extra = {"link_preview_options": params["link_preview_options"]} if "link_preview_options" in params else {}
    return _send(world, account, chat, params, text, extra)


def send_voice(world: World, account: Account, params: Params) -> Any:
    """Put a voice note into a chat."""
    file = _keep(account, params["voice"])
    return _send_file(world, account, params, {"voice": file | {"duration": params.get("duration", 0)}})


def send_photo(world: World, account: Account, params: Params) -> Any:
    """Put a photo into a chat."""
    if isinstance(params["photo"], Upload) and len(params["photo"].data) > LARGEST_PHOTO:
        raise Refusal(413, "Request Entity Too Large")
    size = _keep(account, params["photo"]) | {"width": 640, "height": 480}
    return _send_file(world, account, params, {"photo": [size]})


def send_document(world: World, account: Account, params: Params) -> Any:
    """Put a file into a chat."""
    upload = params["document"]
    largest = LARGEST_UPLOAD if account.folder is None else LARGEST_NEAR
    if isinstance(upload, Upload) and len(upload.data) > largest:
        raise Refusal(413, "Request Entity Too Large")
    named = {"file_name": upload.name} if isinstance(upload, Upload) else {}
    return _send_file(world, account, params, {"document": _keep(account, upload) | named})


def edit_message_text(world: World, account: Account, params: Params) -> Any:
    """Change words, and with them buttons."""
    chat = account.chat(params["chat_id"])
    message = _editable(chat, params["message_id"])
    text = _text(params, "MESSAGE_TOO_LONG")
    if message.text is None:
        raise bad("there is no text in the message to edit")
    return _change(world, chat, message, text, params.get("reply_markup"))


def edit_message_reply_markup(world: World, account: Account, params: Params) -> Any:
    """Change buttons and leave the words."""
    chat = account.chat(params["chat_id"])
    message = _editable(chat, params["message_id"])
    return _change(world, chat, message, message.text, params.get("reply_markup"))


def edit_message_caption(world: World, account: Account, params: Params) -> Any:
    """Change the words beside a file, and with them buttons."""
    chat = account.chat(params["chat_id"])
    message = _editable(chat, params["message_id"])
    if message.text is not None:
        raise bad("there is no caption in the message to edit")
    before = message.content.get("caption")
    if (params.get("caption"), _keyboard(params.get("reply_markup"))) == (before, message.keyboard):
        raise bad(SAME)
    message.content["caption"] = params.get("caption")
    return _change(world, chat, message, None, params.get("reply_markup"), fresh=True)


def delete_message(world: World, account: Account, params: Params) -> Any:
    """Take a message back."""
    chat = account.chat(params["chat_id"])
    message = chat.messages.get(params["message_id"])
    if message is None or message.deleted:
        raise bad("message to delete not found")
    if world.now() - message.date > 2 * DAY or (message.mine and not chat.private):
        raise bad("message can't be deleted for everyone")
    message.deleted = True
    world.touch(message)
    return True


def delete_messages(world: World, account: Account, params: Params) -> Any:
    """Take messages back; those that are no more are passed over."""
    chat = account.chat(params["chat_id"])
    found = [chat.messages[number] for number in params["message_ids"] if number in chat.messages]
    if any(world.now() - message.date > 2 * DAY for message in found if not message.deleted):
        raise bad("message can't be deleted for everyone")
    for message in found:
        message.deleted = True
        world.touch(message)
    return True


def answer_callback_query(world: World, account: Account, params: Params) -> Any:
    """Let a pressed button stop spinning."""
    press = account.presses.get(params["callback_query_id"])
    if press is None or press.answered or world.now() - press.at > PRESS_LIVES:
        raise bad(TOO_OLD)
    press.answered = True
    world.changed.notify_all()
    return True


def send_chat_action(world: World, account: Account, params: Params) -> Any:
    """Show that the bot is busy; nobody keeps it."""
    account.chat(params["chat_id"])
    return True


def describe(world: World, account: Account, params: Params) -> Any:
    """Keep what the bot tells about itself, by scope and language: commands, description, short description.

    `commands` is the key of what everyone sees; `commands:es`, `commands@all_private_chats:es` and
    `commands@chat=500001` are narrower.
    """
    told = dict(params)
    language, scope = told.pop("language_code", ""), told.pop("scope", {"type": "default"})
    where = "" if scope["type"] == "default" else f"@{scope['type']}"
    if scope["type"] == "chat":
        account.chat(scope["chat_id"])
        where += f"={scope['chat_id']}"
    for what, words in told.items():
        account.profile[f"{what}{where}:{language}" if language else f"{what}{where}"] = words
    return True


def get_file(world: World, account: Account, params: Params) -> Any:
    """Tell where a file can be fetched."""
    data = account.files.get(params["file_id"])
    if data is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if account.folder is not None:
        kept = account.folder / params["file_id"]
        kept.write_bytes(data)
        return _file(params["file_id"], data) | {"file_path": str(kept)}
    if len(data) > LONGEST_DOWNLOAD:
        raise bad("file is too big")
    account.links[params["file_id"]] = world.now() + LINK_LIVES
    return _file(params["file_id"], data) | {"file_path": f"files/{params['file_id']}"}


HANDLERS: dict[str, Callable[[World, Account, Params], Any]] = {
    "getMe": get_me,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendMessage": send_message,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageCaption": edit_message_caption,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
    "setMyCommands": describe,
    "setMyDescription": describe,
    "setMyShortDescription": describe,
    "sendChatAction": send_chat_action,
    "sendVoice": send_voice,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "getFile": get_file,
}


def keep_file(account: Account, data: bytes) -> dict[str, Any]:
    """Keep a file's bytes; returns how the API shows it."""
    digest = hashlib.sha256(data + len(account.files).to_bytes(4)).digest()
    file_id = "AgAC" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
    account.files[file_id] = data
    return _file(file_id, data)


def _file(file_id: str, data: bytes) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": file_id[-12:], "file_size": len(data)}


def _keep(account: Account, file: Upload | str) -> dict[str, Any]:
    if isinstance(file, Upload):
        return keep_file(account, file.data)
    if file not in account.files:
        raise bad("wrong file identifier/HTTP URL specified")
    return _file(file, account.files[file])


def _send_file(world: World, account: Account, params: Params, content: dict[str, Any]) -> Any:
    chat = account.chat(params["chat_id"])
    caption = params.get("caption")
    if caption is not None:
        content["caption"] = markup.plain(caption) if "parse_mode" in params else caption
    return _send(world, account, chat, params, None, content)


def _send(world: World, account: Account, chat: Chat, params: Params, text: str | None, content: dict[str, Any]) -> Any:
    message = Message(
        id=0,
        sender=account.person,
        date=int(world.now()),
        text=text,
        content=content,
        mine=False,
        keyboard=_keyboard(params.get("reply_markup")),
        protected=params.get("protect_content", False),
        reply_to=_replied(chat, params.get("reply_parameters")),
    )
    return world.put(account, chat, message).to_api(chat)


def _replied(chat: Chat, reply: dict[str, Any] | None) -> Message | None:
    if reply is None:
        return None
    message = chat.messages.get(reply["message_id"])
    if (message is None or message.deleted) and not reply.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return message


def _text(params: Params, too_long: str) -> str:
    text: str = params["text"]
    if "parse_mode" in params:
        text = markup.plain(text).strip()
    if not text:
        raise bad("text must be non-empty")
    if units(text) > LONGEST_TEXT:
        raise bad(too_long)
    return text


def _editable(chat: Chat, number: int) -> Message:
    message = chat.messages.get(number)
    if message is None or message.deleted:
        raise bad("message to edit not found")
    if message.mine:
        raise bad("message can't be edited")
    return message


def _change(
    world: World,
    chat: Chat,
    message: Message,
    text: str | None,
    keyboard: dict[str, Any] | None,
    *,
    fresh: bool = False,
) -> Any:
    keyboard = _keyboard(keyboard)
    if not fresh and (text, keyboard) == (message.text, message.keyboard):
        raise bad(SAME)
    message.versions.append((message.text, message.keyboard))
    message.text, message.keyboard, message.edited = text, keyboard, int(world.now())
    world.touch(message)
    return message.to_api(chat)


def _keyboard(keyboard: dict[str, Any] | None) -> dict[str, Any] | None:
    return keyboard if keyboard and keyboard["inline_keyboard"] else None
