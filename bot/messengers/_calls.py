"""What every turn says to Telegram, as plain data: a message, an edit, that a press was seen, that an answer comes.

Not by a library's methods and types, though each client posts it by its library's connections. Their objects take as
long as all the rest of a call; and where a library cannot read all of the answer to a message it loses the message's
id, so that nobody would know whether it was sent.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.messengers import _telegram as telegram
from bot.messengers import _updates as updates
from bot.messengers.port import (
    Batch,
    Button,
    HookState,
    Incoming,
    Keyboard,
    MessengerError,
    Outgoing,
    Unknown,
    Unreachable,
)

log = logging.getLogger(__name__)

NO_PREVIEW: Final = {"is_disabled": True}
Given = Mapping[str, object]
"""A call's parameters by the Bot API's names; those of nothing are left out, as it reads `null` as a word."""


class Calls(ABC):
    """The acts of the port that are the same with every client: a client says how a call is posted."""

    name = telegram.NAME
    text_limit = telegram.TEXT_LIMIT
    caption_limit = telegram.CAPTION_LIMIT

    def __init__(self, token: str, api: str | None, *, paid: bool) -> None:
        """Make the part of a client that all have in common.

        Args:
            token: the bot's.
            api: the base URL of a Bot API server; None: Telegram's own.
            paid: Telegram is paid for what goes in bulk above its own limit.

        Raises:
            BadToken, Rejected: one of them is not valid.
        """
        telegram.check_token(token)
        self._base = telegram.check_api(api)
        self._near = telegram.is_near(self._base)
        self._methods = f"{self._base}/bot{token}"
        self._files = f"{self._base}/file/bot{token}"
        self._paid = paid
        self._kept = telegram.UploadedFiles()

    @abstractmethod
    async def _post(self, url: str, body: bytes, read: float) -> Any:
        """Post JSON to the Bot API; return the result in its answer as it came.

        Args:
            url: a method's address, with the token in it.
            body: its parameters.
            read: seconds that may pass without a byte of the answer.

        Raises:
            MessengerError: what a failure means.
        """

    @abstractmethod
    async def _carry(self, outgoing: Outgoing, kind: str, file: str | bytes) -> object:
        """Send a message's file, by its bytes or its id; return the message as the Bot API shows it."""

    @abstractmethod
    async def _take(self, path: str) -> bytes:
        """Fetch a file by the path that getFile named."""

    async def hook(self) -> HookState:
        """Ask where Telegram brings updates, and how that goes."""
        return telegram.hook_state(await self._ask("getWebhookInfo", {}))

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds (whole ones, 50 at most) for updates."""
        seconds = min(int(wait), telegram.LONGEST_POLL)
        given: dict[str, object] = {"limit": telegram.BATCH, "timeout": seconds, "allowed_updates": updates.WANTED}
        if offset is not None:
            given["offset"] = offset
        try:
            return updates.batch(await self._ask("getUpdates", given, seconds + telegram.GRACE), offset)
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
        given: dict[str, object] = {
            "chat_id": outgoing.chat,
            "text": outgoing.text or "",
            "link_preview_options": NO_PREVIEW,
        }
        if outgoing.keyboard:
            given["reply_markup"] = markup(outgoing.keyboard)
        if outgoing.quiet:
            given["disable_notification"] = True
        if outgoing.protect:
            given["protect_content"] = True
        if self._paid and outgoing.in_bulk:
            given["allow_paid_broadcast"] = True
        return telegram.message_id(await self._ask("sendMessage", given))

    async def _edit(self, outgoing: Outgoing, order: int) -> int:
        where: dict[str, object] = {"chat_id": outgoing.chat, "message_id": order}
        if outgoing.keyboard:
            where["reply_markup"] = markup(outgoing.keyboard)
        text = outgoing.text
        if text is None:
            await self._ask("editMessageReplyMarkup", where)
            return order
        try:
            await self._ask("editMessageText", {**where, "text": text, "link_preview_options": NO_PREVIEW})
        except telegram.CaptionOnly:
            await self._ask("editMessageCaption", {**where, "caption": text})
        return order

    async def acknowledge(self, callback: str) -> None:
        """Tell Telegram that a press was seen. Never raises."""
        given = {"callback_query_id": callback}
        await telegram.courtesy("a press was not acknowledged", lambda: self._ask("answerCallbackQuery", given))

    async def typing(self, chat: str) -> None:
        """Show for five seconds that an answer is on its way. Never raises."""
        try:
            await self._ask("sendChatAction", {"chat_id": chat, "action": "typing"})
        except MessengerError as error:
            log.debug("typing was not shown: %s", type(error).__name__)

    async def delete(self, chat: str, messages: Sequence[int]) -> Sequence[int]:
        """Delete messages; return those that Telegram left, as they are older than 48 hours."""
        return await telegram.take_back(
            messages, lambda lot: self._ask("deleteMessages", {"chat_id": chat, "message_ids": lot})
        )

    async def download(self, file: str) -> bytes:
        """Fetch a file of 20 MB at most; raises TooLarge or FileExpired."""
        return await telegram.bring(lambda: self._ask("getFile", {"file_id": file}), self._take, near=self._near)

    async def _ask(self, method: str, given: Given, read: float | None = None) -> Any:
        """Call a method of the Bot API by its name; without `read` its answer may take as long as usual."""
        seconds = telegram.READ if read is None else read
        return await self._post(f"{self._methods}/{method}", telegram.written(given), seconds)


def markup(keyboard: Keyboard) -> dict[str, object]:
    """Return the Bot API's InlineKeyboardMarkup."""
    return {"inline_keyboard": [[_button(button) for button in row] for row in keyboard]}


def _button(button: Button) -> dict[str, str]:
    return {"text": button.label, **({"url": button.url} if button.url else {"callback_data": button.id})}
