"""One group of 5,000 with 200,000 answers: the team's lists and totals, a picture, the record, and a leader meanwhile.

Of lists the figures that many gave are at hand, as a running bot has them counted before the turn; totals are measured
with their counting, which is done here. What is counted in milliseconds or seconds of a screen, a picture and the
record is the processor's: what else the machine does is no part of it. A leader's turn is by the clock, over HTTP,
beside a facilitator who reads totals all the time, each screen as long as a person looks at one, and beside nothing, by
turns.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, cycle
from pathlib import Path
from typing import Any

from bot import clock
from bot.rendering.ids import short_id
from bot.rendering.texts import catalogs
from bot.services.tallies import Tallies
from tests.bench.beside import waits
from tests.bench.crowded import at, told
from tests.bench.meter import Used, measured
from tests.bench.staff import Round, percentile
from tests.bench.table import Figure, Tell, middle, shown, spread
from tests.bench.team_database import TeamDatabase
from tests.double import Double, User
from tests.thread.bot import ROOT, Hilo

LISTS, TOTALS, PICTURE, RECORD, CONSTANT, TENTH = 300.0, 2000.0, 1.5, 60.0, 1.1, 1.1
# What counts, or looks through what was said to the last orders, is no list.
LOOKED_THROUGH = dict.fromkeys(("the last order again", "an order's last look", "digest, all new"), TOTALS)
MB = 1_000_000
WEEK = timedelta(days=7)
TOLD = 1  # orders of which the group was told what followed
LEADERS = 20
PATIENCE = 60.0
ASKED = "¿Cómo vas?"
SOON = 0.005
READ = 2.0  # seconds for which a person looks at a screen before pressing on


@dataclass(frozen=True)
class Plan:
    """How many people were asked how often, how often each screen is opened, and how many turns a block has."""

    people: int = 5_000
    orders: int = 13
    times: int = 12
    turns: int = 120
    blocks: int = 6


FULL = Plan()
QUICK = Plan(people=300, orders=4, times=3, turns=20, blocks=2)


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Fill one group, and measure all of it."""
    with tempfile.TemporaryDirectory() as folder, Double() as double:
        hilo = Hilo(Path(folder) / "home", double, HILO_SEND_RATE="1000")
        users = [double.user(f"Ceiba {place}") for place in range(plan.people + 1)]
        for user in users:
            double.account.chats[user.id] = user._chat  # they were there before the bot was
        ana, *leaders = users[: LEADERS + 1]
        chats = [f"{user.id}" for user in users]
        began = clock.now() - (plan.orders + 1) * WEEK
        group = TeamDatabase(hilo.home, began, chats, time.process_time)
        try:
            figures = [*_measured(group, hilo, plan, tell)]
        finally:
            group.close()
        return [*figures, *_beside(hilo, double, ana, leaders, plan, tell)]


