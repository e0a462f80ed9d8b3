"""Telegram through python-telegram-bot, used as a client of the Bot API and nothing more."""

import contextlib
import json
import logging
from collections.abc import Awaitable
from typing import Any, TypeVar

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.adapters import _telegram as telegram
from bot.messenger import (
    Batch,
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
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

telegram.hush("telegram", "httpx", "httpcore")


class _Refused(TelegramError):
    """Carries our reading of an answer through the library, which lets its own errors pass."""

    def __init__(self, failure: MessengerError) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _Request(HTTPXRequest):
    """The library's request, with the HTTP status read before the library forgets it."""

    async def do_request(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        status, body = await super().do_request(*args, **options)
        if not httpx.codes.is_success(status):
            raise _Refused(telegram.refusal(status, body))
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Parse an answer. The library's own version logs it when that fails, and it may hold people's words."""
        try:
            return json.loads(payload)
        except ValueError:
            raise _Refused(telegram.Garbled("the answer is not JSON")) from None


class PtbMessenger:
    """The port over python-telegram-bot.

    The constructor takes the bot's token and the base URL of a Bot API server (None: Telegram's own), and raises
    BadToken or Rejected when one of them cannot be what it should be. It opens no connection.
    """

    name = telegram.NAME
    text_limit = telegram.TEXT_LIMIT

    def __init__(self, token: str, api: str | None = None) -> None:
        telegram.check_token(token)
        base = telegram.check_api(api)
        self._request = _Request(
            connection_pool_size=CONNECTIONS,
            connect_timeout=telegram.CONNECT,
            read_timeout=telegram.READ,
            write_timeout=telegram.READ,
            pool_timeout=telegram.READ,
            httpx_kwargs={"trust_env": not telegram.is_near(base)},
        )
        self._bot = Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    async def identify(self) -> Identity:
        """Ask who the bot is. Raises Rejected, too, when something else than the Bot API answers."""
        try:
            me = await self._call(self._bot.get_me())
        except (telegram.Stranger, telegram.Garbled) as error:
            raise Rejected(str(error)) from None
        return telegram.name_of(me.username)

    async def prepare(self, url: str | None = None, secret: str | None = None) -> str | None:
        """Make Telegram deliver to a webhook, or, without `url`, keep updates for `fetch`; nothing pending is lost.

        Returns the address of a webhook that was set and is not ours, which nobody but the owner should have done.
        """
        info = await self._call(self._bot.get_webhook_info())
        if url is not None:
            await self._call(
                self._bot.set_webhook(
                    url, secret_token=secret, allowed_updates=telegram.WANTED, drop_pending_updates=False
                )
            )
        elif info.url:
            await self._call(self._bot.delete_webhook(drop_pending_updates=False))
        return info.url if info.url and info.url != url else None

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds (whole ones, 50 at most) for updates."""
        seconds = min(int(wait), telegram.LONGEST_POLL)
        asked = {"limit": telegram.BATCH, "timeout": seconds, "allowed_updates": telegram.WANTED}
        if offset is not None:
            asked["offset"] = offset
        # Not `get_updates`: a field that it cannot parse would fail the whole batch, again and again; and parsing into
        # the library's objects costs twice what handling an update does.
        call = self._bot._post("getUpdates", asked, read_timeout=seconds + telegram.GRACE)  # noqa: SLF001  see above
        try:
            return telegram.batch(await self._call(call), offset)
        except Unknown as error:  # fetching again loses nothing
            raise Unreachable(str(error)) from None

    def translate(self, update: dict[str, Any]) -> Incoming:
        """Translate one update that a webhook received. Never raises."""
        return telegram.translate(update)

    async def send(self, outgoing: Outgoing) -> int:
        """Send or edit one message."""
        if outgoing.edits is not None:
            return await self._edit(outgoing, outgoing.edits)
        message = await self._call(
            self._bot.send_message(
                outgoing.chat,
                outgoing.text or "",
                link_preview_options=NO_PREVIEW,
                protect_content=outgoing.protect or None,
                reply_markup=_markup(outgoing.keyboard),
            )
        )
        return message.message_id

    async def _edit(self, outgoing: Outgoing, order: int) -> int:
        markup = _markup(outgoing.keyboard)
        with contextlib.suppress(telegram.NotModified):
            if outgoing.text is None:
                await self._call(self._bot.edit_message_reply_markup(outgoing.chat, order, reply_markup=markup))
            else:
                await self._call(
                    self._bot.edit_message_text(
                        outgoing.text,
                        outgoing.chat,
                        order,
                        link_preview_options=NO_PREVIEW,
                        reply_markup=markup,
                    )
                )
        return order

    async def acknowledge(self, callback: str) -> None:
        """Tell Telegram that a press was seen. Never raises: a courtesy."""
        try:
            await self._call(self._bot.answer_callback_query(callback))
        except MessengerError as error:
            log.debug("a press was not acknowledged: %s", type(error).__name__)

    async def close(self) -> None:
        """Let go of connections."""
        await self._request.shutdown()

    async def _call(self, call: Awaitable[T]) -> T:
        """Await a call of the library; what goes wrong becomes one of our errors.

        Raised after the handler, so that the library's error, whose words may hold the token, is not its context.
        """
        failure: MessengerError
        try:
            return await call
        except _Refused as refused:
            failure = refused.failure
        except TelegramError as error:
            failure = _transport(error)
        except (AttributeError, KeyError, TypeError, ValueError):
            failure = telegram.Garbled("the answer is not what the Bot API answers")
        raise failure


def _transport(error: TelegramError) -> MessengerError:
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
        [[InlineKeyboardButton(button.label, callback_data=button.id) for button in row] for row in keyboard]
    )
