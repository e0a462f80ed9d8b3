"""Three processes that receive and two that work, over one PostgreSQL: what one alone did, and whichever worker goes.

Updates are brought to all three, shuffled and again and again: each has one effect.
"""

import contextlib
import hashlib
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest

from bot import clock
from bot.export import archive
from storage.unit import Storage
from tests import amounts
from tests.bot.ready import ready, vault_of
from tests.double import Double, User
from tests.journeys.bot import UNFINISHED
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported
from tests.storage.pooler import pooled
from tests.storage.test_cut_server import Server, server  # noqa: F401  the same
from tests.storage.world import opened
from tests.thread.bot import Hilo, free_port
from tests.thread.test_exporting import MAKE, documents
from tests.thread.test_kills import until
from tests.thread.test_processes import BEAT, HELD, LISTED, WITHIN
from tests.thread.test_redelivery import DIALOG, ES, FIRST_TIME, Lines, copies, taken
from tests.thread.test_thread import COHORT, PURPOSE, answer, exported, join
from tests.thread.test_webhook import PATIENCE, SECRET

pytestmark = pytest.mark.proof

SEED = amounts.SEED.value
PEOPLE = 6
SOON = 3.0
FILE = "Ya no está bajo llave"
RECEIVERS, WORKERS = 3, 2
ONE_ALONE = {"courier", "tick"}
WAYS = (signal.SIGSTOP, signal.SIGKILL)[: 2 if amounts.TAKEOVERS.extended else 1]
DID = "SELECT part, kept, turns, sent, due FROM processes"


class Worker(Hilo):
    """A process without pages."""

    word = "worker"

    @property
    def health(self) -> str:
        """Where it answers once it is there."""
        return f"http://127.0.0.1:{self.environment['HILO_METRICS_PORT']}/readyz"


class Many:
    """Receivers and workers of one installation."""

    def __init__(self, first: Hilo, double: Double) -> None:
        more = {"HILO_DATABASE_URL": first.url, "HILO_SEND_RATE": "1000"}
        self.receivers = [first, *(Hilo(first.home, double, "ptb", **more) for _ in range(RECEIVERS - 1))]
        ports = [{"HILO_METRICS_PORT": str(free_port())} for _ in range(WORKERS)]
        self.workers = [Worker(first.home, double, "ptb", **more, **port) for port in ports]
        for place, each in enumerate(self.all[1:]):
            each.log = first.home.parent / f"more{place}.log"
            each.environment |= {name: first.environment[name] for name in ("HILO_WEBHOOK_URL", "HILO_WEBHOOK_SECRET")}
        self.ids: dict[int, str] = {}

    @property
    def all(self) -> list[Hilo]:
        """Every process."""
        return [*self.receivers, *self.workers]

    def start(self) -> None:
        """Start all, the workers one after the other, to learn which is which."""
        self.receivers[0].start("--only", "web")
        for each in self.receivers[1:]:
            each.begin("--only", "web")
        for place in range(WORKERS):
            self.begin(place)
        for each in self.receivers:
            each.wait()

    def begin(self, place: int) -> None:
        """Start a worker, and learn its name."""
        before = self.listed("worker")
        self.workers[place].start()
        (self.ids[place],) = self.listed("worker") - before

    def listed(self, part: str) -> set[str]:
        """Return the names of the processes of one part."""
        rows = self.receivers[0].rows(f"SELECT id FROM processes WHERE part = '{part}'")  # noqa: S608  our own word
        return {str(id_).replace("-", "") for (id_,) in rows}

    def holds(self, place: int) -> set[str]:
        """Return what a worker does of what one alone may do."""
        return {str(name) for name, holder in self.receivers[0].rows(HELD) if holder == self.ids[place]}

    def at_work(self) -> int:
        """Return which worker does what one alone may do, once one does."""
        until(lambda: any(self.holds(place) >= ONE_ALONE for place in self.ids), self.logs)
        return next(place for place in self.ids if self.holds(place) >= ONE_ALONE)

    def logs(self) -> str:
        """Return what all of them logged."""
        return "\n".join(each.log.read_text("utf-8") for each in self.all if each.log.exists())

    def settled(self) -> None:
        """Wait until everything is handled and said."""
        until(lambda: self.receivers[0].rows(UNFINISHED) == [(0,)], self.logs)


