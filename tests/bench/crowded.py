"""How long a turn's reply and a page wait while many pages are open, a large file is fetched, and files are made."""

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from bot import clock
from bot.export import export_worker
from bot.export.request import ExportRequest
from bot.media.store import MediaStore, add
from bot.messengers.port import WEB, Outgoing
from bot.web.sessions import own_chat
from storage.people import Person
from storage.unit import Unit
from tests.bench.office import Office
from tests.bench.table import Figure, Tell, shown
from tests.bot.samples import JPEG
from tests.double import Double, User
from tests.thread.bot import ROOT, Hilo

TWICE = 2.0
SIZE = 20_000_000
TOKEN = "{:040x}"
BUBBLES = 198
BETWEEN = 0.05  # seconds between two samples
PATIENCE = 60.0
LEADERS = 5  # who write in turn: nobody may send so many texts alone
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """The crowd, and how often each wait is taken.

    Attributes:
        pages: pages that are open.
        exports: files that are ordered together, and again once they are made.
        fetching: how many fetch the large file, over and over.
        runs: answered check-ins that files are made of.
        samples: how often.
    """

    pages: int = 50
    exports: int = 8
    fetching: int = 1
    runs: int = 12_500
    samples: int = 100


FULL = Plan()
QUICK = Plan(runs=5_000, samples=20)


@dataclass
class Waits:
    """Seconds that each turn and each page waited."""

    turns: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)


ELSEWHERE = {"host": "hilo.test"}  # where cookies have plain names, in every version compared


class House(Office):
    """The storage of a bot with somebody on Telegram, pages that are open, admins, and a large photo on one page."""

    def settle(self, plan: Plan, admins: Sequence[User], leaders: Sequence[User]) -> str:
        """Let everyone be there; returns the photo's path."""
        self.fill(plan.runs)
        app = self._app
        with app.storage.unit(clock.now()) as unit:
            self.admins = [self._known(unit, "telegram", str(user.id)) for user in admins]
            for admin in self.admins:
                unit.roles.grant(clock.new_id(), admin.id, "admin", None)
            for leader in leaders:
                self._known(unit, "telegram", str(leader.id))
            for place in range(plan.pages + 1):
                token = TOKEN.format(place)
                chat = own_chat(unit, token)
                person = self._known(unit, WEB, chat)
                unit.web_sessions.open(clock.new_id(), token, chat, unit.now + DAY)
                answer = Outgoing(chat, "Ya lo guardé.").to_dict()
                seq = unit.outbox.put(clock.new_id(), person, WEB, chat, "message", 0, answer)
                unit.outbox.sent(seq, seq, unit.now)
                for number in range(BUBBLES):
                    body = Outgoing(chat, f"Renglón {number} de lo que se dijo.").to_dict()
                    unit.outbox.put(clock.new_id(), person, WEB, chat, "echo", 0, body)
            photo = JPEG[:-2] + b"\x11" * SIZE + JPEG[-2:]
            shelved = MediaStore(app.config.home).put(person.id, person.key, photo)
            add(unit, shelved)
            body = {**Outgoing(chat, None).to_dict(), "media": {"id": shelved.id.hex, "kind": "photo"}}
            unit.outbox.put(clock.new_id(), person, WEB, chat, "echo", 0, body)
        return f"/chat/media/{shelved.id.hex}"

    def _known(self, unit: Unit, messenger: str, chat: str) -> Person:
        person = unit.people.create(clock.new_id(), unit.now, "active", "es")
        unit.addresses.link(person, messenger, chat, clock.new_id())
        unit.memberships.join(clock.new_id(), person.id, self._cohort.id)
        return unit.people.known(person.id)

    def order_files(self) -> None:
        """Let every admin order a workbook of all answers who waits for none."""
        with self._app.storage.unit(clock.now()) as unit:
            for admin in self.admins:
                waiting = unit.connection.exec_driver_sql(
                    "SELECT 1 FROM outbox WHERE messenger = ? AND person_id = ? AND state IN ('queued', 'sending')",
                    (export_worker.WORKSHOP, admin.id.hex),
                ).first()
                if waiting is None:
                    export_worker.ask(unit, unit.people.known(admin.id), ExportRequest(form="xlsx", media=False))

    def made(self) -> int:
        """Count the files that were made."""
        with self._app.storage.reading(clock.now()) as unit:
            query = "SELECT count(*) FROM outbox WHERE messenger = ? AND state = 'sent'"
            return int(unit.connection.exec_driver_sql(query, (export_worker.WORKSHOP,)).scalar() or 0)


