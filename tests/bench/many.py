"""What a turn, a panel, reading and an export cost in an organisation with many answers, beside one with 10,000.

Both have groups of one size, who were asked as often, so that what differs is how much else the organisation has. Each
thing is done in both by turns, so that a busy moment of the machine befalls both. Of each the median, of the processor.
Where a ratio is too high it is measured on: what another program made goes as more turns are looked at.
"""

import gc
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.cli import administration
from bot.export.request import ExportRequest
from bot.messengers.port import Incoming, Kind
from bot.rendering.ids import short_id
from bot.services.erasure import erase_person
from tests.amounts import MANY
from tests.bench import network
from tests.bench.network import ANSWERING, EACH, SAID_STAYS, UPDATES_STAY, WEEKS, Group
from tests.bench.office import BEGAN, BODIES
from tests.bench.table import Figure, Tell, middle, shown
from tests.bench.team_database import TeamDatabase

MOST = 1.2  # times what it costs with few
AMONG_PEOPLE = 4.0  # times: who is erased is looked for among all groups and people, who are few beside the answers
GB = 1e9
DISK = Path("/var/tmp")  # noqa: S108  as large as a disk; the folder that is made there is nobody's but ours
LARGE = 1_000_000  # answers that go there, and not where tests write, which may be memory
PATIENCE = 4  # times as many turns at most, as long as a ratio is too high


@dataclass(frozen=True)
class Plan:
    """How many answers the larger organisation has, how often each thing is done, and how often all is exported."""

    answers: int
    times: int = 30
    exports: int = 2


QUICK = Plan(5 * EACH, times=4, exports=2)


