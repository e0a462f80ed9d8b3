"""What each method of the Bot API takes. To teach the double a method: declare it here, and act in `methods.py`."""

from typing import Any

from tests.double.kinds import Array, Boolean, Bytes, ChatId, Choice, Field, File, Integer, Object, Text
from tests.double.refusal import bad

UPDATES = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
)
BY_DEFAULT = frozenset(UPDATES) - {"chat_member", "message_reaction", "message_reaction_count"}
MOST_BUTTONS = 100

TEXT_BUTTON = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
BUTTON = Object(
    {
        "text": Field(Text(shortest=1, trim=True, too_short="inline keyboard button text must be non-empty"), ""),
        "callback_data": Field(Bytes(1, 64, "BUTTON_DATA_INVALID")),
        "url": Field(Text(longest=2048, pattern=r"(https?|tg)://\S+", malformed="BUTTON_URL_INVALID")),
    },
    one_of=("callback_data", "url"),
    none_of=TEXT_BUTTON,
    wrong="can't parse inline keyboard button: InlineKeyboardButton must be an Object",
)
ROW = Array(
    BUTTON,
    shortest=1,
    longest=8,
    wrong='field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    too_short="a row of an inline keyboard has no buttons",
    too_long="a row of an inline keyboard has more than 8 buttons",
)


class InlineKeyboard(Object):
    """An inline keyboard, with its own limit on all buttons together."""

    def __init__(self) -> None:
        rows = Array(ROW, wrong='field "inline_keyboard" must be of type Array')
        super().__init__(
            {"inline_keyboard": Field(rows, "the double knows inline keyboards alone")},
            wrong="object expected as reply markup",
        )

    def read(self, raw: Any, name: str, *, top: bool) -> dict[str, Any]:
        """Return the value. Raises Refusal."""
        value = super().read(raw, name, top=top)
        if sum(len(row) for row in value["inline_keyboard"]) > MOST_BUTTONS:
            raise bad("reply markup is too long")
        return value


ENTITY = Object({"type": Field(Text(), ""), "offset": Field(Integer(0), ""), "length": Field(Integer(1), "")})
PREVIEW = Object(
    {
        "is_disabled": Field(Boolean()),
        "url": Field(Text()),
        "prefer_small_media": Field(Boolean()),
        "prefer_large_media": Field(Boolean()),
        "show_above_text": Field(Boolean()),
    }
)
REPLY = Object(
    {
        "message_id": Field(Integer(1), "message to be replied not found"),
        "allow_sending_without_reply": Field(Boolean()),
    }
)
PARSE_MODE = Choice(("HTML",), "unsupported parse_mode (the double knows HTML alone)")
CHAT = Field(ChatId(), "chat_id is empty")
MESSAGE = Field(Integer(1), "message identifier is not specified")
LANGUAGE = Field(Text(longest=2, pattern=r"[a-z]{2}", malformed="invalid language code specified"))
WANTED = Field(Array(Choice(UPDATES, "unsupported type of update in allowed_updates"), wrong="array expected"))

ANY_MESSAGE = {
    "chat_id": CHAT,
    "disable_notification": Field(Boolean()),
    "protect_content": Field(Boolean()),
    "allow_paid_broadcast": Field(Boolean()),
    "reply_parameters": Field(REPLY),
    "reply_markup": Field(InlineKeyboard()),
}
CAPTION = {
    "caption": Field(Text(longest=1024, trim=True, too_long="message caption is too long")),
    "parse_mode": Field(PARSE_MODE),
    "caption_entities": Field(Array(ENTITY)),
}
COMMAND = Object(
    {
        "command": Field(Text(pattern=r"/?[a-z0-9_]{1,32}", malformed="BOT_COMMAND_INVALID"), "BOT_COMMAND_INVALID"),
        "description": Field(
            Text(longest=256, shortest=1, too_long="BOT_COMMAND_DESCRIPTION_INVALID"),
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
    }
)
SCOPE = Object({"type": Field(Text(), ""), "chat_id": Field(ChatId()), "user_id": Field(Integer(1))})
ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
)


