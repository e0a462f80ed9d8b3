"""`python -m tests.double --port 8081`: a Bot API to run a bot against by hand, with one person at the keyboard."""

import argparse
import sys
import threading

from tests.double import Double, User


def tell(*lines: str) -> None:
    """Print at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def watch(user: User) -> None:
    """Print what the bot says, as it says it."""
    since = 0
    while True:
        user.sees("", patience=threading.TIMEOUT_MAX, since=since)
        fresh = [message for message in user.said if message.seen > since]
        since = max(message.seen for message in fresh)
        tell(*(line for message in fresh for line in message.lines()))


def obey(user: User, typed: str) -> None:
    """Send what was typed, or press what is named in brackets."""
    try:
        if typed.startswith("["):
            user.press(typed.strip("[] "))
        elif typed:
            user.say(typed)
    except LookupError as error:
        tell(str(error))


def main() -> None:
    """Listen, print what a bot needs to know, and do what is typed; `[Label]` presses a button."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=8081)
    arguments.add_argument("--language", default="es")
    chosen = arguments.parse_args()
    with Double(chosen.port) as double:
        user = double.user(language=chosen.language)
        tell(f"HILO_TELEGRAM_API={double.url} HILO_TELEGRAM_TOKEN={double.token}")
        threading.Thread(target=watch, args=(user,), daemon=True).start()
        for line in sys.stdin:
            obey(user, line.strip())


if __name__ == "__main__":
    main()
