"""Telegram through aiogram, used as a client of the Bot API and nothing more.

A heavier import than python-telegram-bot and a third of its work for each message: for whoever sends a lot.
"""

import contextlib
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, ClientDecodeError
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessages,
    DeleteWebhook,
    EditMessageCaption,
    EditMessageReplyMarkup,
    EditMessageText,
    GetMe,
    GetWebhookInfo,
    Response,
    SendChatAction,
    SendDocument,
    SendMessage,
    SendPhoto,
    SendVoice,
    SetMyCommands,
    SetMyDescription,
    SetMyShortDescription,
    SetWebhook,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
)

from bot.adapters import _telegram as telegram
from bot.messenger import (
    Attachment,
    Batch,
    Commands,
    Descriptions,
    Identity,
    Incoming,
    Keyboard,
    MessengerError,
    Outgoing,
    Rejected,
    Unknown,
    Unreachable,
)

log = logging.getLogger(__name__)
T = TypeVar("T")

CONNECTIONS = 16
LONGEST = 60.0  # seconds of one request, connection and answer together
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

telegram.hush("aiogram", "aiohttp")


class _RawUpdates(TelegramMethod[Any]):
    """getUpdates whose updates stay as they came."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None
    limit: int
    timeout: int
    allowed_updates: list[str]


class _RawFile(TelegramMethod[Any]):
    """getFile whose answer stays as it came."""

    __returning__ = dict[str, Any]
    __api_method__ = "getFile"

    file_id: str


class _Session(AiohttpSession):
    """The library's session, with the HTTP status read before the library needs the body to be well formed.

    It goes through the proxy that the environment names, unless the server is on this machine.
    """

    async def create_session(self) -> aiohttp.ClientSession:
        session = await super().create_session()
        session._trust_env = not telegram.is_near(self.api.base)  # noqa: SLF001  the library hands no options on
        return session

    def check_response(self, bot: Bot, method: TelegramMethod[T], status_code: int, content: str) -> Response[T]:
        if not HTTPStatus.OK <= status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise telegram.refusal(status_code, content)
        return super().check_response(bot, method, status_code, content)

    async def close(self) -> None:
        """Close connections. The library naps after it for the sake of TLS, which plain HTTP can do without."""
        if self.api.base.startswith("https:"):
            await super().close()
        elif self._session is not None:
            await self._session.close()


class AiogramMessenger:
    """The port over aiogram.

    The constructor takes the bot's token and the base URL of a Bot API server (None: Telegram's own), and raises
    BadToken or Rejected when one of them cannot be what it should be. It opens no connection.
    """

    name = telegram.NAME
    text_limit = telegram.TEXT_LIMIT
    caption_limit = telegram.CAPTION_LIMIT

    def __init__(self, token: str, api: str | None = None) -> None:
        telegram.check_token(token)
        base = telegram.check_api(api)
        self._files = f"{base}/file/bot{token}"
        self._kept = telegram.Kept()
        self._session = _Session(limit=CONNECTIONS, api=TelegramAPIServer.from_base(base))
        self._bot = Bot(token, self._session)

    async def identify(self) -> Identity:
        """Ask who the bot is. Raises Rejected, too, when something else than the Bot API answers."""
        try:
            me = await self._call(GetMe())
        except (telegram.Stranger, telegram.Garbled) as error:
            raise Rejected(str(error)) from None
        return telegram.name_of(me.username)

    async def prepare(self, url: str | None = None, secret: str | None = None) -> str | None:
        """Make Telegram deliver to a webhook, or, without `url`, keep updates for `fetch`; nothing pending is lost.

        Returns the address of a webhook that was set and is not ours, which nobody but the owner should have done.
        """
        info = await self._call(GetWebhookInfo())
        if url is not None:
            await self._call(
                SetWebhook(
                    url=url,
                    secret_token=secret,
                    allowed_updates=list(telegram.WANTED),
                    drop_pending_updates=False,
                )
            )
        elif info.url:
            await self._call(DeleteWebhook(drop_pending_updates=False))
        return info.url if info.url and info.url != url else None

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds (whole ones, 50 at most) for updates."""
        seconds = min(int(wait), telegram.LONGEST_POLL)
        method = _RawUpdates(
            offset=offset, limit=telegram.BATCH, timeout=seconds, allowed_updates=list(telegram.WANTED)
        )
        try:
            return telegram.batch(await self._call(method, read=seconds + telegram.GRACE), offset)
        except Unknown as error:  # fetching again loses nothing
            raise Unreachable(str(error)) from None

    def translate(self, update: dict[str, Any]) -> Incoming:
        """Translate one update that a webhook received. Never raises."""
        return telegram.translate(update)

    async def send(self, outgoing: Outgoing) -> int:
        """Send or edit one message."""
        if outgoing.edits is not None:
            return await self._edit(outgoing, outgoing.edits)
        if outgoing.attachment is not None:
            sent = outgoing.attachment
            slow = telegram.UPLOAD if telegram.method_of(outgoing) == "document" else None
            kept = await self._kept.send(sent, lambda file: self._call(_file_method(outgoing, sent, file), read=slow))
            return int(kept.message_id)
        message = await self._call(
            SendMessage(
                chat_id=outgoing.chat,
                text=outgoing.text or "",
                link_preview_options=NO_PREVIEW,
                disable_notification=outgoing.quiet or None,
                protect_content=outgoing.protect or None,
                reply_markup=_markup(outgoing.keyboard),
            )
        )
        return message.message_id

    async def _edit(self, outgoing: Outgoing, order: int) -> int:
        text = outgoing.text
        where: dict[str, Any] = {
            "chat_id": outgoing.chat,
            "message_id": order,
            "reply_markup": _markup(outgoing.keyboard),
        }
        with contextlib.suppress(telegram.NotModified):
            if text is None:
                await self._call(EditMessageReplyMarkup(**where))
                return order
            try:
                await self._call(EditMessageText(text=text, link_preview_options=NO_PREVIEW, **where))
            except telegram.NoText:
                await self._call(EditMessageCaption(caption=text, **where))
        return order

    async def acknowledge(self, callback: str) -> None:
        """Tell Telegram that a press was seen. Never raises: a courtesy."""
        try:
            await self._call(AnswerCallbackQuery(callback_query_id=callback))
        except MessengerError as error:
            log.debug("a press was not acknowledged: %s", type(error).__name__)

    async def typing(self, chat: str) -> None:
        """Show for five seconds that an answer is on its way. Never raises: a courtesy."""
        try:
            await self._call(SendChatAction(chat_id=chat, action="typing"))
        except MessengerError as error:
            log.debug("typing was not shown: %s", type(error).__name__)

    async def delete(self, chat: str, messages: Sequence[int]) -> None:
        """Take messages back; those that are no more, or older than 48 hours, are passed over."""
        await telegram.take_back(messages, lambda lot: self._call(DeleteMessages(chat_id=chat, message_ids=lot)))

    async def download(self, file: str) -> bytes:
        """Fetch a file of 20 MB at most. Raises TooLarge or Expired."""

        async def locate() -> object:
            return await self._call(_RawFile(file_id=file))

        return await telegram.bring(locate, self._take)

    async def _take(self, path: str) -> bytes:
        limits = aiohttp.ClientTimeout(total=LONGEST, connect=telegram.CONNECT, sock_read=telegram.READ)
        failure: MessengerError
        try:
            session = await self._session.create_session()
            async with session.get(f"{self._files}/{path}", timeout=limits) as answer:
                data = await answer.read()
                if answer.ok:
                    return data
                failure = telegram.refusal(answer.status, data)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # its words hold the address, and so the token
            failure = Unreachable(type(error).__name__)
        raise failure

    async def introduce(self, commands: Commands, descriptions: Descriptions, chat: str | None = None) -> None:
        """Set the menu of commands of private chats, or of one chat, and what the bot tells of itself."""
        scope = BotCommandScopeAllPrivateChats() if chat is None else BotCommandScopeChat(chat_id=chat)
        for language, offered in commands.items():
            listed = [BotCommand(command=name, description=told) for name, told in offered]
            await self._call(SetMyCommands(commands=listed, scope=scope, language_code=language))
        for language, (short, long) in descriptions.items() if chat is None else ():
            await self._call(SetMyShortDescription(short_description=short, language_code=language))
            await self._call(SetMyDescription(description=long, language_code=language))

    async def close(self) -> None:
        """Let go of connections."""
        await self._session.close()

    async def _call(self, method: TelegramMethod[T], read: float | None = None) -> T:
        """Make a call through the library; what goes wrong becomes one of our errors.

        Raised after the handler, so that the library's error, whose words may hold the token, is not its context.
        """
        read = telegram.READ if read is None else read
        limits: Any = aiohttp.ClientTimeout(total=max(LONGEST, read), connect=telegram.CONNECT, sock_read=read)
        failure: MessengerError
        try:
            return await self._bot(method, request_timeout=limits)
        except ClientDecodeError:
            failure = telegram.Garbled("the answer is not what the Bot API answers")
        except AiogramError as error:
            failure = _transport(error)
        except OSError as error:
            failure = Unknown(type(error).__name__)
        except (LookupError, TypeError, ValueError):  # a body that is no text, among others
            failure = telegram.Garbled("the answer is not what the Bot API answers")
        raise failure


def _file_method(outgoing: Outgoing, sent: Attachment, given: str | bytes) -> TelegramMethod[Message]:
    file = given if isinstance(given, str) else BufferedInputFile(given, sent.name)
    asked: dict[str, Any] = {
        "chat_id": outgoing.chat,
        "caption": outgoing.text,
        "protect_content": outgoing.protect or None,
        "reply_markup": _markup(outgoing.keyboard),
    }
    match telegram.method_of(outgoing):
        case "voice":
            return SendVoice(voice=file, duration=sent.seconds, **asked)
        case "photo":
            return SendPhoto(photo=file, **asked)
        case _:
            return SendDocument(document=file, **asked)


def _transport(error: AiogramError) -> MessengerError:
    """Return what a request without an answer means: it never left, or nobody knows."""
    cause = error.__cause__
    what = type(cause or error).__name__
    if isinstance(cause, NEVER_LEFT):
        return Unreachable(what)
    return Unknown(what)


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text=button.label, url=button.url)
                if button.url
                else InlineKeyboardButton(text=button.label, callback_data=button.id)
                for button in row
            ]
            for row in keyboard
        ]
    )
