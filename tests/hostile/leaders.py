"""Leaders on both messengers who answer one question after the other, and note how long each reply took.

`python -m tests.hostile.leaders` is those on pages, in a process of their own, so that what they do is not measured
with the replies: it reads one line of JSON (address, leaders with their cookies, number of questions, seconds between
two), and prints as JSON what each said and how long it took.
"""

import json
import random
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from tests.bot.web.page import Form, Page
from tests.double import User
from tests.journeys.hands import Thread

PATIENCE = 60.0
HELLO = ("1 · Español", "Sí, quiero participar", "Escoge uno por mí")
FIRST = "Es mi primera vez"
LOOK = 0.02  # seconds between looks at what was said
JOINED = "Por hoy es todo"


class Side(Protocol):
    """One person at one messenger."""

    def join(self, code: str) -> None:
        """Go the way in, to a nickname."""

    def press(self, label: str, then: str) -> None:
        """Press a button, and wait for what is said to that."""

    def say(self, text: str, then: str) -> None:
        """Write, and wait for what is said to that."""


class OnTelegram:
    """A leader on Telegram."""

    def __init__(self, user: User) -> None:
        self._user = user

    def join(self, code: str) -> None:
        """Go the way in, to a nickname."""
        self._user.start(code)
        end = time.monotonic() + PATIENCE
        while not self._user.said and time.monotonic() < end:
            time.sleep(0.05)
        if FIRST in self._user.said[-1].labels:  # of an invite that others came by
            self._user.press(FIRST)
        for label in HELLO:
            self._user.sees(label, PATIENCE)
            self._user.press(label)
        self._user.sees(JOINED, PATIENCE)

    def press(self, label: str, then: str) -> None:
        """Press a button, and wait for what is said to that."""
        self._user.sees(label, PATIENCE, since=0)
        self._user.press(label)
        self._user.sees(then, PATIENCE)

    def say(self, text: str, then: str) -> None:
        """Write, and wait for what is said to that."""
        mark, end = self._user.seen(), time.monotonic() + PATIENCE
        self._user.say(text)
        # Whoever waits for the double is woken by everybody's messages: an attacker's would be measured, too.
        while time.monotonic() < end:
            if any(message.seen > mark and then in message.words for message in self._user.said[-3:]):
                return
            time.sleep(LOOK)
        self._user.sees(then, LOOK, since=mark)


