"""`python -m tests.load.telegram PEOPLE`: Telegram, and everybody who talks to the bot, in a process of their own.

Prints a line of JSON with the address, the token and the people's chats. For each line of JSON it reads it lets some of
them act, and prints when that has begun, when it ends, and what came of it.
"""

import gc
import json
import sys
import time
from contextlib import closing, nullcontext
from dataclasses import asdict
from typing import Any

from tests.double import Double, Message, User
from tests.load.crowd import Crowd, Lines

QUESTION = "1 de 4 · ¿Cómo andas de ánimo esta semana?"
KEYBOARD = {"inline_keyboard": [[{"text": "🙂 Bueno", "callback_data": "4"}]]}


def say(**told: object) -> None:
    """Print a line."""
    print(json.dumps(told), flush=True)


def run(double: Double, users: list[User], wanted: dict[str, Any]) -> None:
    """Let some people act as a line says, and print what came of it."""
    people, users[:] = users[: wanted["people"]], users[wanted["people"] :]
    lines = Lines(double, wanted["urls"], wanted["secret"]) if wanted["urls"] else None
    with closing(lines) if lines is not None else nullcontext():
        crowd = Crowd(double, people, lambda what: say(at=what, answered=len(crowd.tally.waits)))
        if wanted["rate"]:
            crowd.at_rate(wanted["rate"], wanted["updates"])
        else:
            crowd.as_many(wanted["together"], wanted["updates"])
    say(**asdict(crowd.tally), refused=dict(lines.refused) if lines else {}, violations=double.violations)


def asked(double: Double, user: User) -> None:
    """Show somebody the question that is open in the rows, under the next number: `tests.load.filled` counts alike."""
    chat = double.account.chats[user.id]
    question = Message(0, double.account.person, int(time.time()), QUESTION, keyboard=KEYBOARD, mine=False)
    double.world.put(double.account, chat, question)


def main(people: int) -> None:
    """Listen until the input ends."""
    gc.disable()  # what it remembers only grows, and going through it would hold up replies
    with Double() as double:
        users = [double.user(f"Persona {place}") for place in range(people)]
        for user in users:
            user.is_known()
            asked(double, user)
        say(url=double.url, token=double.token, chats=[user.id for user in users])
        for line in sys.stdin:
            run(double, users, json.loads(line))


if __name__ == "__main__":
    main(int(sys.argv[1]))