def text_of(too_long: str) -> Field:
    """The text of a message; longer ones are refused in different words by different methods."""
    # Markup is taken out before Telegram counts, so `methods` counts; here stands the most a request may hold.
    return Field(Text(longest=65_536, trim=True, shortest=1, too_long=too_long), "message text is empty")


METHODS: dict[str, dict[str, Field]] = {
    "getMe": {},
    "getUpdates": {
        "offset": Field(Integer()),
        "limit": Field(Integer(1, 100, clamped=True)),
        "timeout": Field(Integer(0, 50, clamped=True)),
        "allowed_updates": WANTED,
    },
    "setWebhook": {
        "url": Field(Text()),
        "max_connections": Field(Integer(1, 100)),
        "allowed_updates": WANTED,
        "drop_pending_updates": Field(Boolean()),
        "secret_token": Field(
            Text(
                longest=256,
                too_long="secret token must be shorter",
                pattern=r"[\w-]+",
                malformed="secret token contains unallowed characters",
            )
        ),
    },
    "deleteWebhook": {"drop_pending_updates": Field(Boolean())},
    "getWebhookInfo": {},
    "sendMessage": {
        **ANY_MESSAGE,
        "text": text_of("message is too long"),
        "parse_mode": Field(PARSE_MODE),
        "entities": Field(Array(ENTITY)),
        "link_preview_options": Field(PREVIEW),
    },
    "editMessageText": {
        "chat_id": CHAT,
        "message_id": MESSAGE,
        "text": text_of("MESSAGE_TOO_LONG"),
        "parse_mode": Field(PARSE_MODE),
        "entities": Field(Array(ENTITY)),
        "link_preview_options": Field(PREVIEW),
        "reply_markup": Field(InlineKeyboard()),
    },
    "editMessageReplyMarkup": {"chat_id": CHAT, "message_id": MESSAGE, "reply_markup": Field(InlineKeyboard())},
    "editMessageCaption": {
        "chat_id": CHAT,
        "message_id": MESSAGE,
        **CAPTION,
        "reply_markup": Field(InlineKeyboard()),
    },
    "deleteMessage": {"chat_id": CHAT, "message_id": MESSAGE},
    "deleteMessages": {
        "chat_id": CHAT,
        "message_ids": Field(
            Array(Integer(1), longest=100, shortest=1, too_long="too many message identifiers specified"),
            "message identifiers are not specified",
        ),
    },
    "answerCallbackQuery": {
        "callback_query_id": Field(Text(), "invalid callback_query_id specified"),
        "text": Field(Text(longest=200, too_long="MESSAGE_TOO_LONG")),
        "show_alert": Field(Boolean()),
        "url": Field(Text()),
        "cache_time": Field(Integer(0)),
    },
    "setMyCommands": {
        "commands": Field(Array(COMMAND, longest=100, too_long="BOT_COMMANDS_TOO_MUCH"), "commands are required"),
        "scope": Field(SCOPE),
        "language_code": LANGUAGE,
    },
    "setMyDescription": {
        "description": Field(Text(longest=512, too_long="bot description is too long")),
        "language_code": LANGUAGE,
    },
    "setMyShortDescription": {
        "short_description": Field(Text(longest=120, too_long="bot short description is too long")),
        "language_code": LANGUAGE,
    },
    "sendChatAction": {
        "chat_id": CHAT,
        "action": Field(Choice(ACTIONS, "wrong parameter action in request"), "wrong action"),
    },
    "sendVoice": {
        **ANY_MESSAGE,
        **CAPTION,
        "voice": Field(File(), "there is no voice in the request"),
        "duration": Field(Integer(0)),
    },
    "sendPhoto": {
        **ANY_MESSAGE,
        **CAPTION,
        "photo": Field(File(), "there is no photo in the request"),
        "has_spoiler": Field(Boolean()),
    },
    "sendDocument": {
        **ANY_MESSAGE,
        **CAPTION,
        "document": Field(File(), "there is no document in the request"),
        "disable_content_type_detection": Field(Boolean()),
    },
    "getFile": {"file_id": Field(Text(), "invalid file_id")},
}
BY_LOWER = {name.lower(): name for name in METHODS}  # the Bot API does not mind capitals