@pytest.fixture
def many(
    install: Callable[..., Hilo],
    double: Double,
    databases: Databases,  # noqa: F811  pytest's way of asking for it
) -> Iterator[Many]:
    """All of them, awake, with a group; from then on Telegram brings nothing by itself."""
    first = install("ptb", HILO_DATABASE_URL=databases.create(), HILO_SEND_RATE="1000")
    first.hook(SECRET)
    ready(first.home, url=first.url)
    with opened(first.url) as database, Storage(database, vault_of(first.home)).unit(clock.now()) as unit:
        unit.organisation.set(unit.organisation.get() | {"askings_a_week": 100, "messages_a_week": 200})
    (first.home / "dialogs").mkdir(exist_ok=True)
    (first.home / "dialogs" / "water.yaml").write_text(DIALOG, "utf-8")
    first.command("cohort", "add", COHORT)
    made = Many(first, double)
    made.start()
    double.account.held = True
    yield made
    for each in made.all:
        if each.process is not None and each.process.poll() is None:
            each.process.send_signal(signal.SIGCONT)
            each.kill()


def spread(many: Many) -> Lines:
    """Return lines to every receiver."""
    return Lines(*(f"http://127.0.0.1:{each.port}/telegram" for each in many.receivers))


def answered(
    double: Double,
    lines: Lines,
    chance: random.Random,
    brought: list[dict[str, Any]],
    users: Sequence[User],
    act: Callable[[int, User], object],
    follows: str,
) -> float:
    """Let everybody act at once, and bring it to all receivers again and again; return after how long all saw more."""
    marks = [user.seen() for user in users]
    for place, user in enumerate(users):
        act(place, user)
    new = taken(double)
    assert len(new) == len(users)
    lines.bring(copies(new + chance.sample(brought, len(brought) // 10), chance))
    brought += new
    began = time.monotonic()
    for user, mark in zip(users, marks, strict=True):
        user.sees(follows, PATIENCE, since=mark)
    return time.monotonic() - began


def joined(many: Many, double: Double, lines: Lines, chance: random.Random) -> tuple[list[User], list[dict[str, Any]]]:
    """Let people come in, one after the other in each step, every update again and again."""
    code = many.receivers[0].invite(COHORT, uses=str(PEOPLE))
    users = [double.user(f"Persona {place}", "es") for place in range(PEOPLE)]
    brought: list[dict[str, Any]] = []
    answered(double, lines, chance, brought, users, lambda _place, user: user.start(code), "?")
    asked = [user for user in users if FIRST_TIME in user.last.labels]  # nobody is, as long as nobody has come in
    answered(double, lines, chance, brought, asked, lambda _place, user: user.press(FIRST_TIME), ES["language"])
    for act, follows in (
        (lambda _place, user: user.press(ES["language"]), ES["agree"]),
        (lambda _place, user: user.press(ES["agree"]), ES["name?"]),
        (lambda _place, user: user.say(user.person.first_name), ES["joined"]),
    ):
        answered(double, lines, chance, brought, users, act, follows)
    many.settled()
    return users, brought


def test_three_receive_and_two_work(many: Many, double: Double) -> None:
    """Who stands by is killed, then who sends, then stopped: the other goes on in time; one effect of each update."""
    double.allow("message is not modified")
    chance = random.Random(SEED)
    lines = spread(many)
    users, brought = joined(many, double, lines, chance)
    before = many.receivers[0].rows("SELECT count(*) FROM inbox")[0][0]
    marks = [user.seen() for user in users]
    many.receivers[0].command("broadcast", "water", "--to", COHORT, "--purpose", PURPOSE)
    for user, mark in zip(users, marks, strict=True):
        user.sees(ES["start"], PATIENCE, since=mark)
    many.settled()
    until(lambda: many.receivers[0].rows("SELECT sum(due) FROM processes") == [(PEOPLE,)], many.logs)
    said = {user.id: len(user.said) for user in users}
    first = len(brought)

    stands_by = 1 - many.at_work()
    many.workers[stands_by].kill()
    beside = answered(double, lines, chance, brought, users, lambda _, user: user.press(ES["start"]), "¿Llegó el agua?")
    many.settled()
    many.begin(stands_by)
    at_work = many.at_work()
    many.workers[at_work].kill()
    killed = answered(
        double, lines, chance, brought, users, lambda place, user: user.press(user.last.labels[place % 2]), "¿Algo más?"
    )
    many.settled()
    many.begin(at_work)
    at_work = many.at_work()
    process = many.workers[at_work].process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    stopped = answered(
        double, lines, chance, brought, users, lambda place, user: user.say(f"Lo dijo {place}."), "Contestaste 2 de 2"
    )
    process.send_signal(signal.SIGCONT)
    lines.bring(copies(chance.sample(brought, len(brought) // 3), chance))
    until(lambda: dict(many.receivers[0].rows(LISTED))[UUID(many.ids[at_work])], many.logs)
    many.settled()
    lines.close()

    print(f"replies came after {beside:.1f} s, {killed:.1f} s and {stopped:.1f} s")
    assert beside < SOON
    assert max(killed, stopped) < WITHIN
    assert set(lines.statuses) == {200}
    rows = many.receivers[0].rows
    assert rows("SELECT count(*), count(DISTINCT update_key) FROM inbox") == [(before + len(brought) - first,) * 2]
    assert rows("SELECT count(*) FROM inbox WHERE state <> 'done' OR attempts > 0") == [(0,)]
    assert rows("SELECT count(*), max(revision) FROM answers WHERE revision IS NOT NULL") == [(2 * PEOPLE, 1)]
    kept = Counter((row["came"], row["more"], row["status"]) for row in exported(many.receivers[0], "water"))
    assert kept == Counter(
        ("yes" if place % 2 == 0 else "no", f"Lo dijo {place}.", "completed") for place in range(PEOPLE)
    )
    # A question whose sending was cut off may be said once more, and says so; nothing else comes twice.
    assert all(3 <= len(user.said) - said[user.id] <= 4 for user in users), [user.screen() for user in users]
    told(many)


def told(many: Many) -> None:
    """Check what the processes say of themselves: who receives did nothing else, and nothing went wrong."""
    rows = many.receivers[0].rows
    assert "Traceback" not in many.logs()
    did = [(str(part), *counts) for part, *counts in rows(DID)]
    assert all(kept and not any(others) for part, kept, *others in did if part == "web"), did
    assert sum(int(str(turns)) for part, _, turns, *_ in did if part == "worker") > 0
    status = many.receivers[0].command("status")
    assert status.count("A process for pages, version") == RECEIVERS, status
    assert "A process that works, without pages, version" in status, status
    assert SECRET not in status + many.logs()


def working(first: Hilo, double: Double, number: int) -> tuple[list[Worker], User]:
    """Begin so many workers, with an answer to export and an admin who may."""
    ready(first.home, url=first.url)
    workers = [
        Worker(first.home, double, "ptb", HILO_DATABASE_URL=first.url, HILO_METRICS_PORT=str(free_port()))
        for _ in range(number)
    ]
    for place, each in enumerate(workers):
        each.log = first.home.parent / f"worker{place}.log"
    first.command("cohort", "add", COHORT)
    printed = first.command("invite", "--role", "admin")
    for each in workers:
        each.start()
    leader, rosa = double.user("Colibrí", "es"), double.user("Rosa", "es")
    join(leader, first.invite(COHORT), ES)
    first.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    leader.sees(ES["start"], PATIENCE)
    answer(leader, ES)
    rosa.start(next(line.removeprefix("code: ") for line in printed.splitlines() if line.startswith("code: ")))
    rosa.sees("1 · Español", PATIENCE)
    rosa.press("1 · Español")
    rosa.sees("¿Cómo te digo?", PATIENCE)
    rosa.say("Rosa")
    rosa.sees("Menú", PATIENCE)
    return workers, rosa


def ordered(rosa: User) -> int:
    """Order a file; returns the point in time."""
    rosa.say("/exportar")
    rosa.sees(MAKE, PATIENCE)
    mark = rosa.seen()
    rosa.press(MAKE)
    return mark


def test_jobs_go_on_once_the_server_is_back(install: Callable[..., Hilo], double: Double, server: Server) -> None:  # noqa: F811  pytest's way of asking for it
    """PostgreSQL stops as without power: the worker waits, and makes what is ordered afterwards."""
    first = install("ptb", HILO_DATABASE_URL=server.databases.create())
    (worker,), rosa = working(first, double, 1)
    server.cut()
    until(lambda: "jobs wait for a while" in worker.log.read_text("utf-8"), worker.log.read_text)
    server.start()
    rosa.sees(FILE, PATIENCE, since=ordered(rosa))
    worker.stop()

    assert "Traceback" not in worker.log.read_text("utf-8")
    assert len(documents(double, rosa)) == 1


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_a_worker_stands_behind_a_pooler(
    install: Callable[..., Hilo],
    double: Double,
    databases: Databases,  # noqa: F811  pytest's way of asking for it
    mode: str,
) -> None:
    """Its jobs go through one that keeps a session for each connection, and through one that shares them."""
    with pooled(databases.create(), mode) as url:
        first = install("ptb", HILO_DATABASE_URL=url)
        (worker,), rosa = working(first, double, 1)
        rosa.sees(FILE, PATIENCE, since=ordered(rosa))
        worker.stop()

    said = worker.log.read_text("utf-8")
    assert "jobs wait for a while" not in said, said
    assert "Traceback" not in said, said
    assert len(documents(double, rosa)) == 1


def test_a_file_is_made_by_whichever_lives(install: Callable[..., Hilo], double: Double, databases: Databases) -> None:  # noqa: F811  pytest's way of asking for it
    """Its worker is stopped and woken later, and another time killed: the other makes it, and it comes once."""
    double.allow("terminated by other getUpdates request")
    double.allow("message is not modified")  # what a worker had sent that was killed before it noted so
    first = install("ptb", HILO_DATABASE_URL=databases.create())
    workers, rosa = working(first, double, WORKERS)
    waits = []
    for number, how in enumerate(WAYS, start=1):
        mark = ordered(rosa)
        busy = maker(workers)
        assert busy.process is not None
        busy.process.send_signal(how)
        began = time.monotonic()
        rosa.sees(FILE, WITHIN + PATIENCE, since=mark)
        waits.append(time.monotonic() - began)
        if how is signal.SIGKILL:
            busy.process.wait()
            busy.start()
        else:
            busy.process.send_signal(signal.SIGCONT)
            time.sleep(BEAT)
        assert len(documents(double, rosa)) == number
    logs = "".join(each.log.read_text("utf-8") for each in workers)
    left = [*archive.MEMORY.glob(f"{prefix(first.home)}*"), *first.home.glob("hilo-*")]
    for each in workers:
        each.stop()

    print(f"the file came {', '.join(f'{each:.1f}' for each in waits)} s after its worker went")
    assert max(waits) < WITHIN + BEAT
    assert "Traceback" not in logs, logs
    assert left == []
    assert first.rows("SELECT count(*) FROM outbox WHERE messenger = 'workshop' AND state <> 'sent'") == [(0,)]
    assert first.rows("SELECT count(*) FROM hilo_jobs.procrastinate_jobs WHERE status <> 'doing'") == [(0,)]


def maker(workers: Sequence[Worker]) -> Worker:
    """Return the worker that makes a file, once one does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for each in workers:
            assert each.process is not None
            with contextlib.suppress(psutil.NoSuchProcess):
                if any("bot.export" in child.cmdline() for child in psutil.Process(each.process.pid).children()):
                    return each
        time.sleep(0.02)
    raise AssertionError("".join(each.log.read_text("utf-8") for each in workers))


def prefix(home: Path) -> str:
    """Return how the folders of files in the making begin."""
    return f"hilo-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]}-"
