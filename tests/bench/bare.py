"""`python -m tests.bench.bare CLIENT URL TOKEN`: a Telegram library and a loop, and nothing else.

Reads names of files from its input, each a JSON list of calls; makes them, and prints the CPU seconds they took. Calls
between two fetches are made together, as many at once as the bot does. Objects of the library are made from plain data
inside the clock, as any program would have to.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

AT_ONCE = 8
LONG_POLL_GRACE = 10
Params = dict[str, Any]
Call = tuple[str, Params]
Make = Callable[[str, Params], Awaitable[Any]]


def telegram_bot(url: str, token: str, *, parsing: bool) -> Make:
    """Make calls through python-telegram-bot."""
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions  # noqa: PLC0415  only one

    bot = Bot(token, base_url=f"{url}/bot")

    def markup(rows: Any) -> InlineKeyboardMarkup | None:
        if rows is None:
            return None
        return InlineKeyboardMarkup(
            [[InlineKeyboardButton(button["text"], callback_data=button["callback_data"]) for button in row] for row in rows]
        )

    async def make(method: str, params: Params) -> Any:
        match method:
            case "getUpdates" if parsing:
                return await bot.get_updates(**params)
            case "getUpdates":
                return await bot._post("getUpdates", params, read_timeout=params["timeout"] + LONG_POLL_GRACE)
            case "sendMessage":
                return await bot.send_message(
                    params["chat_id"],
                    params["text"],
                    link_preview_options=LinkPreviewOptions(**params["link_preview_options"]),
                    protect_content=params["protect_content"],
                    reply_markup=markup(params["keyboard"]),
                )
            case "editMessageReplyMarkup":
                return await bot.edit_message_reply_markup(
                    params["chat_id"], params["message_id"], reply_markup=markup(params["keyboard"])
                )
            case "answerCallbackQuery":
                return await bot.answer_callback_query(params["callback_query_id"])
            case "getMe":
                return await bot.get_me()
        raise LookupError(method)

    return make


def aiogram_bot(url: str, token: str, *, parsing: bool) -> Make:
    """Make calls through aiogram."""
    from aiogram import Bot, methods, types  # noqa: PLC0415  only the measured library is imported
    from aiogram.client.session.aiohttp import AiohttpSession  # noqa: PLC0415  only the measured library is imported
    from aiogram.client.telegram import TelegramAPIServer  # noqa: PLC0415  only the measured library is imported

    class RawUpdates(methods.TelegramMethod[Any]):
        __returning__ = list[dict[str, Any]]
        __api_method__ = "getUpdates"

        offset: int | None
        limit: int
        timeout: int
        allowed_updates: list[str]

    bot = Bot(token, AiohttpSession(api=TelegramAPIServer.from_base(url)))

    def markup(rows: Any) -> types.InlineKeyboardMarkup | None:
        if rows is None:
            return None
        return types.InlineKeyboardMarkup(
            inline_keyboard=[
                [types.InlineKeyboardButton(text=button["text"], callback_data=button["callback_data"]) for button in row]
                for row in rows
            ]
        )

    async def make(method: str, params: Params) -> Any:
        match method:
            case "getUpdates":
                call = methods.GetUpdates if parsing else RawUpdates
                return await bot(call(**params), request_timeout=params["timeout"] + LONG_POLL_GRACE)
            case "sendMessage":
                return await bot.send_message(
                    params["chat_id"],
                    params["text"],
                    link_preview_options=types.LinkPreviewOptions(**params["link_preview_options"]),
                    protect_content=params["protect_content"],
                    reply_markup=markup(params["keyboard"]),
                )
            case "editMessageReplyMarkup":
                return await bot.edit_message_reply_markup(
                    chat_id=params["chat_id"], message_id=params["message_id"], reply_markup=markup(params["keyboard"])
                )
            case "answerCallbackQuery":
                return await bot.answer_callback_query(params["callback_query_id"])
            case "getMe":
                return await bot.get_me()
        raise LookupError(method)

    return make


def batches(calls: list[Call]) -> Iterator[list[Call]]:
    """Part the calls before each fetch."""
    batch: list[Call] = []
    for call in calls:
        if call[0] == "getUpdates" and batch:
            yield batch
            batch = []
        batch.append(call)
    yield batch


async def replay(make: Make, calls: list[Call]) -> float:
    """Make all calls; returns the CPU seconds this took."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(method: str, params: Params) -> None:
        async with free:
            await make(method, params)

    began = time.process_time()
    for batch in batches(calls):
        fetch, *others = batch if batch[0][0] == "getUpdates" else (None, *batch)
        if fetch is not None:
            await make(*fetch)
        await asyncio.gather(*(one(method, params) for method, params in others))
    return time.process_time() - began


async def main(client: str, url: str, token: str, *, parsing: bool) -> None:
    """Replay what is asked for until the input ends."""
    make = {"ptb": telegram_bot, "aiogram": aiogram_bot}[client](url, token, parsing=parsing)
    await make("getMe", {})
    for line in sys.stdin:
        calls = json.loads(await asyncio.to_thread(Path(line.strip()).read_text, "utf-8"))
        sys.stdout.write(f"{await replay(make, calls)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], parsing="--parsing" in sys.argv))