def _measured(group: TeamDatabase, hilo: Hilo, plan: Plan, tell: Tell) -> Iterator[Figure]:
    """Fill it, and measure what needs no running bot; the record in between, too."""
    tenth = max(1, plan.orders // 10)
    group.found(plan.people)
    group.keep_record()
    few = _recorded(group, hilo, tenth, tell)
    many = _recorded(group, hilo, plan.orders - tenth, tell)
    group.write()
    draft = group.decide(group.orders[-1], told=False)
    gc.collect()
    gc.freeze()  # a running bot holds nothing of what this made to fill it
    screens, group.tallies = Round(group, plan.times), Tallies()
    lists = screens.lists()
    group.afresh = True
    for name, taken in lists.items():
        yield _screen(name, taken, LOOKED_THROUGH.get(name, LISTS))
    tell("large group: the lists are measured")
    newest = short_id(group.orders[-1])
    totals = {
        "the totals of a broadcast": [("totals", newest), ("totals", f"{newest}.1")],
        "the totals of one question": [("totals", f"q{newest}.0")],
        "what is drawn of it": [("totals", f"d{newest}.0")],
        "the weekly summary": [("digest", "n")],
        "the figures that may leave": [("figures", short_id(draft))],
        "what is told, as it will be": [("decide", f"o{short_id(draft)}")],
        "the answers that moved it": [("decide", f"m{short_id(draft)}.0")],
    }
    for name, presses in totals.items():
        yield _screen(name, screens.open(name, presses), TOTALS)
    # A running bot has this counted while somebody looks at the question: `_beside` measures that.
    taken = screens.open("time after time", [("totals", f"t{newest}.0")])
    note = "counted in one go, as nobody has it; that does not wait for anybody"
    yield Figure("the same, time after time: p95", percentile(taken), "ms", note=note)
    yield _picture(group.drawn, plan)
    yield Figure("the record, by the processor", many.cpu, "s", RECORD, note=f"{shown(many.wall)} s by the clock")
    note = f"{many.peak / MB:.1f} MB; {few.peak / MB:.1f} MB with a {plan.orders // tenth}th of the answers"
    yield Figure("the record's peak memory, of all to a tenth", many.peak / few.peak, "", CONSTANT, note=note)


def _screen(name: str, taken: list[float], target: float) -> Figure:
    note = f"p50 {shown(middle(taken))}, most {shown(max(taken))}; {len(taken)} turns"
    return Figure(f"{name}: p95", percentile(taken), "ms", target, note=note)


def _recorded(group: TeamDatabase, hilo: Hilo, orders: int, tell: Tell) -> Used:
    """Let so many more orders be answered, some of them with what followed, and write the record out."""
    began = time.monotonic()
    group.ask(orders)
    for order in group.orders[-orders:][:TOLD]:
        group.decide(order, told=True)
    tell(f"large group: {len(group.people):,} people, {group.answers:,} answers, {time.monotonic() - began:.0f} s")
    line = [sys.executable, "-m", "bot", "record", "--out", str(hilo.home.parent / "record")]
    used = measured(line, hilo.environment)
    tell(f"large group: the record {used.cpu:.1f} s of a processor, peak {used.peak / MB:.1f} MB")
    return used


def _picture(drawn: Mapping[str, Any], plan: Plan) -> Figure:
    """Draw a picture as the bot has it drawn, in a process of its own."""
    taken = []
    for _ in range(plan.times):
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.charts"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(drawn).encode() + b"\n")
        process.stdin.flush()
        if not process.stdout.read().startswith(b"\x89PNG"):
            raise RuntimeError("no picture came")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken.append(used.ru_utime + used.ru_stime)
    return Figure("a picture: p95", percentile(taken), "s", PICTURE, note=f"its whole process: {spread(taken)}")


class Reader:
    """A facilitator who turns the pages of the totals, one after the other, and how long each took to come."""

    def __init__(self, double: Double, ana: User) -> None:
        self._double, self._ana = double, ana
        self.taken: list[float] = []

    def open(self) -> None:
        """Open the newest order's totals."""
        self._step(lambda: self._ana.say("/avance"))
        self._press(lambda label: label.startswith(ASKED))
        self._press(lambda label: label == words("button.totals"))
        self.taken.clear()

    def over_time(self) -> float:
        """Open a scale time after time, looking at each screen before it; return how long the picture took to come."""
        self._step(lambda: self._ana.say("/leer"))
        self._press(lambda label: label == words("button.by_question"))
        for _ in ("the newest order", "its scale"):
            time.sleep(READ)
            self._press(lambda label: label == self._ana.labels[0])
        time.sleep(READ)
        self._press(lambda label: label == words("button.totals_time"))
        return self.taken[-1]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn pages while the block runs."""
        over = threading.Event()
        thread = threading.Thread(target=self._read, args=[over], daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(PATIENCE)

    def _read(self, over: threading.Event) -> None:
        turns = (words("button.next"), words("button.before"))
        while True:
            self._press(turns.__contains__)
            if over.wait(READ):
                return

    def _press(self, wanted: Callable[[str], bool]) -> None:
        """Press the first button that is wanted, once it is there: another message may come before it."""
        end = time.monotonic() + PATIENCE
        while not (labels := [*filter(wanted, self._ana.labels)]):
            if time.monotonic() > end:
                raise RuntimeError(f"no such button: {self._ana.screen()[-1000:]}")
            time.sleep(SOON)
        self._step(lambda: self._ana.press(labels[0]))

    def _step(self, work: Callable[[], object]) -> None:
        world, chat = self._double.world, self._ana.id

        def shown_() -> int:
            said = ("sendMessage", "editMessageText", "sendPhoto")
            return sum(call.chat == chat and call.method in said for call in world.ledger)

        with world.changed:
            before = shown_()
        began = time.perf_counter()
        work()
        with world.changed:
            if not world.changed.wait_for(lambda: shown_() > before, PATIENCE):
                raise RuntimeError("no screen came")
        self.taken.append(time.perf_counter() - began)


def words(code: str) -> str:
    """Return Hilo's own words in Spanish."""
    return catalogs().say(code, "es")


def _beside(hilo: Hilo, double: Double, ana: User, leaders: Sequence[User], plan: Plan, tell: Tell) -> Iterator[Figure]:
    """Compare a leader's turns beside the totals with those beside nothing, by turns."""
    speakers, alone, busy = cycle(leaders), list[list[float]](), list[list[float]]()
    hilo.start()
    try:
        reader = Reader(double, ana)
        waits(double, speakers, LEADERS)
        first = reader.over_time()
        reader.open()
        for _ in range(plan.blocks):
            before = waits(double, speakers, plan.turns)
            with reader.reading():
                busy.append(waits(double, speakers, plan.turns))
            alone.append([*before, *waits(double, speakers, plan.turns)])
    finally:
        hilo.stop()
    tell(f"a leader's turn: alone {told([*chain(*alone)])}, beside totals {told([*chain(*busy)])}")
    seconds = sorted(reader.taken)
    note = f"p50 {shown(middle(seconds))}, {len(seconds)} times, among leaders who write"
    name = "a scale time after time, the first time, in a running bot: by the clock"
    yield Figure(name, first, "s", TOTALS / 1000, note=f"each screen before it is looked at for {READ:g} s")
    yield Figure("totals of a running bot: p95, by the clock", percentile(seconds), "s", TOTALS / 1000, note=note)
    for percent in (50, 95):
        ratios = [at(one, percent) / at(other, percent) for one, other in zip(busy, alone, strict=True)]
        quiet, loud = (middle([at(each, percent) for each in these]) * 1000 for these in (alone, busy))
        note = f"{shown(quiet)} ms alone, {shown(loud)} ms beside; rounds {spread(ratios)}"
        yield Figure(f"a leader's turn beside totals, p{percent}", middle(ratios), "", TENTH, note=note)
