"""Telegram through python-telegram-bot, used only as a client of the Bot API."""

import asyncio
import zlib
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any, TypeVar

import httpcore
import httpx
from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardMarkup,
)
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from bot.messengers import _telegram as telegram
from bot.messengers import _updates as updates
from bot.messengers._calls import Calls, markup
from bot.messengers._network import Connections
from bot.messengers.port import (
    Commands,
    Descriptions,
    Identity,
    Keyboard,
    MessengerError,
    Outgoing,
    Rejected,
    Unknown,
    Unreachable,
)

T = TypeVar("T")

CONNECTIONS = 48  # as many as the courier has under way at most, and some
NEVER_LEFT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.ProxyError)
ON_THE_WAY = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, TimeoutError)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
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
        try:
            return await self._exchange(method, url, form, timeouts)
        except MessengerError as failure:
            raise _Refused(failure) from None

    async def ask(self, url: str, body: bytes, read: float) -> Any:
        """Post a call as JSON, without the library's objects; return its result as it came."""
        timeouts = {"connect": telegram.CONNECT, "read": read, "write": telegram.READ, "pool": telegram.READ}
        _, answer = await self._exchange("POST", url, (JSON, body), timeouts)
        return telegram.result(HTTPStatus.OK, answer)

    async def _exchange(
        self, method: str, url: str, content: tuple[str, bytes] | None, timeouts: dict[str, float]
    ) -> tuple[int, bytes]:
        headers: dict[bytes | str, bytes | str] = {"User-Agent": self.USER_AGENT, "Accept-Encoding": "gzip, deflate"}
        body = None
        if content is not None:
            headers["Content-Type"], body = content
        failure: MessengerError
        try:
            async with asyncio.timeout(telegram.longest(timeouts["read"])):
                answer = await self._connections.request(method, url, headers=headers, content=body, timeouts=timeouts)
            read = _unzipped(answer)
        except NEVER_LEFT as error:
            failure = Unreachable(type(error).__name__)
        except ON_THE_WAY as error:  # nobody knows whether it arrived
            failure = Unknown(type(error).__name__)
        except zlib.error:
            failure = telegram.UndecodableAnswer("the answer cannot be unzipped")
        else:
            if telegram.is_success(answer.status):
                return answer.status, read
            failure = telegram.refusal(answer.status, read)
        raise failure

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Parse an answer. The library's own version logs what it cannot parse, which may hold people's words."""
        try:
            return {"result": telegram.result(HTTPStatus.OK, payload)}
        except MessengerError as failure:
            raise _Refused(failure) from None


class PtbMessenger(Calls):
    """The port over python-telegram-bot.

    The constructor takes the bot's token and the base URL of a Bot API server (None: Telegram's own), and raises
    BadToken or Rejected where one of them is not valid. With `paid`, Telegram is paid for what goes in bulk above its
    own limit. It opens no connection.
    """

    def __init__(self, token: str, api: str | None = None, *, paid: bool = False) -> None:
        super().__init__(token, api, paid=paid)
        self._request = _Request(self._base)
        self._bot = Bot(
            token,
            base_url=f"{self._base}/bot",
            base_file_url=f"{self._base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    async def identify(self) -> Identity:
        """Ask who the bot is; raises Rejected, too, when something else than the Bot API answers."""
        try:
            me = await _told(self._bot.get_me())
        except (telegram.NotBotApi, telegram.UndecodableAnswer) as error:
            raise Rejected(str(error)) from None
        return telegram.name_of(me.username)

    async def prepare(self, url: str | None = None, secret: str | None = None) -> str | None:
        """Make Telegram deliver to a webhook, or, without `url`, keep updates for `fetch`; nothing pending is lost.

        Returns the address of a webhook that was set and is not this one, which only the owner should have done.
        """
        there = (await self.hook()).url
        if url is not None:
            await _told(
                self._bot.set_webhook(
                    url,
                    secret_token=secret,
                    allowed_updates=updates.WANTED,
                    max_connections=telegram.BROUGHT_AT_ONCE,
                    drop_pending_updates=False,
                )
            )
        elif there:
            await _told(self._bot.delete_webhook(drop_pending_updates=False))
        return there if there and there != url else None

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
        return (await _told(call)).to_dict()

    async def _take(self, path: str) -> bytes:
        return await _told(self._request.retrieve(f"{self._files}/{path}", read_timeout=telegram.READ))

    async def introduce(self, commands: Commands, descriptions: Descriptions, chat: str | None = None) -> None:
        """Set the menu of commands of private chats, or of one chat, and the bot's descriptions."""
        bot = self._bot
        scope: BotCommandScope = BotCommandScopeAllPrivateChats() if chat is None else BotCommandScopeChat(chat)
        for language, offered in commands.items():
            await _told(bot.set_my_commands(list(offered), scope=scope, language_code=language))
        for language, (short, long) in descriptions.items() if chat is None else ():
            await _told(bot.set_my_short_description(short, language_code=language))
            await _told(bot.set_my_description(long, language_code=language))

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()

    async def _post(self, url: str, body: bytes, read: float) -> Any:
        return await self._request.ask(url, body, read)


async def _told(call: Awaitable[T]) -> T:
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
    return InlineKeyboardMarkup.de_json(markup(keyboard)) if keyboard else None