def plan() -> Plan:
    """Return what this run is to do."""
    return Plan(MANY.value, exports=1 if MANY.extended else 2)


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Fill both organisations, and measure them."""
    with ExitStack() as stack:
        where = DISK if plan.answers > LARGE else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hilo-many-", dir=where)))
        desks = []
        for groups in (1, plan.answers // EACH):
            began, home = time.monotonic(), folder / str(groups)
            made = network.filled(home, groups)
            desks.append(Desk(home, made[groups // 2], groups * EACH))
            stack.callback(desks[-1].close)
            tell(f"many: {groups * EACH:,} answers in {groups:,} groups, filled in {time.monotonic() - began:.0f} s")
        gc.collect()
        gc.freeze()  # a running bot holds nothing of what this made to fill them
        stack.callback(gc.unfreeze)
        few, many = desks
        return [*measured(few, many, plan, tell), disk(many)]


def measured(few: "Desk", many: "Desk", plan: Plan, tell: Tell) -> Iterator[Figure]:
    """Do each thing in both, by turns."""
    both = things(few), things(many)
    for name in both[0]:
        yield _compared(f"{name}, among {many.answers:,}", (both[0][name], both[1][name]), plan.times, "ms")
        tell(f"many: {name}")
    yield _compared(
        f"a group's export, among {many.answers:,}", (few.exported, many.exported), max(3, plan.exports), "ms"
    )
    name = f"an erasure, among {many.answers:,}"
    yield _compared(name, (few.erasing, many.erasing), max(3, plan.exports), "ms", AMONG_PEOPLE)
    few.all_exported()  # the first one imports and compiles
    floor = middle([few.all_exported() for _ in range(3)])
    each = middle([many.all_exported() for _ in range(plan.exports)])
    note = f"{shown(floor)} µs with {EACH:,}, {shown(each)} µs; {plan.exports} times"
    yield Figure(f"an export of all {many.answers:,}, an answer", each / floor, "", MOST, note=note)
    tell("many: exports")


def disk(desk: "Desk") -> Figure:
    """Tell how large the database is."""
    size = (desk.home / "hilo.db").stat().st_size
    note = (
        f"{size / desk.answers:.0f} bytes an answer, with messages of {SAID_STAYS} weeks and updates of {UPDATES_STAY}"
    )
    return Figure(f"the disk of {desk.answers:,} answers", size / GB, "GB", note=note)


def _compared(
    name: str, both: tuple[Callable[[], float], Callable[[], float]], times: int, unit: str, most: float = MOST
) -> Figure:
    """Do something in both by turns, and compare the medians; the first time, which compiles, is not counted."""
    taken: tuple[list[float], list[float]] = ([], [])
    ratio = 0.0
    both[0](), both[1]()
    for _ in range(PATIENCE):
        for _ in range(times):
            for each, work in zip(taken, both, strict=True):
                each.append(work())
        ratio = middle(taken[1]) / middle(taken[0])
        if ratio <= most:
            break
    note = f"{shown(middle(taken[0]))} {unit} with {EACH:,}, {shown(middle(taken[1]))} {unit}; {len(taken[0])} times"
    return Figure(name, ratio, "", most, note=note)


class Desk(TeamDatabase):
    """One group's facilitator and people in a network that is filled already."""

    def __init__(self, home: Path, group: Group, answers: int, url: str | None = None) -> None:
        super().__init__(home, BEGAN + WEEKS * timedelta(weeks=1), [group.chat(-1)], time.process_time, url)
        self.home, self.answers = home, answers
        self.cohort, self.facilitator, self.orders = group.cohort.id, group.facilitator, group.orders
        self.people = [person for person, _ in group.people[:ANSWERING]]
        self._name = group.cohort.name
        self._group, self._place = group, 0

    def answering(self) -> float:
        """Let one of its people answer a question; returns the milliseconds from the inbox row to the commit."""
        turns, self._place = self._app.turns, (self._place + 1) % ANSWERING
        chat, dialog = self._group.chat(self._place), self._app.content.in_files().dialog("check_in")
        with self._app.storage.unit(self._now) as unit:
            person = unit.people.known(self.people[self._place].id)
            run_id = turns.begin(unit, person, dialog, "person", cohort_id=self.cohort, offer=False)
            self._send(unit, 100)
            number = next(self._numbers)
            said = Incoming("telegram", f"said {number}", chat, Kind.TEXT, text="4", order=number)
            self._receive.accept(unit, [said])
        taken = self._turn()
        with self._app.storage.unit(self._now) as unit:
            self._send(unit, 100)
            row = unit.runs.get(run_id, person)
            if row is None or not unit.answers.of(run_id, person):
                raise RuntimeError("nothing was answered")
            turns.expire(unit, person, row)
            self._send(unit, 100)
        return taken

    def erasing(self) -> float:
        """Erase one of its people, and take that back; returns the milliseconds until it would be committed."""
        self._place = (self._place + 1) % ANSWERING
        taken = 0.0
        with suppress(_TakenBack), self._app.storage.unit(self._now) as unit:
            person = unit.people.known(self.people[self._place].id)
            began = self._timed()
            erase_person(unit, self._app.turns.texts, person, person)
            taken = (self._timed() - began) * 1000
            raise _TakenBack
        return taken

    def exported(self) -> float:
        """Export the group's answers; returns the milliseconds of the processor."""
        return self._exported(EACH, self._name)

    def all_exported(self) -> float:
        """Export every answer; returns the microseconds of the processor for each."""
        return self._exported(self.answers, None) * 1000 / self.answers

    def _exported(self, answers: int, cohort: str | None) -> float:
        out, began = self.home / "out", self._timed()
        administration.export(self._app, out, ExportRequest(dialogs=("check_in",)), cohort)
        taken = (self._timed() - began) * 1000
        with (out / "check_in.csv").open(encoding="utf-8-sig") as file:
            runs = sum(1 for _ in file) - 1
        if runs < answers // len(BODIES):
            raise RuntimeError(f"{runs} runs were exported, and not all of them")
        shutil.rmtree(out)
        return taken


class _TakenBack(Exception):
    """What was done is not committed."""


def things(desk: Desk) -> dict[str, Callable[[], float]]:
    """Return what is measured in the turn of somebody, by its name."""
    order, person = short_id(desk.orders[-1]), short_id(desk.people[0].id)
    return {
        "a turn: an answer": desk.answering,
        "a broadcast's panel": lambda: desk.press("progress", order),
        "a look at that panel, each half minute": desk.looked,
        "the menu": lambda: desk.press("home", ""),
        "what there is to read": lambda: desk.press("read", ""),
        "one question's answers": lambda: desk.press("read", f"Q{order}.1"),
        "one person's answers": lambda: desk.press("read", f"P{person}"),
    }