def turn(double: Double, leader: User) -> float:
    """Write to the bot; returns the seconds until it answers."""
    world, chat = double.world, leader.id

    def answers() -> int:
        return sum(call.method == "sendMessage" and call.chat == chat for call in world.ledger)

    with world.changed:
        before = answers()
    began = time.perf_counter()
    leader.say("/menu")
    with world.changed:
        if not world.changed.wait_for(lambda: answers() > before, PATIENCE):
            raise RuntimeError("no answer came")
    return time.perf_counter() - began


def page(client: httpx.Client) -> float:
    """Open a page; returns the seconds until it is there."""
    began = time.perf_counter()
    answer = client.get("/chat")
    if "Renglón 100" not in answer.text:
        raise RuntimeError(f"the page is not what it should be: {answer.status_code}")
    return time.perf_counter() - began


def sample(
    waits: Waits,
    number: int,
    double: Double,
    leaders: Iterator[User],
    client: httpx.Client,
    meanwhile: Callable[[], None],
) -> None:
    """Take so many waits of each kind."""
    for place in range(number):
        waits.turns.append(turn(double, next(leaders)))
        time.sleep(BETWEEN)
        waits.pages.append(page(client))
        time.sleep(BETWEEN)
        if place % 10 == 9:
            meanwhile()


@contextmanager
def crowd(hilo: Hilo, plan: Plan, file: str) -> Iterator[list[int]]:
    """Let pages be open and the photo be fetched; at the end the list holds how often it came."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.visitors"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    tokens = [TOKEN.format(place) for place in range(plan.pages)]
    told = {"port": hilo.port, "tokens": tokens, "cookie": TOKEN.format(plan.pages), "file": file, "size": SIZE}
    told["fetching"] = plan.fetching
    process.stdin.write(json.dumps(told) + "\n")
    process.stdin.flush()
    if process.stdout.readline() != "here\n":
        raise RuntimeError("the pages did not open")
    came: list[int] = []
    yield came
    came.append(int(process.communicate()[0]))


def measure(plan: Plan, tell: Tell) -> tuple[Waits, Waits]:
    """Take the waits of a bot that has nothing else to do, and of one in the crowd."""
    idle, busy = Waits(), Waits()
    with tempfile.TemporaryDirectory() as folder, Double() as double:
        hilo = Hilo(Path(folder) / "home", double)
        people = [double.user(f"Ceiba {place}") for place in range(LEADERS)]
        leaders, admins = itertools.cycle(people), [double.user(f"Admin {place}") for place in range(plan.exports)]
        with House(hilo.home) as house:
            file = house.settle(plan, admins, people)
            hilo.start()
            cookies = {"hilo": TOKEN.format(0)}
            try:
                base = f"http://127.0.0.1:{hilo.port}"
                with httpx.Client(base_url=base, cookies=cookies, headers=ELSEWHERE, timeout=PATIENCE) as client:
                    sample(Waits(), 5, double, leaders, client, lambda: None)
                    sample(idle, plan.samples, double, leaders, client, lambda: None)
                    tell(f"idle: a turn {told(idle.turns)}, a page {told(idle.pages)}")
                    with crowd(hilo, plan, file) as came:
                        house.order_files()
                        time.sleep(3)
                        sample(busy, plan.samples, double, leaders, client, house.order_files)
                        made = house.made()
                    waits = f"a turn {told(busy.turns)}, a page {told(busy.pages)}"
                    tell(f"crowded: {waits}; {came[0]} fetches, {made} files made")
                    if plan.fetching and not came[0]:
                        raise RuntimeError("the large file never came whole")
            finally:
                hilo.stop()
    return idle, busy


def told(waits: Sequence[float]) -> str:
    """Write the middle wait and the longest but a few, in milliseconds."""
    return f"{shown(at(waits, 50) * 1000)} / {shown(at(waits, 95) * 1000)} ms"


def at(waits: Sequence[float], percent: int) -> float:
    """Return a percentile."""
    return statistics.quantiles(waits, n=100, method="inclusive")[percent - 1]


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure, idle and crowded."""
    tell(f"crowded: {plan.pages} open pages, a file of 20 MB being fetched, {plan.exports} files ordered")
    idle, busy = measure(plan, tell)
    figures = []
    for name, quiet, loud in (("a turn's reply", idle.turns, busy.turns), ("a page", idle.pages, busy.pages)):
        for percent in (50, 95):
            one, other = at(quiet, percent), at(loud, percent)
            note = f"{shown(one * 1000)} ms idle, {shown(other * 1000)} ms crowded"
            figures.append(Figure(f"{name}: crowded to idle, {percent} %", other / one, "", TWICE, note=note))
    return figures
