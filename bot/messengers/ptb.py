"""Telegram through python-telegram-bot, used only as a client of the Bot API."""

import asyncio
import json
import logging
import zlib
from collections.abc import Awaitable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpcore
import httpx
from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from bot.messengers import _telegram as telegram
from bot.messengers import _updates as updates
from bot.messengers._network import Connections
from bot.messengers.port import (
    Batch,
    Commands,
    Descriptions,
    HookState,
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

CONNECTIONS = 48  # as many as the courier has under way at most, and some
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
NEVER_LEFT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.ProxyError)
ON_THE_WAY = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, TimeoutError)
FORM = "application/x-www-form-urlencoded"
ZIPPED = zlib.MAX_WBITS | 32  # gzip or zlib, as the data themselves say

telegram.hush("telegram", "httpcore")


class _Refused(TelegramError):
    """Carries our reading of an answer through the library, which lets its own error types pass."""

    def __init__(self, failure: MessengerError) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _Request(BaseRequest):
    """The library's transport, through httpcore, which turns failures into our errors.

    The library's own transport goes through all of httpx, which for a small form takes as long as all the rest;
    and it drops the HTTP status, which distinguishes a refusal by Telegram from a page of some server in between.
    """

    def __init__(self, base: str) -> None:
        self._connections = Connections(base, CONNECTIONS, near=telegram.is_near(base))

    @property
    def read_timeout(self) -> float:
        return telegram.READ

    async def initialize(self) -> None:
        """Do nothing: connections open when they are needed."""

    async def shutdown(self) -> None:
        await self._connections.aclose()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        form = None
        if request_data is not None:
            try:
                form = await _form(request_data)
            except UnicodeEncodeError:
                raise _Refused(Rejected(telegram.UNWRITABLE)) from None
        timeouts = {
            "connect": _seconds(connect_timeout, telegram.CONNECT),
            "read": _seconds(read_timeout, telegram.READ),
            "write": _seconds(write_timeout, telegram.READ),
            "pool": _seconds(pool_timeout, telegram.READ),
        }
        return await self._exchange(method, url, form, timeouts)

    async def ask(self, url: str, given: dict[str, object], read: float = telegram.READ) -> Any:
        """Call a method of the Bot API without the library's objects; return the result as it came.

        For results that we read ourselves: a field that the library cannot parse would fail the whole answer.
        """
        words = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
        timeouts = {"connect": telegram.CONNECT, "read": read, "write": telegram.READ, "pool": telegram.READ}
        _, body = await self._exchange("POST", url, (FORM, urlencode(words).encode()), timeouts)
        return self.parse_json_payload(body)["result"]

    async def _exchange(
        self, method: str, url: str, form: tuple[str, bytes] | None, timeouts: dict[str, float]
    ) -> tuple[int, bytes]:
        headers: dict[bytes | str, bytes | str] = {"User-Agent": self.USER_AGENT, "Accept-Encoding": "gzip, deflate"}
        content = None
        if form is not None:
            headers["Content-Type"], content = form
        failure: MessengerError
        try:
            async with asyncio.timeout(telegram.longest(timeouts["read"])):
                answer = await self._connections.request(
                    method, url, headers=headers, content=content, timeouts=timeouts
                )
            body = _unzipped(answer)
        except NEVER_LEFT as error:
            failure = Unreachable(type(error).__name__)
        except ON_THE_WAY as error:  # nobody knows whether it arrived
            failure = Unknown(type(error).__name__)
        except zlib.error:
            failure = telegram.UndecodableAnswer("the answer cannot be unzipped")
        else:
            if telegram.is_success(answer.status):
                return answer.status, body
            failure = telegram.refusal(answer.status, body)
        raise _Refused(failure)

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Parse an answer. The library's own version logs what it cannot parse, which may hold people's words."""
        try:
            return {"result": telegram.result(HTTPStatus.OK, payload)}
        except MessengerError as failure:
            raise _Refused(failure) from None


class PtbMessenger:
    """The port over python-telegram-bot.

    The constructor takes the bot's token and the base URL of a Bot API server (None: Telegram's own), and raises
    BadToken or Rejected where one of them is not valid. With `paid`, Telegram is paid for what goes in bulk above its
    own limit. It opens no connection.
    """

    name = telegram.NAME
    text_limit = telegram.TEXT_LIMIT
    caption_limit = telegram.CAPTION_LIMIT

    def __init__(self, token: str, api: str | None = None, *, paid: bool = False) -> None:
        telegram.check_token(token)
        self._paid = paid
        base = telegram.check_api(api)
        self._request = _Request(base)
        self._calls = f"{base}/bot{token}"
        self._files = f"{base}/file/bot{token}"
        self._near = telegram.is_near(base)
        self._kept = telegram.UploadedFiles()
        self._bot = Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    async def identify(self) -> Identity:
        """Ask who the bot is; raises Rejected, too, when something else than the Bot API answers."""
        try:
            me = await self._call(self._bot.get_me())
        except (telegram.NotBotApi, telegram.UndecodableAnswer) as error:
            raise Rejected(str(error)) from None
        return telegram.name_of(me.username)

    async def prepare(self, url: str | None = None, secret: str | None = None) -> str | None:
        """Make Telegram deliver to a webhook, or, without `url`, keep updates for `fetch`; nothing pending is lost.

        Returns the address of a webhook that was set and is not this one, which only the owner should have done.
        """
        there = (await self.hook()).url
        if url is not None:
            await self._call(
                self._bot.set_webhook(
                    url,
                    secret_token=secret,
                    allowed_updates=updates.WANTED,
                    max_connections=telegram.BROUGHT_AT_ONCE,
                    drop_pending_updates=False,
                )
            )
        elif there:
            await self._call(self._bot.delete_webhook(drop_pending_updates=False))
        return there if there and there != url else None

    async def hook(self) -> HookState:
        """Ask where Telegram brings updates, and how that goes."""
        # Not `get_webhook_info`: a field that it cannot parse would fail the whole answer.
        return telegram.hook_state(await self._call(self._request.ask(f"{self._calls}/getWebhookInfo", {})))

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds (whole ones, 50 at most) for updates."""
        seconds = min(int(wait), telegram.LONGEST_POLL)
        asked: dict[str, object] = {
            "limit": telegram.BATCH,
            "timeout": seconds,
            "allowed_updates": list(updates.WANTED),
        }
        if offset is not None:
            asked["offset"] = offset
        # Not `get_updates`: a field that it cannot parse would fail the whole batch, again and again; and parsing into
        # the library's objects costs twice what handling an update does.
        call = self._request.ask(f"{self._calls}/getUpdates", asked, read=seconds + telegram.GRACE)
        try:
            return updates.batch(await self._call(call), offset)
        except Unknown as error:  # fetching again loses nothing
            raise Unreachable(str(error)) from None

    def translate(self, update: object) -> Incoming:
        """Translate one update that a webhook received. Never raises."""
        return updates.translate(update)

    async def send(self, outgoing: Outgoing) -> int:
        """Send or edit one message."""
        if outgoing.edits is not None:
            return await self._edit(outgoing, outgoing.edits)
        if outgoing.attachment is not None:
            return await self._kept.send(outgoing.attachment, lambda kind, file: self._carry(outgoing, kind, file))
        message = await self._call(
            self._bot.send_message(
                outgoing.chat,
                outgoing.text or "",
                link_preview_options=NO_PREVIEW,
                disable_notification=outgoing.quiet or None,
                protect_content=outgoing.protect or None,
                allow_paid_broadcast=(self._paid and outgoing.in_bulk) or None,
                reply_markup=_markup(outgoing.keyboard),
            )
        )
        return message.message_id

    async def _carry(self, outgoing: Outgoing, kind: str, file: str | bytes) -> object:
        sent, bot = outgoing.attachment, self._bot
        assert sent is not None
        asked: dict[str, Any] = {
            "caption": outgoing.text,
            "filename": sent.name,
            "protect_content": outgoing.protect or None,
            "allow_paid_broadcast": (self._paid and outgoing.in_bulk) or None,
            "reply_markup": _markup(outgoing.keyboard),
        }
        match kind:
            case "voice":
                call = bot.send_voice(outgoing.chat, file, duration=sent.seconds, **asked)
            case "photo":
                call = bot.send_photo(outgoing.chat, file, **asked)
            case _:
                asked |= {"read_timeout": telegram.UPLOAD, "write_timeout": telegram.UPLOAD}
                call = bot.send_document(outgoing.chat, file, **asked)
        return (await self._call(call)).to_dict()

    async def _edit(self, outgoing: Outgoing, order: int) -> int:
        chat, text, markup = outgoing.chat, outgoing.text, _markup(outgoing.keyboard)
        bot = self._bot
        if text is None:
            await self._call(bot.edit_message_reply_markup(chat, order, reply_markup=markup))
            return order
        try:
            call = bot.edit_message_text(text, chat, order, link_preview_options=NO_PREVIEW, reply_markup=markup)
            await self._call(call)
        except telegram.CaptionOnly:
            await self._call(bot.edit_message_caption(chat, order, caption=text, reply_markup=markup))
        return order

    async def acknowledge(self, callback: str) -> None:
        """Tell Telegram that a press was seen. Never raises."""
        what = "a press was not acknowledged"
        await telegram.courtesy(what, lambda: self._call(self._bot.answer_callback_query(callback)))

    async def typing(self, chat: str) -> None:
        """Show for five seconds that an answer is on its way. Never raises."""
        try:
            await self._call(self._bot.send_chat_action(chat, "typing"))
        except MessengerError as error:
            log.debug("typing was not shown: %s", type(error).__name__)

    async def delete(self, chat: str, messages: Sequence[int]) -> Sequence[int]:
        """Delete messages; return those that Telegram left, as they are older than 48 hours."""
        return await telegram.take_back(messages, lambda lot: self._call(self._bot.delete_messages(chat, lot)))

    async def download(self, file: str) -> bytes:
        """Fetch a file of 20 MB at most; raises TooLarge or FileExpired."""

        async def locate() -> object:
            # Not `get_file`: it makes an object that carries an address with the token in it.
            return await self._call(self._request.ask(f"{self._calls}/getFile", {"file_id": file}))

        async def take(path: str) -> bytes:
            return await self._call(self._request.retrieve(f"{self._files}/{path}", read_timeout=telegram.READ))

        return await telegram.bring(locate, take, near=self._near)

    async def introduce(self, commands: Commands, descriptions: Descriptions, chat: str | None = None) -> None:
        """Set the menu of commands of private chats, or of one chat, and the bot's descriptions."""
        bot = self._bot
        scope: BotCommandScope = BotCommandScopeAllPrivateChats() if chat is None else BotCommandScopeChat(chat)
        for language, offered in commands.items():
            await self._call(bot.set_my_commands(list(offered), scope=scope, language_code=language))
        for language, (short, long) in descriptions.items() if chat is None else ():
            await self._call(bot.set_my_short_description(short, language_code=language))
            await self._call(bot.set_my_description(long, language_code=language))

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()

    async def _call(self, call: Awaitable[T]) -> T:
        """Await a call of the library; any failure becomes one of our errors.

        It is raised after the handler, so that the library's error, whose text may hold the token, is not its context.
        """
        failure: MessengerError
        try:
            return await call
        except _Refused as refused:
            failure = refused.failure
        except TelegramError as error:
            failure = Unknown(type(error.__cause__ or error).__name__)
        except (AttributeError, KeyError, TypeError, ValueError):
            failure = telegram.UndecodableAnswer("the answer is not what the Bot API answers")
        raise failure


async def _form(data: RequestData) -> tuple[str, bytes]:
    """Return the content type and the bytes of a request's parameters."""
    if not data.contains_files:
        return FORM, data.url_encoded_parameters().encode()
    form = httpx.Request("POST", "http://form", data=data.json_parameters, files=data.multipart_data)
    return form.headers["Content-Type"], await form.aread()


def _unzipped(answer: httpcore.Response) -> bytes:
    """Return the body of an answer, unzipped; raises zlib.error."""
    zipped = any(name.lower() == b"content-encoding" and value.lower() != b"identity" for name, value in answer.headers)
    return zlib.decompress(answer.content, ZIPPED) if zipped and answer.content else answer.content


def _seconds(asked: object, usual: float) -> float:
    """Return a time limit in seconds; the library marks one that was not given by an object of its own."""
    return asked if isinstance(asked, int | float) else usual


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(button.label, url=button.url)
                if button.url
                else InlineKeyboardButton(button.label, callback_data=button.id)
                for button in row
            ]
            for row in keyboard
        ]
    )
