"""`python -m tests.bench.bare CLIENT URL TOKEN`: a Telegram library and a loop, and nothing else.

Reads names of files from its input, each a JSON list of calls; makes them, and prints the CPU seconds they took. Calls
between two fetches are made together, as many at once as the bot does. Objects of the library are made from plain data
inside the clock, as any program would have to. What is fetched stays as it comes, which is how the bot wants it; with
`parsing` after the file's name it is fetched by the library's own `get_updates`, which makes objects of updates.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

AT_ONCE = 8
GRACE = 10  # seconds a long poll may be late
METHODS = {
    "getMe": "get_me",
    "sendMessage": "send_message",
    "editMessageReplyMarkup": "edit_message_reply_markup",
    "editMessageText": "edit_message_text",
    "sendChatAction": "send_chat_action",
    "answerCallbackQuery": "answer_callback_query",
}
Params = dict[str, Any]
Call = tuple[str, Params]
Make = Callable[..., Awaitable[Any]]
Close = Callable[[], Awaitable[None]]


def telegram_bot(url: str, token: str) -> tuple[Make, Close]:
    """Return what makes calls through python-telegram-bot, and what ends it."""
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions  # noqa: PLC0415  only one is

    bot = Bot(token, base_url=f"{url}/bot")

    def markup(rows: Any) -> InlineKeyboardMarkup | None:
        if rows is None:
            return None
        made = [
            [InlineKeyboardButton(each["text"], callback_data=each["callback_data"]) for each in row] for row in rows
        ]
        return InlineKeyboardMarkup(made)

    async def make(method: str, params: Params, *, parsing: bool = False) -> Any:
        if "keyboard" in params:
            params["reply_markup"] = markup(params.pop("keyboard"))
        if preview := params.pop("link_preview_options", None):
            params["link_preview_options"] = LinkPreviewOptions(**preview)
        if method != "getUpdates":
            return await getattr(bot, METHODS[method])(**params)
        if parsing:
            return await bot.get_updates(**params)
        return await bot._post("getUpdates", params, read_timeout=params["timeout"] + GRACE)

    return make, bot.shutdown


def aiogram_bot(url: str, token: str) -> tuple[Make, Close]:
    """Return what makes calls through aiogram, and what ends it."""
    from aiogram import Bot, methods, types  # noqa: PLC0415  only one is
    from aiogram.client.session.aiohttp import AiohttpSession  # noqa: PLC0415  only one is
    from aiogram.client.telegram import TelegramAPIServer  # noqa: PLC0415  only one is

    class RawUpdates(methods.TelegramMethod[Any]):
        __returning__ = list[dict[str, Any]]
        __api_method__ = "getUpdates"

        offset: int | None = None
        limit: int
        timeout: int
        allowed_updates: list[str]

    bot = Bot(token, AiohttpSession(api=TelegramAPIServer.from_base(url)))

    def markup(rows: Any) -> types.InlineKeyboardMarkup | None:
        if rows is None:
            return None
        button = types.InlineKeyboardButton
        made = [[button(text=each["text"], callback_data=each["callback_data"]) for each in row] for row in rows]
        return types.InlineKeyboardMarkup(inline_keyboard=made)

    async def make(method: str, params: Params, *, parsing: bool = False) -> Any:
        if "keyboard" in params:
            params["reply_markup"] = markup(params.pop("keyboard"))
        if preview := params.pop("link_preview_options", None):
            params["link_preview_options"] = types.LinkPreviewOptions(**preview)
        if method != "getUpdates":
            return await getattr(bot, METHODS[method])(**params)
        call = methods.GetUpdates if parsing else RawUpdates
        return await bot(call(**params), request_timeout=params["timeout"] + GRACE)

    return make, bot.session.close


def batches(calls: list[Call]) -> Iterator[list[Call]]:
    """Part the calls before each fetch."""
    batch: list[Call] = []
    for call in calls:
        if call[0] == "getUpdates" and batch:
            yield batch
            batch = []
        batch.append(call)
    yield batch


async def replay(make: Make, calls: list[Call], *, parsing: bool) -> float:
    """Make all calls; returns the CPU seconds this took."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(method: str, params: Params) -> None:
        async with free:
            await make(method, params)

    began = time.process_time()
    for batch in batches(calls):
        fetches = batch[:1] if batch[0][0] == "getUpdates" else []
        for fetch in fetches:
            await make(*fetch, parsing=parsing)
        await asyncio.gather(*(one(method, params) for method, params in batch[len(fetches) :]))
    return time.process_time() - began


async def main(client: str, url: str, token: str) -> None:
    """Replay what is asked for until the input ends."""
    make, close = {"ptb": telegram_bot, "aiogram": aiogram_bot}[client](url, token)
    await make("getMe", {})
    for line in sys.stdin:
        name, _, how = line.strip().partition(" ")
        calls = json.loads(await asyncio.to_thread(Path(name).read_text, "utf-8"))
        sys.stdout.write(f"{await replay(make, calls, parsing=how == 'parsing')}\n")
        sys.stdout.flush()
    await close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
