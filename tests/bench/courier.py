"""A full outbox, and a courier that sends it with aiogram: messages a second, by the clock and by its processor.

`python -m tests.bench.courier URL TOKEN FOLDER` is the courier's own process, which reads its people's chats from its
input; Telegram's double is the other one, so that each has a core where there are two.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.messengers.aiogram import AiogramMessenger
from bot.pipeline.courier import Courier
from bot.runtime.workers import Workers
from tests.bench.table import Figure, Tell, middle, spread
from tests.bot.mailbag import Mailbag, present
from tests.double import Double

RATE = 1000
TARGET, AIM = 1000 / 800, 1000 / 900  # ms a message


@dataclass(frozen=True)
class Plan:
    """How many messages wait, and how often that is done."""

    messages: int = 4_000
    rounds: int = 3


FULL = Plan()
QUICK = Plan(messages=600, rounds=1)


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure some rounds."""
    found = [_round(plan.messages, tell) for _ in range(plan.rounds)]
    figures = []
    for name, each in (("by the clock", [took for took, _ in found]), ("of the processor", [cpu for _, cpu in found])):
        note = f"{1000 / middle(each):.0f} a second; rounds: {spread(each)}"
        figures.append(Figure(f"aiogram: a message, {name}", middle(each), "ms", TARGET, AIM, note))
    return figures


def _round(messages: int, tell: Tell) -> tuple[float, float]:
    """Send so many messages to as many people; return milliseconds a message, by the clock and by the processor."""
    with tempfile.TemporaryDirectory() as folder, Double() as double:
        chats = json.dumps(present(double, messages))
        words = [sys.executable, "-m", "tests.bench.courier", double.url, double.token, folder]
        done = subprocess.run(words, input=chats, capture_output=True, text=True, check=True)
        took, spent = map(float, done.stdout.split())
        sent = {call.chat for call in double.sends()}
        if len(sent) != messages or double.busiest() > RATE:
            raise RuntimeError(f"{len(sent)} of {messages} were told, {double.busiest()} in a second")
    tell(f"courier: {messages:,} in {took:.1f} s, {spent:.1f} s of the processor")
    return took / messages * 1000, spent / messages * 1000


async def _send(url: str, token: str, bag: Mailbag) -> tuple[float, float]:
    messenger, workers = AiogramMessenger(token, url), Workers(bag.storage)
    await messenger.identify()
    began, spent = time.perf_counter(), time.process_time()
    courier = asyncio.create_task(Courier(workers, {"telegram": messenger}, RATE).run())
    while workers.did["sent"] < len(bag.people):  # noqa: ASYNC110  it is counted, and told to nobody
        await asyncio.sleep(0.05)
    took = time.perf_counter() - began, time.process_time() - spent
    courier.cancel()
    await asyncio.gather(courier, return_exceptions=True)
    await messenger.close()
    workers.close()
    return took


def main(url: str, token: str, folder: str) -> None:
    """Fill an outbox for the chats that the input names, send it, and print the seconds of clock and processor."""
    bag = Mailbag(Path(folder), json.load(sys.stdin))
    bag.fill()
    sys.stdout.write("{} {}".format(*asyncio.run(_send(url, token, bag))))
    bag.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
