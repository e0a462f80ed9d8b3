"""The bot's token through thousands of errors on the line: it is in no log line, no traceback and no error's words.

Everything that can go wrong between a client and the Bot API does, at each call a client makes, and whoever answers
says the token back in every spelling. Whatever is raised is logged as the bot logs, with every logger at its most
talkative; `tests/thread/test_privacy.py` looks through the files of a running bot and its line in the process list.
"""

import asyncio
import io
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from urllib.parse import quote

import pytest

from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.port import Attachment, Button, Messenger, Outgoing
from bot.messengers.ptb import PtbMessenger
from bot.redaction import FORMAT, RedactingFormatter
from tests.amounts import SEED, TOKENS
from tests.bot import samples
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double
from tests.thread.test_privacy import disguises

CLIENTS = (PtbMessenger, AiogramMessenger)
STATUSES = (400, 401, 403, 404, 409, 413, 429, 500, 502, 503)


def spellings(token: str) -> Sequence[str]:
    """Return what a server, or a proxy before it, may say the token in."""
    return (
        f"Not Found: /bot{token}/sendMessage",
        f"no route to https://api.telegram.org/file/bot{token}/voice/1.oga",
        f'"bot{quote(token, safe="")}" was not found here',
        f"GET /bot{quote(token, safe='')}/getFile HTTP/1.1",
        f"token={token}&chat_id=9",
        f"{token}",
    )


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Write down all that is logged, as the bot writes it, with nothing left out for being alike."""
    kept, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(kept), root.level
    handler.setFormatter(RedactingFormatter(FORMAT))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield kept
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def calls(it: Messenger, chat: str) -> Sequence[Callable[[], Awaitable[object]]]:
    """Return everything that a client is asked to do."""
    words = Outgoing(chat, "la milpa", ((Button("Sí", "abc"),),))
    changed = Outgoing(chat, "otra cosa", edits=5)
    voice = Outgoing(chat, "", attachment=Attachment("voice", "audio/ogg", "voice.ogg", samples.ogg()))
    return (
        it.identify,
        lambda: it.fetch(None, 0),
        lambda: it.send(words),
        lambda: it.send(changed),
        lambda: it.send(voice),
        lambda: it.acknowledge("9"),
        lambda: it.typing(chat),
        lambda: it.delete(chat, [3, 4]),
        lambda: it.download("a"),
        lambda: it.introduce({"es": [("menu", "Menú")]}, {"es": ("Hilo", "Hilo")}),
    )


def trouble(double: Double, chance: Random) -> None:
    """Let the next call go wrong in one way."""
    match chance.randrange(6):
        case 0:
            double.lose(accepted=bool(chance.randrange(2)))
        case 1:
            double.garble()
        case 2:
            double.lose("getUpdates")
        case _:
            status = chance.choice(STATUSES)
            method = "getUpdates" if chance.randrange(5) == 0 else None
            double.refuse(method, status=status, description=chance.choice(spellings(double.token)))


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(300 + TOKENS.value // 10)
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_no_error_on_the_line_tells_the_token(double: Double, client: type) -> None:
    """Of each of them: what is logged, and what the error says of itself and of its causes."""
    chance, log = Random(SEED.value), logging.getLogger("bot.proof")
    raised, said, chat = 0, io.StringIO(), str(double.user("Ceiba").id)
    double.allow("")

    async def all_of_them() -> None:
        nonlocal raised
        it = client(double.token, double.url)
        for number in range(TOKENS.value):
            double.calm()
            trouble(double, chance)
            if number % 50 == 0:
                double.cut()
            try:
                await chance.choice(calls(it, chat))()
            except Exception as error:
                raised += 1
                log.error("it failed: %s", error, exc_info=True)  # noqa: G201  as a library might
                said.write(f"{error!r}\n{error.args}\n{vars(error)}\n{''.join(traceback.format_exception(error))}\n")
        await it.close()

    with listening() as logged:
        asyncio.run(all_of_them())

    told = (logged.getvalue() + said.getvalue()).encode()
    assert raised > TOKENS.value // 3
    assert logged.getvalue().count("it failed") == raised
    for whole in (double.token, quote(double.token, safe=""), double.token.partition(":")[2]):
        found = [each for each in disguises(whole) if each in told]
        assert not found, told[max(0, told.find(found[0]) - 300) :][:600]
    assert b"<token>" in told  # it was there to be seen