class OnPage:
    """A leader in a browser, whose page is open: she posts, and her stream brings the reply."""

    def __init__(self, address: str) -> None:
        limits = httpx.Limits(max_keepalive_connections=4)
        self.client = httpx.Client(
            base_url=address,
            verify=False,  # noqa: S501  the proxy's own certificate, on this machine
            timeout=PATIENCE,
            limits=limits,
            trust_env=False,
        )
        self.client.headers["accept-language"] = "es-MX"
        self.statuses: list[int] = []
        self._seen = 0
        self._place = "/chat"
        self._awaited = ("", threading.Event())
        self._listening: threading.Thread | None = None
        self._gone = False

    @property
    def cookie(self) -> str:
        """What opens her conversation, as a browser sends it."""
        return "; ".join(f"{each.name}={each.value}" for each in self.client.cookies.jar)

    def join(self, code: str, steps: int = len(HELLO)) -> None:
        """Go the way in, to a nickname, or only some steps of it."""
        form = Page(self.client.get(f"/join/{code}").text).forms[0]
        entered = self.client.post(form.action, data=form.fields)
        assert entered.status_code == 303, entered.status_code
        for label in HELLO[:steps]:
            self._pressed(label)
        if steps == len(HELLO):
            self._until(lambda text: JOINED in text)

    def press(self, label: str, then: str) -> None:
        """Press a button, and wait for what is said to that."""
        form = self._form(label)
        self._sent({**form.pressed(label), "nonce": f"{random.getrandbits(64):x}"}, then)

    def say(self, text: str, then: str) -> None:
        """Write, and wait for what is said to that."""
        self._sent({"text": text, "nonce": f"{random.getrandbits(64):x}", "seen": str(self._seen)}, then)

    def _sent(self, given: dict[str, str], then: str) -> None:
        """Send, and hear what is said to that, on a stream that stays open and is opened anew where it was cut."""
        end = time.monotonic() + PATIENCE
        heard = threading.Event()
        self._awaited = (then, heard)
        if self._listening is None:
            self._listening = threading.Thread(target=self._listen, daemon=True)
            self._listening.start()
        while time.monotonic() < end:
            answer = self.client.post(self._place, data=given, headers={"accept": "application/json"})
            self.statuses.append(answer.status_code)
            if answer.status_code == 204:
                break
            time.sleep(0.5)
        assert heard.wait(max(0.0, end - time.monotonic())), f"nothing said {then!r}; {self.statuses[-3:]}"

    def close(self) -> None:
        """Close the browser."""
        self._gone = True
        self.client.close()

    def _listen(self) -> None:
        while not self._gone:
            try:
                with self.client.stream("GET", f"/chat/events?after={self._seen}") as stream:
                    for line in stream.iter_lines():
                        if line.startswith("id: "):
                            self._seen = max(self._seen, int(line[4:]))
                        then, heard = self._awaited
                        if then in line:
                            heard.set()
            except (httpx.TransportError, RuntimeError):
                pass
            time.sleep(0.2)

    def _form(self, label: str) -> Form:
        found = self._until(lambda text: label in text)
        return next(form for form in reversed(Page(found).forms) if label in form.buttons)

    def _pressed(self, label: str) -> None:
        """Press a button without any script."""
        form = self._form(label)
        answer = self.client.post(form.action, data=form.pressed(label))
        assert answer.status_code in {303, 200}, answer.status_code

    def _until(self, holds: Callable[[str], bool]) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            page = self.client.get("/chat").text
            if holds(page):
                orders = [shown.order for shown in Thread(page).shown]
                self._seen = max([self._seen, *orders, *map(int, re.findall(r'data-seen="(\d+)"', page))])
                return page
            time.sleep(1.5)  # a page is looked at anew by a hand, not by a program
        raise AssertionError(
            f"the page does not say it: {[shown.text for shown in Thread(page).shown][-3:]} {page[:80]}"
        )


@dataclass
class Leader:
    """One leader who answers: what she said, and how long each reply took."""

    name: str
    side: Side
    said: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    failed: str = ""

    def answer(self, number: int, pace: float) -> None:
        """Answer so many questions, one each `pace` seconds; notes what went wrong."""
        chance = random.Random(self.name)
        try:
            time.sleep(chance.random() * pace)
            self.side.press("Sí, ahora", "Pregunta 1.")
            time.sleep(chance.random() * pace)
            for place in range(1, number + 1):
                began = time.monotonic()
                text = f"{self.name} cuenta lo {place} de la semana"
                self.side.say(text, f"Pregunta {place + 1}." if place < number else "Contestaste")
                self.took.append(time.monotonic() - began)
                self.said.append(text)
                time.sleep(max(0.0, pace - self.took[-1]))
        except (AssertionError, httpx.HTTPError, StopIteration, LookupError) as error:
            self.failed = f"{type(error).__name__}: {str(error)[:300]}"


def main() -> None:
    """Let leaders on pages answer, each in a browser of her own."""
    told = json.loads(sys.stdin.readline())
    leaders = []
    for name, cookies in told["leaders"]:
        page = OnPage(told["address"])
        for each in cookies:
            page.client.cookies.set(*each)
        leaders.append(Leader(name, page))
    answering = [
        threading.Thread(target=leader.answer, args=(told["questions"], told["pace"]), daemon=True)
        for leader in leaders
    ]
    for each in answering:
        each.start()
    for each in answering:
        each.join()
    print(json.dumps([[leader.name, leader.said, leader.took, leader.failed] for leader in leaders]), flush=True)


if __name__ == "__main__":
    main()
