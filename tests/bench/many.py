"""What a turn, a panel, reading and an export cost in an organisation with many answers, beside one with 10,000.

Both have groups of one size, who were asked as often, so that what differs is how much else the organisation has. Each
thing is done in both by turns, so that a busy moment of the machine befalls both. Of each the median, of the processor:
in ours, and where there is a server, in its processes too.
"""

import gc
import os
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from bot import clock
from bot.cli import administration
from bot.export.request import ExportRequest
from bot.messengers.port import Incoming, Kind
from bot.rendering.ids import short_id
from storage.unit import Unit
from tests.amounts import MANY
from tests.bench import network
from tests.bench.network import ANSWERING, EACH, WEEKS, Group
from tests.bench.office import BEGAN
from tests.bench.table import Figure, Tell, middle, shown, spread
from tests.bench.team_database import TeamDatabase

MOST = 1.2  # times what it costs with few
FEW = EACH
GB, MB = 1e9, 1e6
DISK = Path("/var/tmp")  # noqa: S108  as large as a disk; the folder that is made there is nobody's but ours
PATIENCE = 3  # rounds, of which the best one counts: a ratio that another program made is no fault of ours


@dataclass(frozen=True)
class Plan:
    """How many answers the larger organisation has, how often each thing is done, and how often all is exported."""

    answers: int
    times: int = 30
    exports: int = 3


def plan() -> Plan:
    """Return what this run is to do."""
    return Plan(MANY.value, exports=1 if MANY.value > 1_000_000 else 3)


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

    def exported(self, *, whole: bool) -> float:
        """Export every answer, or the group's; returns the milliseconds of the processor."""
        out = self.home / "out"
        began = self._timed()
        administration.export(self._app, out, ExportRequest(dialogs=("check_in",)), None if whole else self._name)
        taken = (self._timed() - began) * 1000
        with (out / "check_in.csv").open(encoding="utf-8-sig") as file:
            runs = sum(1 for _ in file) - 1
        if runs < (self.answers if whole else EACH) // 4:
            raise RuntimeError(f"{runs} runs were exported, and not all of them")
        shutil.rmtree(out)
        return taken


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
